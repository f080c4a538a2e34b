#include "image/chunk_cache.h"

#include "image/testing.h"

namespace ndcast::image {
namespace {

ChunkPtr chunk_of(std::size_t bytes) {
  return std::make_shared<const DecodedChunk>(DecodedChunk{Bytes(bytes), bytes == 0});
}

constexpr std::size_t kEach = 1000 + ChunkCache::kEntryBytes;

TEST(ChunkCache, LeastRecentlyUsedGoesFirst) {
  ChunkCache cache(3 * kEach);
  for (std::int64_t i = 0; i < 3; ++i) cache.insert({1, i}, chunk_of(1000));
  EXPECT_EQ(cache.bytes(), 3 * kEach);
  EXPECT_TRUE(cache.find({1, 0}));   // now the most recently used
  EXPECT_TRUE(cache.touch({1, 1}));  // and this
  cache.insert({1, 3}, chunk_of(1000));
  EXPECT_FALSE(cache.find({1, 2}));
  EXPECT_TRUE(cache.find({1, 0}));
  EXPECT_TRUE(cache.find({1, 1}));
  EXPECT_TRUE(cache.find({1, 3}));
  EXPECT_EQ(cache.bytes(), 3 * kEach);
  EXPECT_EQ(cache.hits(), 4U);
  EXPECT_EQ(cache.misses(), 1U);
}

TEST(ChunkCache, ReplacingCountsOnce) {
  ChunkCache cache(10 * kEach);
  cache.insert({1, 0}, chunk_of(1000));
  cache.insert({1, 0}, chunk_of(500));
  EXPECT_EQ(cache.bytes(), 500 + ChunkCache::kEntryBytes);
  EXPECT_EQ(cache.entries(), 1U);
  EXPECT_EQ(cache.find({1, 0})->data.size(), 500U);
}

TEST(ChunkCache, ArraysAreKeptApart) {
  ChunkCache cache(10 * kEach);
  cache.insert({1, 0}, chunk_of(1));
  EXPECT_FALSE(cache.find({2, 0}));
  EXPECT_FALSE(cache.find({1, 1}));
}

TEST(ChunkCache, FillChunksAreNearlyFree) {
  ChunkCache cache(100 * ChunkCache::kEntryBytes);
  for (std::int64_t i = 0; i < 100; ++i) cache.insert({1, i}, chunk_of(0));
  EXPECT_EQ(cache.entries(), 100U);
}

TEST(ChunkCache, LargerThanTheBudgetStaysUntilTheNext) {
  ChunkCache cache(100);
  cache.insert({1, 0}, chunk_of(1000));
  const ChunkPtr held = cache.find({1, 0});
  ASSERT_TRUE(held);
  cache.insert({1, 1}, chunk_of(0));
  EXPECT_FALSE(cache.find({1, 0}));
  EXPECT_EQ(held->data.size(), 1000U);
}

}  // namespace
}  // namespace ndcast::image
