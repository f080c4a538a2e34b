#include "image/info.h"

#include <filesystem>
#include <fstream>

#include "image/codec.h"
#include "image/discover.h"
#include "image/image.h"
#include "image/testing.h"
#include "image/uri.h"

namespace ndcast::image {
namespace {

using namespace testing;

std::shared_ptr<MemoryStore> small_hierarchy() {
  auto store = std::make_shared<MemoryStore>();
  store->put(".zattrs",
             R"({"multiscales":[{"version":"0.4","axes":[{"name":"y","type":"space","unit":"meter"},{"name":"x"}],
    "datasets":[{"path":"s/0","coordinateTransformations":[{"type":"scale","scale":[2,3]},
    {"type":"translation","translation":[4,5]}]}]}]})");
  store->put("s/0/.zarray", V2{.shape = "[2,2]", .chunks = "[1,2]", .dtype = R"("<f4")", .fill = "\"NaN\""}.text());
  store->put("labels/cells/.zarray",
             V2{.shape = "[1]", .chunks = "[1]", .dtype = R"("<u8")", .fill = "18446744073709551615"}.text());
  store->put("bad/.zarray", V2{.compressor = R"({"id":"zfpy"})"}.text());
  store->put("text/notes.txt", std::string_view("hello"));
  return store;
}

const Json& entry(const Json& info, std::size_t index) { return info.find("arrays")->array().at(index); }

TEST(Info, ListsEveryArrayBelow) {
  const auto info = info_json(small_hierarchy(), "", false);
  ASSERT_TRUE(info) << info.error().message;
  ASSERT_EQ(info->find("arrays")->size(), 3U);
  EXPECT_EQ(to_string(entry(*info, 0)),
            fmt::format(R"({{"path":"bad","error":"bad/.zarray: \"compressor\": this build has no codec \"zfpy\"; )"
                        R"(it has {}"}})",
                        known_codecs(2)));
  EXPECT_EQ(to_string(entry(*info, 1)),
            R"({"path":"labels/cells","shape":[1],"dtype":"uint64","chunks":[1],"codecs":[],)"
            R"("fill_value":"18446744073709551615","zarr_format":2})");
  EXPECT_EQ(to_string(entry(*info, 2)),
            R"({"path":"s/0","shape":[2,2],"dtype":"float32","chunks":[1,2],"codecs":[],"fill_value":"NaN",)"
            R"("zarr_format":2,"axes":[{"name":"y","type":"space","unit":"meter"},{"name":"x","type":"space"}],)"
            R"("scale":[2.0,3.0],"translation":[4.0,5.0]})");
}

TEST(Info, StatisticsSayWhatJsonCannot) {
  const auto info = info_json(small_hierarchy(), "", true);
  ASSERT_TRUE(info);
  EXPECT_EQ(entry(*info, 1).find("max")->string(), "18446744073709551615");
  EXPECT_TRUE(entry(*info, 2).find("mean")->is_null());
  EXPECT_EQ(entry(*info, 2).find("nan")->as_int64(), 4);
}

TEST(Info, ARootArrayIsSlash) {
  const auto info = info_json(small_hierarchy(), "s/0", false);
  ASSERT_TRUE(info);
  EXPECT_EQ(entry(*info, 0).find("path")->string(), "/");
}

TEST(Info, ChunksThatDoNotDecodeAreTheArraysError) {
  const auto store = std::make_shared<MemoryStore>();
  store->put("a/zarr.json", V3{}.text());
  store->put("a/c/0", Bytes(1, std::byte{}));
  const auto info = info_json(store, "", true);
  ASSERT_TRUE(info);
  EXPECT_EQ(to_string(entry(*info, 0)), R"({"path":"a","error":"a/c/0: a chunk of 1 bytes, expected 2"})");
}

TEST(Info, MissingPathIsNotFound) {
  EXPECT_EQ(error_of(info_json("/no/such/place")).code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(info_json("s3://bucket/a.zarr")).code, ErrorCode::Unsupported);
}

TEST(LocalPath, TakesPathsAndFileUris) {
  EXPECT_EQ(*local_path("/data/a b.zarr"), "/data/a b.zarr");
  EXPECT_EQ(*local_path("relative%20/x"), "relative%20/x");
  EXPECT_EQ(*local_path("file:///data/a%20b%C3%A9.zarr"), "/data/a b\xc3\xa9.zarr");
  EXPECT_EQ(*local_path("file://localhost/data"), "/data");
  EXPECT_EQ(error_of(local_path("file://elsewhere/data")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(local_path("file:///a%2")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(local_path("file:///a%00b")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(local_path("")).code, ErrorCode::Invalid);
  EXPECT_NE(error_of(local_path("https://x/y")).message.find("\"https\""), std::string::npos);
}

/// A directory of two images, one of them three levels down, and a file.
class Discover : public ::testing::Test {
 protected:
  Discover() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ndcast_discover_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~Discover() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  void write(const std::string& key, const std::string& text) const {
    std::filesystem::create_directories((root_ / key).parent_path());
    std::ofstream(root_ / key) << text;
  }
  void write_image(const std::string& key) const {
    write(key + "/.zattrs", R"({"multiscales":[{"datasets":[{"path":"0"}]}]})");
    write(key + "/0/.zarray", V2{.shape = "[4,4]", .chunks = "[2,2]"}.text());
  }
  std::vector<std::string> found(const std::string& below = "") const {
    const auto discovery = find_images((root_ / below).string());
    EXPECT_TRUE(discovery) << discovery.error().message;
    std::vector<std::string> out;
    for (const std::string& option : discovery->options) {
      out.push_back(std::filesystem::path(option).lexically_relative(std::filesystem::canonical(root_)).string());
    }
    return out;
  }

  std::filesystem::path root_;
};

TEST_F(Discover, ItselfOneOrSeveral) {
  write_image("b.zarr");
  EXPECT_EQ(found("b.zarr"), std::vector<std::string>{"b.zarr"});
  EXPECT_EQ(found(), std::vector<std::string>{"b.zarr"});
  write_image("a/deep.zarr");
  write_image("a/too/deep.zarr");
  write_image(".hidden");
  write("notes.txt", "x");
  write("broken/zarr.json", "{");
  EXPECT_EQ(found(), (std::vector<std::string>{"a/deep.zarr", "b.zarr"}));
  EXPECT_EQ(found("broken/.."), found());
}

TEST_F(Discover, APlateIsOnePicture) {
  write("p/.zattrs", R"({"plate":{"wells":[{"path":"A/1"},{"path":"../../etc"}]}})");
  write("p/A/1/.zattrs", R"({"well":{"images":[{"path":"0"},{"path":"1"}]}})");
  EXPECT_EQ(found("p"), (std::vector<std::string>{"p"}));
  EXPECT_EQ(found("p/A/1"), (std::vector<std::string>{"p/A/1/0", "p/A/1/1"}));
  EXPECT_EQ(found("p#A/1&field=1"), (std::vector<std::string>{"p#A/1&field=1"}));
}

TEST_F(Discover, NamesMayHoldANumberSign) {
  write_image("a#1/b.zarr");
  const std::string place = (root_ / "a#1/b.zarr").string();
  ASSERT_TRUE(open_image(place)) << open_image(place).error().message;
  const auto level = open_image(place + "#0");
  ASSERT_TRUE(level) << level.error().message;
  EXPECT_EQ((*level)->ngff_minor, 0);
  EXPECT_EQ(error_of(open_image(place + "#nothing/here")).code, ErrorCode::NotFound);
  EXPECT_EQ(to_string(*info_json(place + "#0")->find("arrays")->array()[0].find("path")), "\"/\"");
}

TEST_F(Discover, StopsAtItsLimit) {
  for (int i = 0; i < 40; ++i) write_image(fmt::format("{:02}", i));
  const auto discovery = find_images(root_.string());
  ASSERT_TRUE(discovery);
  EXPECT_EQ(discovery->options.size(), kDiscoveryOptions);
  EXPECT_TRUE(discovery->truncated);
}

TEST_F(Discover, StaysInTheJail) {
  write_image("in/a.zarr");
  write_image("out/b.zarr");
  EXPECT_EQ(error_of(find_images((root_ / "out").string(), Jail{root_ / "in"})).code, ErrorCode::Forbidden);
  EXPECT_EQ(error_of(open_image((root_ / "out/b.zarr").string(), Jail{root_ / "in"})).code, ErrorCode::Forbidden);
  std::filesystem::create_directory_symlink(root_ / "out", root_ / "in/door");
  const auto discovery = find_images((root_ / "in").string(), Jail{root_ / "in"});
  ASSERT_TRUE(discovery) << discovery.error().message;
  EXPECT_EQ(discovery->options.size(), 1U);
}

}  // namespace
}  // namespace ndcast::image
