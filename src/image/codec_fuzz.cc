// Foreign chunks: the first byte picks a codec, the next two the size that is expected, the rest is the stored bytes. A
// last choice reads them as a shard.

#include <array>
#include <cstdint>

#include "base/check.h"
#include "image/codec.h"
#include "image/memory_store.h"
#include "image/zarr_array.h"

namespace {

using namespace ndcast;
using namespace ndcast::image;

struct Choice {
  const char* name;
  const char* config;
};
constexpr std::array kChoices = {Choice{"blosc", "{}"},
                                 Choice{"zstd", "{}"},
                                 Choice{"gzip", "{}"},
                                 Choice{"zlib", "{}"},
                                 Choice{"lz4", "{}"},
                                 Choice{"crc32c", "{}"},
                                 Choice{"shuffle", R"({"elementsize":3})"},
                                 Choice{"delta", R"({"dtype":">i4","astype":"<i2"})"},
                                 Choice{"fixedscaleoffset", R"({"dtype":"<u2","astype":"|i1","scale":0.5,"offset":3})"},
                                 Choice{"packbits", "{}"},
                                 Choice{"bz2", "{}"},
                                 Choice{"lzma", "{}"},
                                 Choice{"lzma", R"({"format":0})"},
                                 Choice{"lzma", R"({"format":2})"},
                                 Choice{"lzma", R"({"format":3,"filters":[{"id":3,"dist":2},{"id":33,"preset":1}]})"},
                                 Choice{"adler32", "{}"},
                                 Choice{"fletcher32", "{}"},
                                 Choice{"astype", R"({"encode_dtype":"<f4","decode_dtype":"<i2"})"},
                                 Choice{"quantize", R"({"digits":2,"dtype":"<f8","astype":"<f2"})"}};

void decode(const Choice& choice, std::span<const std::byte> stored, SizeBound size) {
  const auto config = parse_json(choice.config);
  const auto codec = find_codec(choice.name, 2)->make_bytes(*config, "fuzz");
  ND_CHECK(codec.has_value());
  const auto decoded = (*codec)->decode(stored, size);
  if (decoded) ND_CHECK(size.exact ? decoded->size() == size.bytes : decoded->size() <= size.bytes);
}

void read_shard(std::span<const std::byte> stored) {
  constexpr std::string_view kMetadata = R"({"zarr_format":3,"node_type":"array","shape":[8],"data_type":"uint16",
    "fill_value":0,"chunk_grid":{"name":"regular","configuration":{"chunk_shape":[8]}},
    "chunk_key_encoding":{"name":"default"},"codecs":[{"name":"sharding_indexed","configuration":{"chunk_shape":[4],
    "codecs":[{"name":"sharding_indexed","configuration":{"chunk_shape":[2],"codecs":["bytes"],
    "index_codecs":["bytes"]}}],"index_codecs":["bytes"],"index_location":"start"}}]})";
  const auto store = std::make_shared<MemoryStore>();
  store->put("zarr.json", kMetadata);
  store->put("c/0", Bytes(stored.begin(), stored.end()));
  const auto array = open_array(store, "");
  ND_CHECK(array.has_value());
  for (std::int64_t chunk = 0; chunk < 4; ++chunk) {
    const auto read = (*array)->read_chunk(std::vector<std::int64_t>{chunk});
    if (read && !(*read)->is_fill) ND_CHECK((*read)->data.size() == 4);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const auto stored = std::as_bytes(std::span(data, size)).subspan(3);
  const std::size_t choice = data[0] % (kChoices.size() + 1);
  if (choice == kChoices.size()) {
    read_shard(stored);
  } else {
    const std::size_t bytes = data[1] + std::size_t{256} * (data[2] & 0x7fU);
    decode(kChoices[choice], stored, {bytes, (data[2] & 0x80U) != 0});
  }
  return 0;
}
