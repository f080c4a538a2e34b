#include "image/chunk_loader.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>

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
  wait_until([&] { return progress > 0 && loader.counters().pending == 0; });
  EXPECT_EQ(values_of<std::uint8_t>(loader.find(*f.array, one(3))->data), (std::vector<std::uint8_t>{6, 7}));
  EXPECT_TRUE(loader.find(*f.array, one(7))->is_fill);
  EXPECT_EQ(loader.counters().chunks_loaded, 2U);
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

}  // namespace
}  // namespace ndcast::image
