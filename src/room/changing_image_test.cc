// An image that is written while people look at it: noticed, told, read anew.

#include <fstream>

#include <gtest/gtest.h>

#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

/// A folder with a plain array, 8 × 8 planes of one byte, which grows along z and is rewritten.
class WrittenImage {
 public:
  WrittenImage() {
    std::string pattern = (fs::temp_directory_path() / "ndcast-changing-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~WrittenImage() { fs::remove_all(path_); }
  WrittenImage(const WrittenImage&) = delete;
  WrittenImage& operator=(const WrittenImage&) = delete;

  std::string uri() const { return path_.string(); }
  void write_planes(int count, int value) const {
    for (int z = 0; z < count; ++z) write(fmt::format("c/{}/0/0", z), std::string(64, static_cast<char>(value + z)));
    write("zarr.json",
          fmt::format(R"({{"zarr_format":3,"node_type":"array","shape":[{},8,8],"data_type":"uint8","fill_value":0,)"
                      R"("chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":[1,8,8]}}}},)"
                      R"("chunk_key_encoding":{{"name":"default"}},"codecs":["bytes"],)"
                      R"("dimension_names":["z","y","x"]}})",
                      count));
  }
  /// Whole or not at all, as careful writers do.
  void write(const std::string& key, std::string_view text) const {
    fs::create_directories((path_ / key).parent_path());
    std::ofstream(path_ / "part") << text;
    fs::rename(path_ / "part", path_ / key);
  }

 private:
  fs::path path_;
};

class ChangingImage : public ::testing::Test {
 protected:
  /// Planes of `value` and above, with ada looking at them.
  void open(int planes, int value) {
    image_.write_planes(planes, value);
    ASSERT_TRUE(house_.open(image_.uri()));
    ada_.emplace(house_, "ada");
    ada_->join();
  }
  std::int64_t planes() const { return house_.room->snapshot()->axes->axes.at(0).size; }
  std::int64_t index() const { return house_.room->snapshot()->find_view(scene::kMainView)->index->value.at(0); }
  void look_until(std::string_view what, const std::function<bool()>& condition) {
    ada_->wait(what, [&] {
      house_.room->look_for_changes();
      return condition();
    });
  }

  const WrittenImage image_;
  LoopbackRoom house_;
  std::optional<LoopbackClient> ada_;
};

TEST_F(ChangingImage, GrowsUnderWhoeverLooks) {
  open(4, 100);
  ada_->update("dims", "z", "index", 1);
  EXPECT_EQ(planes(), 4);
  image_.write_planes(9, 100);
  look_until("the longer axis", [&] { return planes() == 9; });
  EXPECT_EQ(index(), 1) << "where ada looks";
  const std::uint64_t version = ada_->update("dims", "z", "index", 8);
  ada_->wait("a plane that was not there",
             [&] { return ada_->shown().server_seq >= version && ada_->shown().complete; });
}

TEST_F(ChangingImage, RewrittenVoxelsAreReadAnew) {
  open(4, 10);
  const std::string layer = house_.room->snapshot()->layers.front()->id.value;
  const auto least = [&] {
    const Json counts = ada_->call("nd.histogram", Json::make_object({{"layer", layer}}));
    return *counts.find("result")->find("min")->as_double();
  };
  EXPECT_EQ(least(), 10);
  image_.write_planes(4, 20);
  look_until("other voxels", [&] { return least() == 20; });
  EXPECT_EQ(planes(), 4);
}

TEST_F(ChangingImage, WhatCannotBeReadYetStays) {
  open(4, 10);
  image_.write_planes(6, 10);
  image_.write("zarr.json", R"({"zarr_format":3,"node_)");
  // Long enough for many looks, each of which is served before the next.
  const MonotonicTime end = house_.clock.now() + std::chrono::milliseconds(300);
  look_until("looks at half a file", [&] { return house_.clock.now() >= end; });
  EXPECT_EQ(planes(), 4);
  image_.write_planes(5, 10);
  look_until("the whole of it", [&] { return planes() == 5; });
}

TEST_F(ChangingImage, OneThatShrankIsASceneOfItsOwn) {
  open(6, 10);
  ada_->update("dims", "z", "index", 5);
  image_.write_planes(2, 10);
  look_until("the shorter axis", [&] { return planes() == 2; });
  EXPECT_LT(index(), 2);
}

}  // namespace
}  // namespace ndcast::room
