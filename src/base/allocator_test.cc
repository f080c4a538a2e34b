#include "base/allocator.h"

#include <cstddef>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>
#include <malloc.h>

#include "base/sanitizers.h"

namespace ndcast {
namespace {

TEST(Allocator, LargeBlocksAreMappedAlsoAfterLargerOnesWereFreed) {
  if (kSanitized) GTEST_SKIP() << "sanitizers have an allocator of their own";
  give_large_blocks_back();
  const auto mapped = [] { return ::mallinfo2().hblkhd; };
  for (int i = 0; i < 3; ++i) {
    const auto larger = std::make_unique<std::byte[]>(std::size_t{16} << 20);
    std::memset(larger.get(), 1, 1);
  }
  const std::size_t before = mapped();
  const auto block = std::make_unique<std::byte[]>(std::size_t{2} << 20);
  EXPECT_GE(mapped(), before + (std::size_t{2} << 20));
}

}  // namespace
}  // namespace ndcast
