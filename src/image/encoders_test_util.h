#pragma once
// Encoders for tests: what each codec has to decode, made by the libraries themselves or by hand.

#include <vector>

#include <blosc.h>
#include <bzlib.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <zstd.h>

#include "image/codecs/checksum.h"
#include "image/codecs/crc32c.h"
#include "image/testing.h"

namespace ndcast::image::testing {

inline Bytes shortened(Bytes out, std::size_t size) {
  out.resize(size);
  return out;
}

inline Bytes encode_blosc(const Bytes& plain, const char* compressor, int shuffle) {
  Bytes out(plain.size() + BLOSC_MAX_OVERHEAD);
  const int size =
      blosc_compress_ctx(5, shuffle, 2, plain.size(), plain.data(), out.data(), out.size(), compressor, 0, 1);
  EXPECT_GT(size, 0) << compressor;
  return shortened(std::move(out), static_cast<std::size_t>(size));
}

inline Bytes encode_deflate(const Bytes& plain, decltype(&libdeflate_gzip_compress) compress) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  Bytes out(2 * plain.size() + 100);
  const std::size_t size = compress(compressor, plain.data(), plain.size(), out.data(), out.size());
  libdeflate_free_compressor(compressor);
  return shortened(std::move(out), size);
}

inline Bytes encode_zstd(const Bytes& plain) {
  Bytes out(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3);
  return shortened(std::move(out), size);
}

inline Bytes encode_lz4(const Bytes& plain) {
  Bytes out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(plain.size()))));
  const int size =
      LZ4_compress_default(reinterpret_cast<const char*>(plain.data()), reinterpret_cast<char*>(out.data()),
                           static_cast<int>(plain.size()), static_cast<int>(out.size()));
  Bytes stored = bytes_of<std::uint32_t>({static_cast<std::uint32_t>(plain.size())});
  append(stored, shortened(std::move(out), static_cast<std::size_t>(size)));
  return stored;
}

inline Bytes encode_crc32c(const Bytes& plain) {
  Bytes out = plain;
  append(out, bytes_of<std::uint32_t>({crc32c(plain)}));
  return out;
}

inline Bytes encode_bz2(const Bytes& plain) {
  Bytes out(plain.size() + plain.size() / 100 + 600);
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &size,
                                     const_cast<char*>(reinterpret_cast<const char*>(plain.data())),
                                     static_cast<unsigned>(plain.size()), 1, 0, 0),
            BZ_OK);
  return shortened(std::move(out), size);
}

/// What an lzma encoder makes of all of `plain`.
inline Bytes encoded_by(lzma_stream& stream, const Bytes& plain) {
  Bytes out(2 * plain.size() + 65'536);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(plain.data());
  stream.avail_in = plain.size();
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = out.size();
  EXPECT_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
  const std::size_t size = out.size() - stream.avail_out;
  lzma_end(&stream);
  return shortened(std::move(out), size);
}

inline Bytes encode_xz(const Bytes& plain, lzma_check check) {
  lzma_stream stream = LZMA_STREAM_INIT;
  EXPECT_EQ(lzma_easy_encoder(&stream, 1, check), LZMA_OK);
  return encoded_by(stream, plain);
}

inline Bytes encode_lzma_alone(const Bytes& plain) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  EXPECT_FALSE(lzma_lzma_preset(&options, 1));
  EXPECT_EQ(lzma_alone_encoder(&stream, &options), LZMA_OK);
  return encoded_by(stream, plain);
}

inline Bytes encode_lzma_raw(const Bytes& plain) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_delta delta{};
  delta.type = LZMA_DELTA_TYPE_BYTE;
  delta.dist = 2;
  lzma_options_lzma options;
  EXPECT_FALSE(lzma_lzma_preset(&options, 1));
  const lzma_filter filters[] = {
      {LZMA_FILTER_DELTA, &delta}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  EXPECT_EQ(lzma_raw_encoder(&stream, filters), LZMA_OK);
  return encoded_by(stream, plain);
}

inline Bytes encode_checksum(const Bytes& plain, std::uint32_t sum, bool at_end) {
  Bytes out = at_end ? plain : bytes_of<std::uint32_t>({sum});
  append(out, at_end ? bytes_of<std::uint32_t>({sum}) : plain);
  return out;
}

inline Bytes encode_as_i32(const Bytes& plain) {
  std::vector<std::int32_t> out;
  for (const std::uint16_t value : values_of<std::uint16_t>(plain)) out.push_back(value);
  return bytes_of(out);
}

inline Bytes encode_shuffle2(const Bytes& plain) {
  Bytes out(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) out[i % 2 * (plain.size() / 2) + i / 2] = plain[i];
  return out;
}

inline Bytes encode_delta(const Bytes& plain) {
  auto values = values_of<std::uint16_t>(plain);
  for (std::size_t i = values.size(); i-- > 1;) values[i] = static_cast<std::uint16_t>(values[i] - values[i - 1]);
  return bytes_of(values);
}

}  // namespace ndcast::image::testing
