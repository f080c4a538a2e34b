#pragma once
// Limits of nd.profile and nd.region (protocol.md WP41, WP42).

#include <cstddef>
#include <cstdint>

namespace ndcast::limits {

/// Decoded for one question, all its layers together: about 0.2 s of one core. What is finer is read coarser.
inline constexpr std::uint64_t kReadingBytes = std::uint64_t{256} << 20;
/// Along a line: more than a plot has columns for.
inline constexpr std::size_t kProfileSamples = 2048;
/// Of all layers of a profile: some 250 KB of JSON.
inline constexpr std::size_t kProfileValues = 32'768;

}  // namespace ndcast::limits
