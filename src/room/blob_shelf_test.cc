#include "room/blob_shelf.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

class BlobShelfTest : public ::testing::Test {
 protected:
  BlobShelfTest() { fs::create_directories(parent_); }
  ~BlobShelfTest() override { fs::remove_all(parent_); }

  std::string put(BlobShelf& shelf, std::size_t bytes, const char* room = "main", const char* type = "text/plain") {
    const auto file = shelf.make_place(".bin");
    EXPECT_TRUE(file);
    std::ofstream(*file) << std::string(bytes, 'x');
    const auto id = shelf.keep(*file, {.room = room, .content_type = type, .name = "a.bin"});
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or("");
  }
  std::vector<fs::path> folders() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(parent_)) out.push_back(entry.path());
    return out;
  }

  const fs::path parent_ = fs::temp_directory_path() / ("ndcast-shelf-test-" + std::to_string(::getpid()));
  FakeClock clock_;
  BlobShelf shelf_{
      clock_,
      parent_,
      {.bytes_each = 100, .bytes = 250, .count = 4, .bytes_in_memory = 150, .lifetime = std::chrono::minutes(5)}};
};

TEST_F(BlobShelfTest, WP43_AResultIsFoundByItsNameInItsRoomUntilItIsOld) {
  const std::string id = put(shelf_, 10);
  EXPECT_EQ(id.size(), 32U);
  const auto found = shelf_.find(id, "main");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, 10U);
  EXPECT_EQ(found->label.content_type, "text/plain");
  EXPECT_TRUE(fs::exists(found->file));
  EXPECT_FALSE(shelf_.find(id, "lab")) << "another room's token does not open it";
  EXPECT_FALSE(shelf_.find("", "main"));
  clock_.advance(std::chrono::minutes(5));
  EXPECT_FALSE(shelf_.find(id, "main"));
  EXPECT_FALSE(fs::exists(found->file));
  const fs::path older = shelf_.find(put(shelf_, 10), "main")->file;
  clock_.advance(std::chrono::minutes(5));
  put(shelf_, 10);
  EXPECT_FALSE(fs::exists(older)) << "though nobody asked for one";
}

TEST_F(BlobShelfTest, WP43_ARoomsNewOnesTakeThePlaceOfItsOwnFirst) {
  const std::string movie = put(shelf_, 90, "lab", "video/mp4");
  const std::string picture = put(shelf_, 10, "lab", "image/png");
  const std::string own = put(shelf_, 100, "main", "image/png");
  put(shelf_, 60, "main", "image/png");
  EXPECT_FALSE(shelf_.find(own, "main")) << "not the oldest, but the room's own";
  EXPECT_TRUE(shelf_.find(movie, "lab"));
  put(shelf_, 100, "main", "video/mp4");
  EXPECT_TRUE(shelf_.find(movie, "lab"));
  EXPECT_TRUE(shelf_.find(picture, "lab")) << "the place of the room's own was enough";
  put(shelf_, 60, "other", "image/png");
  EXPECT_FALSE(shelf_.find(picture, "lab"));
  EXPECT_TRUE(shelf_.find(movie, "lab")) << "a picture pushes out pictures of other rooms, not their movies";
}

TEST_F(BlobShelfTest, WP43_APictureTakesNoOtherRoomsMoviesPlaceAndAMovieDoes) {
  const std::string movie = put(shelf_, 100, "lab", "video/mp4");
  const std::string second = put(shelf_, 100, "lab", "video/mp4");
  const auto file = shelf_.make_place(".png");
  std::ofstream(*file) << std::string(60, 'x');
  const auto refused = shelf_.keep(*file, {.room = "main", .content_type = "image/png", .name = "a.png"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Limit);
  EXPECT_TRUE(shelf_.find(movie, "lab"));
  EXPECT_TRUE(shelf_.find(put(shelf_, 60, "main", "video/mp4"), "main"));
  EXPECT_FALSE(shelf_.find(movie, "lab"));
  EXPECT_TRUE(shelf_.find(second, "lab"));
}

TEST_F(BlobShelfTest, WP43_WhoeverFetchesOneAtTheSameTimeSharesACopyAndMemoryIsBounded) {
  const auto blob = shelf_.find(put(shelf_, 90), "main");
  const auto other = shelf_.find(put(shelf_, 80), "main");
  auto first = shelf_.read(*blob);
  ASSERT_TRUE(first);
  EXPECT_EQ(**first, std::string(90, 'x'));
  auto second = shelf_.read(*blob);
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(shelf_.read(*other).error().code, ErrorCode::Limit) << "170 of 150 bytes";
  *first = nullptr;
  EXPECT_FALSE(shelf_.read(*other));
  *second = nullptr;
  EXPECT_EQ((*shelf_.read(*other))->size(), 80U);
  fs::remove(other->file);
  EXPECT_EQ(shelf_.read(*other).error().code, ErrorCode::NotFound);
}

TEST_F(BlobShelfTest, WP43_NewerOnesTakeThePlaceOfOlderOnes) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(put(shelf_, 100));
  const auto kept = [&] {
    return std::ranges::count_if(ids, [&](const std::string& id) { return shelf_.find(id, "main").has_value(); });
  };
  EXPECT_EQ(kept(), 2) << "250 bytes together";
  EXPECT_FALSE(shelf_.find(ids.front(), "main"));
  for (int i = 0; i < 6; ++i) ids.push_back(put(shelf_, 1));
  EXPECT_EQ(kept(), 4) << "four at most";
  EXPECT_TRUE(shelf_.find(ids.back(), "main"));
}

TEST_F(BlobShelfTest, WP43_WhatIsTooLargeIsSaid) {
  const auto file = shelf_.make_place(".mp4");
  std::ofstream(*file) << std::string(101, 'x');
  const auto kept = shelf_.keep(*file, {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::Invalid) << "another try is too large too";
  EXPECT_EQ(shelf_.keep(parent_ / "nothing", {}).error().code, ErrorCode::Io);
}

TEST_F(BlobShelfTest, WP43_TheFolderIsPrivateAndGoesWithTheProcess) {
  {
    BlobShelf other(clock_, parent_);
    put(other, 5);
    ASSERT_EQ(folders().size(), 1U);
    EXPECT_EQ(fs::status(folders().front()).permissions(), fs::perms::owner_all);
    put(shelf_, 5);
    EXPECT_EQ(folders().size(), 2U) << "one that is in use is nobody else's to remove";
  }
  EXPECT_EQ(folders().size(), 1U);
  // As a killed process leaves it: nobody holds the lock.
  const fs::path left = parent_ / "ndcast-blobs-killed";
  fs::create_directories(left);
  std::ofstream(left / "lock") << "";
  std::ofstream(left / "0.mp4") << "frames";
  const BlobShelf next(clock_, parent_);
  EXPECT_FALSE(fs::exists(left)) << "before the first movie";
  BlobShelf nowhere(clock_, parent_ / "missing");
  EXPECT_EQ(nowhere.make_place(".png").error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace ndcast::room
