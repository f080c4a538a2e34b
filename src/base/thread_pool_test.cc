#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include "base/bounded_queue.h"
#include "base/latest_cell.h"

namespace ndcast {
namespace {

TEST(ThreadPool, VisitsEachIndexOnce) {
  for (const std::size_t threads : {1, 2, 5}) {
    ThreadPool pool("test", threads);
    for (const std::size_t count : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> visits(count);
      pool.for_each_index(count, [&](std::size_t i) { ++visits[i]; });
      for (const auto& visit : visits) ASSERT_EQ(visit, 1);
    }
  }
}

TEST(LatestCell, KeepsTheNewest) {
  LatestCell<int> cell;
  EXPECT_FALSE(cell.put(1));
  EXPECT_TRUE(cell.put(2));
  EXPECT_EQ(cell.take(), 2);
  EXPECT_EQ(cell.take(), std::nullopt);
}

TEST(BoundedQueue, RefusesWhenFullAndEndsWhenClosed) {
  BoundedQueue<int> queue("test", 2);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_TRUE(queue.try_push(2));
  EXPECT_FALSE(queue.try_push(3));
  queue.close();
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace ndcast
