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
/// Two round trips and an RSA signature; as patient as a request.
inline constexpr auto kTlsHandshakeTimeout = 10s;
/// Browsers reuse a connection within seconds, or open another.
inline constexpr auto kHttpIdleTimeout = 60s;
/// Connections, where the descriptors are those of the usual limit of 1024, which files and stores need too.
inline constexpr std::size_t kConnections = 640;
/// Connections, where the process may have more descriptors (see server/descriptors.h); sessions use two each.
inline constexpr std::size_t kConnectionsMax = 16'384;
/// New connections are taken at this pace, whoever they are of, so that those who are here feel nothing of a storm; a
/// browser opens three to six, ten thousand sessions are back in 20 s.
inline constexpr double kAcceptsPerSecond = 1000;
inline constexpr double kAcceptBurst = 250;
/// Descriptors kept for files, stores and pipes.
inline constexpr std::size_t kReservedDescriptors = 384;
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
inline constexpr std::size_t kSessionsPerRoom = 256;
/// Each room keeps a ledger, its history (kHistoryBytes) and its streams.
inline constexpr std::size_t kRooms = 64;
inline constexpr std::size_t kRoomNameBytes = 64;
/// WP23: long enough for lunch, short enough that an abandoned room frees its memory the same day.
inline constexpr auto kRoomIdle = 30min;
/// Each watched view is a picture to render and an encoder of its own: more than a machine draws fluently.
inline constexpr std::size_t kViewsPerRoom = 16;
/// A person compares two or three places; more is a client that forgot what it forked.
inline constexpr std::size_t kViewsPerSession = 4;
/// A forked view outlives its last session this long: a page that is loaded again comes back within seconds.
inline constexpr auto kViewGrace = 60s;
/// Pixel tickets are used at once by a page that just got its welcome.
inline constexpr auto kPixelTicketLifetime = 30s;
/// WP18: past one of these a session's unsent commits are replaced by one fresh snapshot.
inline constexpr std::size_t kSendLagBytes = 256 * 1024;
inline constexpr auto kSendLag = 2s;
/// WP18: past one of these a session is closed; it may resume.
inline constexpr std::size_t kSendQueueBytes = std::size_t{4} << 20;
inline constexpr auto kSendStalled = 10s;
inline constexpr auto kCommandTimeout = 30s;
/// Jobs of a room under way at once; they are done one after another, so more would only wait (WP35).
inline constexpr std::size_t kJobsRunning = 8;
/// Jobs that ended and are still listed, so that who comes back finds what became of theirs.
inline constexpr std::size_t kJobsEnded = 32;
/// A thumbnail is at most this wide and high, pixels: twice a layer list's 64 CSS pixels (WP34).
inline constexpr int kThumbnailPixels = 128;
/// Voxels that a thumbnail may have read: the coarsest level of a pyramid is some megabytes; one slice of a level-less
/// array of 30,000² is not worth a small picture.
inline constexpr std::size_t kThumbnailBytes = std::size_t{64} << 20;
inline constexpr std::size_t kWaitsPerSession = 32;

// --- rates (WP9) ---
/// state.updates of one session and scope: four sliders of one scope dragged at once at 120 Hz are 480 a second.
inline constexpr double kUpdatesPerSecond = 600;
/// A second of it at once: what a stalled connection delivers when it moves again.
inline constexpr double kUpdatesBurst = 600;
/// All frames of a session: drags in two scopes at once, and heartbeats.
inline constexpr double kFramesPerSecond = 1500;
inline constexpr double kFramesBurst = 3000;
/// An update is 300 bytes; 1500 of them are half of this.
inline constexpr double kInboundBytesPerSecond = 1 << 20;
inline constexpr double kInboundBytesBurst = 4 << 20;
/// Refusals for being too fast that a session may collect: somebody a little too fast is only slowed down, somebody who
/// goes on at thousands a second is closed within a second.
inline constexpr double kRefusalsPerSecond = 100;
inline constexpr double kRefusalsBurst = 2000;
/// WebSocket handshakes from one address. A house full of people behind one proxy may come back at once.
inline constexpr double kHandshakesPerSecond = 100;
inline constexpr double kHandshakeBurst = 1000;
/// Addresses whose handshakes are counted: 100 bytes each.
inline constexpr std::size_t kHandshakeAddresses = 16'384;
/// Sessions of all rooms of a process, unless configured: each is some 20 KiB and a place in every broadcast.
inline constexpr std::size_t kSessionsPerProcess = 4096;

// --- tokens (WP1) ---
/// A signed token with every claim at its longest and an RSA signature of 8192 bits is below 4 KiB; it must fit in a
/// header with others.
inline constexpr std::size_t kTokenBytes = 4096;
/// Nobody can take a signed token back before it ends, so it may not be good for longer than this.
inline constexpr auto kTokenLifetime = std::chrono::hours(24 * 366);
/// Key files and key sets: an RSA public key is 0.5 KB of JSON, and providers list a handful.
inline constexpr std::size_t kKeyFileBytes = 256 * 1024;

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

// --- journal (WP17, WP24 ff.) ---
/// Numbers that are on disk as used before they are; a restart skips what is left of them.
inline constexpr std::uint64_t kReservedSeqs = 4096;
/// How many numbers a room asks to be reserved ahead: a third of a second at 150,000 updates a second, twice what a
/// loaded machine's journal thread was seen to take.
inline constexpr std::uint64_t kReserveAhead = 16 * kReservedSeqs;
/// Rows that wait for the journal thread: a second of 60 people dragging at 120 Hz, each row its own, times nine.
inline constexpr std::size_t kJournalRows = 65'536;
/// Bytes of what waits; a scene of 64 layers is some 100 KiB.
inline constexpr std::size_t kJournalQueueBytes = std::size_t{64} << 20;
/// Rows of one group: about 20 ms of SQLite, so that the first of a burst does not wait for the last.
inline constexpr std::size_t kJournalGroup = 4096;
/// Values of a drag and poses reach the journal this long after: what a crash may lose of a drag (WP17).
inline constexpr auto kJournalRest = 250ms;
/// Durability `relaxed` commits this often; half of the 50 ms that a crash may lose, the rest is for the commit.
inline constexpr auto kJournalRelaxed = 25ms;
/// An ack that waited this long waits for nothing any more: the disk hangs, and the room goes on without.
inline constexpr auto kJournalStall = 2s;
/// A room whose journal failed tries again this often.
inline constexpr auto kJournalRetry = 1s;
/// Rows, and bytes of rows, between two checkpoints: what a restart reads again, some 50 ms.
inline constexpr std::size_t kCheckpointRows = 4096;
inline constexpr std::size_t kCheckpointBytes = std::size_t{4} << 20;
/// Retention of one room's rows unless configured: a person makes 2 MiB in a day.
inline constexpr std::uint64_t kJournalBytes = std::uint64_t{256} << 20;
inline constexpr auto kJournalAge = std::chrono::hours(24 * 90);
/// A row of the journal as it is read back: a scene of 64 layers with ten levels each is some 300 KiB, old and new.
inline constexpr std::size_t kJournalRowBytes = std::size_t{8} << 20;
/// Frames of one room that wait for their group; a stalled disk holds at most this, then they leave without.
inline constexpr std::size_t kHeldFrameBytes = std::size_t{16} << 20;
/// Steps back that a session may take.
inline constexpr std::size_t kUndoSteps = 256;
/// Entries of one page of nd.history.
inline constexpr std::size_t kHistoryPage = 200;

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
/// Tables and window of one decoder: xz at preset 9 keeps a dictionary of 64 MiB.
inline constexpr std::size_t kDecoderBytes = std::size_t{128} << 20;
/// Cells of a plate's grid, empty ones included: 1536 wells are 32 × 48; twice that each way twice over.
inline constexpr std::int64_t kPlateCells = 32'768;
/// Images of one collection that are listed: every field of a plate of 1536 wells.
inline constexpr std::size_t kCollectionImages = 16'384;
/// Faults of one image told by `ndcast validate`; a person reads the first few.
inline constexpr std::size_t kFindings = 1000;
/// Colours and properties of one label image: a segmentation of a large volume has some hundred thousand objects.
inline constexpr std::size_t kLabelEntries = 1'000'000;
/// Codecs of one array: real chains have two to four.
inline constexpr std::size_t kCodecs = 16;
/// Chunks that one view wants at once: a 4096 × 2304 canvas of 64 × 64 tiles is 2304, in several channels and tiers.
inline constexpr std::size_t kWantedChunks = 65'536;
/// Failed loads kept for a person to read.
inline constexpr std::size_t kLoadFailures = 64;
/// Groups and arrays that one walk through a hierarchy visits: a 1536-well plate of 9 fields, 4 levels is 57 thousand.
inline constexpr std::size_t kHierarchyNodes = 100'000;
inline constexpr std::size_t kDirectoryEntries = 1000;

// --- importing foreign files ---
/// Voxels of one imported image: the largest light-sheet recordings are tens of TiB; a header that declares more lies.
inline constexpr std::uint64_t kImportBytes = std::uint64_t{1} << 46;
/// Headers in text (NRRD, MetaImage) are some hundred bytes; Slicer writes some KiB into one.
inline constexpr std::size_t kImportHeaderBytes = std::size_t{1} << 20;
/// Voxels in text are for examples and tests.
inline constexpr std::size_t kImportTextBytes = std::size_t{256} << 20;
/// One allocation of libtiff's: the list of a million strips is 8 MiB, a compressed strip rarely more than some MiB.
inline constexpr std::size_t kTiffAllocation = std::size_t{256} << 20;
/// OME-XML of a plate with a million planes.
inline constexpr std::size_t kOmeXmlBytes = std::size_t{64} << 20;
/// Planes of one image, over all its files: ten million would be 5 PB of camera frames.
inline constexpr std::size_t kImportPlanes = 10'000'000;
/// Files of one image: one a plane.
inline constexpr std::size_t kImportFiles = 1'000'000;
/// Memory of an import unless configured, and the least that is worth to begin with: the program itself, and a few
/// chunks a thread.
inline constexpr std::size_t kImportMemory = std::size_t{1} << 30;
inline constexpr std::size_t kImportMemoryMin = std::size_t{128} << 20;
/// Boxes that an import reads one after the other: 64 TiB in boxes of 8 MiB; each is 8 bytes of a plan.
inline constexpr std::uint64_t kImportUnits = 8'000'000;
/// Levels of a pyramid: 2^20 voxels along an axis are halved twelve times.
inline constexpr std::size_t kImportLevels = 24;

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
/// Voxels of the part of a larger level that a 3D view holds about its camera's centre: filled anew while the view
/// moves, in steps that no frame waits for.
inline constexpr std::int64_t kFocusVoxels = std::int64_t{48} << 20;
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
