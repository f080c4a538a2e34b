// Images with one thing wrong each, and the suites of the OME-NGFF specification.

#include "image/validate.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "image/node.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;

/// A good image: OME-Zarr 0.4 of [2, 8, 8] and [2, 4, 4] u8 with a label image.
std::shared_ptr<MemoryStore> good_image() {
  auto store = std::make_shared<MemoryStore>();
  const std::string axes = R"([{"name":"c","type":"channel"},{"name":"y","type":"space","unit":"micrometer"},
    {"name":"x","type":"space","unit":"micrometer"}])";
  const std::string datasets = R"([{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,0.5,0.5]}]},
    {"path":"1","coordinateTransformations":[{"type":"scale","scale":[1,1,1]},
    {"type":"translation","translation":[0,0.25,0.25]}]}])";
  store->put(".zgroup", std::string_view(R"({"zarr_format":2})"));
  store->put(".zattrs", fmt::format(R"({{"multiscales":[{{"version":"0.4","name":"good","axes":{},"datasets":{}}}],
    "omero":{{"channels":[{{"color":"FF0000","window":{{"start":0,"end":9,"min":0,"max":255}}}},
    {{"color":"00FF00","window":{{"start":0,"end":9,"min":0,"max":255}}}}]}}}})",
                                    axes, datasets));
  store->put("labels/.zgroup", std::string_view(R"({"zarr_format":2})"));
  store->put("labels/.zattrs", std::string_view(R"({"labels":["cells"]})"));
  store->put("labels/cells/.zgroup", std::string_view(R"({"zarr_format":2})"));
  store->put("labels/cells/.zattrs", fmt::format(R"({{"multiscales":[{{"version":"0.4","name":"cells","axes":{},
    "datasets":[{{"path":"0","coordinateTransformations":[{{"type":"scale","scale":[1,0.5,0.5]}}]}}]}}],
    "image-label":{{"version":"0.4","colors":[{{"label-value":1,"rgba":[1,2,3,255]}}]}}}})",
                                                 axes));
  const std::string nested = R"(,"dimension_separator":"/")";
  store->put("0/.zarray", V2{.shape = "[2,8,8]", .chunks = "[1,8,8]", .more = nested}.text());
  store->put("1/.zarray", V2{.shape = "[2,4,4]", .chunks = "[1,4,4]", .more = nested}.text());
  store->put("labels/cells/0/.zarray", V2{.shape = "[1,8,8]", .chunks = "[1,8,8]", .more = nested}.text());
  store->put("0/0/0/0", Bytes(64, std::byte{}));
  store->put("0/1/0/0", Bytes(64, std::byte{}));
  store->put("1/0/0/0", Bytes(16, std::byte{}));
  store->put("labels/cells/0/0/0/0", Bytes(64, std::byte{}));
  return store;
}

std::vector<std::string> sentences(const Validation& found) {
  std::vector<std::string> out;
  for (const Finding& finding : found.findings) {
    out.push_back((finding.severity == Finding::Severity::Error ? "error: " : "warning: ") + sentence(finding));
  }
  return out;
}

Validation found_in(const std::shared_ptr<MemoryStore>& store) {
  const auto found = validate(store, "");
  EXPECT_TRUE(found) << found.error().message;
  return found ? *found : Validation{};
}

TEST(Validate, AGoodImageHasNothingToTell) {
  const Validation found = found_in(good_image());
  EXPECT_EQ(sentences(found), std::vector<std::string>{});
  EXPECT_EQ(found.groups, 3U);
  EXPECT_EQ(found.arrays, 3U);
  EXPECT_EQ(found.chunks, 5U);
  EXPECT_EQ(to_string(validation_json(found)),
            R"({"valid":true,"errors":[],"warnings":[],"checked":{"groups":3,"arrays":3,"chunks":5}})");
}

/// One change, and the sentence that it brings about.
struct Fault {
  std::string key;
  std::string from;  ///< part of the document there; empty: the object is replaced
  std::string to;    ///< "(gone)" erases the object
  std::string expected;
};

void replace(MemoryStore& store, const Fault& fault) {
  if (fault.to == "(gone)") return store.erase(fault.key);
  if (fault.from.empty()) return store.put(fault.key, std::string_view(fault.to));
  const auto bytes = store.get(fault.key);
  ASSERT_TRUE(bytes && *bytes) << fault.key;
  std::string text(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size());
  const std::size_t at = text.find(fault.from);
  ASSERT_NE(at, std::string::npos) << fault.from;
  store.put(fault.key, std::string_view(text.replace(at, fault.from.size(), fault.to)));
}

TEST(Validate, EachFaultHasItsSentence) {
  const Fault faults[] = {
      {".zgroup", "", "(gone)", R"(warning: .zattrs: no ".zgroup" (zarr v2, groups))"},
      {"1/.zarray", "", "(gone)",
       R"(error: .zattrs: multiscales[0].datasets[1].path: no array at "1" (OME-NGFF 0.4, multiscales metadata))"},
      {"1/.zarray", "[2,4,4]", "[2,9,4]",
       R"(error: .zattrs: multiscales[0].datasets[1].path: [2, 9, 4] after [2, 8, 8]; levels have to be listed from the largest to the smallest (OME-NGFF 0.4, multiscales metadata))"},
      {"1/.zarray", "[2,4,4]", "[4,4]", "axes, \"shape\" [4,4] has 2"},
      {"1/.zarray", "\"|u1\"", "\"<U4\"", R"(type "<U4" (text) is not numeric (zarr))"},
      {"1/.zarray", "\"dimension_separator\":\"/\"", "\"dimension_separator\":\".\"",
       R"(warning: .zattrs: 1/.zarray: "dimension_separator" is ".", but chunks are stored with "/"; read as "/" (zarr v2))"},
      {"1/0/0/0", "", "short",
       R"(error: 1/.zarray: chunk [0, 0, 0]: 1/0/0/0: a chunk of 5 bytes, expected 16 (zarr v2))"},
      {".zattrs", "\"version\":\"0.4\"", "\"version\":\"0.7\"",
       R"(error: .zattrs: multiscales[0]: "version" is "0.7"; expected "0.4" in zarr v2 (OME-NGFF 0.4, version))"},
      {".zattrs", "micrometer", "micron",
       R"(warning: .zattrs: multiscales[0].axes[1].unit: "micron" is no UDUNITS-2 name of a unit of space, as "micrometer" is (OME-NGFF 0.4, axes metadata))"},
      {".zattrs", R"({"name":"c","type":"channel"})", R"({"name":"t","type":"time"},{"name":"c","type":"channel"})",
       R"(multiscales[0].datasets[0].path: "0" has 3 axes, "axes" has 4)"},
      {".zattrs", R"({"name":"c","type":"channel"},)", R"({"name":"q"},{"name":"c","type":"channel"},)",
       "2 axes that are neither time nor space; expected at most one"},
      {".zattrs", R"({"name":"c","type":"channel"})", R"({"name":"x","type":"channel"})",
       R"(error: .zattrs: multiscales[0].axes[2].name: a second axis "x" (OME-NGFF 0.4, axes metadata))"},
      {".zattrs", "[1,1,1]", "[1,3,1]", "axis 1 is scaled by 6, but has 4 of 8 voxels, a factor of 2"},
      {".zattrs", "[1,1,1]", "[1,1,1,1]",
       R"(error: .zattrs: multiscales[0].datasets[1].coordinateTransformations[0].scale: 4 numbers for 3 axes (OME-NGFF 0.4, coordinateTransformations metadata))"},
      {".zattrs", "\"type\":\"translation\"", "\"type\":\"affine\"", "expected \"type\" scale or translation"},
      {".zattrs", R"("color":"FF0000")", R"("color":"red")",
       R"(error: .zattrs: omero.channels[0]: "color" is "red"; expected 6 hexadecimal digits (OME-NGFF 0.4, omero metadata))"},
      {"0/.zarray", "[2,8,8]", "[3,8,8]", "omero.channels: 2 channels, the image has 3"},
      {"labels/.zattrs", "cells", "gone", R"(error: labels/.zattrs: labels[0]: nothing at "labels/gone")"},
      {"labels/cells/0/.zarray", "\"|u1\"", "\"<f4\"", "has voxels of float32; a label image has integers"},
      {"labels/cells/0/.zarray", "[1,8,8]", "[1,8,7]", "has 7 voxels along axis 2, the image 8"},
      {"labels/cells/.zattrs", "[1,2,3,255]", "[1,2,3]",
       R"(error: labels/cells/.zattrs: image-label.colors[0].rgba: [1,2,3]; expected 4 integers from 0 to 255 (OME-NGFF 0.4, labels metadata))"},
      {".zattrs", "", "{", "error: zarr: .zattrs: not JSON"},
  };
  for (const Fault& fault : faults) {
    const auto store = good_image();
    replace(*store, fault);
    const auto found = validate(store, "");
    const std::vector<std::string> told =
        found ? sentences(*found) : std::vector<std::string>{"error: zarr: " + found.error().message};
    EXPECT_TRUE(std::ranges::any_of(told, [&](const auto& s) { return s.find(fault.expected) != std::string::npos; }))
        << fault.key << " " << fault.to << ", expected: " << fault.expected
        << "\n told: " << fmt::format("{}", fmt::join(told, "\n"));
  }
}

TEST(Validate, Version05WantsItsNamesAndItsFormat) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", std::string_view(R"({"zarr_format":3,"node_type":"group","attributes":{"ome":{"multiscales":[
    {"name":"n","axes":[{"name":"y","type":"space","unit":"meter"},{"name":"x","type":"space","unit":"meter"}],
    "datasets":[{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,1]}]}]}]}}})"));
  store->put("0/zarr.json", V3{.shape = "[4,4]", .chunks = "[4,4]", .more = R"(,"dimension_names":["x","y"])"}.text());
  store->put("0/c/0/0", Bytes(16, std::byte{}));
  EXPECT_EQ(
      sentences(found_in(store)),
      (std::vector<std::string>{
          R"(error: zarr.json: ome: no "version"; expected "0.5" (OME-NGFF 0.5, version))",
          R"(error: zarr.json: 0/zarr.json: "dimension_names" are [x, y], the axes [y, x] (OME-NGFF 0.5, multiscales metadata))"}));
}

TEST(Validate, PlatesAreWalked) {
  const auto store = std::make_shared<MemoryStore>();
  store->put(".zgroup", std::string_view("{}"));
  store->put(".zattrs", std::string_view(R"({"plate":{"version":"0.4","rows":[{"name":"A"}],"columns":[{"name":"1"}],
    "wells":[{"path":"A/1","rowIndex":0,"columnIndex":0},{"path":"A/2","rowIndex":0,"columnIndex":0}]}})"));
  store->put("A/1/.zgroup", std::string_view("{}"));
  store->put("A/1/.zattrs", std::string_view(R"({"well":{"version":"0.4","images":[{"path":"0"}]}})"));
  EXPECT_EQ(
      sentences(found_in(store)),
      (std::vector<std::string>{
          R"(warning: .zattrs: plate.wells[1].columnIndex: 0 is "1", but the path says "2" (OME-NGFF 0.4, plate metadata))",
          R"(error: A/1/.zattrs: well.images "0": nothing at "A/1/0"; expected zarr.json, .zgroup or .zarray (zarr))"}));
}

std::optional<std::filesystem::path> data_folder() {
  const char* folder = std::getenv("NDCAST_TEST_DATA");
  if (folder && *folder) return folder;
  return std::nullopt;
}

Json read_document(const std::filesystem::path& path) {
  const auto store = FileStore::open(path.parent_path());
  EXPECT_TRUE(store) << path;
  auto document = read_json(**store, path.filename().string());
  EXPECT_TRUE(document && *document) << path;
  return **std::move(document);
}

/// Each document of the specification's suites is valid or not, as the suite says.
TEST(ValidateExpected, TheSpecificationsSuitesAgree) {
  if (!data_folder()) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  std::size_t agree = 0;
  for (const int minor : {4, 5}) {
    for (const char* topic : {"image", "label", "plate"}) {
      const auto path = *data_folder() / fmt::format("core/invalid/ngff-spec-0.{}-suites/{}_suite.json", minor, topic);
      const Json suite = read_document(path);
      for (const Json& test : suite.find("tests")->array()) {
        const Validation found = validate_attributes(*test.find("data"), minor == 5 ? 3 : 2, "");
        const bool expected = test.find("valid")->boolean();
        EXPECT_EQ(found.errors() == 0, expected) << path << " " << to_string(*test.find("formerly")) << "\n"
                                                 << fmt::format("{}", fmt::join(sentences(found), "\n"));
        ++agree;
      }
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             *data_folder() / fmt::format("core/invalid/ngff-spec-0.{}-examples", minor))) {
      // One of them has comments, which JSON does not know.
      if (entry.path().filename() == "multiscales_example.json") continue;
      if (!entry.is_regular_file() || entry.path().filename().string().starts_with('.')) continue;
      const auto found = validate(entry.path().string());
      ASSERT_TRUE(found) << entry.path();
      EXPECT_EQ(found->errors(), 0U) << entry.path() << "\n" << fmt::format("{}", fmt::join(sentences(*found), "\n"));
      ++agree;
    }
  }
  std::cout << agree << " documents of the OME-NGFF specification agree\n";
}

/// 0.6 is newer than what is read: refused by version, never more.
TEST(ValidateExpected, ANewerVersionIsRefusedByName) {
  if (!data_folder()) GTEST_SKIP() << "NDCAST_TEST_DATA is not set";
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(*data_folder() / "core/invalid/ngff-spec-0.6rc")) {
    if (entry.path().filename() != "zarr.json") continue;
    const auto found = validate(entry.path().parent_path().string());
    ASSERT_TRUE(found) << entry.path() << found.error().message;
    EXPECT_GT(found->errors(), 0U) << entry.path();
    if (found->findings[0].message.find("not JSON") != std::string::npos) continue;
    const Json document = read_document(entry.path());
    const Json* attributes = document.find("attributes");
    const Json* ome = attributes ? attributes->find("ome") : nullptr;
    const Json* version = ome ? ome->find("version") : nullptr;
    if (!version || version->as_string() == "0.5") continue;
    EXPECT_TRUE(std::ranges::any_of(found->findings, [](const Finding& finding) {
      return finding.message.find("expected \"0.5\" in zarr v3") != std::string::npos;
    })) << entry.path();
  }
}

}  // namespace
}  // namespace ndcast::image
