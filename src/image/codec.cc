#include "image/codec.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "image/codecs/bitround.h"
#include "image/codecs/blosc.h"
#include "image/codecs/bz2.h"
#include "image/codecs/cast.h"
#include "image/codecs/checksum.h"
#include "image/codecs/crc32c.h"
#include "image/codecs/deflate.h"
#include "image/codecs/delta.h"
#include "image/codecs/fixed_scale_offset.h"
#include "image/codecs/lz4.h"
#include "image/codecs/lzma.h"
#include "image/codecs/pack_bits.h"
#include "image/codecs/shuffle.h"
#include "image/codecs/transpose.h"
#include "image/codecs/zstd.h"
#include "image/json_fields.h"

namespace ndcast::image {
namespace {

// "bytes" and "sharding_indexed" are not here: codec_chain.cc builds them in, since they change how a chunk is read.
constexpr std::array kCodecs = {
    CodecRegistration{"", "transpose", nullptr, make_transpose},
    CodecRegistration{"blosc", "blosc", make_blosc},
    CodecRegistration{"blosc", "numcodecs.blosc", make_blosc},
    CodecRegistration{"zstd", "zstd", make_zstd},
    CodecRegistration{"zstd", "numcodecs.zstd", make_zstd},
    CodecRegistration{"gzip", "gzip", make_gzip},
    CodecRegistration{"gzip", "numcodecs.gzip", make_gzip},
    CodecRegistration{"zlib", "numcodecs.zlib", make_zlib},
    CodecRegistration{"lz4", "numcodecs.lz4", make_lz4},
    CodecRegistration{"bz2", "numcodecs.bz2", make_bz2},
    CodecRegistration{"bz2", "bz2", make_bz2},
    CodecRegistration{"lzma", "numcodecs.lzma", make_lzma},
    CodecRegistration{"crc32c", "crc32c", make_crc32c},
    CodecRegistration{"crc32c", "numcodecs.crc32c", make_crc32c},
    CodecRegistration{"crc32", "numcodecs.crc32", make_crc32},
    CodecRegistration{"adler32", "numcodecs.adler32", make_adler32},
    CodecRegistration{"fletcher32", "numcodecs.fletcher32", make_fletcher32},
    CodecRegistration{"fletcher32", "fletcher32", make_fletcher32},
    CodecRegistration{"shuffle", "numcodecs.shuffle", make_shuffle},
    CodecRegistration{"delta", "numcodecs.delta", make_delta_bytes, make_delta_array},
    CodecRegistration{"fixedscaleoffset", "numcodecs.fixedscaleoffset", make_fixed_scale_offset_bytes,
                      make_fixed_scale_offset_array},
    CodecRegistration{"packbits", "numcodecs.packbits", make_pack_bits, make_pack_bits_array},
    CodecRegistration{"bitround", "numcodecs.bitround", make_bitround_bytes, make_bitround_array},
    CodecRegistration{"quantize", "numcodecs.quantize", make_quantize_bytes, make_quantize_array},
    CodecRegistration{"astype", "numcodecs.astype", make_astype_bytes, make_astype_array},
};

std::string_view name_in(const CodecRegistration& codec, int zarr_format) {
  return zarr_format == 2 ? codec.v2_id : codec.v3_name;
}

}  // namespace

std::size_t ArraySpec::bytes() const {
  std::size_t bytes = byte_size(dtype);
  for (const std::int64_t extent : shape) bytes *= static_cast<std::size_t>(extent);
  return bytes;
}

Result<std::size_t> checked_bytes(const ArraySpec& spec, std::string_view where) {
  std::size_t bytes = byte_size(spec.dtype);
  for (const std::int64_t extent : spec.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(extent), &bytes) || bytes > limits::kChunkBytes) {
      return fail(ErrorCode::Limit, "{}: a chunk of [{}] {} elements is over {} bytes", where,
                  fmt::join(spec.shape, ", "), to_string(spec.dtype), limits::kChunkBytes);
    }
  }
  return bytes;
}

const CodecRegistration* find_codec(std::string_view name, int zarr_format) {
  if (name.empty()) return nullptr;
  const auto it = std::ranges::find_if(
      kCodecs, [&](const CodecRegistration& codec) { return name_in(codec, zarr_format) == name; });
  return it == kCodecs.end() ? nullptr : &*it;
}

std::string known_codecs(int zarr_format) {
  std::vector<std::string_view> names;
  for (const CodecRegistration& codec : kCodecs) {
    const std::string_view name = name_in(codec, zarr_format);
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<void> check_size(std::string_view codec, std::size_t produced, SizeBound size) {
  if (size.exact ? produced == size.bytes : produced <= size.bytes) return {};
  return fail(ErrorCode::Corrupt, "{}: decodes to {} bytes, expected {}{}", codec, produced,
              size.exact ? "" : "at most ", size.bytes);
}

Result<std::int64_t> config_integer(const Json& config, std::string_view key, std::string_view where) {
  const Json* value = config.find(key);
  if (!value) return fail(ErrorCode::Invalid, "{}: no \"{}\"; expected an integer", where, key);
  const auto integer = value->as_int64();
  if (!integer) return fail(ErrorCode::Invalid, "{}: \"{}\" is {}; expected an integer", where, key, quoted(*value));
  return *integer;
}

}  // namespace ndcast::image
