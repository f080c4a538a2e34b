// What only zip archives have; store_test.cc has what they share with other stores.

#include "image/zip_store.h"

#include "image/zip_directory.h"
#include "image/zip_test_util.h"

namespace ndcast::image {
namespace {

using testing::error_of;
using testing::ZipWriter;

/// A store that counts, over the memory that holds the archive.
class CountingStore final : public Store {
 public:
  MemoryStore memory;
  mutable int reads = 0;
  mutable std::uint64_t bytes = 0;

  Result<std::optional<Bytes>> get(std::string_view key, ByteRange range) const override {
    return memory.get(key, range);
  }
  Result<std::optional<std::uint64_t>> size(std::string_view key) const override { return memory.size(key); }
  Result<std::optional<StoredBytes>> read(std::string_view key, ByteRange range,
                                          const std::stop_token& stop) const override {
    auto out = memory.read(key, range, stop);
    ++reads;
    if (out && *out) bytes += (*out)->bytes.size();
    return out;
  }
  Result<std::optional<ObjectInfo>> stat(std::string_view key) const override { return memory.stat(key); }
  std::string describe() const override { return "counting"; }
};

struct Archive {
  std::shared_ptr<CountingStore> below = std::make_shared<CountingStore>();
  Result<std::shared_ptr<const ZipStore>> store = fail(ErrorCode::NotFound, "not opened");

  explicit Archive(const std::string& bytes) {
    below->memory.put("a.zip", std::string_view(bytes));
    store = ZipStore::open(below, "a.zip");
  }
  std::string text(std::string_view key, ByteRange range = {}) const {
    const auto got = (*store)->get(key, range);
    if (!got) return "error: " + got.error().message;
    if (!*got) return "missing";
    return {reinterpret_cast<const char*>((*got)->data()), (*got)->size()};
  }
};

std::string noise(std::size_t bytes) {
  std::string out(bytes, '\0');
  std::uint32_t state = 1;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
  return out;
}

TEST(ZipStore, ReadsEveryShapeOfArchive) {
  for (const bool zip64 : {false, true}) {
    for (const bool deflate : {false, true}) {
      for (const char* before : {"", "#!/bin/sh\nsomething before the archive\n"}) {
        for (const char* comment : {"", "a comment with PK\5\6 in it, and then some more of it: 0123456789"}) {
          SCOPED_TRACE(fmt::format("zip64 {}, deflate {}, {} before, {} comment", zip64, deflate, before, comment));
          ZipWriter writer(before);
          writer.add("x/", "");
          writer.add("x/y", "0123456789", {.deflate = deflate, .zip64 = zip64});
          writer.add("z", noise(3000), {.deflate = deflate, .zip64 = zip64});
          const Archive archive(writer.finish(zip64, comment));
          ASSERT_TRUE(archive.store) << archive.store.error().message;
          EXPECT_EQ(archive.text("x/y"), "0123456789");
          EXPECT_EQ(archive.text("x/y", ByteRange::slice(2, 3)), "234");
          EXPECT_EQ(archive.text("z"), noise(3000));
          EXPECT_EQ(archive.text("z", ByteRange::suffix(20)), noise(3000).substr(2980));
          EXPECT_EQ(archive.text("x"), "missing");
        }
      }
    }
  }
}

TEST(ZipStore, CostsOnlyWhatIsAskedFor) {
  ZipWriter writer;
  writer.add("first", noise(300'000));
  writer.add("second", noise(300'000));
  writer.add("small", "0123456789");
  const Archive archive(writer.finish());
  ASSERT_TRUE(archive.store);
  EXPECT_LE(archive.below->reads, 2);
  EXPECT_LE(archive.below->bytes, 80'000U);
  archive.below->reads = 0;
  archive.below->bytes = 0;
  EXPECT_EQ(archive.text("small"), "0123456789");
  EXPECT_EQ(archive.below->reads, 1) << "header and bytes together";
  EXPECT_EQ(archive.text("second", ByteRange::slice(200'000, 10)).size(), 10U);
  EXPECT_EQ(archive.text("second", ByteRange::slice(100'000, 10)).size(), 10U);
  EXPECT_EQ(archive.below->reads, 4) << "the header once, then each range";
  EXPECT_LE(archive.below->bytes, 1000U);
}

TEST(ZipStore, TheLastOfOneNameCounts) {
  ZipWriter writer;
  writer.add("a", "old");
  writer.add("b", "other");
  writer.add("a", "new");
  const Archive archive(writer.finish());
  ASSERT_TRUE(archive.store);
  EXPECT_EQ(archive.text("a"), "new");
}

TEST(ZipStore, ListsWithoutDoubles) {
  ZipWriter writer;
  for (const char* name : {"a-b", "a/", "a/c/d", "a/c/e", "a/f", "a0", "../up", "/abs", "b"}) writer.add(name, "x");
  const Archive archive(writer.finish());
  ASSERT_TRUE(archive.store);
  std::string names;
  const auto root = (*archive.store)->list("");
  for (const StoreEntry& entry : *root) names += entry.name + (entry.is_directory ? "/ " : " ");
  EXPECT_EQ(names, "a/ a-b a0 b ");
  EXPECT_EQ((*archive.store)->list("a")->size(), 2U);
  EXPECT_EQ(error_of((*archive.store)->list("../up")).code, ErrorCode::Invalid);
}

TEST(ZipStore, RefusesWhatItCannotRead) {
  ZipWriter writer;
  writer.add("bzip2", "x", {.method = 12});
  writer.add("secret", "x", {.flags = 1});
  writer.add("damaged", "x", {.crc = 7});
  const Archive archive(writer.finish());
  ASSERT_TRUE(archive.store);
  EXPECT_EQ(archive.text("bzip2"),
            "error: counting/a.zip: \"bzip2\" is compressed with method 12; expected stored or deflated");
  EXPECT_EQ(archive.text("secret"), "error: counting/a.zip: \"secret\" is encrypted");
  EXPECT_EQ(archive.text("damaged"),
            "error: counting/a.zip: \"damaged\": its CRC is 8cdc1683, the archive says 00000007");
}

TEST(ZipStore, RefusesWhatIsNoArchive) {
  EXPECT_EQ(error_of(Archive("").store).code, ErrorCode::Corrupt);
  EXPECT_EQ(error_of(Archive(noise(100)).store).code, ErrorCode::Corrupt);
  ZipWriter writer;
  writer.add("a", noise(500));
  const std::string whole = writer.finish();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(error_of(Archive(whole.substr(0, cut)).store).code, ErrorCode::Corrupt) << cut;
  }
  EXPECT_EQ(error_of(ZipStore::open(std::make_shared<MemoryStore>(), "none.zip")).code, ErrorCode::NotFound);
}

/// Many names for one deflated kernel: Fifield's bomb unpacks to 281 TB.
TEST(ZipStore, RefusesOverlappingEntries) {
  ZipWriter writer;
  writer.add("a", noise(100));
  writer.add("b", noise(100));
  std::string bytes = writer.finish();
  // b's place in the directory becomes a's.
  const std::size_t entry_b = bytes.rfind("PK\1\2");
  for (std::size_t i = 0; i < 4; ++i) bytes[entry_b + 42 + i] = 0;
  const Error error = error_of(Archive(bytes).store);
  EXPECT_EQ(error.code, ErrorCode::Corrupt);
  EXPECT_NE(error.message.find("reaches into"), std::string::npos) << error.message;
}

TEST(ZipStore, RefusesSizesThatNoCompressionReaches) {
  ZipWriter writer;
  writer.add("bomb", std::string(10, 'x'), {.deflate = true});
  std::string bytes = writer.finish();
  const std::size_t entry = bytes.rfind("PK\1\2");
  bytes[entry + 24 + 3] = 0x7f;  // 2 GiB
  const Error error = error_of(Archive(bytes).store);
  EXPECT_EQ(error.code, ErrorCode::Corrupt);
  EXPECT_NE(error.message.find("become"), std::string::npos) << error.message;
}

TEST(ZipStore, AnArchiveThatIsReplacedIsReadAnew) {
  ZipWriter before;
  before.add("pad", noise(1000));
  before.add("a", "before, and long");
  const Archive archive(before.finish());
  ASSERT_TRUE(archive.store);
  EXPECT_EQ(archive.text("a", ByteRange::slice(0, 6)), "before");
  const auto version = (*archive.store)->stat("a");
  ZipWriter after;
  after.add("a", "after");
  archive.below->memory.put("a.zip", std::string_view(after.finish()));
  EXPECT_EQ(archive.text("a"), "after");
  EXPECT_NE((*(*archive.store)->stat("a"))->version, (*version)->version);
  EXPECT_EQ(archive.text("pad"), "missing");
}

}  // namespace
}  // namespace ndcast::image
