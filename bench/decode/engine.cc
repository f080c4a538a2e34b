// ndcast as its server runs it: a ChunkLoader with its threads over a ChunkCache of the default size, full from the
// passes before. Timed from set_wanted() with every chunk to the last one's arrival: the queue, opening and reading
// files (checked for being rewritten), shard indices, decoding, the cache and its evictions, the call that wakes a
// renderer. Not timed: opening the array (which each pass does, so that nothing of it is in the cache).

#include <chrono>
#include <semaphore>
#include <stdexcept>

#include "base/limits.h"
#include "bench/decode/side.h"
#include "image/chunk_loader.h"
#include "image/file_store.h"

namespace ndcast::bench {
namespace {

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

class Engine final : public Side {
 public:
  explicit Engine(const SideTask& task)
      : task_(task), loader_(std::make_shared<image::ChunkCache>(limits::kChunkCacheBytes), task.threads) {
    owner_ = loader_.add_owner([this] { arrived_.release(); });
  }
  ~Engine() override { loader_.remove_owner(owner_); }

  std::uint64_t check() override {
    const auto array = open();
    std::uint64_t out = 0;
    for (const image::ChunkRequest& request : requests(array)) {
      const image::ChunkPtr chunk = value_of(loader_.load_now(*array, request.chunk));
      if (chunk->data.size() != kChunkBytes) throw std::runtime_error("a chunk is missing");
      out += check_of(chunk->data, request.chunk[0] * kChunkEdge);
    }
    return out;
  }

  double pass() override {
    auto wanted = requests(open());
    const std::uint64_t expected = loader_.counters().chunks_loaded + wanted.size();
    while (arrived_.try_acquire()) continue;  // the pass before may have been told of twice
    const auto begin = std::chrono::steady_clock::now();
    loader_.set_wanted(owner_, std::move(wanted));
    for (;;) {
      arrived_.acquire();
      const auto counters = loader_.counters();
      if (counters.chunks_loaded + counters.chunks_failed >= expected) break;
    }
    const auto end = std::chrono::steady_clock::now();
    if (loader_.counters().chunks_failed != 0) throw std::runtime_error(loader_.failures().front().error.message);
    return std::chrono::duration<double>(end - begin).count();
  }

 private:
  std::shared_ptr<const image::ZarrArray> open() const {
    return value_of(image::open_array(value_of(image::FileStore::open(task_.folder / task_.layout)), ""));
  }

  std::vector<image::ChunkRequest> requests(const std::shared_ptr<const image::ZarrArray>& array) const {
    std::vector<image::ChunkRequest> out;
    for (std::int64_t z = 0; z < task_.layers; ++z) {
      for (std::int64_t y = 0; y < kLayerEdge; ++y) {
        for (std::int64_t x = 0; x < kLayerEdge; ++x) out.push_back({.array = array, .chunk = {z, y, x}});
      }
    }
    return out;
  }

  const SideTask task_;
  std::counting_semaphore<> arrived_{0};
  image::ChunkLoader loader_;
  image::ChunkLoader::OwnerId owner_ = 0;
};

}  // namespace

std::unique_ptr<Side> make_engine(const SideTask& task) { return std::make_unique<Engine>(task); }

}  // namespace ndcast::bench
