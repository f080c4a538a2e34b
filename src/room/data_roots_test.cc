#include "room/data_roots.h"

#include <fstream>

#include <gtest/gtest.h>

#include "room/pinned_directory.h"
#include "room/tickets.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

class DataRootsTest : public ::testing::Test {
 protected:
  DataRootsTest() : base_(fs::temp_directory_path() / fs::path("ndcast-roots-XXXXXX")) {
    std::string pattern = base_.string();
    base_ = ::mkdtemp(pattern.data());
    fs::create_directories(base_ / "open" / "image.zarr" / "s0");
    fs::create_directories(base_ / "closed");
    write("open/image.zarr/.zattrs",
          R"({"multiscales":[{"version":"0.4","axes":[{"name":"y","type":"space"},{"name":"x","type":"space"}],
                                        "datasets":[{"path":"s0","coordinateTransformations":[{"type":"scale","scale":[1,1]}]}]}]})");
    write("open/image.zarr/.zgroup", R"({"zarr_format":2})");
    write(
        "open/image.zarr/s0/.zarray",
        R"({"zarr_format":2,"shape":[4,4],"chunks":[4,4],"dtype":"|u1","compressor":null,"fill_value":0,"order":"C","filters":null})");
    write("open/B.txt", "b");
    write("open/a.zarr.zip", "z");
    write("open/.hidden", "h");
    write("closed/secret", "s");
    fs::create_symlink(base_ / "closed", base_ / "open" / "way-out");
    fs::create_symlink("nowhere", base_ / "open" / "dangling");
  }
  ~DataRootsTest() override { fs::remove_all(base_); }
  void write(const char* name, const std::string& text) { std::ofstream(base_ / name) << text; }
  std::string path(const char* name) const { return (base_ / name).string(); }

  fs::path base_;
};

TEST_F(DataRootsTest, PathsStayInside) {
  const DataRoots roots({base_ / "open", base_ / "no-such-root"});
  EXPECT_EQ(roots.roots().size(), 1U);
  EXPECT_TRUE(roots.resolve("image.zarr")) << "relative to the first root";
  EXPECT_TRUE(roots.resolve(path("open/image.zarr")));
  EXPECT_TRUE(roots.resolve("file://" + path("open/image.zarr")));
  for (const std::string& outside :
       {path("closed"), std::string("../closed"), std::string("image.zarr/../../closed"), std::string("/etc/passwd"),
        std::string("way-out"), std::string("way-out/secret")}) {
    const auto resolved = roots.resolve(outside);
    ASSERT_FALSE(resolved) << outside;
    EXPECT_EQ(resolved.error().code, ErrorCode::Forbidden) << outside << ": " << resolved.error().message;
  }
  EXPECT_EQ(roots.resolve(std::string("a\0b", 3)).error().code, ErrorCode::Invalid);
  EXPECT_EQ(roots.resolve(std::string(5000, 'a')).error().code, ErrorCode::Invalid);
  EXPECT_FALSE(roots.resolve("no-such-file"));
  EXPECT_EQ(DataRoots({}).resolve("/").error().code, ErrorCode::Forbidden);
}

TEST_F(DataRootsTest, ListsWhatAPickerNeeds) {
  const DataRoots roots({base_ / "open"});
  const auto page = roots.list({.only = {".zip"}});
  ASSERT_TRUE(page) << page.error().message;
  std::vector<std::string> names;
  for (const auto& entry : page->entries) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a.zarr.zip", "image.zarr"}))
      << "by lower-cased name; nothing is told of what lies outside";
  ASSERT_TRUE(page->entries[1].zarr);
  EXPECT_TRUE(page->entries[1].zarr->is_dataset);
  EXPECT_TRUE(page->entries[1].zarr->has_multiscales);
  EXPECT_EQ(page->entries[1].path, path("open/image.zarr"));
  EXPECT_EQ(roots.list({.show_hidden = true})->entries.size(), 4U);
  EXPECT_EQ(roots.list({.path = "B.txt"}).error().code, ErrorCode::NotFound);
  EXPECT_EQ(roots.list({.path = "way-out"}).error().code, ErrorCode::Forbidden);
  EXPECT_EQ(roots.list({.cursor = "x"}).error().code, ErrorCode::Invalid);
}

TEST_F(DataRootsTest, ALinkInTheWayOfAPinnedDirectoryIsNotFollowed) {
  const fs::path root = fs::canonical(base_ / "open");
  EXPECT_TRUE(PinnedDirectory::open(root, root));
  const auto pinned = PinnedDirectory::open(root, root / "image.zarr");
  ASSERT_TRUE(pinned) << pinned.error().message;
  // Somebody with a right to the folder swaps it for a link after it was checked.
  fs::rename(root / "image.zarr", root / "moved.zarr");
  fs::create_directory_symlink(base_ / "closed", root / "image.zarr");
  EXPECT_TRUE(fs::exists(pinned->path() / ".zgroup"));
  EXPECT_FALSE(fs::exists(pinned->path() / "secret"));
  EXPECT_EQ(PinnedDirectory::open(root, root / "image.zarr").error().code, ErrorCode::Forbidden);
  EXPECT_EQ(PinnedDirectory::open(root, root / "B.txt").error().code, ErrorCode::NotFound);
}

TEST_F(DataRootsTest, LongDirectoriesComeInPages) {
  fs::create_directory(base_ / "many");
  for (int i = 0; i < 1005; ++i) write(("many/f" + std::to_string(10000 + i)).c_str(), "");
  const DataRoots roots({base_ / "many"});
  const auto first = roots.list({});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->entries.size(), limits::kDirectoryEntries);
  const auto second = roots.list({.cursor = first->next_cursor});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->entries.size(), 5U);
  EXPECT_EQ(second->entries.front().name, "f11000");
  EXPECT_EQ(second->next_cursor, "");
}

TEST(Tickets, AreGoodOnceAndForAWhile) {
  FakeClock clock;
  Tickets tickets(clock);
  const std::string ticket = tickets.mint({{"s1"}, scene::kMainView});
  EXPECT_FALSE(tickets.redeem("guess"));
  EXPECT_EQ(tickets.redeem(ticket)->session.value, "s1");
  EXPECT_FALSE(tickets.redeem(ticket)) << "used";
  const std::string late = tickets.mint({{"s1"}, scene::kMainView});
  clock.advance(limits::kPixelTicketLifetime);
  EXPECT_FALSE(tickets.redeem(late));
  const std::string dropped = tickets.mint({{"s2"}, scene::kMainView});
  tickets.drop_session({"s2"});
  EXPECT_FALSE(tickets.redeem(dropped));
}

}  // namespace
}  // namespace ndcast::room
