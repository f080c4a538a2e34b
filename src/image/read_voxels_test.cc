#include "image/read_voxels.h"

#include "image/synthetic.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;
using Place = std::vector<std::int64_t>;

TEST(ReadVoxels, EachPlaceInItsOrder) {
  const auto voxels = counting<std::uint16_t>(7 * 5 * 9);
  const auto array = make_array(DType::UInt16, {7, 5, 9}, {3, 2, 4}, std::as_bytes(std::span(voxels)));
  const std::vector<Place> places{{6, 4, 8}, {0, 0, 0}, {0, 1, 3}, {0, 1, 4}, {3, 2, 5}, {0, 0, 1}};
  int reads = 0;
  const auto seen = read_voxels(*array, places, [&](std::span<const std::int64_t> chunk) {
    ++reads;
    return array->read_chunk(chunk);
  });
  ASSERT_TRUE(seen);
  EXPECT_EQ(values_of<std::uint16_t>(std::as_bytes(std::span(seen->bytes))),
            (std::vector<std::uint16_t>{314, 0, 12, 13, 158, 1}));
  EXPECT_EQ(reads, 5) << "places next to each other in a chunk share it";
}

TEST(ReadVoxels, ADamagedChunkIsMissedAndNoOther) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", V3{.shape = "[6]", .chunks = "[2]", .fill = "7"}.text());
  store->put("c/0", Bytes(2, std::byte{4}));
  store->put("c/1", Bytes(1, std::byte{}));
  const auto array = opened(store);
  const auto seen = read_voxels(*array, std::vector<Place>{{1}, {2}, {5}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->read, (std::vector{true, false, true}));
  EXPECT_EQ(seen->bytes[0], std::byte{4});
  EXPECT_EQ(seen->bytes[2], std::byte{7}) << "the fill value";
  EXPECT_EQ(error_of(read_voxels(*array, std::vector<Place>{{3}})).code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace ndcast::image
