#include "image/consolidated.h"

#include "image/image.h"
#include "image/info.h"
#include "image/testing.h"
#include "image/validate.h"

namespace ndcast::image {
namespace {

using namespace testing;

/// A store that cannot list, as most of HTTP's cannot, and that counts what it is asked for.
class FarStore final : public Store {
 public:
  explicit FarStore(std::shared_ptr<const MemoryStore> store) : store_(std::move(store)) {}
  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range) const override {
    asked.emplace_back(key);
    return store_->get(key, range);
  }
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override {
    asked.emplace_back(key);
    return store_->size(key);
  }
  std::string describe() const override { return "far"; }

  mutable std::vector<std::string> asked;

 private:
  std::shared_ptr<const MemoryStore> store_;
};

const std::string kMultiscales =
    R"("multiscales":[{"axes":[{"name":"y","type":"space"},{"name":"x","type":"space"}],"version":"0.4",
    "datasets":[{"path":"0","coordinateTransformations":[{"type":"scale","scale":[1,1]}]}]}])";

std::shared_ptr<MemoryStore> consolidated_v2() {
  auto store = std::make_shared<MemoryStore>();
  const std::string array = V2{.shape = "[4,4]", .chunks = "[2,2]", .more = R"(,"dimension_separator":".")"}.text();
  store->put("a/.zmetadata", fmt::format(R"({{"zarr_consolidated_format":1,"metadata":{{".zgroup":{{"zarr_format":2}},
    ".zattrs":{{{}}},"0/.zarray":{},"../b/.zarray":{{}},"0/0.0":"x"}}}})",
                                         kMultiscales, array));
  store->put("a/0/0.0", Bytes(4, std::byte{7}));
  return store;
}

TEST(Consolidated, AFarStoreIsAskedForOneDocument) {
  const auto far = std::make_shared<FarStore>(consolidated_v2());
  const auto image = open_image(far, "a", "far");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->axes[0].name, "y");
  EXPECT_EQ(chunk_values<std::uint8_t>(*(*image)->levels[0].array, {0, 0}), std::vector<std::uint8_t>(4, 7));
  // The metadata, the folder that may hold labels, the probe of the separator, the chunk.
  EXPECT_EQ(far->asked,
            (std::vector<std::string>{"a/zarr.json", "a/.zmetadata", "a/0/0.0", "a/labels/zarr.json",
                                      "a/labels/.zarray", "a/labels/.zattrs", "a/labels/.zgroup", "a/0/0.0"}));
  const auto info = info_json(far, "a", false);
  ASSERT_TRUE(info) << info.error().message;
  ASSERT_EQ(info->find("arrays")->size(), 1U);
  EXPECT_EQ(info->find("arrays")->array()[0].find("path")->string(), "0");
}

TEST(Consolidated, V3IsInlineInTheGroup) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json",
             fmt::format(R"({{"zarr_format":3,"node_type":"group","attributes":{{"ome":{{"version":"0.5",{}}}}},
    "consolidated_metadata":{{"kind":"inline","must_understand":false,"metadata":{{"0":{},"labels":{{"zarr_format":3,
    "node_type":"group","attributes":{{}}}}}}}}}})",
                         kMultiscales, V3{.shape = "[4,4]", .chunks = "[2,2]"}.text()));
  store->put("0/c/0/0", Bytes(4, std::byte{7}));
  const auto far = std::make_shared<FarStore>(store);
  const auto image = open_image(far, "", "far");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(chunk_values<std::uint8_t>(*(*image)->levels[0].array, {0, 0}), std::vector<std::uint8_t>(4, 7));
  EXPECT_EQ(far->asked, (std::vector<std::string>{"zarr.json", "zarr.json", "0/c/0/0"}));
}

TEST(Consolidated, WhatIsStoredLeadsWhereItCanBeListed) {
  const auto store = consolidated_v2();
  store->put("a/0/.zarray", V2{.shape = "[6,6]", .chunks = "[2,2]"}.text());
  const auto image = open_image(store, "a", "near");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->levels[0].array->shape()[0], 6);
}

TEST(Consolidated, NonsenseIsLeftAlone) {
  for (const char* document : {"{", "7", R"({"metadata":7})", R"({"zarr_consolidated_format":1})"}) {
    const auto store = std::make_shared<MemoryStore>();
    store->put(".zmetadata", std::string_view(document));
    store->put(".zarray", V2{.shape = "[4,4]", .chunks = "[2,2]"}.text());
    EXPECT_TRUE(open_image(store, "", "near")) << document;
  }
}

TEST(Consolidated, ValidateTellsOfOldCopies) {
  const auto store = consolidated_v2();
  store->put("a/.zgroup", std::string_view(R"({"zarr_format":2})"));
  store->put("a/.zattrs", fmt::format("{{{}}}", kMultiscales));
  store->put("a/0/.zarray", V2{.shape = "[6,6]", .chunks = "[2,2]"}.text());
  const auto found = validate(store, "a");
  ASSERT_TRUE(found);
  std::string told;
  for (const Finding& finding : found->findings) told += sentence(finding) + "\n";
  EXPECT_NE(told.find("a/.zmetadata: 0/.zarray: differs from what is stored"), std::string::npos) << told;
  EXPECT_EQ(told.find(": .zattrs: differs"), std::string::npos) << told;
}

}  // namespace
}  // namespace ndcast::image
