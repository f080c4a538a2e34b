#include "base/buffer.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/sanitizers.h"
#include "base/store_limits.h"

namespace ndcast {
namespace {

constexpr std::size_t kChunk = std::size_t{512} << 10;

TEST(Buffer, WhatWasGivenBackIsTakenAgain) {
  if (kSanitized) GTEST_SKIP() << "nothing goes round under sanitizers";
  const std::byte* first = nullptr;
  {
    const Buffer buffer(kChunk);
    first = buffer.data();
  }
  const Buffer again(kChunk - 1000);  // of the same rounded size
  EXPECT_EQ(again.data(), first);
  const Buffer other(kChunk);
  EXPECT_NE(other.data(), first);
}

TEST(Buffer, ABlockOfAnotherThreadIsTakenOnceThatThreadHasEnded) {
  if (kSanitized) GTEST_SKIP() << "nothing goes round under sanitizers";
  constexpr std::size_t kBytes = std::size_t{999} << 10;
  const std::byte* first = nullptr;
  std::thread([&] { first = Buffer(kBytes).data(); }).join();
  EXPECT_EQ(Buffer(kBytes).data(), first);
}

TEST(Buffer, OnlySoMuchIsKept) {
  if (kSanitized) GTEST_SKIP() << "nothing goes round under sanitizers";
  std::vector<Buffer> many;
  for (std::size_t bytes = 0; bytes < 3 * limits::kSpareBlockBytes; bytes += kChunk) many.emplace_back(kChunk);
  many.clear();
  EXPECT_GT(spare_block_bytes(), limits::kSpareBlockBytes / 2);
  EXPECT_LE(spare_block_bytes(),
            limits::kSpareBlockBytes + limits::kThreadSpareBlocks * limits::kThreadSpareBlockBytes);
}

TEST(Buffer, HoldsWhatIsWrittenWhateverTheSizes) {
  std::mt19937 random(7);
  std::vector<std::pair<Buffer, std::byte>> held;
  for (int i = 0; i < 2000; ++i) {
    const auto value = static_cast<std::byte>(random());
    held.emplace_back(Buffer(1 + random() % (std::size_t{1} << (8 + random() % 14)), value), value);
    if (held.size() > 20) {
      const std::size_t at = random() % held.size();
      const auto& [buffer, written] = held[at];
      ASSERT_TRUE(std::ranges::all_of(buffer, [&](std::byte byte) { return byte == written; })) << i;
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

TEST(Buffer, ZerosHaveToBeAskedFor) {
  {
    const Buffer dirty(kChunk, std::byte{0xff});
  }
  const Buffer zeros(kChunk, std::byte{});
  EXPECT_TRUE(std::ranges::all_of(zeros, [](std::byte byte) { return byte == std::byte{}; }));
}

}  // namespace
}  // namespace ndcast
