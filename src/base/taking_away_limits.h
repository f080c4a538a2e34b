#pragma once
// Limits of movies and pictures that are fetched (protocol.md WP43).

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ndcast::limits {

/// Pictures of one movie: two minutes and three quarters at 30 a second, or each of a long time lapse.
inline constexpr std::int64_t kMoviePictures = 5000;
inline constexpr double kMovieFpsMin = 0.1;
inline constexpr double kMovieFpsMax = 120;
/// One result that is fetched by its address: such a movie at 1080p, twice over. It is sent from memory.
inline constexpr std::uint64_t kBlobBytes = std::uint64_t{256} << 20;
/// All of a process' together, on disk; past either, the oldest go.
inline constexpr std::uint64_t kBlobsBytes = std::uint64_t{1} << 30;
inline constexpr std::size_t kBlobs = 64;
/// Of those that are on their way to somebody: two of the largest.
inline constexpr std::uint64_t kBlobBytesInMemory = 2 * kBlobBytes;
/// Long enough to come back from lunch for it.
inline constexpr std::chrono::hours kBlobLifetime{1};
/// Screenshots of a room that wait for their turn: what one thread does in the time they have.
inline constexpr std::size_t kPicturesWaiting = 16;
/// A picture of full quality waits for all of its chunks; on a slow server that takes its time.
inline constexpr std::chrono::seconds kScreenshotTimeout{120};

}  // namespace ndcast::limits
