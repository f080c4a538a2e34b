#pragma once
// Every limit of the process in one place, each with its reason. Nothing from outside may make us allocate, loop or
// queue past one of these.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ndcast::limits {

using namespace std::chrono_literals;

// --- messages (protocol.md §2, §4) ---
/// A state.update is some hundred bytes; the largest command argument is a path. 64 KiB is a thousand times that.
inline constexpr std::size_t kStateMessageBytes = 64 * 1024;
/// Inbound on the pixel socket are only small presented/visible notes (WP22).
inline constexpr std::size_t kPixelMessageBytes = 1024;
inline constexpr std::size_t kHttpHeaderBytes = 16 * 1024;
inline constexpr std::size_t kHttpBodyBytes = 1 << 20;
/// A request is small: a client that needs longer than this to send one is stuck or is holding the door open.
inline constexpr auto kHttpRequestTimeout = 10s;
/// Browsers reuse a connection within seconds, or open another.
inline constexpr auto kHttpIdleTimeout = 60s;
/// Unless --max-connections says otherwise: with kOtherDescriptors the usual limit of 1024 open files.
inline constexpr std::size_t kConnections = 640;
/// Files, stores, event queues and the program's own: what a process opens beside its connections.
inline constexpr std::size_t kOtherDescriptors = 384;
/// Most that --max-connections and --max-sessions take: one address has 65,535 ports, and at 20 KiB each a million
/// connections are 20 GB.
inline constexpr std::size_t kConnectionsAllowed = 1'000'000;
/// Frames nest 6 deep at most; 16 leaves room for extensions and stops depth bombs.
inline constexpr std::size_t kJsonDepth = 16;
/// Lists in frames (stops, options, axes) are short.
inline constexpr std::size_t kJsonElements = 8192;
inline constexpr std::size_t kNameBytes = 256;
inline constexpr std::size_t kPathBytes = 4096;

// --- sessions ---
/// WP3: time for the first frame.
inline constexpr auto kHelloTimeout = 5s;
/// WP6.
inline constexpr auto kHeartbeatInterval = 15s;
inline constexpr int kAckTimeoutMs = 250;
/// Unless --max-sessions says otherwise: more people than look at one scene, and less than half of kConnections, since
/// each may hold a pixel socket too.
inline constexpr std::size_t kSessionsPerRoom = 256;
/// Pixel tickets are used at once by a page that just got its welcome.
inline constexpr auto kPixelTicketLifetime = 30s;
/// WP18: past one of these a session's unsent commits are replaced by one fresh snapshot.
inline constexpr std::size_t kSendLagBytes = 256 * 1024;
inline constexpr auto kSendLag = 2s;
/// WP18: past one of these a session is closed; it may resume.
inline constexpr std::size_t kSendQueueBytes = std::size_t{4} << 20;
inline constexpr auto kSendStalled = 10s;
inline constexpr auto kCommandTimeout = 30s;
inline constexpr std::size_t kWaitsPerSession = 32;

// --- ledger (WP12, WP13) ---
/// Between flushes until one was timed; from then on by what telling takes (ledger/flush.h).
inline constexpr auto kFlushInterval = 4ms;
/// However long telling takes: still one flush a 60 Hz frame.
inline constexpr auto kFlushIntervalBusy = 16ms;
inline constexpr auto kOpTimeout = 2s;
/// WP15.
inline constexpr std::size_t kHistoryBytes = std::size_t{16} << 20;
inline constexpr std::size_t kHistoryCommits = 10'000;
/// WP16: deltas of notify.layers are kept until there are more than this and they are older than this.
inline constexpr std::size_t kLayersDeltas = 512;
inline constexpr auto kLayersDeltaAge = 300s;
/// JSON numbers are exact up to here, so counters stop here.
inline constexpr std::uint64_t kMaxServerSeq = std::uint64_t{1} << 53;
inline constexpr std::size_t kLayers = 64;

// --- images ---
inline constexpr std::size_t kDimensions = 32;
/// zarr.json, .zattrs, .zmetadata of real plates reach some MiB.
inline constexpr std::size_t kMetadataBytes = std::size_t{64} << 20;
/// One decoded chunk. Real chunks are 64 KiB – 64 MiB; 1 GiB is a whole-array chunk of a large slide.
inline constexpr std::size_t kChunkBytes = std::size_t{1} << 30;
/// Decoded-chunk cache of the process, unless configured.
inline constexpr std::size_t kChunkCacheBytes = std::size_t{256} << 20;
inline constexpr std::size_t kShardIndexBytes = std::size_t{64} << 20;
/// One read from a store. A stored chunk may be a little larger than the voxels in it; twice a chunk is no longer a
/// chunk.
inline constexpr std::size_t kStoredObjectBytes = 2 * kChunkBytes;
/// Codecs of one array: real chains have two to four.
inline constexpr std::size_t kCodecs = 16;
/// Chunks that one view wants at once: a 4096 × 2304 canvas of 64 × 64 tiles is 2304, in several channels and tiers.
inline constexpr std::size_t kWantedChunks = 65'536;
/// Failed loads kept for a person to read.
inline constexpr std::size_t kLoadFailures = 64;
/// Groups and arrays that one walk through a hierarchy visits: a 1536-well plate of 9 fields, 4 levels is 57 thousand.
inline constexpr std::size_t kHierarchyNodes = 100'000;
inline constexpr std::size_t kDirectoryEntries = 1000;

// --- pictures ---
/// H.264 level 5.2 in every browser decodes 4096 × 2304.
inline constexpr int kCanvasMaxWidth = 4096;
inline constexpr int kCanvasMaxHeight = 2304;
inline constexpr int kCanvasMin = 16;
inline constexpr int kDefaultCanvasWidth = 1280;
inline constexpr int kDefaultCanvasHeight = 720;
/// A still may be larger than a stream; 256 MPixel of RGBA is 1 GiB.
inline constexpr std::int64_t kStillPixels = std::int64_t{256} << 20;
/// Voxels of one layer's volume held dense for 3D; the planner picks a level that fits.
inline constexpr std::int64_t kVolumeVoxels = std::int64_t{64} << 20;
/// Bytes of all layers' volumes of one view together: two channels of kVolumeVoxels in 16 bits.
inline constexpr std::int64_t kVolumeBytes = std::int64_t{256} << 20;
/// Bytes of one layer's slice; a 4096 × 2304 canvas needs 34 MiB of 16-bit voxels at 1.35 a pixel and direction. Only
/// an image whose coarsest level is still far too fine reaches it, and is then shown in part.
inline constexpr std::int64_t kSliceBytes = std::int64_t{128} << 20;

// --- pixel channel (WP21) ---
inline constexpr std::size_t kPixelBacklogFrames = 8;
inline constexpr std::size_t kPixelBacklogBytes = 128 * 1024;
inline constexpr auto kKeyframeDebt = 500ms;
inline constexpr auto kKeyframeWatchdog = 1s;
inline constexpr std::size_t kFramePool = 3;
inline constexpr std::size_t kCameraQueue = 256;

}  // namespace ndcast::limits
