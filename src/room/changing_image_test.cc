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

std::int64_t planes(const LoopbackRoom& house) { return house.room->snapshot()->axes->axes.at(0).size; }

TEST(ChangingImage, GrowsUnderWhoeverLooks) {
  const WrittenImage image;
  image.write_planes(4, 100);
  LoopbackRoom house;
  ASSERT_TRUE(house.open(image.uri()));
  LoopbackClient ada(house, "ada");
  ada.join();
  ada.update("dims", "z", "index", 1);
  EXPECT_EQ(planes(house), 4);
  house.room->look_for_changes();

  image.write_planes(9, 100);
  ada.wait("the longer axis", [&] {
    house.room->look_for_changes();
    return planes(house) == 9;
  });
  EXPECT_EQ(house.room->snapshot()->find_view(scene::kMainView)->index->value.at(0), 1) << "where ada looks";
  const std::uint64_t version = ada.update("dims", "z", "index", 8);
  ada.wait("a plane that was not there", [&] { return ada.shown().server_seq >= version && ada.shown().complete; });
}

TEST(ChangingImage, RewrittenVoxelsAreReadAnew) {
  const WrittenImage image;
  image.write_planes(4, 10);
  LoopbackRoom house;
  ASSERT_TRUE(house.open(image.uri()));
  LoopbackClient ada(house, "ada");
  ada.join();
  const std::uint64_t before = house.loader->counters().chunks_loaded;
  const std::uint64_t seq = house.room->snapshot()->server_seq;
  image.write_planes(4, 20);
  ada.wait("other voxels", [&] {
    house.room->look_for_changes();
    return house.loader->counters().chunks_loaded > before;
  });
  EXPECT_EQ(planes(house), 4);
  EXPECT_GE(house.room->snapshot()->server_seq, seq);
}

TEST(ChangingImage, WhatCannotBeReadYetStays) {
  const WrittenImage image;
  image.write_planes(4, 10);
  LoopbackRoom house;
  ASSERT_TRUE(house.open(image.uri()));
  LoopbackClient ada(house, "ada");
  ada.join();
  image.write("zarr.json", R"({"zarr_format":3,"node_)");
  for (int i = 0; i < 20; ++i) {
    house.room->look_for_changes();
    ada.pump();
  }
  EXPECT_EQ(planes(house), 4);
  image.write_planes(5, 10);
  ada.wait("the whole of it", [&] {
    house.room->look_for_changes();
    return planes(house) == 5;
  });
}

TEST(ChangingImage, OneThatShrankIsASceneOfItsOwn) {
  const WrittenImage image;
  image.write_planes(6, 10);
  LoopbackRoom house;
  ASSERT_TRUE(house.open(image.uri()));
  LoopbackClient ada(house, "ada");
  ada.join();
  ada.update("dims", "z", "index", 5);
  image.write_planes(2, 10);
  ada.wait("the shorter axis", [&] {
    house.room->look_for_changes();
    return planes(house) == 2;
  });
  EXPECT_LT(house.room->snapshot()->find_view(scene::kMainView)->index->value.at(0), 2);
}

}  // namespace
}  // namespace ndcast::room
