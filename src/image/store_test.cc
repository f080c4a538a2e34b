// One battery over every store, then what only files have.

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "image/open_store.h"
#include "image/remote/http_test_util.h"
#include "image/zip_store.h"
#include "image/zip_test_util.h"

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

/// Every store holding the same three objects.
struct Stores {
  TemporaryFolder folder;
  TemporaryFolder archives;
  testing::ObjectHandler objects;
  testing::TestServer server{objects};
  std::vector<std::shared_ptr<const Store>> all;

  Stores() {
    auto memory = std::make_shared<MemoryStore>();
    testing::ZipWriter plain;
    testing::ZipWriter packed;
    for (const auto& [key, text] : {std::pair{"a/b", "0123456789"}, {"a/empty", ""}, {"top", "x"}}) {
      memory->put(key, std::string_view(text));
      folder.write(key, text);
      plain.add(key, text);
      objects.put(std::string("/image/") + key, text);
      packed.add(key, text, {.deflate = true, .zip64 = true});
    }
    all.push_back(std::move(memory));
    all.push_back(*FileStore::open(folder.path()));
    all.push_back(testing::http_store(server.url("/image")));
    objects.put("/packed.zip", packed.finish(true));
    all.push_back(*ZipStore::open(testing::http_store(server.url()), "packed.zip"));
    archives.write("plain.zarr.zip", plain.finish());
    archives.write("packed.ozx", packed.finish(true));
    for (const char* name : {"plain.zarr.zip", "packed.ozx"}) {
      all.push_back(open_store((archives.path() / name).string())->store);
    }
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
    if (store->describe().starts_with("http") && !store->describe().ends_with(".zip")) {
      EXPECT_EQ(testing::error_of(root).code, ErrorCode::Unsupported);
      continue;
    }
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

TEST(EveryStore, ReadsTellTheGeneration) {
  const Stores stores;
  for (const auto& store : stores.all) {
    SCOPED_TRACE(store->describe());
    const auto one = store->read("a/b", ByteRange::slice(0, 4), {});
    const auto two = store->read("a/b", ByteRange::suffix(4), {});
    const auto info = store->stat("a/b");
    ASSERT_TRUE(one && *one && two && *two && info && *info);
    EXPECT_FALSE((*one)->version.empty());
    EXPECT_EQ((*one)->version, (*two)->version);
    EXPECT_EQ((*info)->version, (*two)->version);
    EXPECT_EQ((*info)->size, 10U);
    EXPECT_EQ(*store->stat("none"), std::nullopt);
    EXPECT_EQ(*store->read("none", {}, {}), std::nullopt);
  }
}

TEST(FileStore, ARewrittenFileIsAnotherGeneration) {
  const TemporaryFolder folder;
  folder.write("a", "0123456789");
  const auto store = *FileStore::open(folder.path());
  const Version first = (*store->stat("a"))->version;
  folder.write("a", "0123456789");  // the same bytes, in place
  const Version second = (*store->stat("a"))->version;
  EXPECT_NE(first, second);
  folder.write("b", "0123456789");
  std::filesystem::rename(folder.path() / "b", folder.path() / "a");
  EXPECT_NE((*store->stat("a"))->version, second);
}

TEST(OpenStore, FindsArchivesInPaths) {
  const TemporaryFolder folder;
  testing::ZipWriter writer;
  writer.add("in/side/top", "x");
  folder.write("a.ZIP", writer.finish());
  folder.write("folder.zip/top", "y");
  folder.write("text.txt", "z");
  const auto in_archive = open_store((folder.path() / "a.ZIP/in/side").string());
  ASSERT_TRUE(in_archive) << in_archive.error().message;
  EXPECT_EQ(in_archive->key, "in/side");
  EXPECT_EQ(text_of(in_archive->store->get("in/side/top")), "x");
  EXPECT_EQ(in_archive->store->uri_of("in/side"),
            (std::filesystem::canonical(folder.path()) / "a.ZIP/in/side").string());
  const auto plain_folder = open_store((folder.path() / "folder.zip").string());
  ASSERT_TRUE(plain_folder);
  EXPECT_EQ(text_of(plain_folder->store->get("top")), "y");
  EXPECT_EQ(testing::error_of(open_store((folder.path() / "text.txt").string())).code, ErrorCode::NotFound);
  EXPECT_EQ(testing::error_of(open_store((folder.path() / "a.ZIP/../../x").string())).code, ErrorCode::Invalid);
  const TemporaryFolder elsewhere;
  EXPECT_EQ(testing::error_of(open_store((folder.path() / "a.ZIP").string(), Jail{elsewhere.path()})).code,
            ErrorCode::Forbidden);
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
