#pragma once
// A writer of its own for tests: random zarr arrays of every type, order, codec chain and sharding, whose voxels are
// known. Shares nothing with the reader.
//
//   std::mt19937 random(seed);
//   const WrittenArray written = write_random_array(random);
//   EXPECT_EQ(*read_region(*opened(written.store), start, shape), written.box(start, shape));

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "image/dtype.h"
#include "image/encoders_test_util.h"
#include "image/memory_store.h"

namespace ndcast::image::testing {

using Extents = std::vector<std::int64_t>;

inline std::size_t product(const Extents& shape) {
  return static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

inline std::size_t offset(const Extents& shape, const Extents& at) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    out = out * static_cast<std::size_t>(shape[i]) + static_cast<std::size_t>(at[i]);
  return out;
}

/// Calls f(position) for every position of a box, C order.
template <class F>
void each(const Extents& shape, F&& f) {
  const std::size_t count = product(shape);
  for (std::size_t linear = 0; linear < count; ++linear) {
    Extents at(shape.size());
    std::size_t rest = linear;
    for (std::size_t i = shape.size(); i-- > 0;) {
      at[i] = static_cast<std::int64_t>(rest % static_cast<std::size_t>(shape[i]));
      rest /= static_cast<std::size_t>(shape[i]);
    }
    f(at);
  }
}

/// The box of `source` at `start`; what reaches outside is `beyond`.
inline Bytes box_of(const Bytes& source, const Extents& shape, const Extents& start, const Extents& extent,
                    std::size_t size, const Bytes& beyond) {
  Bytes out;
  each(extent, [&](const Extents& at) {
    Extents from(at.size());
    bool inside = true;
    for (std::size_t i = 0; i < at.size(); ++i) {
      from[i] = start[i] + at[i];
      inside = inside && from[i] < shape[i];
    }
    const std::byte* element = inside ? source.data() + offset(shape, from) * size : beyond.data();
    out.insert(out.end(), element, element + size);
  });
  return out;
}

inline Bytes transposed(const Bytes& source, const Extents& shape, const std::vector<std::size_t>& order,
                        std::size_t size, Extents& out_shape) {
  out_shape.resize(shape.size());
  for (std::size_t i = 0; i < order.size(); ++i) out_shape[i] = shape[order[i]];
  Bytes out;
  each(out_shape, [&](const Extents& at) {
    Extents from(at.size());
    for (std::size_t i = 0; i < order.size(); ++i) from[order[i]] = at[i];
    const std::byte* element = source.data() + offset(shape, from) * size;
    out.insert(out.end(), element, element + size);
  });
  return out;
}

inline Bytes swapped(Bytes bytes, std::size_t size) {
  for (std::size_t i = 0; i + size <= bytes.size(); i += size) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.begin() + static_cast<std::ptrdiff_t>(i + size));
  }
  return bytes;
}

struct WrittenArray {
  std::shared_ptr<MemoryStore> store;
  std::string document;  ///< .zarray or zarr.json, for messages
  DType dtype = DType::UInt8;
  std::vector<std::int64_t> shape;
  Bytes voxels;  ///< C order, native endian

  Bytes box(const Extents& start, const Extents& extent) const {
    return box_of(voxels, shape, start, extent, byte_size(dtype), Bytes(byte_size(dtype), std::byte{}));
  }
};

class ArrayWriter {
 public:
  explicit ArrayWriter(std::mt19937& random) : random_(random) {}

  WrittenArray write() {
    out_.store = std::make_shared<MemoryStore>();
    out_.dtype = static_cast<DType>(below(12));
    size_ = byte_size(out_.dtype);
    const std::size_t ndim = 1 + below(4);
    for (std::size_t i = 0; i < ndim; ++i) {
      out_.shape.push_back(1 + static_cast<std::int64_t>(below(ndim > 3 ? 5 : 12)));
      chunk_.push_back(1 + static_cast<std::int64_t>(below(6)));
    }
    fill_ = Bytes(size_, std::byte{});
    out_.voxels = random_voxels(product(out_.shape));
    below(2) == 0 ? write_v2() : write_v3();
    return std::move(out_);
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool maybe() { return below(2) == 0; }

  /// Runs of equal values and fill among noise, as images have.
  Bytes random_voxels(std::size_t count) {
    Bytes out;
    Bytes value = fill_;
    for (std::size_t i = 0; i < count; ++i) {
      if (below(3) == 0) {
        for (std::byte& byte : value) byte = static_cast<std::byte>(out_.dtype == DType::Bool ? below(2) : below(256));
      }
      if (below(40) == 0) value = fill_;
      append(out, value);
    }
    return out;
  }

  std::string name_of_type(bool big) const {
    constexpr const char* kCodes[] = {"b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"};
    return fmt::format("{}{}", size_ == 1 ? "|" : big ? ">" : "<", kCodes[static_cast<std::size_t>(out_.dtype)]);
  }

  static Extents grid(const Extents& shape, const Extents& chunk) {
    Extents out;
    for (std::size_t i = 0; i < shape.size(); ++i) out.push_back((shape[i] + chunk[i] - 1) / chunk[i]);
    return out;
  }

  /// Each chunk with what lies past the edge as noise; one that is all fill may be left out.
  void put_chunks(const std::function<std::string(const Extents&)>& key_of,
                  const std::function<Bytes(const Bytes&)>& encode) {
    each(grid(out_.shape, chunk_), [&](const Extents& at) {
      Extents start;
      for (std::size_t i = 0; i < at.size(); ++i) start.push_back(at[i] * chunk_[i]);
      const Bytes beyond(size_, std::byte{1});
      const Bytes voxels = box_of(out_.voxels, out_.shape, start, chunk_, size_, beyond);
      const Bytes inside = box_of(out_.voxels, out_.shape, start, chunk_, size_, fill_);
      const bool all_fill = std::ranges::all_of(inside, [](std::byte b) { return b == std::byte{0}; });
      if (!(all_fill && maybe())) out_.store->put(key_of(at), encode(voxels));
    });
  }

  /// One bytes → bytes step: its configuration for v2 ("id" first) and what it makes.
  struct Step {
    std::string v2;
    std::string v3;
    std::function<Bytes(const Bytes&)> encode;
  };

  Step blosc() {
    constexpr const char* kNames[] = {"blosclz", "lz4", "lz4hc", "zlib", "zstd"};
    constexpr const char* kShuffles[] = {"noshuffle", "shuffle", "bitshuffle"};
    const char* name = kNames[below(5)];
    const int shuffle = static_cast<int>(below(3));
    return {
        fmt::format(R"({{"id":"blosc","cname":"{}","clevel":5,"shuffle":{},"blocksize":0}})", name, shuffle),
        fmt::format(
            R"({{"name":"blosc","configuration":{{"cname":"{}","clevel":5,"shuffle":"{}","typesize":2,"blocksize":0}}}})",
            name, kShuffles[shuffle]),
        [=](const Bytes& plain) { return encode_blosc(plain, name, shuffle); }};
  }

  Step compressor() {
    const auto step = [](const char* id, const char* v3, std::function<Bytes(const Bytes&)> encode) {
      return Step{fmt::format(R"({{"id":"{}"}})", id), fmt::format(R"({{"name":"{}","configuration":{{}}}})", v3),
                  std::move(encode)};
    };
    switch (below(9)) {
      case 0:
        return blosc();
      case 1:
        return step("zstd", maybe() ? "zstd" : "numcodecs.zstd", encode_zstd);
      case 2:
        return step("gzip", maybe() ? "gzip" : "numcodecs.gzip",
                    [](const Bytes& p) { return encode_deflate(p, libdeflate_gzip_compress); });
      case 3:
        return step("zlib", "numcodecs.zlib",
                    [](const Bytes& p) { return encode_deflate(p, libdeflate_zlib_compress); });
      case 4:
        return step("lz4", "numcodecs.lz4", encode_lz4);
      case 5:
        return step("bz2", "numcodecs.bz2", encode_bz2);
      case 6:
        return step("lzma", "numcodecs.lzma", [](const Bytes& p) { return encode_xz(p, LZMA_CHECK_CRC32); });
      case 7:
        return step("crc32c", "crc32c", encode_crc32c);
      default:
        return step("fletcher32", "numcodecs.fletcher32",
                    [](const Bytes& p) { return encode_checksum(p, fletcher32(p), true); });
    }
  }

  Step shuffle() {
    return {fmt::format(R"({{"id":"shuffle","elementsize":{}}})", size_),
            fmt::format(R"({{"name":"numcodecs.shuffle","configuration":{{"elementsize":{}}}}})", size_),
            [size = size_](const Bytes& plain) {
              const std::size_t count = plain.size() / size;
              Bytes out(plain.size());
              for (std::size_t i = 0; i < plain.size(); ++i) out[i % size * count + i / size] = plain[i];
              return out;
            }};
  }

  /// v2's delta of integers, on bytes in their stored order.
  Step delta(bool big) {
    return {fmt::format(R"({{"id":"delta","dtype":"{}"}})", name_of_type(big)), "",
            [size = size_, big](const Bytes& plain) {
              Bytes native = big ? swapped(plain, size) : plain;
              for (std::size_t i = native.size() / size; i-- > 1;) {
                unsigned borrow = 0;
                for (std::size_t k = 0; k < size; ++k) {  // little endian, byte by byte
                  const unsigned a = std::to_integer<unsigned>(native[i * size + k]);
                  const unsigned b = std::to_integer<unsigned>(native[(i - 1) * size + k]) + borrow;
                  native[i * size + k] = static_cast<std::byte>(a - b);
                  borrow = a < b ? 1 : 0;
                }
              }
              return big ? swapped(native, size) : native;
            }};
  }

  void write_v2() {
    const bool big = size_ > 1 && maybe();
    const bool fortran = maybe();
    const char separator = maybe() ? '.' : '/';
    std::vector<Step> filters;
    const bool integer = !is_floating(out_.dtype) && out_.dtype != DType::Bool;
    if (integer && maybe()) filters.push_back(delta(big));
    if (maybe()) filters.push_back(shuffle());
    const bool compressed = below(5) != 0;
    const Step last = compressor();
    std::string filter_text;
    for (const Step& step : filters) filter_text += (filter_text.empty() ? "" : ",") + step.v2;
    out_.document =
        V2{.shape = list(out_.shape),
           .chunks = list(chunk_),
           .dtype = fmt::format("\"{}\"", name_of_type(big)),
           .fill = maybe() ? "null" : zero(),
           .order = fortran ? "F" : "C",
           .compressor = compressed ? last.v2 : "null",
           .filters = filters.empty() ? "null" : fmt::format("[{}]", filter_text),
           .more = separator == '/' || maybe() ? fmt::format(R"(,"dimension_separator":"{}")", separator) : ""}
            .text();
    out_.store->put(".zarray", std::string_view(out_.document));
    put_chunks([&](const Extents& at) { return fmt::format("{}", fmt::join(at, std::string(1, separator))); },
               [&](const Bytes& voxels) {
                 Bytes bytes = voxels;
                 if (fortran) {
                   std::vector<std::size_t> order(chunk_.size());
                   for (std::size_t i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
                   Extents ignored;
                   bytes = transposed(bytes, chunk_, order, size_, ignored);
                 }
                 if (big) bytes = swapped(std::move(bytes), size_);
                 for (const Step& step : filters) bytes = step.encode(bytes);
                 return compressed ? last.encode(bytes) : bytes;
               });
  }

  /// A v3 chain of one shape: its JSON, and the encoder of a block of that shape.
  struct Chain {
    std::string codecs;
    std::function<Bytes(const Bytes&)> encode;
  };

  std::string bytes_codec(bool big) const {
    return size_ == 1 ? R"({"name":"bytes"})"
                      : fmt::format(R"({{"name":"bytes","configuration":{{"endian":"{}"}}}})", big ? "big" : "little");
  }

  Chain chain(const Extents& shape, int depth) {
    std::vector<std::string> codecs;
    std::vector<std::size_t> order;
    Extents encoded_shape = shape;
    if (shape.size() > 1 && below(3) == 0) {
      order.resize(shape.size());
      std::iota(order.begin(), order.end(), 0U);
      std::ranges::shuffle(order, random_);
      for (std::size_t i = 0; i < order.size(); ++i) encoded_shape[i] = shape[order[i]];
      codecs.push_back(
          fmt::format(R"({{"name":"transpose","configuration":{{"order":[{}]}}}})", fmt::join(order, ",")));
    }
    std::function<Bytes(const Bytes&)> serialize;
    if (depth < 2 && maybe()) {
      codecs.push_back(shard(encoded_shape, depth, serialize));
    } else {
      const bool big = size_ > 1 && maybe();
      codecs.push_back(bytes_codec(big));
      serialize = [big, size = size_](const Bytes& block) { return big ? swapped(block, size) : block; };
    }
    std::vector<Step> steps;
    if (below(4) == 0 && codecs.back().find("sharding") == std::string::npos) steps.push_back(shuffle());
    for (std::size_t i = below(3); i-- > 0;) steps.push_back(compressor());
    for (const Step& step : steps) codecs.push_back(step.v3);
    return {fmt::format("[{}]", fmt::join(codecs, ",")), [=, size = size_](const Bytes& block) {
              Extents ignored;
              Bytes bytes = serialize(order.empty() ? block : transposed(block, shape, order, size, ignored));
              for (const Step& step : steps) bytes = step.encode(bytes);
              return bytes;
            }};
  }

  std::string shard(const Extents& shape, int depth, std::function<Bytes(const Bytes&)>& encode) {
    Extents inner;
    for (const std::int64_t extent : shape) {
      std::int64_t part = 1 + static_cast<std::int64_t>(below(static_cast<std::size_t>(extent)));
      while (extent % part != 0) --part;
      inner.push_back(part);
    }
    const Chain inner_chain = chain(inner, depth + 1);
    const bool at_start = maybe();
    const bool checked = maybe();
    const bool big = maybe();
    const bool gaps = maybe();
    const std::string index = fmt::format(R"([{{"name":"bytes","configuration":{{"endian":"{}"}}}}{}])",
                                          big ? "big" : "little", checked ? R"(,{"name":"crc32c"})" : "");
    encode = [=, fill = fill_, size = size_](const Bytes& block) {
      const Extents count = grid(shape, inner);
      const std::size_t index_bytes = product(count) * 16 + (checked ? 4 : 0);
      std::vector<std::uint64_t> words;
      Bytes body;
      each(count, [&](const Extents& at) {
        Extents start;
        for (std::size_t i = 0; i < at.size(); ++i) start.push_back(at[i] * inner[i]);
        const Bytes voxels = box_of(block, shape, start, inner, size, fill);
        if (std::ranges::all_of(voxels, [](std::byte b) { return b == std::byte{0}; })) {
          words.insert(words.end(), {~std::uint64_t{0}, ~std::uint64_t{0}});
          return;
        }
        if (gaps) body.insert(body.end(), 3, std::byte{0xee});
        const Bytes stored = inner_chain.encode(voxels);
        words.push_back(body.size() + (at_start ? index_bytes : 0));
        words.push_back(stored.size());
        append(body, stored);
      });
      Bytes index_stored = big ? swapped(bytes_of(words), 8) : bytes_of(words);
      if (checked) index_stored = encode_crc32c(index_stored);
      Bytes out = at_start ? index_stored : body;
      append(out, at_start ? body : index_stored);
      return out;
    };
    return fmt::format(
        R"({{"name":"sharding_indexed","configuration":{{"chunk_shape":{},"codecs":{},"index_codecs":{},"index_location":"{}"}}}})",
        list(inner), inner_chain.codecs, index, at_start ? "start" : "end");
  }

  void write_v3() {
    const Chain encoding = chain(chunk_, 0);
    const bool prefixed = maybe();
    const char separator = maybe() ? '.' : '/';
    out_.document =
        fmt::format(R"({{"zarr_format":3,"node_type":"array","shape":{},"data_type":"{}","fill_value":{},)"
                    R"("chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":{}}}}},)"
                    R"("chunk_key_encoding":{{"name":"{}","configuration":{{"separator":"{}"}}}},"codecs":{}}})",
                    list(out_.shape), to_string(out_.dtype), zero(), list(chunk_), prefixed ? "default" : "v2",
                    separator, encoding.codecs);
    out_.store->put("zarr.json", std::string_view(out_.document));
    put_chunks(
        [&](const Extents& at) {
          const std::string joined = fmt::format("{}", fmt::join(at, std::string(1, separator)));
          return prefixed ? fmt::format("c{}{}", separator, joined) : joined;
        },
        encoding.encode);
  }

  std::string zero() const { return out_.dtype == DType::Bool ? "false" : is_floating(out_.dtype) ? "0.0" : "0"; }
  static std::string list(const Extents& extents) { return fmt::format("[{}]", fmt::join(extents, ",")); }

  std::mt19937& random_;
  WrittenArray out_;
  std::size_t size_ = 1;
  Extents chunk_;
  Bytes fill_;
};

/// Both formats, 1 to 4 axes of 1 to 12 voxels.
inline WrittenArray write_random_array(std::mt19937& random) { return ArrayWriter(random).write(); }

}  // namespace ndcast::image::testing
