#pragma once
// Limits of stores: archives and servers that image data is read from (limits.h has the others, and the rules).

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ndcast::limits {

using namespace std::chrono_literals;

// --- archives ---
/// A zip archive's central directory is held whole: some 3 million entries of 80 bytes.
inline constexpr std::size_t kZipDirectoryBytes = std::size_t{256} << 20;

// --- memory of chunks ---
/// Memory of chunks that were let go, kept for the next ones (buffer.h): a quarter of the chunk cache, what a step
/// across the screen turns over.
inline constexpr std::size_t kSpareBlockBytes = std::size_t{64} << 20;
/// And of each thread's own: a stored and a decoded chunk, of two sizes each.
inline constexpr std::size_t kThreadSpareBlocks = 4;
/// 64 x 64 x 64 voxels of 32 bits; what is larger leaves a processor's cache anyway.
inline constexpr std::size_t kThreadSpareBlockBytes = std::size_t{1} << 20;

// --- images on servers ---
/// A round trip to the other side of the world, a name looked up, TLS, and twice that lost.
inline constexpr auto kHttpConnectTimeout = 10s;
/// A transfer in which nothing moves for so long is dead.
inline constexpr auto kHttpStallTimeout = 20s;
/// The largest object (kStoredObjectBytes) at 4 MB/s.
inline constexpr auto kHttpObjectTimeout = std::chrono::seconds(600);
/// Tries of one request in all. With the waits below a server may be away for some seconds.
inline constexpr int kHttpAttempts = 5;
/// The first wait before another try; each next is twice as long, up to kHttpRetryMost, and a random part of it is
/// waited, so that many readers do not come back at once.
inline constexpr auto kHttpRetryFirst = 100ms;
inline constexpr auto kHttpRetryMost = 5s;
/// A server that asks for a longer wait (Retry-After) is told of instead: somebody looks at the screen.
inline constexpr auto kRetryAfterMost = 30s;
inline constexpr int kHttpRedirects = 5;
inline constexpr std::size_t kHttpResponseHeaderBytes = 64 * 1024;
/// Read over when a server sends the whole object in place of a range; more is refused.
inline constexpr std::uint64_t kIgnoredRangeBytes = std::uint64_t{64} << 20;
/// Browsers use 6; object stores ask for more. HTTP/2 needs one.
inline constexpr std::size_t kConnectionsPerHost = 16;
inline constexpr std::size_t kRemoteConnections = 64;
/// Reads under way at once to one store: 32 of 64 KiB fill 100 MB/s at 20 ms.
inline constexpr std::size_t kRemoteReads = 32;
/// One page of a bucket's listing: 1000 keys of 1 KiB, escaped.
inline constexpr std::size_t kListingBytes = std::size_t{8} << 20;

}  // namespace ndcast::limits
