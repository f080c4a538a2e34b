#pragma once
// Limits of nd.histogram and nd.contrast.auto (protocol.md WP36).

#include <cstddef>
#include <cstdint>

namespace ndcast::limits {

/// More than a screen has columns for; 4096 counts are some 20 KB of JSON.
inline constexpr std::uint64_t kHistogramBins = 4096;
inline constexpr std::size_t kHistogramPercentiles = 16;
/// Decoded at once for an answer: some 20 ms of one core, and of a coarsest level usually all.
inline constexpr std::uint64_t kHistogramAtOnceBytes = std::uint64_t{16} << 20;
/// Read by a job that refines it: seconds. A finer level would hardly move a percentile.
inline constexpr std::uint64_t kHistogramRefinedBytes = std::uint64_t{4} << 30;

}  // namespace ndcast::limits
