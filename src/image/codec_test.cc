// One battery over every bytes → bytes codec: what an encoder made comes back; what is damaged is an error, never a
// crash nor more memory than asked for.

#include "image/codec.h"

#include <functional>
#include <random>

#include "image/encoders_test_util.h"

namespace ndcast::image {
namespace {

using namespace testing;

struct Sample {
  std::string name;
  std::string config;
  std::function<Bytes(const Bytes&)> encode;
  bool detects_damage;  ///< false where any bytes of the right length decode to something
};

std::vector<Sample> samples() {
  std::vector<Sample> out;
  for (const char* compressor : {"blosclz", "lz4", "lz4hc", "zlib", "zstd"}) {
    for (const int shuffle : {BLOSC_NOSHUFFLE, BLOSC_SHUFFLE, BLOSC_BITSHUFFLE}) {
      out.push_back(
          {"blosc", "{}", [=](const Bytes& plain) { return encode_blosc(plain, compressor, shuffle); }, false});
    }
  }
  out.push_back(
      {"gzip", R"({"level":6})", [](const Bytes& p) { return encode_deflate(p, libdeflate_gzip_compress); }, true});
  out.push_back({"zlib", "{}", [](const Bytes& p) { return encode_deflate(p, libdeflate_zlib_compress); }, true});
  out.push_back({"zstd", "{}", encode_zstd, false});
  out.push_back({"lz4", "{}", encode_lz4, false});
  out.push_back({"crc32c", "{}", encode_crc32c, true});
  out.push_back({"bz2", R"({"level":1})", encode_bz2, false});
  out.push_back({"lzma", "{}", [](const Bytes& p) { return encode_xz(p, LZMA_CHECK_CRC64); }, true});
  out.push_back({"lzma", R"({"format":0})", [](const Bytes& p) { return encode_xz(p, LZMA_CHECK_CRC32); }, true});
  out.push_back({"lzma", R"({"format":2,"filters":null})", encode_lzma_alone, false});
  out.push_back({"lzma", R"({"format":3,"filters":[{"id":3,"dist":2},{"id":33,"preset":1}]})", encode_lzma_raw, false});
  out.push_back({"crc32", "{}",
                 [](const Bytes& p) { return encode_checksum(p, libdeflate_crc32(0, p.data(), p.size()), false); },
                 true});
  out.push_back({"adler32", R"({"location":"end"})",
                 [](const Bytes& p) { return encode_checksum(p, libdeflate_adler32(1, p.data(), p.size()), true); },
                 true});
  out.push_back({"fletcher32", "{}", [](const Bytes& p) { return encode_checksum(p, fletcher32(p), true); }, true});
  out.push_back({"quantize", R"({"digits":2,"dtype":"<u2"})", [](const Bytes& plain) { return plain; }, false});
  out.push_back({"astype", R"({"decode_dtype":"<u2","encode_dtype":"<i4"})", encode_as_i32, false});
  out.push_back({"shuffle", R"({"elementsize":2})", encode_shuffle2, false});
  out.push_back({"delta", R"({"dtype":"<u2"})", encode_delta, false});
  out.push_back({"bitround", R"({"keepbits":3})", [](const Bytes& plain) { return plain; }, false});
  return out;
}

/// Compressible, as images are, and not all the same.
Bytes smooth_noise(std::size_t count) {
  std::mt19937 random(7);
  std::vector<std::uint16_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::uint16_t>(i / 7 + random() % 16);
  return bytes_of(values);
}

std::unique_ptr<const BytesCodec> made(const Sample& sample) {
  const CodecRegistration* registration = find_codec(sample.name, 2);
  EXPECT_TRUE(registration) << sample.name;
  auto codec = registration->make_bytes(*parse_json(sample.config), sample.name);
  EXPECT_TRUE(codec) << sample.name;
  return *std::move(codec);
}

TEST(EveryBytesCodec, ComesBack) {
  for (const Sample& sample : samples()) {
    for (const std::size_t count : {1U, 2U, 100U, 40'000U}) {
      const Bytes plain = smooth_noise(count);
      const auto codec = made(sample);
      const Bytes stored = sample.encode(plain);
      const auto exact = codec->decode(stored, {plain.size(), true});
      ASSERT_TRUE(exact) << sample.name << ": " << exact.error().message;
      EXPECT_EQ(*exact, plain) << sample.name;
      const auto bounded = codec->decode(stored, {3 * plain.size() + 5, false});
      ASSERT_TRUE(bounded) << sample.name << ": " << bounded.error().message;
      EXPECT_EQ(*bounded, plain) << sample.name;
      EXPECT_LE(stored.size(), codec->encoded_size({plain.size(), true}).bytes) << sample.name;
    }
  }
}

TEST(EveryBytesCodec, RefusesAnotherSize) {
  const Bytes plain = smooth_noise(1000);
  for (const Sample& sample : samples()) {
    const auto codec = made(sample);
    const Bytes stored = sample.encode(plain);
    for (const SizeBound size : {SizeBound{1998, true}, {2002, true}, {1999, false}, {0, true}}) {
      const Error error = testing::error_of(codec->decode(stored, size));
      EXPECT_EQ(error.code, ErrorCode::Corrupt) << sample.name;
      EXPECT_NE(error.message.find(sample.name), std::string::npos) << error.message;
      EXPECT_NE(error.message.find(std::to_string(size.bytes)), std::string::npos) << error.message;
    }
  }
}

TEST(EveryBytesCodec, RefusesTruncated) {
  const Bytes plain = smooth_noise(500);
  for (const Sample& sample : samples()) {
    const auto codec = made(sample);
    const Bytes stored = sample.encode(plain);
    for (std::size_t size = 0; size < stored.size(); size += 1 + size / 10) {
      const auto decoded = codec->decode(std::span(stored).first(size), {plain.size(), true});
      EXPECT_FALSE(decoded) << sample.name << " cut to " << size << " of " << stored.size();
    }
  }
}

TEST(EveryBytesCodec, SurvivesDamage) {
  const Bytes plain = smooth_noise(500);
  std::mt19937 random(11);
  for (const Sample& sample : samples()) {
    const auto codec = made(sample);
    const Bytes stored = sample.encode(plain);
    for (int round = 0; round < 300; ++round) {
      Bytes damaged = stored;
      const std::size_t at = random() % damaged.size();
      damaged[at] ^= static_cast<std::byte>(1U << random() % 8);
      const auto decoded = codec->decode(damaged, {plain.size(), true});
      if (decoded) {
        EXPECT_EQ(decoded->size(), plain.size());
        // gzip's own header has bytes that mean nothing to the content (time, system).
        if (sample.detects_damage) {
          EXPECT_EQ(*decoded, plain) << sample.name << " at " << at;
        }
      }
    }
  }
}

TEST(Blosc, HeaderThatLiesIsRefused) {
  const Bytes plain = smooth_noise(1000);
  const auto codec = made({"blosc", "{}", nullptr, false});
  Bytes stored = encode_blosc(plain, "lz4", 1);
  // Bytes 4–7: decoded size. 2 GiB - 1 must cost nothing.
  for (std::size_t i = 4; i < 8; ++i) stored[i] = i == 7 ? std::byte{0x7f} : std::byte{0xff};
  const Error error = testing::error_of(codec->decode(stored, {2000, true}));
  EXPECT_EQ(error.message, "blosc: decodes to 2147483647 bytes, expected 2000");
  stored = encode_blosc(plain, "lz4", 1);
  stored[13] = std::byte{0xff};  // compressed size
  EXPECT_EQ(testing::error_of(codec->decode(stored, {2000, true})).code, ErrorCode::Corrupt);
}

TEST(Lzma, ADictionaryTooLargeIsRefusedBeforeItIsAllocated) {
  const Error raw = testing::error_of(find_codec("lzma", 2)->make_bytes(
      *parse_json(R"({"format":3,"filters":[{"id":33,"dict_size":1610612736}]})"), "a/.zarray"));
  EXPECT_EQ(raw.code, ErrorCode::Limit) << raw.message;
  EXPECT_NE(raw.message.find("1610"), std::string::npos) << raw.message;
  // .lzma: bytes 1–4 are the dictionary's size; 1.5 GiB.
  Bytes stored = encode_lzma_alone(smooth_noise(100));
  stored[4] = std::byte{0x60};
  const auto codec = made({"lzma", R"({"format":2})", nullptr, false});
  const Error alone = testing::error_of(codec->decode(stored, {200, true}));
  EXPECT_EQ(alone.code, ErrorCode::Limit) << alone.message;
}

TEST(Lzma, ConfigurationsThatCannotBeDecodedAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"format":4})", "\"format\" is 4"},
      {R"({"format":3})", "\"filters\" is missing"},
      {R"({"format":3,"filters":[{"dist":1}]})", "\"id\""},
      {R"({"format":3,"filters":[{"id":77}]})", "0x4d"},
      {R"({"format":3,"filters":[{"id":3,"dist":0}]})", "\"dist\" is 0"},
      {R"({"format":3,"filters":[{"id":33,"preset":12}]})", "\"preset\" is 12"},
      {R"({"format":3,"filters":[{"id":3}]})", "no chain"},
  };
  for (const auto& [config, expected] : cases) {
    const Error error = testing::error_of(find_codec("lzma", 2)->make_bytes(*parse_json(config), "a/.zarray"));
    EXPECT_NE(error.message.find(expected), std::string::npos) << error.message;
    EXPECT_TRUE(error.message.starts_with("a/.zarray: ")) << error.message;
  }
}

/// A small stream that decodes to very much costs no more than what is allowed.
TEST(Bombs, DecodeToNoMoreThanIsAllowed) {
  const Bytes zeros(std::size_t{64} << 20, std::byte{});
  const std::pair<const char*, Bytes> bombs[] = {{"gzip", encode_deflate(zeros, libdeflate_gzip_compress)},
                                                 {"zlib", encode_deflate(zeros, libdeflate_zlib_compress)},
                                                 {"zstd", encode_zstd(zeros)},
                                                 {"bz2", encode_bz2(zeros)},
                                                 {"lzma", encode_xz(zeros, LZMA_CHECK_NONE)}};
  for (const auto& [name, stored] : bombs) {
    ASSERT_LT(stored.size(), zeros.size() / 100) << name;
    const auto codec = made({name, "{}", nullptr, false});
    for (const SizeBound size : {SizeBound{4096, true}, SizeBound{1 << 20, false}}) {
      const Error error = testing::error_of(codec->decode(stored, size));
      EXPECT_EQ(error.code, ErrorCode::Corrupt) << name;
      EXPECT_NE(error.message.find(std::to_string(size.bytes)), std::string::npos) << error.message;
    }
  }
}

TEST(Bz2, ReadsSeveralStreamsAndPadding) {
  const Bytes plain = smooth_noise(300);
  Bytes stored = encode_bz2(Bytes(plain.begin(), plain.begin() + 100));
  append(stored, encode_bz2(Bytes(plain.begin() + 100, plain.end())));
  stored.resize(stored.size() + 5, std::byte{});
  const auto decoded = made({"bz2", "{}", nullptr, true})->decode(stored, {plain.size(), true});
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, plain);
}

TEST(Checksums, KnownVectors) {
  const Bytes text = bytes_of(std::vector<char>{'a', 'b', 'c', 'd', 'e'});
  // "abcde" of the published Fletcher-32 vectors, whose words are little endian: as big endian 0xf9e9f0ca… differs, so
  // this one is HDF5's own.
  EXPECT_EQ(fletcher32(Bytes{}), 0U);
  EXPECT_EQ(fletcher32(bytes_of(std::vector<std::uint8_t>{0, 1, 0, 2})), 0x0004'0003U);
  EXPECT_EQ(fletcher32(text), (0x6162U + (0x6162U + 0x6364U) + (0x6162U + 0x6364U + 0x6500U) - 2 * 0xffffU) << 16 |
                                  (0x6162U + 0x6364U + 0x6500U - 0xffffU));
}

TEST(Astype, ConvertsAsNumpyDoes) {
  const auto cast = [](const char* config, const Bytes& stored, std::size_t bytes) {
    const auto codec = find_codec("astype", 2)->make_bytes(*parse_json(config), "a");
    auto out = (*codec)->decode(stored, {bytes, true});
    EXPECT_TRUE(out) << out.error().message;
    return *std::move(out);
  };
  EXPECT_EQ(testing::values_of<std::int8_t>(
                cast(R"({"encode_dtype":"<i2","decode_dtype":"|i1"})", bytes_of<std::int16_t>({300, -2}), 2)),
            (std::vector<std::int8_t>{44, -2}));
  EXPECT_EQ(testing::values_of<std::uint8_t>(
                cast(R"({"encode_dtype":"<f8","decode_dtype":"|b1"})", bytes_of<double>({0.25, 0}), 2)),
            (std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(testing::values_of<std::int32_t>(
                cast(R"({"encode_dtype":"<f4","decode_dtype":"<i4"})", bytes_of<float>({-2.9F, 3e20F}), 8)),
            (std::vector<std::int32_t>{-2, 0}));
  EXPECT_EQ(testing::values_of<std::uint16_t>(
                cast(R"({"encode_dtype":"<f4","decode_dtype":"<f2"})", bytes_of<float>({1.5F}), 2)),
            (std::vector<std::uint16_t>{0x3e00}));
}

TEST(Gzip, ReadsSeveralMembersAndPadding) {
  const Bytes plain = smooth_noise(300);
  Bytes stored = encode_deflate(Bytes(plain.begin(), plain.begin() + 100), libdeflate_gzip_compress);
  append(stored, encode_deflate(Bytes(plain.begin() + 100, plain.end()), libdeflate_gzip_compress));
  stored.resize(stored.size() + 7, std::byte{});
  const auto decoded = made({"gzip", "{}", nullptr, true})->decode(stored, {plain.size(), true});
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, plain);
}

TEST(Zstd, ReadsFramesWithoutContentSize) {
  const Bytes plain = smooth_noise(30'000);
  Bytes stored(ZSTD_compressBound(plain.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  stored.resize(ZSTD_compress2(context, stored.data(), stored.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  const auto codec = made({"zstd", "{}", nullptr, false});
  EXPECT_EQ(*codec->decode(stored, {plain.size(), true}), plain);
  EXPECT_EQ(*codec->decode(stored, {10 * plain.size(), false}), plain);
}

TEST(Crc32c, KnownVectors) {
  // RFC 3720, B.4.
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0})), 0x8a9136aaU);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43U);
  EXPECT_EQ(crc32c(bytes_of(testing::counting<std::uint8_t>(32))), 0x46dd794eU);
  EXPECT_EQ(crc32c(bytes_of(std::vector<char>{'1', '2', '3', '4', '5', '6', '7', '8', '9'})), 0xe3069283U);
}

TEST(CodecTable, NamesWhatIsMissing) {
  EXPECT_EQ(find_codec("zfpy", 2), nullptr);
  EXPECT_EQ(find_codec("", 2), nullptr);
  EXPECT_EQ(find_codec("numcodecs.blosc", 2), nullptr);
  EXPECT_TRUE(find_codec("numcodecs.blosc", 3));
  EXPECT_EQ(known_codecs(2).find("transpose"), std::string::npos);
  EXPECT_NE(known_codecs(3).find("transpose"), std::string::npos);
}

TEST(CodecConfiguration, ErrorsNameTheField) {
  const auto refuse = [](const char* id, const char* config) {
    return testing::error_of(find_codec(id, 2)->make_bytes(*parse_json(config), "a/.zarray")).message;
  };
  EXPECT_EQ(refuse("shuffle", R"({"elementsize":"four"})"),
            R"(a/.zarray: "elementsize" is "four"; expected an integer)");
  EXPECT_NE(refuse("delta", "{}").find("\"dtype\""), std::string::npos);
  EXPECT_NE(refuse("delta", R"({"dtype":"<f2"})").find("float16"), std::string::npos);
  EXPECT_NE(refuse("fixedscaleoffset", R"({"dtype":"<f4","scale":0,"offset":1})").find("\"scale\" is 0"),
            std::string::npos);
}

}  // namespace
}  // namespace ndcast::image
