#include "image/zarr_array.h"

#include <algorithm>
#include <random>

#include "image/codecs/crc32c.h"
#include "image/read_region.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using namespace testing;
using U8 = std::uint8_t;
using U16 = std::uint16_t;
using Position = std::vector<std::int64_t>;

constexpr std::string_view kIndexCodecs = R"([{"name":"bytes","configuration":{"endian":"little"}},"crc32c"])";

std::string sharded(std::string_view inner_shape, std::string_view codecs, std::string_view more = "",
                    std::string_view index_codecs = kIndexCodecs) {
  return fmt::format(R"([{{"name":"sharding_indexed","configuration":{{"chunk_shape":{},"codecs":{},)"
                     R"("index_codecs":{}{}}}}}])",
                     inner_shape, codecs, index_codecs, more);
}

/// An index of (offset, nbytes) pairs with its checksum.
Bytes index_of(const std::vector<std::uint64_t>& words) {
  Bytes out = bytes_of(words);
  append(out, bytes_of<std::uint32_t>({crc32c(out)}));
  return out;
}

std::shared_ptr<MemoryStore> store_with(std::string_view key, std::string_view text) {
  auto store = std::make_shared<MemoryStore>();
  store->put(std::string(key), text);
  return store;
}

TEST(ZarrV3, ReadsChunksAndFillsMissingOnes) {
  const auto store = store_with("a/zarr.json", V3{.shape = "[5]", .fill = "9"}.text());
  store->put("a/c/0", bytes_of<U8>({1, 2}));
  store->put("a/c/2", bytes_of<U8>({5, 77}));  // 77 lies past the array
  const auto array = opened(store, "a");
  EXPECT_EQ(array->path(), "a");
  EXPECT_EQ(array->zarr_format(), 3);
  EXPECT_EQ(array->grid_shape()[0], 3);
  EXPECT_EQ(array->fill_value(), 9);
  EXPECT_EQ(chunk_values<U8>(*array, {0}), (std::vector<U8>{1, 2}));
  EXPECT_TRUE((*array->read_chunk(Position{1}))->is_fill);
  EXPECT_TRUE((*array->read_chunk(Position{1}))->data.empty());
  EXPECT_EQ(values_of<U8>(*read_region(*array, Position{0}, Position{5})), (std::vector<U8>{1, 2, 9, 9, 5}));
  EXPECT_TRUE(*array->chunk_stored(Position{0}));
  EXPECT_FALSE(*array->chunk_stored(Position{1}));
}

TEST(ZarrV3, PositionOutsideTheGridIsInvalid) {
  const auto array = opened(store_with("zarr.json", V3{}.text()));
  for (const Position& position : {Position{2}, Position{-1}, Position{0, 0}, Position{}}) {
    EXPECT_EQ(error_of(array->read_chunk(position)).code, ErrorCode::Invalid);
  }
}

TEST(ZarrV3, KeysFollowTheEncoding) {
  const struct {
    const char* encoding;
    const char* key;
  } cases[] = {{R"({"name":"default"})", "c/0/1"},
               {R"({"name":"default","configuration":{"separator":"."}})", "c.0.1"},
               {R"({"name":"v2"})", "0.1"},
               {R"({"name":"v2","configuration":{"separator":"/"}})", "0/1"}};
  for (const auto& [encoding, key] : cases) {
    std::string text = V3{.shape = "[1,2]", .chunks = "[1,1]"}.text();
    text.replace(text.find(R"({"name":"default"})"), 18, encoding);
    const auto store = store_with("zarr.json", text);
    store->put(key, bytes_of<U8>({7}));
    EXPECT_EQ(chunk_values<U8>(*opened(store), {0, 1}), std::vector<U8>{7}) << key;
  }
}

TEST(ZarrV3, NoAxesIsOneChunk) {
  const auto store = store_with("zarr.json", V3{.shape = "[]", .chunks = "[]"}.text());
  store->put("c", bytes_of<U8>({42}));
  const auto array = opened(store);
  EXPECT_EQ(chunk_values<U8>(*array, {}), std::vector<U8>{42});
  EXPECT_EQ(values_of<U8>(*read_region(*array, Position{}, Position{})), std::vector<U8>{42});
}

TEST(ZarrV3, BigEndianAndTranspose) {
  const auto store = store_with(
      "zarr.json",
      V3{.shape = "[2,3]", .chunks = "[2,3]", .dtype = "uint16", .codecs = R"([{"name":"transpose","configuration":
         {"order":[1,0]}},{"name":"bytes","configuration":{"endian":"big"}}])"}
          .text());
  // Stored as [3, 2] in big endian: element (x, y).
  store->put("c/0/0", bytes_of<U8>({0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 1, 5}));
  EXPECT_EQ(chunk_values<U16>(*opened(store), {0, 0}), (std::vector<U16>{0, 1, 2, 3, 4, 0x105}));
}

TEST(ZarrV3, TransposeOfThreeAxesMatchesItsDefinition) {
  // B[i0, i1, i2] = A[…] with encoded axis i = decoded axis order[i]; order [2, 0, 1] turns [2, 3, 4] into [4, 2, 3].
  std::vector<U8> stored(24);
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int c = 0; c < 4; ++c) stored[c * 6 + a * 3 + b] = static_cast<U8>(a * 12 + b * 4 + c);
    }
  }
  const auto store = store_with(
      "zarr.json",
      V3{.shape = "[2,3,4]", .chunks = "[2,3,4]", .codecs = R"([{"name":"transpose","configuration":{"order":[2,0,1]}},
                                                              "bytes"])"}
          .text());
  store->put("c/0/0/0", bytes_of(stored));
  EXPECT_EQ(chunk_values<U8>(*opened(store), {0, 0, 0}), counting<U8>(24));
}

TEST(ZarrV2, ReadsFortranOrderBigEndianAndBothSeparators) {
  for (const char* separator : {".", "/"}) {
    const auto store = store_with("x/.zarray", V2{.shape = "[2,3]",
                                                  .chunks = "[2,3]",
                                                  .dtype = R"(">u2")",
                                                  .order = "F",
                                                  .more = fmt::format(R"(,"dimension_separator":"{}")", separator)}
                                                   .text());
    store->put(fmt::format("x/0{}0", separator), bytes_of<U8>({0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5}));
    const auto array = opened(store, "x");
    EXPECT_EQ(chunk_values<U16>(*array, {0, 0}), counting<U16>(6));
    EXPECT_EQ(array->zarr_format(), 2);
    EXPECT_TRUE(array->warnings().empty());
  }
}

TEST(ZarrV2, SeparatorLeftOutIsFoundOut) {
  const std::string text = V2{.shape = "[4,4]", .chunks = "[2,2]", .fill = "3"}.text();
  const auto nested = store_with(".zarray", text);
  nested->put("1/1", bytes_of<U8>({1, 2, 3, 4}));
  const auto array = opened(nested);
  EXPECT_EQ(chunk_values<U8>(*array, {1, 1}), (std::vector<U8>{1, 2, 3, 4}));
  ASSERT_EQ(array->warnings().size(), 1U);
  EXPECT_NE(array->warnings()[0].find("dimension_separator"), std::string::npos);

  // One flat chunk is enough to believe what is written; an empty array stays as it is.
  const auto flat = store_with(".zarray", text);
  flat->put("0.0", bytes_of<U8>({9, 9, 9, 9}));
  flat->put("1/1", bytes_of<U8>({1, 2, 3, 4}));
  EXPECT_TRUE((*opened(flat)->read_chunk(Position{1, 1}))->is_fill);
  EXPECT_TRUE(opened(store_with(".zarray", text))->warnings().empty());
}

TEST(ZarrV2, NullFillIsZeroAndNoAxesIsKeyZero) {
  const auto store = store_with(".zarray", V2{.shape = "[]", .chunks = "[]", .fill = "null"}.text());
  EXPECT_EQ(opened(store)->fill_value(), 0);
  store->put("0", bytes_of<U8>({42}));
  EXPECT_EQ(chunk_values<U8>(*opened(store), {}), std::vector<U8>{42});
}

TEST(ZarrV2, FiltersRunBackwards) {
  // Encoded: delta, then shuffle of 2-byte elements.
  const auto store =
      store_with(".zarray", V2{.shape = "[4]",
                               .chunks = "[4]",
                               .dtype = R"("<u2")",
                               .filters = R"([{"id":"delta","dtype":"<u2"},{"id":"shuffle","elementsize":2}])"}
                                .text());
  store->put("0", bytes_of<U8>({0x10, 1, 1, 1, 0x01, 0, 0, 0}));
  EXPECT_EQ(chunk_values<U16>(*opened(store), {0}), (std::vector<U16>{0x110, 0x111, 0x112, 0x113}));
  EXPECT_EQ(opened(store)->codec_names(), (std::vector<std::string>{"delta", "shuffle"}));
}

TEST(Chunks, OfAnotherSizeAreCorrupt) {
  const auto store = store_with("zarr.json", V3{}.text());
  for (const std::size_t size : {0U, 1U, 3U, 100U}) {
    store->put("c/1", Bytes(size, std::byte{}));
    const Error error = error_of(opened(store)->read_chunk(Position{1}));
    EXPECT_TRUE(error.code == ErrorCode::Corrupt || error.code == ErrorCode::Limit) << size;
    EXPECT_TRUE(error.message.starts_with("c/1: ")) << error.message;
  }
}

/// A 4 × 4 array in one shard of four 2 × 2 chunks: the second is not stored, the last two come in the wrong order with
/// a gap between them.
struct Shard {
  std::vector<std::uint64_t> words = {100, 4, ~0ULL, ~0ULL, 110, 4, 104, 4};
  bool at_start = false;

  std::shared_ptr<MemoryStore> store() const {
    const auto out = store_with(
        "zarr.json", V3{.shape = "[4,4]",
                        .chunks = "[4,4]",
                        .fill = "9",
                        .codecs = sharded("[2,2]", R"(["bytes"])", at_start ? R"(,"index_location":"start")" : "")}
                         .text());
    Bytes shard(100, std::byte{});
    if (at_start) std::ranges::copy(index_of(words), shard.begin());
    append(shard, bytes_of<U8>({1, 2, 3, 4, 13, 14, 15, 16, 0, 0, 9, 10, 11, 12}));
    if (!at_start) append(shard, index_of(words));
    out->put("c/0/0", shard);
    return out;
  }
};

TEST(Sharding, FindsInnerChunksThroughTheIndex) {
  for (const bool at_start : {false, true}) {
    const auto array = opened(Shard{.at_start = at_start}.store());
    EXPECT_TRUE(std::ranges::equal(array->chunk_shape(), Position{2, 2}));
    EXPECT_TRUE(std::ranges::equal(array->object_shape(), Position{4, 4}));
    EXPECT_TRUE(std::ranges::equal(array->grid_shape(), Position{2, 2}));
    EXPECT_EQ(chunk_values<U8>(*array, {0, 0}), (std::vector<U8>{1, 2, 3, 4}));
    EXPECT_TRUE((*array->read_chunk(Position{0, 1}))->is_fill);
    EXPECT_EQ(chunk_values<U8>(*array, {1, 0}), (std::vector<U8>{9, 10, 11, 12}));
    EXPECT_EQ(chunk_values<U8>(*array, {1, 1}), (std::vector<U8>{13, 14, 15, 16}));
  }
}

TEST(Sharding, ReadsTheIndexOnceAndOnlyTheChunk) {
  const auto array = opened(Shard{}.store());
  ReadCost cost;
  ASSERT_TRUE(array->read_chunk(Position{0, 0}, &cost));
  EXPECT_EQ(cost.bytes_read, 4 * 16 + 4 + 4);
  ASSERT_TRUE(array->read_chunk(Position{1, 1}, &cost));
  EXPECT_EQ(cost.bytes_read, 4 * 16 + 4 + 4 + 4);
}

/// The index is of one generation, the chunks of another: what is told is of one of them.
TEST(Sharding, AShardThatIsRewrittenIsReadAnew) {
  const auto store = Shard{}.store();
  const auto array = opened(store);
  EXPECT_EQ(chunk_values<U8>(*array, {0, 0}), (std::vector<U8>{1, 2, 3, 4}));
  // Another writer's order: what the index that is known points at is another chunk now.
  store->put("c/0/0", **Shard{.words = {104, 4, ~0ULL, ~0ULL, 100, 4, 110, 4}}.store()->get("c/0/0"));
  EXPECT_EQ(chunk_values<U8>(*array, {1, 0}), (std::vector<U8>{1, 2, 3, 4}));
  EXPECT_EQ(chunk_values<U8>(*array, {0, 0}), (std::vector<U8>{13, 14, 15, 16}));
  EXPECT_EQ(chunk_values<U8>(*array, {1, 1}), (std::vector<U8>{9, 10, 11, 12}));
  // Shorter than the index says.
  store->put("c/0/0", **Shard{.at_start = true}.store()->get("c/0/0"));
  EXPECT_EQ(error_of(array->read_chunk(Position{0, 0})).code, ErrorCode::Corrupt);
  store->erase("c/0/0");
  EXPECT_TRUE((*array->read_chunk(Position{0, 0}))->is_fill);
}

TEST(Sharding, MissingShardIsFill) {
  const auto store = Shard{}.store();
  store->erase("c/0/0");
  EXPECT_TRUE((*opened(store)->read_chunk(Position{1, 1}))->is_fill);
}

TEST(Sharding, HostileIndicesAreErrors) {
  const std::vector<std::vector<std::uint64_t>> cases = {
      {100, 1000, 0, 0, 0, 0, 0, 0},      // past the end
      {~0ULL - 1, 4, 0, 0, 0, 0, 0, 0},   // offset overflows
      {100, ~0ULL, 0, 0, 0, 0, 0, 0},     // length overflows, not quite "empty"
      {1ULL << 40, 4, 0, 0, 0, 0, 0, 0},  // far outside
      {100, 3, 0, 0, 0, 0, 0, 0},         // shorter than the chunk
      {100, 0, 0, 0, 0, 0, 0, 0}};
  for (const auto& words : cases) {
    const Error error = error_of(opened(Shard{.words = words}.store())->read_chunk(Position{0, 0}));
    EXPECT_TRUE(error.code == ErrorCode::Corrupt || error.code == ErrorCode::Limit) << error.message;
    EXPECT_TRUE(error.message.starts_with("c/0/0")) << error.message;
  }
}

TEST(Sharding, DamagedOrShortIndexIsAnError) {
  const auto store = Shard{}.store();
  Bytes shard = **store->get("c/0/0");
  shard[shard.size() - 10] ^= std::byte{1};
  store->put("c/0/0", shard);
  EXPECT_NE(error_of(opened(store)->read_chunk(Position{0, 0})).message.find("crc32c"), std::string::npos);
  shard.resize(20);
  store->put("c/0/0", shard);
  EXPECT_EQ(error_of(opened(store)->read_chunk(Position{0, 0})).code, ErrorCode::Corrupt);
}

TEST(Sharding, NestedShardsReadTheirIndicesRelativeToThemselves) {
  const auto store =
      store_with("zarr.json",
                 V3{.shape = "[4]", .chunks = "[4]", .codecs = sharded("[2]", sharded("[1]", R"(["bytes"])"))}.text());
  const auto nested = [](U8 first, U8 second) {
    Bytes out = bytes_of<U8>({second, first});
    append(out, index_of({1, 1, 0, 1}));
    return out;
  };
  Bytes shard = nested(10, 11);
  const std::uint64_t each = shard.size();
  append(shard, nested(12, 13));
  append(shard, index_of({0, each, each, each}));
  store->put("c/0", shard);
  const auto array = opened(store);
  EXPECT_EQ(array->grid_shape()[0], 4);
  EXPECT_EQ(values_of<U8>(*read_region(*array, Position{0}, Position{4})), (std::vector<U8>{10, 11, 12, 13}));
}

TEST(Sharding, TransposeOutsideTheShard) {
  // Array [4, 2], stored transposed as [2, 4] in inner chunks of [1, 4]: one inner chunk is one column.
  const std::string shard_codec = sharded("[1,4]", R"(["bytes"])");
  const auto store = store_with(
      "zarr.json", V3{.shape = "[4,2]",
                      .chunks = "[4,2]",
                      .codecs = R"([{"name":"transpose","configuration":{"order":[1,0]}},)" + shard_codec.substr(1)}
                       .text());
  Bytes shard = bytes_of<U8>({0, 2, 4, 6, 1, 3, 5, 7});
  append(shard, index_of({0, 4, 4, 4}));
  store->put("c/0/0", shard);
  const auto array = opened(store);
  EXPECT_TRUE(std::ranges::equal(array->chunk_shape(), Position{4, 1}));
  EXPECT_EQ(chunk_values<U8>(*array, {0, 1}), (std::vector<U8>{1, 3, 5, 7}));
  EXPECT_EQ(values_of<U8>(*read_region(*array, Position{0, 0}, Position{4, 2})), counting<U8>(8));
}

TEST(Sharding, CodecsAroundTheShard) {
  std::string codecs = sharded("[2]", R"(["bytes"])");
  codecs.insert(codecs.size() - 1, R"(,"crc32c")");
  const auto store = store_with("zarr.json", V3{.shape = "[4]", .chunks = "[4]", .codecs = codecs}.text());
  Bytes shard = bytes_of<U8>({3, 4, 1, 2});
  append(shard, index_of({2, 2, 0, 2}));
  append(shard, bytes_of<std::uint32_t>({crc32c(shard)}));
  store->put("c/0", shard);
  EXPECT_EQ(values_of<U8>(*read_region(*opened(store), Position{0}, Position{4})), (std::vector<U8>{1, 2, 3, 4}));
}

TEST(Sparse, TenTerabytesOpenAtOnceAndReadAsFill) {
  const auto store = store_with("zarr.json", V3{.shape = "[100000,10000,10000]",
                                                .chunks = "[1024,1024,1024]",
                                                .dtype = "uint8",
                                                .fill = "7",
                                                .codecs = sharded("[64,64,64]", R"(["bytes","zstd"])")}
                                                 .text());
  const auto array = opened(store);
  ASSERT_TRUE(array);
  const auto grid = array->grid_shape();
  EXPECT_TRUE((*array->read_chunk(Position{grid[0] - 1, grid[1] - 1, grid[2] - 1}))->is_fill);
  EXPECT_EQ(values_of<U8>(*read_region(*array, Position{99'999, 1, 2}, Position{1, 1, 3})), (std::vector<U8>{7, 7, 7}));
}

TEST(ReadRegion, EqualsTheDirectCopy) {
  const std::vector<std::int64_t> shape = {5, 7, 6};
  const auto store =
      store_with("zarr.json", V3{.shape = "[5,7,6]", .chunks = "[2,3,4]", .dtype = "uint16", .fill = "999"}.text());
  std::vector<U16> dense(5 * 7 * 6, 999);
  for (std::int64_t z = 0; z < 3; ++z) {
    for (std::int64_t y = 0; y < 3; ++y) {
      for (std::int64_t x = 0; x < 2; ++x) {
        if ((z + y + x) % 4 == 1) continue;  // some chunks are not stored
        std::vector<U16> chunk(24, 12'345);
        for (std::int64_t i = 0; i < 24; ++i) {
          const std::int64_t at[3] = {z * 2 + i / 12, y * 3 + i / 4 % 3, x * 4 + i % 4};
          if (at[0] >= 5 || at[1] >= 7 || at[2] >= 6) continue;
          const auto linear = static_cast<std::size_t>((at[0] * 7 + at[1]) * 6 + at[2]);
          chunk[static_cast<std::size_t>(i)] = dense[linear] = static_cast<U16>(linear);
        }
        store->put(fmt::format("c/{}/{}/{}", z, y, x), bytes_of(chunk));
      }
    }
  }
  const auto array = opened(store);
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    Position start(3);
    Position extent(3);
    std::vector<U16> expected;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      start[axis] = static_cast<std::int64_t>(random() % static_cast<unsigned>(shape[axis]));
      extent[axis] = static_cast<std::int64_t>(random() % static_cast<unsigned>(shape[axis] - start[axis] + 1));
    }
    for (std::int64_t z = 0; z < extent[0]; ++z) {
      for (std::int64_t y = 0; y < extent[1]; ++y) {
        for (std::int64_t x = 0; x < extent[2]; ++x) {
          expected.push_back(dense[static_cast<std::size_t>(((start[0] + z) * 7 + start[1] + y) * 6 + start[2] + x)]);
        }
      }
    }
    ASSERT_EQ(values_of<U16>(*read_region(*array, start, extent)), expected);
  }
  EXPECT_EQ(error_of(read_region(*array, Position{0, 0, 0}, Position{6, 1, 1})).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(read_region(*array, Position{0, 0, -1}, Position{1, 1, 1})).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(read_region(*array, Position{INT64_MAX, 0, 0}, Position{1, 1, 1})).code, ErrorCode::Invalid);
}

TEST(ZarrV2, AWrongSeparatorIsToldAndTheDataReadRight) {
  for (const char written : {'.', '/'}) {
    const char stored = written == '.' ? '/' : '.';
    const auto store = store_with(
        "a/.zarray",
        V2{.shape = "[40,4]", .chunks = "[2,2]", .more = fmt::format(R"(,"dimension_separator":"{}")", written)}
            .text());
    // Not one that is probed: only the folder's listing says how chunks are stored.
    store->put(fmt::format("a/3{}1", stored), bytes_of<U8>({1, 2, 3, 4}));
    const auto array = opened(store, "a");
    EXPECT_EQ(chunk_values<U8>(*array, {3, 1}), (std::vector<U8>{1, 2, 3, 4}));
    ASSERT_EQ(array->warnings().size(), 1U);
    EXPECT_EQ(
        array->warnings()[0],
        fmt::format("a/.zarray: \"dimension_separator\" is \"{}\", but chunks are stored with \"{}\"; read as \"{}\"",
                    written, stored, stored));
  }
  // Nothing stored: as written, and nothing to tell.
  const auto empty = opened(store_with("a/.zarray", V2{.shape = "[4,4]", .chunks = "[2,2]"}.text()), "a");
  EXPECT_TRUE(empty->warnings().empty());
}

TEST(ZarrV3, PackedBitsOfNumcodecs) {
  const auto store = store_with("zarr.json", V3{.shape = "[2,5]",
                                                .chunks = "[2,5]",
                                                .dtype = "bool",
                                                .fill = "false",
                                                .codecs = R"([{"name":"numcodecs.packbits"},
      "bytes",{"name":"numcodecs.adler32"}])"}
                                                 .text());
  const Bytes packed = bytes_of<U8>({6, 0b10110010, 0b01000000});
  Bytes stored = bytes_of<std::uint32_t>({0x01b9'00f9});  // zlib.adler32 of these three
  append(stored, packed);
  store->put("c/0/0", stored);
  EXPECT_EQ(chunk_values<U8>(*opened(store), {0, 0}), (std::vector<U8>{1, 0, 1, 1, 0, 0, 1, 0, 0, 1}));
}

struct Refusal {
  std::string document;
  ErrorCode code;
  std::string part;  ///< of the message
};

void expect_refused(const std::string& key, const std::vector<Refusal>& cases) {
  for (const auto& [document, code, part] : cases) {
    const Error error = error_of(open_array(store_with("x/" + key, document), "x"));
    EXPECT_EQ(error.code, code) << document << "\n" << error.message;
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message << "\nexpected: " << part;
    EXPECT_NE(error.message.find('x'), std::string::npos) << error.message;
  }
}

TEST(ZarrV3, RefusesByName) {
  expect_refused(
      "zarr.json",
      {{"{", ErrorCode::Invalid, "not JSON"},
       {"[]", ErrorCode::Invalid, "\"node_type\""},
       {V3{.shape = "[-1]"}.text(), ErrorCode::Invalid, "\"shape\" is [-1]"},
       {V3{.shape = "[1.5]"}.text(), ErrorCode::Invalid, "\"shape\" is [1.5]"},
       {V3{.shape = "7"}.text(), ErrorCode::Invalid, "list of integers"},
       {V3{.chunks = "[0]"}.text(), ErrorCode::Invalid, "at least 1"},
       {V3{.chunks = "[2,2]"}.text(), ErrorCode::Invalid, "2 axes"},
       {V3{.chunks = "[99999999999]"}.text(), ErrorCode::Limit, "99999999999"},
       {V3{.shape = "[9223372036854775807,9223372036854775807]", .chunks = "[1,1]"}.text(), ErrorCode::Limit, "2^63"},
       {V3{.dtype = "complex64"}.text(), ErrorCode::Unsupported, "complex64"},
       {V3{.fill = "300"}.text(), ErrorCode::Invalid, "\"fill_value\" is 300"},
       {V3{.codecs = "[]"}.text(), ErrorCode::Invalid, "array → bytes"},
       {V3{.codecs = R"(["bytes","bytes"])"}.text(), ErrorCode::Invalid, "second"},
       {V3{.codecs = R"(["zstd","bytes"])"}.text(), ErrorCode::Invalid, "before"},
       {V3{.codecs = R"(["bytes","transpose"])"}.text(), ErrorCode::Invalid, "after"},
       {V3{.codecs = R"(["bytes","zfpy"])"}.text(), ErrorCode::Unsupported, "\"zfpy\""},
       {V3{.codecs = R"([{"name":"bytes","configuration":{"endian":"middle"}}])"}.text(), ErrorCode::Invalid,
        "\"middle\""},
       {V3{.codecs = R"([{"name":"transpose","configuration":{"order":[1]}},"bytes"])"}.text(), ErrorCode::Invalid,
        "[1]"},
       {V3{.codecs = R"([{"name":"transpose","configuration":{"order":[0,1]}},"bytes"])"}.text(), ErrorCode::Invalid,
        "2 axes"},
       {V3{.codecs = sharded("[3]", R"(["bytes"])")}.text(), ErrorCode::Invalid, "does not divide"},
       {V3{.codecs = sharded("[1]", R"(["bytes"])", "", R"(["bytes","zstd"])")}.text(), ErrorCode::Invalid,
        "no fixed size"},
       {V3{.shape = "[99999999999]", .chunks = "[99999999999]", .codecs = sharded("[1]", R"(["bytes"])")}.text(),
        ErrorCode::Limit, "index"},
       {V3{.more = R"(,"storage_transformers":[{"name":"x"}])"}.text(), ErrorCode::Unsupported, "storage_transformers"},
       {V3{.more = R"(,"wild":{"name":"x"})"}.text(), ErrorCode::Unsupported, "\"wild\""},
       {R"({"zarr_format":3,"node_type":"group"})", ErrorCode::NotFound, "a group"}});
  EXPECT_TRUE(open_array(store_with("zarr.json", V3{.more = R"(,"wild":{"must_understand":false})"}.text()), ""));
  EXPECT_TRUE(open_array(store_with("zarr.json", V3{.more = R"(,"storage_transformers":[])"}.text()), ""));
}

TEST(ZarrV2, RefusesByName) {
  expect_refused(".zarray", {{"{}", ErrorCode::Invalid, "zarr_format"},
                             {V2{.chunks = "[0]"}.text(), ErrorCode::Invalid, "\"chunks\""},
                             {V2{.chunks = "[2,2]"}.text(), ErrorCode::Invalid, "2 axes"},
                             {V2{.dtype = R"("<c8")"}.text(), ErrorCode::Unsupported, "complex"},
                             {V2{.dtype = R"("|S4")"}.text(), ErrorCode::Unsupported, "text"},
                             {V2{.dtype = R"("<M8[ns]")"}.text(), ErrorCode::Unsupported, "time"},
                             {V2{.dtype = R"([["a","<u2"]])"}.text(), ErrorCode::Unsupported, "structured"},
                             {V2{.dtype = R"("<u3")"}.text(), ErrorCode::Invalid, "<u3"},
                             {V2{.dtype = R"("|u2")"}.text(), ErrorCode::Invalid, "|u2"},
                             {V2{.order = "K"}.text(), ErrorCode::Invalid, "\"K\""},
                             {V2{.compressor = R"({"id":"zfpy"})"}.text(), ErrorCode::Unsupported, "\"zfpy\""},
                             {V2{.compressor = R"("zlib")"}.text(), ErrorCode::Invalid, "\"zlib\""},
                             {V2{.filters = R"([{"id":"vlen-utf8"}])"}.text(), ErrorCode::Unsupported, "\"vlen-utf8\""},
                             {V2{.more = R"(,"dimension_separator":"-")"}.text(), ErrorCode::Invalid, "\"-\""}});
  EXPECT_EQ(error_of(open_array(store_with("other", ""), "x")).code, ErrorCode::NotFound);
  EXPECT_EQ(error_of(open_array(store_with("other", ""), "../x")).code, ErrorCode::Invalid);
}

}  // namespace
}  // namespace ndcast::image
