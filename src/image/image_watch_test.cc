#include "image/image_watch.h"

#include "image/image.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

TEST(ImageWatch, NoticesWhatTheImageWasMadeOf) {
  const auto memory = std::make_shared<MemoryStore>();
  memory->put("0/zarr.json", V3{.shape = "[4,4]", .chunks = "[2,2]"}.text());
  const std::string group = R"({"zarr_format":3,"node_type":"group","attributes":{"ome":{"version":"0.5","multiscales":[
    {"axes":[{"name":"y","type":"space"},{"name":"x","type":"space"}],"datasets":[{"path":"0",
    "coordinateTransformations":[{"type":"scale","scale":[1,1]}]}]}]}}})";
  memory->put("zarr.json", group);
  const auto watching = std::make_shared<WatchingStore>(memory);
  const auto image = open_image(watching, "", "memory");
  ASSERT_TRUE(image) << image.error().message;
  const auto watch = watching->finish();
  EXPECT_TRUE(watch->seen().contains("zarr.json"));
  EXPECT_TRUE(watch->seen().contains("0/zarr.json"));
  EXPECT_FALSE(watch->changed());
  memory->put("0/c/0/0", std::string_view("abcd"));
  EXPECT_TRUE((*image)->levels[0].array->read_chunk(std::vector<std::int64_t>{0, 0}));
  EXPECT_FALSE(watch->changed()) << "voxels are not metadata";

  memory->put("0/zarr.json", V3{.shape = "[8,4]", .chunks = "[2,2]"}.text());
  EXPECT_TRUE(watch->changed());
  memory->erase("0/zarr.json");
  EXPECT_TRUE(watch->changed());
}

TEST(ImageWatch, NoticesWhatAppears) {
  const auto memory = std::make_shared<MemoryStore>();
  memory->put(".zarray", V2{.shape = "[4,4]", .chunks = "[2,2]"}.text());
  const auto watching = std::make_shared<WatchingStore>(memory);
  ASSERT_TRUE(open_image(watching, "", "memory"));
  const auto watch = watching->finish();
  EXPECT_FALSE(watch->changed());
  memory->put("zarr.json", V3{}.text());
  EXPECT_TRUE(watch->changed()) << "it was looked for and was not there";
}

}  // namespace
}  // namespace ndcast::image
