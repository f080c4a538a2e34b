#include "image/image.h"

#include <algorithm>

#include "image/synthetic.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

/// A v2 group at the root with a level "0" of [2, 8, 8] and a level "1" of [2, 4, 4].
struct Group {
  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();

  explicit Group(std::string_view attributes) {
    store->put(".zattrs", attributes);
    store->put("0/.zarray", V2{.shape = "[2,8,8]", .chunks = "[1,8,8]"}.text());
    store->put("1/.zarray", V2{.shape = "[2,4,4]", .chunks = "[1,4,4]"}.text());
  }
  Result<std::shared_ptr<const Image>> open() const { return open_image(store, "", "/data/thing.ome.zarr"); }
};

constexpr std::string_view kAxes =
    R"([{"name":"c","type":"channel"},{"name":"y","type":"space","unit":"micrometer"},{"name":"x","type":"space"}])";

std::string multiscale(std::string_view datasets, std::string_view more = "", std::string_view axes = kAxes,
                       std::string_view version = R"("version":"0.4",)") {
  return fmt::format(R"({{"multiscales":[{{{}"axes":{},"datasets":{}}}]{}}})", version, axes, datasets, more);
}

constexpr std::string_view kDatasets = R"([
  {"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,0.5,0.25]},
                                           {"type":"translation","translation":[0,10,20]}]},
  {"path":"1","coordinateTransformations":[{"type":"scale","scale":[1,1.0,0.5]}]}])";

std::shared_ptr<const Image> opened_image(const Group& group) {
  auto image = group.open();
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  return image ? *image : std::make_shared<const Image>();
}

bool warns(const Image& image, std::string_view part) {
  return std::ranges::any_of(image.warnings,
                             [part](const std::string& w) { return w.find(part) != std::string::npos; });
}

TEST(OmeImage, ReadsAxesLevelsAndTransforms) {
  const auto image = opened_image(Group(multiscale(kDatasets)));
  EXPECT_EQ(image->name, "thing");
  EXPECT_EQ(image->ngff_minor, 4);
  ASSERT_EQ(image->ndim(), 3);
  EXPECT_EQ(image->axes[1].name, "y");
  EXPECT_EQ(image->axes[1].unit, "micrometer");
  EXPECT_EQ(image->axis_of(AxisType::Channel), 0);
  EXPECT_EQ(image->axis_of(AxisType::Space), 1);
  EXPECT_EQ(image->axis_of(AxisType::Time), std::nullopt);
  ASSERT_EQ(image->levels.size(), 2U);
  EXPECT_EQ(image->levels[0].scale, (std::vector<double>{1, 0.5, 0.25}));
  EXPECT_EQ(image->levels[0].translation, (std::vector<double>{0, 10, 20}));
  EXPECT_EQ(image->levels[1].translation, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(image->levels[1].array->path(), "1");
  EXPECT_EQ(image->channels.size(), 2U);
  EXPECT_TRUE(image->warnings.empty());
  EXPECT_FALSE(image->is_label);
}

TEST(OmeImage, TheMultiscalesTransformComesAfterTheLevels) {
  std::string text = multiscale(kDatasets);
  text.insert(text.find(R"("axes")"),
              R"("coordinateTransformations":[{"type":"scale","scale":[1,2,4]},
                 {"type":"translation","translation":[0,100,200]}],)");
  const auto image = opened_image(Group(text));
  EXPECT_EQ(image->levels[0].scale, (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(image->levels[0].translation, (std::vector<double>{0, 120, 280}));
  EXPECT_EQ(image->levels[1].translation, (std::vector<double>{0, 100, 200}));
}

TEST(OmeImage, ReadsVersion05UnderOme) {
  auto store = std::make_shared<MemoryStore>();
  const std::string inner =
      multiscale(R"([{"path":"s0","coordinateTransformations":[{"type":"scale","scale":[1,2,3]}]}])",
                 R"(,"version":"0.5","image-label":{})", kAxes, "");
  store->put("img/zarr.json", R"({"zarr_format":3,"node_type":"group","attributes":{"ome":)" + inner + "}}");
  store->put("img/s0/zarr.json", V3{.shape = "[1,4,4]", .chunks = "[1,4,4]"}.text());
  const auto image = open_image(store, "img", "img");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->ngff_minor, 5);
  EXPECT_EQ((*image)->levels[0].scale[2], 3);
  EXPECT_TRUE((*image)->is_label);
}

TEST(OmeImage, OldVersionsHaveNamesOrNothing) {
  auto image =
      opened_image(Group(multiscale(R"([{"path":"0"},{"path":"1"}])", "", R"(["c","y","x"])", R"("version":"0.3",)")));
  EXPECT_EQ(image->axes[0].type, AxisType::Channel);
  EXPECT_EQ(image->axes[2].type, AxisType::Space);
  EXPECT_EQ(image->levels[1].scale, (std::vector<double>{1, 2, 2}));  // from the shapes; channels are not space

  Group old(R"({"multiscales":[{"version":"0.1","datasets":[{"path":"five"}]}]})");
  old.store->put("five/.zarray", V2{.shape = "[1,2,3,4,5]", .chunks = "[1,1,1,4,5]"}.text());
  image = opened_image(old);
  EXPECT_EQ(image->axes[0].type, AxisType::Time);
  EXPECT_EQ(image->axes[1].type, AxisType::Channel);
  EXPECT_EQ(image->channels.size(), 2U);
}

TEST(OmeImage, ReadsOmero) {
  const auto image = opened_image(Group(multiscale(kDatasets, R"(,"omero":{"channels":[
    {"label":"DAPI","color":"#00Ff80","window":{"min":0,"max":"255","start":"10","end":200.5},"active":false,"inverted":true},
    {"color":"12345678","window":{"min":5,"max":7}}],
    "rdefs":{"defaultT":3,"defaultZ":4,"model":"greyscale"}})")));
  const ChannelInfo& dapi = image->channels[0];
  EXPECT_EQ(dapi.label, "DAPI");
  EXPECT_EQ(dapi.color, (std::array<std::uint8_t, 3>{0, 255, 128}));
  EXPECT_TRUE(dapi.has_color);
  ASSERT_TRUE(dapi.window);
  EXPECT_EQ(dapi.window->start, 10);
  EXPECT_EQ(dapi.window->end, 200.5);
  EXPECT_EQ(dapi.window->max, 255);
  EXPECT_FALSE(dapi.active);
  EXPECT_TRUE(dapi.inverted);
  EXPECT_EQ(image->channels[1].color, (std::array<std::uint8_t, 3>{0x12, 0x34, 0x56}));
  EXPECT_EQ(image->channels[1].window->start, 5);
  EXPECT_TRUE(image->channels[1].active);
  EXPECT_TRUE(image->greyscale);
  EXPECT_EQ(image->default_t, std::nullopt);  // the image has neither axis
  EXPECT_EQ(image->default_z, std::nullopt);
}

TEST(OmeImage, OddOmeroIsAWarning) {
  const auto image = opened_image(Group(multiscale(kDatasets, R"(,"omero":{"channels":[
    {"color":"red","window":{"start":5,"end":5}},{},{"label":7}]})")));
  EXPECT_EQ(image->channels.size(), 2U);
  EXPECT_FALSE(image->channels[0].has_color);
  EXPECT_FALSE(image->channels[0].window);
  EXPECT_TRUE(warns(*image, "\"red\""));
  EXPECT_TRUE(warns(*image, "start < end"));
  EXPECT_TRUE(warns(*image, "3 channels, the image has 2"));
  EXPECT_TRUE(warns(*opened_image(Group(multiscale(kDatasets, R"(,"omero":{"channels":7})"))), "no list"));
}

TEST(OmeImage, LevelsThatAreNotThereAreLeftOutAndMalformedOnesAreErrors) {
  Group group(multiscale(R"([{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,1,1]}]},
    {"path":"later","coordinateTransformations":[{"type":"scale","scale":[1,2,2]}]}])"));
  const auto image = opened_image(group);
  EXPECT_EQ(image->levels.size(), 1U);
  EXPECT_TRUE(warns(*image, "\"later\""));
  group.store->put("later/.zarray", V2{.shape = "[2,2]", .chunks = "[2,2]"}.text());
  const auto flat = open_image(group.store, "", "mem://flat");
  ASSERT_FALSE(flat);
  EXPECT_EQ(flat.error().code, ErrorCode::Invalid);
  EXPECT_NE(flat.error().message.find("level \"later\": 2 axes"), std::string::npos) << flat.error().message;
}

TEST(OmeImage, LevelsAreSortedFromFineToCoarse) {
  const auto image = opened_image(Group(multiscale(R"([
    {"path":"1","coordinateTransformations":[{"type":"scale","scale":[1,2,2]}]},
    {"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,1,1]}]}])")));
  EXPECT_EQ(image->levels[0].array->path(), "0");
  EXPECT_EQ(image->levels[0].scale[1], 1);
  EXPECT_TRUE(warns(*image, "sorted"));
}

TEST(OmeImage, MendsWithWarnings) {
  auto image = opened_image(Group(
      multiscale(R"([{"path":"0/","coordinateTransformations":[{"type":"scale","scale":[0,2,2]}]},{"path":"./1"}])")));
  EXPECT_EQ(image->levels[0].scale, (std::vector<double>{1, 2, 2}));
  EXPECT_TRUE(warns(*image, "scale of 0"));
  EXPECT_TRUE(warns(*image, "\"1\" has no scale"));
  image = opened_image(Group(multiscale(kDatasets, "", kAxes, "")));
  EXPECT_TRUE(warns(*image, "no OME-NGFF version"));
}

TEST(OmeImage, ErrorsNameTheField) {
  const struct {
    std::string attributes;
    ErrorCode code;
    std::string part;
  } cases[] = {{"{}", ErrorCode::Invalid, "a group without images"},
               {R"({"multiscales":[]})", ErrorCode::Invalid, "\"multiscales\" is []"},
               {R"({"multiscales":[{"version":"0.4"}]})", ErrorCode::Invalid, "no \"datasets\""},
               {multiscale("[]"), ErrorCode::Invalid, "\"datasets\" is []"},
               {multiscale(R"([{"path":"../0"}])"), ErrorCode::Invalid, "\"..\""},
               {multiscale(R"([{"path":7}])"), ErrorCode::Invalid, "\"path\" is 7"},
               {multiscale(kDatasets, "", kAxes, R"("version":"0.6-dev",)"), ErrorCode::Unsupported, "0.6-dev"},
               {multiscale(kDatasets, "", kAxes, R"("version":"eleven",)"), ErrorCode::Invalid, "\"eleven\""},
               {multiscale(kDatasets, "", R"(["a","a","x"])"), ErrorCode::Invalid, "two axes"},
               {multiscale(kDatasets, "", R"([{"type":"space"}])"), ErrorCode::Invalid, "\"name\""},
               {multiscale(kDatasets, "", R"(["y","x"])"), ErrorCode::Invalid, "3 numbers for 2 axes"},
               {multiscale(R"([{"path":"0"}])", "", R"(["y","x"])"), ErrorCode::Invalid, "\"axes\" has 2"},
               {multiscale(R"([{"path":"0","coordinateTransformations":[{"type":"affine","affine":[]}]}])"),
                ErrorCode::Unsupported, "affine"},
               {multiscale(R"([{"path":"0","coordinateTransformations":[{"type":"scale","path":"s"}]}])"),
                ErrorCode::Unsupported, "stored in an array"},
               {multiscale(R"([{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,"NaN",1]}]}])"),
                ErrorCode::Invalid, "\"NaN\""},
               {multiscale(R"([{"path":"gone"}])"), ErrorCode::NotFound, "gone"}};
  for (const auto& [attributes, code, part] : cases) {
    const Error error = error_of(Group(attributes).open());
    EXPECT_EQ(error.code, code) << attributes << "\n" << error.message;
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message << "\nexpected: " << part;
  }
}

TEST(PlainArray, BecomesAnImageOfOneLevel) {
  auto store = std::make_shared<MemoryStore>();
  store->put("a/zarr.json", V3{.shape = "[2,3,4,5]", .chunks = "[1,1,4,5]"}.text());
  store->put("b/zarr.json",
             V3{.shape = "[2,3,4]", .chunks = "[1,4,5]", .more = R"(,"dimension_names":["t",null,"w"])"}.text());
  store->put("c/zarr.json", V3{.shape = "[5]", .chunks = "[5]"}.text());
  store->put("d/zarr.json", V3{.shape = "[5,0]", .chunks = "[5,1]"}.text());
  auto image = open_image(store, "a", "a");
  ASSERT_TRUE(image);
  EXPECT_EQ((*image)->ngff_minor, 0);
  EXPECT_EQ((*image)->axes[0].name, "axis_0");
  EXPECT_EQ((*image)->axes[0].type, AxisType::Other);
  EXPECT_EQ((*image)->axes[1].name, "z");
  EXPECT_EQ((*image)->axes[3].name, "x");
  EXPECT_EQ((*image)->channels.size(), 1U);
  image = open_image(store, "b", "b");
  EXPECT_EQ((*image)->axes[0].type, AxisType::Time);
  EXPECT_EQ((*image)->axes[1].name, "y");
  EXPECT_EQ((*image)->axes[2].name, "w");
  EXPECT_EQ(error_of(open_image(store, "c", "c")).code, ErrorCode::Unsupported);
  EXPECT_EQ(error_of(open_image(store, "d", "d")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(open_image(store, "e", "e")).code, ErrorCode::NotFound);
}

TEST(Collections, OpenTheirFirstImage) {
  auto store = std::make_shared<MemoryStore>();
  store->put("plate/.zattrs", R"({"plate":{"wells":[{"path":"A/1"},{"path":"B/2"}]}})");
  store->put("plate/B/2/.zattrs", R"({"well":{"images":[{"path":"0"},{"path":"1"}]}})");
  store->put("series/.zattrs", R"({"bioformats2raw.layout":3})");
  for (const char* image : {"plate/B/2/0", "plate/B/2/1", "series/0"}) {
    store->put(std::string(image) + "/.zattrs", multiscale(R"([{"path":"0"}])"));
    store->put(std::string(image) + "/0/.zarray", V2{.shape = "[2,8,8]", .chunks = "[1,8,8]"}.text());
  }
  const auto plate = open_image(store, "plate", "plate");
  ASSERT_TRUE(plate) << plate.error().message;
  EXPECT_TRUE(warns(**plate, "a plate of 2 wells in 2 rows and 2 columns; this is field 0 of each"));
  const auto well = open_image(store, "plate/B/2", "well");
  ASSERT_TRUE(well) << well.error().message;
  EXPECT_EQ((*well)->levels[0].array->path(), "plate/B/2/0/0");
  EXPECT_TRUE(warns(**well, "a well of several images"));
  const auto series = open_image(store, "series", "series");
  ASSERT_TRUE(series) << series.error().message;
  EXPECT_EQ((*series)->levels[0].array->path(), "series/0/0");
}

TEST(Synthetic, ArraysHoldTheirVoxels) {
  const auto voxels = counting<std::uint16_t>(3 * 5);
  const auto array = make_array(DType::UInt16, {3, 5}, {2, 2}, std::as_bytes(std::span(voxels)));
  EXPECT_EQ(chunk_values<std::uint16_t>(*array, {0, 0}), (std::vector<std::uint16_t>{0, 1, 5, 6}));
  EXPECT_EQ(chunk_values<std::uint16_t>(*array, {1, 2}), (std::vector<std::uint16_t>{14, 0, 0, 0}));
  EXPECT_TRUE(
      (*make_array(DType::Bool, {1 << 20, 1 << 20}, {64, 64})->read_chunk(std::vector<std::int64_t>{9, 9}))->is_fill);
  const auto image = make_image({array, make_array(DType::UInt16, {3, 2}, {2, 2})}, {"c", "x"});
  EXPECT_EQ(image->levels[1].scale, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(image->channels.size(), 3U);
}

}  // namespace
}  // namespace ndcast::image
