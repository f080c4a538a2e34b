#include "image/chunk_loader.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "base/store_limits.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;
using namespace std::chrono_literals;

/// A store whose chunks wait at a gate, and which remembers what was asked for.
class GatedStore final : public Store {
 public:
  explicit GatedStore(std::shared_ptr<const Store> inner) : inner_(std::move(inner)) {}

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range) const override {
    if (key.find("c/") != std::string_view::npos) {
      std::unique_lock lock(mutex_);
      asked_.emplace_back(key);
      changed_.notify_all();
      changed_.wait(lock, [&] { return open_ || tickets_ > 0; });
      if (!open_) --tickets_;
    }
    return inner_->get(key, range);
  }
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override { return inner_->size(key); }
  std::string describe() const override { return "gated"; }

  void open() const {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void let_through(int count) const {
    const std::lock_guard lock(mutex_);
    tickets_ += count;
    changed_.notify_all();
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void wait_asked(std::size_t count) const {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 10s, [&] { return asked_.size() >= count; }));
  }

 private:
  std::shared_ptr<const Store> inner_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::vector<std::string> asked_;
  mutable bool open_ = false;
  mutable int tickets_ = 0;
};

/// Eight chunks of two bytes: chunk i holds {2i, 2i + 1}; number 6 is one byte short, number 7 is not stored.
struct Fixture {
  std::shared_ptr<GatedStore> store;
  std::shared_ptr<const ZarrArray> array;
  std::shared_ptr<ChunkCache> cache = std::make_shared<ChunkCache>(1 << 20);

  Fixture() {
    auto memory = std::make_shared<MemoryStore>();
    memory->put("zarr.json", V3{.shape = "[16]", .fill = "99"}.text());
    for (std::uint8_t i = 0; i < 7; ++i) {
      const auto first = static_cast<std::uint8_t>(2 * i);
      const auto second = static_cast<std::uint8_t>(2 * i + 1);
      memory->put(fmt::format("c/{}", i),
                  i == 6 ? bytes_of<std::uint8_t>({first}) : bytes_of<std::uint8_t>({first, second}));
    }
    store = std::make_shared<GatedStore>(memory);
    array = opened(store);
  }

  ChunkRequest request(std::int64_t chunk, LoadTier tier = LoadTier::Visible, float priority = 0) const {
    return {array, {chunk}, tier, priority};
  }
};

template <class Condition>
void wait_until(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(1ms);
  }
}

std::vector<std::int64_t> one(std::int64_t chunk) { return {chunk}; }

TEST(ChunkLoader, BringsWhatIsWantedAndTells) {
  const Fixture f;
  f.store->open();
  ChunkLoader loader(f.cache, 2);
  std::atomic<int> progress{0};
  const auto owner = loader.add_owner([&] { ++progress; });
  EXPECT_FALSE(loader.find(*f.array, one(3)));
  EXPECT_EQ(loader.set_wanted(owner, {f.request(3), f.request(7), f.request(3)}), 0U);
  wait_until([&] { return loader.find(*f.array, one(3)) && loader.find(*f.array, one(7)); });
  // Chunks are there a moment before they are counted.
  wait_until([&] { return progress > 0 && loader.counters().chunks_loaded == 2; });
  EXPECT_EQ(loader.counters().pending, 0U);
  EXPECT_EQ(values_of<std::uint8_t>(loader.find(*f.array, one(3))->data), (std::vector<std::uint8_t>{6, 7}));
  EXPECT_TRUE(loader.find(*f.array, one(7))->is_fill);
  EXPECT_EQ(loader.counters().bytes_decoded, 2U);
  EXPECT_EQ(loader.counters().bytes_read, 2U);
  // Both are there, so nothing more is asked for.
  EXPECT_EQ(loader.set_wanted(owner, {f.request(3), f.request(7)}), 2U);
  EXPECT_EQ(loader.counters().pending, 0U);
}

TEST(ChunkLoader, MostUrgentFirst) {
  const Fixture f;
  ChunkLoader loader(f.cache, 1);
  const auto owner = loader.add_owner({});
  loader.set_wanted(owner, {f.request(0)});
  f.store->wait_asked(1);  // the thread is busy; what follows queues up
  loader.set_wanted(owner, {f.request(1, LoadTier::Recent, 100), f.request(2, LoadTier::Visible, 1),
                            f.request(3, LoadTier::Visible, 5), f.request(4, LoadTier::Prefetch, 50),
                            f.request(5, LoadTier::Visible, 1)});
  f.store->open();
  wait_until([&] { return loader.counters().chunks_loaded == 6; });
  EXPECT_EQ(f.store->asked(), (std::vector<std::string>{"c/0", "c/3", "c/2", "c/5", "c/4", "c/1"}));
}

TEST(ChunkLoader, WhatNobodyWantsIsNotStarted) {
  const Fixture f;
  ChunkLoader loader(f.cache, 1);
  const auto first = loader.add_owner({});
  const auto second = loader.add_owner({});
  loader.set_wanted(first, {f.request(0)});
  f.store->wait_asked(1);
  loader.set_wanted(first, {f.request(1), f.request(2), f.request(3)});
  loader.set_wanted(second, {f.request(2)});
  loader.set_wanted(first, {f.request(4)});  // 1 and 3 are wanted by nobody now, 2 by the second owner
  EXPECT_EQ(loader.counters().pending, 2U);
  f.store->open();
  wait_until([&] { return loader.counters().chunks_loaded == 3; });
  EXPECT_EQ(f.store->asked().size(), 3U);
  EXPECT_FALSE(loader.find(*f.array, one(1)));
  EXPECT_TRUE(loader.find(*f.array, one(0)));  // had started, so it was finished
  EXPECT_TRUE(loader.find(*f.array, one(2)));
  EXPECT_TRUE(loader.find(*f.array, one(4)));
}

TEST(ChunkLoader, TheMostUrgentWishOfSeveralOwnersCounts) {
  const Fixture f;
  ChunkLoader loader(f.cache, 1);
  const auto first = loader.add_owner({});
  const auto second = loader.add_owner({});
  loader.set_wanted(first, {f.request(0)});
  f.store->wait_asked(1);
  loader.set_wanted(first, {f.request(1, LoadTier::Prefetch), f.request(2, LoadTier::Prefetch, 1)});
  loader.set_wanted(second, {f.request(1, LoadTier::Visible)});
  f.store->let_through(1);
  f.store->wait_asked(2);
  EXPECT_EQ(f.store->asked()[1], "c/1");
  f.store->open();
}

TEST(ChunkLoader, FailureIsAFillChunkToldOnce) {
  const Fixture f;
  f.store->open();
  ChunkLoader loader(f.cache, 1);
  std::atomic<int> progress{0};
  const auto owner = loader.add_owner([&] { ++progress; });
  loader.set_wanted(owner, {f.request(6)});
  wait_until([&] { return progress > 0; });
  const ChunkPtr chunk = loader.find(*f.array, one(6));
  ASSERT_TRUE(chunk);
  EXPECT_TRUE(chunk->is_fill);
  ASSERT_EQ(loader.failures().size(), 1U);
  EXPECT_EQ(loader.failures()[0].chunk, one(6));
  EXPECT_EQ(loader.failures()[0].error.code, ErrorCode::Corrupt);
  EXPECT_EQ(loader.set_wanted(owner, {f.request(6)}), 1U);
  EXPECT_EQ(loader.counters().pending, 0U);
  EXPECT_EQ(loader.counters().chunks_failed, 1U);
  EXPECT_EQ(error_of(loader.load_now(*f.array, one(6))).code, ErrorCode::Corrupt);
}

TEST(ChunkLoader, LoadNowGoesThroughTheCache) {
  const Fixture f;
  f.store->open();
  ChunkLoader loader(f.cache, 1);
  ASSERT_TRUE(loader.load_now(*f.array, one(1)));
  ASSERT_TRUE(loader.load_now(*f.array, one(1)));
  EXPECT_EQ(f.store->asked().size(), 1U);
  EXPECT_TRUE(loader.find(*f.array, one(1)));
  EXPECT_EQ(error_of(loader.load_now(*f.array, one(8))).code, ErrorCode::Invalid);
}

TEST(ChunkLoader, RemovedOwnerIsNotCalledAgain) {
  const Fixture f;
  ChunkLoader loader(f.cache, 2);
  auto alive = std::make_unique<std::atomic<int>>(0);
  const auto owner = loader.add_owner([&] { ++*alive; });
  loader.set_wanted(owner, {f.request(0), f.request(1), f.request(2)});
  f.store->wait_asked(2);
  loader.remove_owner(owner);
  alive.reset();  // a late call would write to freed memory
  EXPECT_EQ(loader.counters().pending, 0U);
  f.store->open();
  wait_until([&] { return loader.counters().chunks_loaded == 2; });
  loader.remove_owner(owner);
  EXPECT_EQ(loader.set_wanted(owner, {f.request(3)}), 0U);
}

TEST(ChunkLoader, OnProgressMayAskForMore) {
  const Fixture f;
  f.store->open();
  ChunkLoader loader(f.cache, 2);
  std::atomic<std::int64_t> next{1};
  ChunkLoader::OwnerId owner = 0;
  std::mutex set_owner;
  {
    const std::lock_guard lock(set_owner);
    owner = loader.add_owner([&] {
      const std::lock_guard inner(set_owner);
      if (next < 6) loader.set_wanted(owner, {f.request(next++)});
    });
  }
  loader.set_wanted(owner, {f.request(0)});
  wait_until([&] { return loader.counters().chunks_loaded == 6; });
  loader.remove_owner(owner);
}

TEST(ChunkLoader, EndsWhileLoadsAreQueued) {
  const Fixture f;
  auto loader = std::make_unique<ChunkLoader>(f.cache, 1);
  const auto owner = loader->add_owner({});
  loader->set_wanted(owner, {f.request(0), f.request(1), f.request(2)});
  f.store->wait_asked(1);
  std::thread opener([&] {
    std::this_thread::sleep_for(20ms);
    f.store->let_through(1);
  });
  loader.reset();
  opener.join();
  EXPECT_EQ(f.store->asked().size(), 1U);
}

TEST(ChunkLoader, ManyThreadsAndOwners) {
  const Fixture f;
  f.store->open();
  ChunkLoader loader(f.cache, 4);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 100; ++round) {
        std::atomic<int> progress{0};
        const auto owner = loader.add_owner([&] { ++progress; });
        loader.set_wanted(owner, {f.request((t + round) % 8), f.request((t * 3 + round) % 8)});
        if (round % 2 == 0) loader.set_wanted(owner, {f.request(round % 8)});
        loader.find(*f.array, one(round % 8));
        loader.remove_owner(owner);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loader.counters().pending, 0U);
}

/// As a web server: reads wait at a gate until they are let through or cut off.
class SlowStore final : public Store {
 public:
  explicit SlowStore(std::shared_ptr<const Store> inner) : inner_(std::move(inner)) {}

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range) const override {
    return inner_->get(key, range);
  }
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override { return inner_->size(key); }
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override {
    {
      std::unique_lock lock(mutex_);
      ++under_way_;
      ++reads_;
      changed_.notify_all();
      const bool through = changed_.wait(lock, stop, [&] { return open_; });
      --under_way_;
      changed_.notify_all();
      if (!through) return fail(ErrorCode::Cancelled, "{}: no longer wanted", key);
    }
    return inner_->read(key, range, stop);
  }
  std::size_t concurrency() const override { return limits::kRemoteReads; }
  std::string describe() const override { return "slow"; }

  void open() const {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void close() const {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  bool wait_under_way(int count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return under_way_ == count; });
  }
  int reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }

 private:
  std::shared_ptr<const Store> inner_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  mutable bool open_ = false;
  mutable int under_way_ = 0;
  mutable int reads_ = 0;
};

struct SlowArray {
  std::shared_ptr<SlowStore> store;
  std::shared_ptr<const ZarrArray> array;
  std::shared_ptr<ChunkCache> cache = std::make_shared<ChunkCache>(1 << 20);
  ChunkLoader loader{cache, 1};

  /// 16 chunks of two bytes; `sharded`: in one object.
  explicit SlowArray(bool sharded = false) {
    auto memory = std::make_shared<MemoryStore>();
    V3 document{.shape = "[32]", .chunks = "[2]"};
    if (sharded) {
      document.chunks = "[32]";
      document.codecs = R"([{"name":"sharding_indexed","configuration":{"chunk_shape":[2],"codecs":["bytes"],)"
                        R"("index_codecs":["bytes"]}}])";
      std::vector<std::uint64_t> index;
      for (std::uint64_t i = 0; i < 16; ++i) index.insert(index.end(), {2 * i, 2});
      Bytes shard = bytes_of(counting<std::uint8_t>(32));
      append(shard, bytes_of(index));
      memory->put("c/0", std::move(shard));
    }
    for (int i = 0; !sharded && i < 16; ++i) {
      memory->put(fmt::format("c/{}", i), bytes_of(counting<std::uint8_t>(2, static_cast<std::uint8_t>(2 * i))));
    }
    memory->put("zarr.json", document.text());
    store = std::make_shared<SlowStore>(memory);
    // Opened through an open gate, read through a closed one.
    store->open();
    array = opened(store);
    store->close();
  }

  std::vector<ChunkRequest> requests(int first, int count) const {
    std::vector<ChunkRequest> out;
    for (int i = first; i < first + count; ++i) out.push_back({array, {i}, LoadTier::Visible, 0});
    return out;
  }
};

TEST(ChunkLoader, ManyRemoteReadsWaitAtOnce) {
  SlowArray slow;
  const auto owner = slow.loader.add_owner({});
  slow.loader.set_wanted(owner, slow.requests(0, 16));
  EXPECT_TRUE(slow.store->wait_under_way(16)) << "with one thread for local chunks";
  slow.store->open();
  EXPECT_TRUE(slow.store->wait_under_way(0));
  slow.loader.remove_owner(owner);
}

TEST(ChunkLoader, CutsOffWhatIsNoLongerWanted) {
  SlowArray slow;
  const auto owner = slow.loader.add_owner({});
  slow.loader.set_wanted(owner, slow.requests(0, 8));
  ASSERT_TRUE(slow.store->wait_under_way(8));
  const int reads = slow.store->reads();
  slow.loader.set_wanted(owner, slow.requests(4, 8));
  // Four were cut off, four went on without being asked for again, four are new.
  while (slow.loader.counters().chunks_cancelled < 4) std::this_thread::yield();
  ASSERT_TRUE(slow.store->wait_under_way(8));
  EXPECT_EQ(slow.store->reads(), reads + 4);
  slow.store->open();
  while (slow.loader.counters().chunks_loaded < 8) std::this_thread::yield();
  EXPECT_EQ(slow.loader.counters().chunks_cancelled, 4U);
  EXPECT_EQ(slow.loader.counters().chunks_failed, 0U);
  for (std::int64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(slow.loader.find(*slow.array, std::vector<std::int64_t>{i}) != nullptr, i >= 4 && i < 12) << i;
  }
  slow.loader.remove_owner(owner);
}

TEST(ChunkLoader, WhatIsWantedAgainIsReadAgain) {
  SlowArray slow;
  const auto owner = slow.loader.add_owner({});
  for (int round = 0; round < 20; ++round) {
    slow.loader.set_wanted(owner, slow.requests(0, 4));
    slow.loader.set_wanted(owner, {});
  }
  slow.loader.set_wanted(owner, slow.requests(0, 4));
  slow.store->open();
  while (slow.loader.counters().chunks_loaded < 4) std::this_thread::yield();
  EXPECT_EQ(slow.loader.counters().chunks_failed, 0U);
  slow.loader.remove_owner(owner);
}

TEST(ChunkLoader, ChunksOfOneShardComeTogether) {
  SlowArray slow(true);
  slow.store->open();
  const int before = slow.store->reads();
  const auto owner = slow.loader.add_owner({});
  slow.loader.set_wanted(owner, slow.requests(0, 16));
  while (slow.loader.counters().chunks_loaded < 16) std::this_thread::yield();
  EXPECT_LE(slow.store->reads() - before, 8) << "one by one it would be 17";
  for (std::uint8_t i = 0; i < 16; ++i) {
    const ChunkPtr chunk = slow.loader.find(*slow.array, std::vector<std::int64_t>{i});
    ASSERT_TRUE(chunk);
    EXPECT_EQ(values_of<std::uint8_t>(chunk->data),
              (std::vector<std::uint8_t>{static_cast<std::uint8_t>(2 * i), static_cast<std::uint8_t>(2 * i + 1)}));
  }
  slow.loader.remove_owner(owner);
}

TEST(ChunkLoader, PrefetchedChunksWakeNobody) {
  SlowArray slow;
  slow.store->open();
  std::atomic<int> calls{0};
  const auto owner = slow.loader.add_owner([&] { ++calls; });
  auto requests = slow.requests(0, 4);
  for (ChunkRequest& request : requests) request.tier = LoadTier::Prefetch;
  slow.loader.set_wanted(owner, requests);
  while (slow.loader.counters().chunks_loaded < 4) std::this_thread::yield();
  EXPECT_EQ(slow.loader.set_wanted(owner, requests), 0U) << "and are not told of when they are there";
  EXPECT_EQ(slow.loader.set_wanted(owner, slow.requests(0, 4)), 4U);
  slow.loader.remove_owner(owner);
  EXPECT_EQ(calls, 0);
}

TEST(ChunkLoader, PrefetchesNothingWhenToldSo) {
  SlowArray slow;
  slow.store->open();
  slow.loader.set_prefetching(false);
  const auto owner = slow.loader.add_owner([] {});
  auto requests = slow.requests(0, 4);
  requests[1].tier = requests[3].tier = LoadTier::Prefetch;
  slow.loader.set_wanted(owner, requests);
  while (slow.loader.counters().chunks_loaded < 2) std::this_thread::yield();
  EXPECT_EQ(slow.loader.counters().pending, 0U);
  slow.loader.remove_owner(owner);
  EXPECT_EQ(slow.loader.counters().chunks_loaded, 2U);
}

TEST(ChunkLoader, RetriesFailuresWhenAsked) {
  auto memory = std::make_shared<MemoryStore>();
  memory->put("zarr.json", V3{}.text());
  memory->put("c/0", std::string_view("x"));  // too short
  const auto array = opened(memory);
  ChunkLoader loader(std::make_shared<ChunkCache>(1 << 20), 1);
  const auto owner = loader.add_owner({});
  const auto want = [&] { loader.set_wanted(owner, {{array, {0}, LoadTier::Visible, 0}}); };
  want();
  while (loader.counters().chunks_failed < 1) std::this_thread::yield();
  EXPECT_TRUE(loader.find(*array, std::vector<std::int64_t>{0})->is_fill);
  memory->put("c/0", std::string_view("ab"));
  loader.retry_failed();
  want();
  while (loader.counters().chunks_loaded < 1) std::this_thread::yield();
  EXPECT_FALSE(loader.find(*array, std::vector<std::int64_t>{0})->is_fill);
  EXPECT_EQ(loader.failures().size(), 1U);
  loader.remove_owner(owner);
}

}  // namespace
}  // namespace ndcast::image
