#pragma once
// Fetches and decodes chunks in the background: owners (a view's renderer) say what they want now, threads "load-N"
// bring it into the cache, most urgent first. Stands between the planner, which turns misses into requests, and
// ZarrArray::read_chunk().
//
//   const auto owner = loader.add_owner([&] { wake_render_thread(); });
//   loader.set_wanted(owner, requests);                      // replaces what this owner wanted before
//   if (ChunkPtr chunk = loader.find(array, position)) draw(*chunk);

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/chunk_cache.h"

namespace ndcast::image {

/// More urgent tiers go first, whatever the priority inside them.
enum class LoadTier { Visible, Prefetch, Recent };

struct ChunkRequest {
  std::shared_ptr<const ZarrArray> array;
  std::vector<std::int64_t> chunk;  ///< grid position, inside array->grid_shape()
  LoadTier tier = LoadTier::Visible;
  float priority = 0;  ///< higher first
};

/// Thread-safe. The life of a chunk here: wanted → loading → cached, or failed. What nobody wants any more before its
/// load starts is dropped. A load that has started is finished and cached where the store is local; one that waits for
/// a network is cut off at once, unless others in the same read are still wanted.
///
/// Local chunks are loaded by `threads` threads, remote ones by up to limits::kRemoteReads more, which wait most of the
/// time and share `threads` places to decode in. Several chunks of one remote shard that are wanted together come in
/// one read as far as they lie near each other.
class ChunkLoader {
 public:
  using OwnerId = std::uint64_t;

  ChunkLoader(std::shared_ptr<ChunkCache> cache, std::size_t threads);
  /// Waits for the loads in progress, drops the rest.
  ~ChunkLoader();
  ChunkLoader(const ChunkLoader&) = delete;
  ChunkLoader& operator=(const ChunkLoader&) = delete;

  /// `on_progress` is called on a load thread after visible chunks that this owner wants arrived or failed; several
  /// arrivals may share one call. It may not call remove_owner() of its own owner.
  OwnerId add_owner(std::function<void()> on_progress);
  /// After it returns, the owner's on_progress is neither running nor called again.
  void remove_owner(OwnerId owner);
  /// Replaces the owner's wanted set. Cached, failed and repeated chunks are skipped; of more than
  /// limits::kWantedChunks the most urgent are kept. Returns how many visible ones need no load because they are cached
  /// or failed: no on_progress tells of these, so a caller that missed them a moment ago looks again. What is only
  /// prefetched is never told of.
  std::size_t set_wanted(OwnerId owner, std::vector<ChunkRequest> requests);

  /// From the cache only: null when it is not there. A chunk that failed to decode is found as a fill chunk.
  ChunkPtr find(const ZarrArray& array, std::span<const std::int64_t> chunk);
  /// Requests of LoadTier::Prefetch are dropped from here on, or not: where reading costs money. By default they are
  /// not.
  void set_prefetching(bool on);
  /// Forgets what failed: whoever still wants it gets it tried again.
  void retry_failed();
  /// Blocking, through the cache, on the caller's thread: for stills and tools. A failure is the error itself.
  Result<ChunkPtr> load_now(const ZarrArray& array, std::span<const std::int64_t> chunk);

  struct Failure {
    std::string array;
    std::vector<std::int64_t> chunk;
    Error error;
  };
  /// The newest failures, oldest first, at most limits::kLoadFailures; each was logged once.
  std::vector<Failure> failures() const;

  struct Counters {
    std::uint64_t chunks_loaded = 0;
    std::uint64_t bytes_decoded = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t chunks_failed = 0;
    std::uint64_t chunks_cancelled = 0;  ///< no longer wanted while they were read
    std::size_t pending = 0;             ///< wanted and not yet started
  };
  Counters counters() const;
  const ChunkCache& cache() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ndcast::image
