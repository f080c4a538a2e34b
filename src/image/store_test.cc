// One battery over every store, then what only files have.

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "image/file_store.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

/// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ndcast_store_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& key, std::string_view text) const {
    std::filesystem::create_directories((path_ / key).parent_path());
    std::ofstream(path_ / key) << text;
  }

 private:
  std::filesystem::path path_;
};

/// Both stores holding the same three objects.
struct Stores {
  TemporaryFolder folder;
  std::vector<std::shared_ptr<const Store>> all;

  Stores() {
    auto memory = std::make_shared<MemoryStore>();
    for (const auto& [key, text] : {std::pair{"a/b", "0123456789"}, {"a/empty", ""}, {"top", "x"}}) {
      memory->put(key, std::string_view(text));
      folder.write(key, text);
    }
    all.push_back(std::move(memory));
    all.push_back(*FileStore::open(folder.path()));
  }
};

std::string text_of(const Result<std::optional<Bytes>>& got) {
  if (!got) return "error: " + got.error().message;
  if (!*got) return "missing";
  return {reinterpret_cast<const char*>((*got)->data()), (*got)->size()};
}

TEST(EveryStore, ReadsWholesAndRanges) {
  const Stores stores;
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    EXPECT_EQ(text_of(store->get("a/b")), "0123456789");
    EXPECT_EQ(text_of(store->get("a/b", ByteRange::slice(2, 3))), "234");
    EXPECT_EQ(text_of(store->get("a/b", ByteRange::slice(10, 0))), "");
    EXPECT_EQ(text_of(store->get("a/b", ByteRange::suffix(4))), "6789");
    EXPECT_EQ(text_of(store->get("a/empty")), "");
    EXPECT_EQ(*store->size("a/b"), 10U);
  }
}

TEST(EveryStore, MissingIsNoError) {
  const Stores stores;
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    for (const char* key : {"none", "a/none", "a/b/below", "a"}) {
      EXPECT_EQ(text_of(store->get(key)), "missing") << key;
      EXPECT_EQ(*store->size(key), std::nullopt) << key;
    }
  }
}

TEST(EveryStore, RefusesRangesOutside) {
  const Stores stores;
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    EXPECT_EQ(testing::error_of(store->get("a/b", ByteRange::slice(8, 3))).code, ErrorCode::Corrupt);
    EXPECT_EQ(testing::error_of(store->get("a/b", ByteRange::slice(UINT64_MAX, 2))).code, ErrorCode::Corrupt);
    EXPECT_EQ(testing::error_of(store->get("a/b", ByteRange::slice(2, UINT64_MAX))).code, ErrorCode::Corrupt);
    EXPECT_EQ(testing::error_of(store->get("a/b", ByteRange::suffix(11))).code, ErrorCode::Corrupt);
    EXPECT_EQ(testing::error_of(store->get("a/b", ByteRange::whole(9))).code, ErrorCode::Limit);
  }
}

TEST(EveryStore, NoKeyLeavesTheStore) {
  const Stores stores;
  const std::string with_nul("a\0b", 3);
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    for (const std::string& key :
         {std::string("../a/b"), std::string("a/../b"), std::string("/etc/passwd"), std::string("a//b"),
          std::string("a/."), std::string(""), std::string("a\\b"), with_nul}) {
      EXPECT_EQ(testing::error_of(store->get(key)).code, ErrorCode::Invalid) << key;
      EXPECT_EQ(testing::error_of(store->size(key)).code, ErrorCode::Invalid) << key;
    }
  }
}

TEST(EveryStore, ListsChildren) {
  const Stores stores;
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    const auto root = store->list("");
    ASSERT_TRUE(root);
    ASSERT_EQ(root->size(), 2U);
    EXPECT_EQ((*root)[0].name, "a");
    EXPECT_TRUE((*root)[0].is_directory);
    EXPECT_EQ((*root)[1].name, "top");
    EXPECT_FALSE((*root)[1].is_directory);
    EXPECT_EQ(store->list("a")->size(), 2U);
    EXPECT_EQ(store->list("a", 1)->size(), 1U);
  }
}

TEST(FileStore, RefusesSymbolicLinksOutOfTheJail) {
  const TemporaryFolder inside;
  const TemporaryFolder outside;
  inside.write("image/ok", "yes");
  outside.write("secret", "no");
  std::filesystem::create_symlink(outside.path() / "secret", inside.path() / "image/leak");
  std::filesystem::create_directory_symlink(outside.path(), inside.path() / "image/door");
  std::filesystem::create_symlink("ok", inside.path() / "image/alias");
  const auto store = FileStore::open(inside.path() / "image", {inside.path()});
  ASSERT_TRUE(store);
  EXPECT_EQ(text_of((*store)->get("ok")), "yes");
  EXPECT_EQ(text_of((*store)->get("alias")), "yes");
  EXPECT_EQ(testing::error_of((*store)->get("leak")).code, ErrorCode::Forbidden);
  EXPECT_EQ(testing::error_of((*store)->size("door/secret")).code, ErrorCode::Forbidden);
  EXPECT_EQ(testing::error_of((*store)->list("door")).code, ErrorCode::Forbidden);
  EXPECT_EQ(testing::error_of(FileStore::open(outside.path(), {inside.path()})).code, ErrorCode::Forbidden);
  EXPECT_EQ(testing::error_of(FileStore::open(inside.path() / "image/door", {inside.path()})).code,
            ErrorCode::Forbidden);
  EXPECT_EQ(text_of((*FileStore::open(inside.path() / "image"))->get("leak")), "no");
}

TEST(FileStore, TellsNothingAboutPathsOutsideTheJail) {
  const TemporaryFolder inside;
  const Error there = testing::error_of(confine("/usr", {inside.path()}));
  const Error not_there = testing::error_of(confine("/no/such/place", {inside.path()}));
  EXPECT_EQ(there.code, ErrorCode::Forbidden);
  EXPECT_EQ(not_there.code, ErrorCode::Forbidden);
  EXPECT_EQ(testing::error_of(confine(inside.path() / "none", {inside.path()})).code, ErrorCode::NotFound);
  // A name that only begins like the root's is outside.
  EXPECT_EQ(testing::error_of(confine(inside.path().string() + "2", {inside.path()})).code, ErrorCode::Forbidden);
}

TEST(FileStore, NamedPipeDoesNotBlock) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(text_of((*FileStore::open(folder.path()))->get("pipe")), "missing");
}

}  // namespace
}  // namespace ndcast::image
