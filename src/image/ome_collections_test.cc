// Which image of several: fragments, plates as grids, fields, series, multiscales, labels.

#include <algorithm>

#include "image/address.h"
#include "image/image.h"
#include "image/ome_plate.h"
#include "image/plate_store.h"
#include "image/read_region.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;
using U8 = std::uint8_t;
using U16 = std::uint16_t;
using Position = std::vector<std::int64_t>;

TEST(Address, FragmentsChoose) {
  EXPECT_EQ(split_fragment("/a/b.zarr").second, "");
  EXPECT_EQ(split_fragment("/a/b.zarr#A/1/0").first, "/a/b.zarr");
  EXPECT_EQ(*parse_choice(""), ImageChoice{});
  EXPECT_EQ(*parse_choice("/A/1/0/"), (ImageChoice{.path = "A/1/0"}));
  EXPECT_EQ(*parse_choice("field=3"), (ImageChoice{.field = 3}));
  EXPECT_EQ(*parse_choice("series=2&multiscale=raw%20data"), (ImageChoice{.multiscale = "raw data", .series = 2}));
  EXPECT_EQ(*parse_choice("labels/a%26b&multiscale=1"), (ImageChoice{.path = "labels/a&b", .multiscale = "1"}));
  for (const char* wrong :
       {"field=-1", "field=x", "series=", "a/../b", "a&b", "a//b", "%zz", "field=9999999999999999999"}) {
    EXPECT_EQ(error_of(parse_choice(wrong)).code, ErrorCode::Invalid) << wrong;
  }
}

/// A plate of 2 × 3 cells with wells A/1 and B/3, two fields each, levels of [1, 6, 4] and [1, 3, 2] u16.
std::shared_ptr<MemoryStore> small_plate() {
  auto store = std::make_shared<MemoryStore>();
  store->put("p/.zattrs", R"({"plate":{"name":"screen 7","version":"0.4","rows":[{"name":"A"},{"name":"B"}],
    "columns":[{"name":"1"},{"name":"2"},{"name":"3"}],"field_count":2,
    "wells":[{"path":"A/1","rowIndex":0,"columnIndex":0},{"path":"B/3","rowIndex":1,"columnIndex":2}]}})");
  const std::string multiscale = R"({"multiscales":[{"version":"0.4","axes":[{"name":"c","type":"channel"},
    {"name":"y","type":"space","unit":"micrometer"},{"name":"x","type":"space","unit":"micrometer"}],
    "datasets":[{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,0.5,0.5]}]},
    {"path":"1","coordinateTransformations":[{"type":"scale","scale":[1,1.0,1.0]}]}]}],
    "omero":{"channels":[{"label":"DAPI","color":"0000FF","window":{"start":0,"end":500,"min":0,"max":65535}}]}})";
  U16 first = 100;
  for (const char* well : {"p/A/1", "p/B/3"}) {
    store->put(std::string(well) + "/.zattrs", R"({"well":{"images":[{"path":"0"},{"path":"1"}]}})");
    for (const char* field : {"/0", "/1"}) {
      const std::string key = std::string(well) + field;
      store->put(key + "/.zattrs", multiscale);
      store->put(key + "/0/.zarray",
                 V2{.shape = "[1,6,4]", .chunks = "[1,4,4]", .dtype = R"("<u2")", .fill = "7"}.text());
      store->put(key + "/0/0.0.0", bytes_of(counting<U16>(16, first)));
      store->put(key + "/0/0.1.0", bytes_of(counting<U16>(16, first + 16)));
      store->put(key + "/1/.zarray",
                 V2{.shape = "[1,3,2]", .chunks = "[1,3,2]", .dtype = R"("<u2")", .fill = "7"}.text());
      store->put(key + "/1/0.0.0", bytes_of(counting<U16>(6, first)));
      first += 100;
    }
  }
  return store;
}

std::vector<U16> region(const ZarrArray& array, const Position& start, const Position& shape) {
  const auto bytes = read_region(array, start, shape);
  EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().message);
  return bytes ? values_of<U16>(*bytes) : std::vector<U16>{};
}

TEST(Plate, OpensAsAGridOfItsFirstField) {
  const auto image = open_image(small_plate(), "p", "/data/p");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->name, "screen 7");
  ASSERT_EQ((*image)->levels.size(), 2U);
  EXPECT_EQ((*image)->channels[0].label, "DAPI");
  EXPECT_EQ((*image)->axes[1].unit, "micrometer");
  EXPECT_EQ((*image)->levels[1].scale, (std::vector<double>{1, 1, 1}));
  const ZarrArray& fine = *(*image)->levels[0].array;
  const ZarrArray& coarse = *(*image)->levels[1].array;
  // Cells of 8 × 6: a field, a gap of at least 1/32, and whole voxels at both levels.
  EXPECT_TRUE(std::ranges::equal(fine.shape(), Position{1, 8 + 6, 2 * 6 + 4}));
  EXPECT_TRUE(std::ranges::equal(coarse.shape(), Position{1, 4 + 3, 2 * 3 + 2}));
  EXPECT_EQ(region(fine, {0, 0, 0}, {1, 6, 4}), counting<U16>(24, 100));
  EXPECT_EQ(region(fine, {0, 8, 12}, {1, 6, 4}), counting<U16>(24, 300));
  EXPECT_EQ(region(fine, {0, 6, 0}, {1, 2, 16}), std::vector<U16>(32, 7));  // the gap
  EXPECT_EQ(region(fine, {0, 0, 6}, {1, 6, 10}), std::vector<U16>(60, 7));  // cells without a well
  EXPECT_EQ(region(coarse, {0, 4, 6}, {1, 3, 2}), counting<U16>(6, 300));
}

TEST(Plate, AnotherFieldAWellOrAnImageIsChosenByFragment) {
  const auto store = small_plate();
  const auto grid = open_image(store, "p", "p", {.field = 1});
  ASSERT_TRUE(grid) << grid.error().message;
  EXPECT_EQ(region(*(*grid)->levels[0].array, {0, 8, 12}, {1, 1, 4}), counting<U16>(4, 400));
  const auto well = open_image(store, "p", "p", {.path = "B/3", .field = 1});
  ASSERT_TRUE(well) << well.error().message;
  EXPECT_EQ((*well)->levels[0].array->path(), "p/B/3/1/0");
  const auto field = open_image(store, "p", "p", {.path = "A/1/0"});
  ASSERT_TRUE(field) << field.error().message;
  EXPECT_EQ((*field)->levels[0].array->path(), "p/A/1/0/0");
  EXPECT_EQ(error_of(open_image(store, "p", "p", {.field = 2})).code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(open_image(store, "p", "p", {.path = "B/3", .field = 2})).code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(open_image(store, "p", "p", {.path = "C/9"})).code, ErrorCode::NotFound);
}

TEST(Plate, WellsThatAreNotThereAreFillAndOthersAreChecked) {
  const auto store = small_plate();
  for (const char* key : {"p/A/1/.zattrs", "p/A/1/0/.zattrs", "p/A/1/0/0/.zarray"}) store->erase(key);
  const auto image = open_image(store, "p", "p");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(region(*(*image)->levels[0].array, {0, 0, 0}, {1, 6, 4}), std::vector<U16>(24, 7));
  EXPECT_EQ(region(*(*image)->levels[0].array, {0, 8, 12}, {1, 6, 4}), counting<U16>(24, 300));
  const auto other = small_plate();
  other->put("p/B/3/0/0/.zarray", V2{.shape = "[1,6,4]", .chunks = "[1,4,4]"}.text());
  const auto mixed = open_image(other, "p", "p");
  ASSERT_TRUE(mixed) << mixed.error().message;
  const Error error = error_of(read_region(*(*mixed)->levels[0].array, Position{0, 8, 12}, Position{1, 6, 4}));
  EXPECT_NE(error.message.find("p/B/3/0/0: uint8"), std::string::npos) << error.message;
}

Node node_of(std::string_view attributes) {
  Node node;
  node.kind = Node::Kind::Group;
  node.zarr_format = 2;
  node.attributes = *parse_json(attributes);
  node.where = "p/.zattrs";
  return node;
}

TEST(Plate, PositionsComeFromPathsWhereTheyAreNotWritten) {
  const auto plate =
      parse_plate(node_of(R"({"plate":{"rows":[{"name":"A"},{"name":"B"}],"columns":[{"name":1},{"name":2}],
    "wells":[{"path":"B/1"},{"path":"B/1"},{"path":"C/1"},{"path":"../x"},{},{"path":"A/2","rowIndex":5,"columnIndex":0}]}})"));
  ASSERT_TRUE(plate) << plate.error().message;
  ASSERT_EQ(plate->wells.size(), 1U);
  EXPECT_EQ(plate->wells[0].row, 1);
  EXPECT_EQ(plate->wells[0].column, 0);
  EXPECT_EQ(plate->warnings.size(), 5U);
  const auto bare = parse_plate(node_of(R"({"plate":{"wells":[{"path":"A/10"},{"path":"A/9"}]}})"));
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_EQ(bare->columns, (std::vector<std::string>{"9", "10"}));
}

TEST(Plate, HostileMetadataIsRefused) {
  EXPECT_EQ(error_of(parse_plate(node_of(R"({"plate":7})"))).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(parse_plate(node_of(R"({"plate":{"wells":[]}})"))).code, ErrorCode::Invalid);
  std::string names;
  for (int i = 0; i < 1000; ++i) names += fmt::format("{}{{\"name\":\"{}\"}}", i ? "," : "", i);
  EXPECT_EQ(error_of(parse_plate(node_of(fmt::format(
                         R"({{"plate":{{"rows":[{0}],"columns":[{0}],"wells":[{{"path":"1/1"}}]}}}})", names))))
                .code,
            ErrorCode::Limit);
}

TEST(Series, IsChosenByPosition) {
  auto store = std::make_shared<MemoryStore>();
  store->put(".zattrs", R"({"bioformats2raw.layout":3})");
  store->put("OME/.zattrs", R"({"series":["b","a"]})");
  for (const char* image : {"a", "b"}) {
    store->put(std::string(image) + "/.zattrs", R"({"multiscales":[{"version":"0.4","datasets":[{"path":"0"}]}]})");
    store->put(std::string(image) + "/0/.zarray", V2{.shape = "[4,4]", .chunks = "[4,4]"}.text());
  }
  EXPECT_EQ((*open_image(store, "", "s"))->levels[0].array->path(), "b/0");
  EXPECT_EQ((*open_image(store, "", "s", {.series = 1}))->levels[0].array->path(), "a/0");
  EXPECT_EQ(error_of(open_image(store, "", "s", {.series = 2})).code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(open_image(store, "", "s", {.series = INT64_MAX})).code, ErrorCode::NotFound);
}

TEST(Multiscales, AreChosenByNameOrPosition) {
  auto store = std::make_shared<MemoryStore>();
  store->put(".zattrs", R"({"multiscales":[{"version":"0.4","name":"one","datasets":[{"path":"0"}]},
    {"version":"0.4","name":"two","datasets":[{"path":"1"}]},{"version":"0.4","name":"0","datasets":[{"path":"2"}]}]})");
  for (const char* level : {"0", "1", "2"}) {
    store->put(std::string(level) + "/.zarray", V2{.shape = "[4,4]", .chunks = "[4,4]"}.text());
  }
  const auto path_of = [&](const char* which) {
    return (*open_image(store, "", "m", {.multiscale = which}))->levels[0].array->path();
  };
  EXPECT_EQ(path_of(""), "0");
  EXPECT_EQ(path_of("two"), "1");
  EXPECT_EQ(path_of("1"), "1");
  EXPECT_EQ(path_of("0"), "2");  // a name before a position
  const Error error = error_of(open_image(store, "", "m", {.multiscale = "three"}));
  EXPECT_EQ(error.message, R"(.zattrs: no multiscale "three"; there are "one", "two", "0")");
}

TEST(Labels, AreListedAndKnowTheirImage) {
  auto store = std::make_shared<MemoryStore>();
  store->put("i/.zattrs", R"({"multiscales":[{"version":"0.4","datasets":[{"path":"0"}]}]})");
  store->put("i/0/.zarray", V2{.shape = "[4,4]", .chunks = "[4,4]"}.text());
  store->put("i/labels/.zattrs", R"({"labels":["cells","../../etc",7,"nuclei/"]})");
  store->put("i/labels/cells/.zattrs", R"({"multiscales":[{"version":"0.4","datasets":[{"path":"0"}]}],
    "image-label":{"version":"0.4","source":{"image":"../../"},
    "colors":[{"label-value":4,"rgba":[0,0,0,0]},{"label-value":1,"rgba":[255,128,0,255]},{"label-value":1,"rgba":[1,1,1,1]},
              {"label-value":18446744073709551615,"rgba":[9,8,7]},{"label-value":2,"rgba":[256,0,0,0]},{"rgba":[1,1,1,1]}],
    "properties":[{"label-value":1,"area":12.5,"class":"a"},{"label-value":3}]}})");
  store->put("i/labels/cells/0/.zarray", V2{.shape = "[4,4]", .chunks = "[4,4]"}.text());
  const auto image = open_image(store, "i", "i");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->labels, (std::vector<std::string>{"i/labels/cells", "i/labels/nuclei"}));
  EXPECT_FALSE((*image)->is_label);
  const auto label = open_image(store, "i", "i", {.path = "labels/cells"});
  ASSERT_TRUE(label) << label.error().message;
  ASSERT_TRUE((*label)->is_label);
  const LabelInfo& info = *(*label)->label;
  EXPECT_EQ(info.source, "i");
  ASSERT_EQ(info.colors.size(), 3U);
  EXPECT_EQ(info.colors[0].value, -1);  // 2^64 - 1
  EXPECT_EQ(info.colors[1].rgba, (std::array<U8, 4>{255, 128, 0, 255}));
  ASSERT_EQ(info.properties.size(), 2U);
  EXPECT_EQ(info.properties[0].members.find("class")->string(), "a");
  EXPECT_EQ(
      std::ranges::count_if((*label)->warnings, [](const auto& w) { return w.find("colors[") != std::string::npos; }),
      3);
  // Opened by itself it cannot say where its image is.
  const auto alone = open_image(store, "i/labels/cells", "c");
  EXPECT_EQ((*alone)->label->source, "i");
}

}  // namespace
}  // namespace ndcast::image
