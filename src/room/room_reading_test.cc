// What a room reads of its images for whoever asks: lines (WP41) and boxes (WP42), with real images and threads.
// Expected values are python3-zarr's and numpy's of the same files.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "image/read_region.h"
#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

const std::filesystem::path kSamples = std::filesystem::path(NDCAST_SOURCE_DIR) / "samples";

class RoomReadingTest : public ::testing::Test {
 protected:
  void open(const char* sample) {
    ASSERT_TRUE(house_.open((kSamples / sample).string()));
    ada_.emplace(house_, "ada");
    ada_->join();
  }
  Json result_of(std::string_view command, std::string_view kwargs) {
    const Json answer = ada_->call(command, *parse_json(kwargs));
    const Json* result = answer.find("result");
    EXPECT_TRUE(result) << to_string(answer);
    return result ? *result : Json();
  }
  static double number(const Json& of, std::string_view name) { return *of.find(name)->as_double(); }
  static const Json& layer(const Json& result, std::size_t i) { return result.find("layers")->array().at(i); }

  LoopbackRoom house_;
  std::optional<LoopbackClient> ada_;
};

TEST_F(RoomReadingTest, WP41_AnObliqueLineHasTheVoxelsThatItGoesThrough) {
  open("mri-stack.ome.zarr");
  const Json seen = result_of("nd.profile", R"({"from":{"z":12,"y":100,"x":60},"to":{"z":12,"y":140,"x":90}})");
  EXPECT_EQ(number(seen, "length"), 50.0);
  EXPECT_EQ(seen.find("unit")->string(), "pixel");
  EXPECT_EQ(number(seen, "samples"), 51.0);
  EXPECT_EQ(number(layer(seen, 0), "level"), 0.0);
  // a[12, floor(100 + 0.8 i + 0.5), floor(60 + 0.6 i + 0.5)]
  EXPECT_EQ(to_string(*layer(seen, 0).find("values")),
            "[68,70,70,68,66,65,66,68,67,68,70,67,70,63,62,65,65,66,66,63,68,67,68,68,70,70,69,66,66,68,70,66,49,52,30,"
            "43,42,30,42,38,40,35,36,36,35,41,39,30,35,39,59]");
}

TEST_F(RoomReadingTest, WP41_ThroughThePlanesAndOutOfTheImage) {
  open("mri-stack.ome.zarr");
  ada_->update("dims", "z", "index", 12);
  const Json along = result_of("nd.profile", R"({"from":{"y":100,"x":-2},"to":{"y":100,"x":4}})");
  const Json::Array& values = layer(along, 0).find("values")->array();
  ASSERT_EQ(values.size(), 7U);
  EXPECT_TRUE(values[0].is_null() && values[1].is_null());
  EXPECT_FALSE(values[2].is_null()) << "the voxel at 0";
  const Json through = result_of("nd.profile", R"({"from":{"z":0,"y":100,"x":70},"to":{"z":26,"y":100,"x":70}})");
  EXPECT_EQ(number(through, "samples"), 27.0);
  EXPECT_EQ(layer(through, 0).find("values")->array().at(12).as_int64(), 66);
}

TEST_F(RoomReadingTest, WP42_ARectangleHasNumpysStatistics) {
  open("mri-stack.ome.zarr");
  // a[12, 50:121, 60:131]: the voxels whose centres lie in it.
  const Json seen = result_of("nd.region", R"({"world":{"z":12,"y":[49.6,120.4],"x":[60,130]}})");
  const Json& stats = layer(seen, 0);
  EXPECT_EQ(number(stats, "min"), 8.0);
  EXPECT_EQ(number(stats, "max"), 80.0);
  EXPECT_DOUBLE_EQ(number(stats, "mean"), 63.92937909145011);
  EXPECT_DOUBLE_EQ(number(stats, "std"), 11.322409493830989);
  EXPECT_EQ(number(stats, "sum"), 322268.0);
  EXPECT_EQ(number(stats, "voxels"), 5041.0);
  EXPECT_EQ(number(stats, "size"), 5041.0) << "z is a place, not a range";
  EXPECT_EQ(to_string(*stats.find("begin")), "[12,50,60]");
  EXPECT_EQ(to_string(*stats.find("end")), "[13,121,131]");
  EXPECT_TRUE(stats.find("exact")->boolean());
}

TEST_F(RoomReadingTest, WP42_ARectangleWithinAVoxelIsThatVoxelAndOneOutsideNone) {
  open("mri-stack.ome.zarr");
  const Json small = result_of("nd.region", R"({"world":{"z":12,"y":[99.9,100.3],"x":[70.1,70.4]}})");
  EXPECT_EQ(to_string(*layer(small, 0).find("begin")), "[12,100,70]");
  EXPECT_EQ(number(layer(small, 0), "mean"), 66.0);
  EXPECT_EQ(number(layer(small, 0), "std"), 0.0);
  const Json outside = result_of("nd.region", R"({"world":{"x":[-9,-3]}})");
  EXPECT_EQ(number(layer(outside, 0), "voxels"), 0.0);
  EXPECT_TRUE(layer(outside, 0).find("mean")->is_null());
  EXPECT_EQ(to_string(*layer(outside, 0).find("begin")), "[]");
}

TEST_F(RoomReadingTest, WP41_WP42_VisibleLayersWithTheirChannelsAndPlaces) {
  open("blastocyst.ome.zarr");
  const scene::SnapshotPtr snapshot = house_.room->snapshot();
  const std::string lower = snapshot->layers[0]->id.value;
  const std::string upper = snapshot->layers[1]->id.value;
  const auto image = image::open_image(snapshot->layers[0]->meta.uri);
  ASSERT_TRUE(image.has_value());
  const image::ImageLevel& finest = (*image)->levels.front();
  const auto z = (*image)->axes.size() - 3;
  const auto world = [&](std::size_t axis, double voxel) {
    return finest.translation[axis] + finest.scale[axis] * voxel;
  };
  const auto line = [&](std::string_view more) {
    return fmt::format(R"({{"from":{{"z":{0},"y":{1},"x":{2}}},"to":{{"z":{0},"y":{1},"x":{3}}}{4}}})", world(z, 70),
                       world(z + 1, 60), world(z + 2, 20), world(z + 2, 29), more);
  };
  const auto box = fmt::format(R"({{"world":{{"z":{},"y":{},"x":[{},{}]}}}})", world(z, 70), world(z + 1, 60),
                               world(z + 2, 20), world(z + 2, 29));
  const Json profile = result_of("nd.profile", line(""));
  const Json region = result_of("nd.region", box);
  ASSERT_EQ(profile.find("layers")->size(), 2U);
  EXPECT_EQ(profile.find("unit")->string(), "micrometer");
  for (std::int64_t channel = 0; channel < 2; ++channel) {
    const auto bytes = image::read_region(*finest.array, std::vector<std::int64_t>{channel, 70, 60, 20},
                                          std::vector<std::int64_t>{1, 1, 1, 10});
    ASSERT_TRUE(bytes.has_value());
    const auto* truth = reinterpret_cast<const std::uint16_t*>(bytes->data());
    double sum = 0;
    const auto i = static_cast<std::size_t>(1 - channel);
    EXPECT_EQ(layer(profile, i).find("layer")->string(), channel == 0 ? lower : upper) << "topmost first";
    for (std::size_t n = 0; n < 10; ++n) {
      EXPECT_EQ(layer(profile, i).find("values")->array().at(n).as_uint64(), truth[n]);
      sum += truth[n];
    }
    EXPECT_EQ(number(layer(region, i), "sum"), sum);
    EXPECT_NEAR(number(layer(region, i), "size"), 10 * finest.scale[z + 2], 1e-9);
  }
  // Moved by three voxels: what was at 23 is at 26.
  Json translate = Json::list(finest.translation);
  translate.array().erase(translate.array().begin());
  translate.array().back() = world(z + 2, 3);
  ada_->update("layer", upper, "translate", translate);
  const Json moved = result_of("nd.profile", line(fmt::format(R"(,"layer":"{}")", upper)));
  ASSERT_EQ(moved.find("layers")->size(), 1U);
  EXPECT_EQ(layer(moved, 0).find("values")->array().at(6), layer(profile, 0).find("values")->array().at(3));
  ada_->update("layer", upper, "visible", false);
  EXPECT_EQ(result_of("nd.profile", line("")).find("layers")->size(), 1U);
  EXPECT_EQ(result_of("nd.region", box).find("layers")->size(), 1U);
}

}  // namespace
}  // namespace ndcast::room
