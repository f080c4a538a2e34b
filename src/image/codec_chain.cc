#include "image/codec_chain.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/limits.h"
#include "image/codecs/sharding.h"
#include "image/codecs/transpose.h"
#include "image/json_fields.h"

namespace ndcast::image {
namespace {

/// A codec of a v3 list: {"name", "configuration"} or, since v3.1, a bare name.
struct NamedCodec {
  std::string name;
  Json config = Json::make_object();
  std::string where;
};

Result<NamedCodec> parse_named(const Json& element, std::string where) {
  NamedCodec out;
  const Json* name = element.is_string() ? &element : element.find("name");
  if (!name || !name->is_string()) {
    return fail(ErrorCode::Invalid, "{} is {}; expected a codec's name or an object with \"name\"", where,
                quoted(element));
  }
  out.name = name->string();
  out.where = fmt::format("{} ({})", where, out.name);
  if (const Json* config = element.find("configuration"); config && !config->is_null()) {
    if (!config->is_object()) {
      return fail(ErrorCode::Invalid, "{}: \"configuration\" is {}; expected an object", out.where,
                  config->kind_name());
    }
    out.config = *config;
  }
  return out;
}

Result<bool> parse_big_endian(const NamedCodec& codec, DType dtype) {
  const Json* endian = codec.config.find("endian");
  const std::string_view text = endian ? endian->as_string().value_or("") : "little";
  // Required by the specification for types of several bytes; writers that leave it out mean little.
  if (text != "little" && text != "big") {
    return fail(ErrorCode::Invalid, "{}: \"endian\" is {}; expected \"little\" or \"big\"", codec.where,
                quoted(*endian));
  }
  return text == "big" && byte_size(dtype) > 1;
}

constexpr std::size_t kShardSlackBytes = 65'536;

/// The most that a whole shard may have: every inner chunk at its largest, the index, and as much again for gaps, which
/// are legal (a chunk that was written anew leaves one).
std::size_t shard_bound(const Sharding& sharding) {
  std::size_t bytes = sharding.inner.stored_size().bytes;
  for (const std::int64_t count : sharding.chunks_per_shard) {
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(count), &bytes)) return limits::kStoredObjectBytes;
  }
  if (__builtin_add_overflow(bytes, sharding.index_stored_bytes(), &bytes)) return limits::kStoredObjectBytes;
  return std::min(bytes, (limits::kStoredObjectBytes - kShardSlackBytes) / 2) * 2 + kShardSlackBytes;
}

/// Grows a chain codec by codec, keeping the three stages in order.
class ChainBuilder {
 public:
  ChainBuilder(ArraySpec decoded, std::string_view where) : where_(where) {
    chain_.array_specs.push_back(decoded);
    chain_.decoded = std::move(decoded);
  }

  Result<void> add(const NamedCodec& codec) {
    if (codec.name == "bytes" || codec.name == "endian") return add_bytes(codec);
    if (codec.name == "sharding_indexed") return add_sharding(codec);
    const CodecRegistration* registration = find_codec(codec.name, 3);
    if (!registration) {
      return fail(ErrorCode::Unsupported, "{}: this build has no codec \"{}\"; it has bytes, sharding_indexed, {}",
                  where_, codec.name, known_codecs(3));
    }
    if (!has_serializer_ && registration->make_array) return add_array(codec, *registration);
    if (has_serializer_ && registration->make_bytes) {
      ND_ASSIGN(auto made, registration->make_bytes(codec.config, codec.where));
      add_bytes_codec(codec.name, std::move(made));
      return {};
    }
    return fail(ErrorCode::Invalid, "{}: stands {} the array → bytes codec", codec.where,
                has_serializer_ ? "after" : "before");
  }

  void add_array_codec(std::string name, std::unique_ptr<const ArrayCodec> codec, ArraySpec encoded) {
    chain_.names.push_back(std::move(name));
    chain_.array_codecs.push_back(std::move(codec));
    chain_.array_specs.push_back(std::move(encoded));
  }

  void add_bytes_codec(std::string name, std::unique_ptr<const BytesCodec> codec) {
    chain_.names.push_back(std::move(name));
    chain_.bytes_codecs.push_back(std::move(codec));
  }

  void set_serializer(bool big_endian) {
    chain_.stored_type = {chain_.array_specs.back().dtype, big_endian};
    has_serializer_ = true;
  }

  const ArraySpec& encoded() const { return chain_.array_specs.back(); }
  bool has_serializer() const { return has_serializer_; }

  Result<CodecChain> finish() && {
    if (chain_.sharding) {
      chain_.bytes_sizes.push_back({shard_bound(*chain_.sharding), false});
    } else {
      ND_ASSIGN(const std::size_t bytes, checked_bytes(chain_.array_specs.back(), where_));
      chain_.bytes_sizes.push_back({bytes, true});
    }
    for (const auto& codec : chain_.bytes_codecs) {
      chain_.bytes_sizes.push_back(codec->encoded_size(chain_.bytes_sizes.back()));
    }
    return std::move(chain_);
  }

 private:
  Result<void> add_array(const NamedCodec& codec, const CodecRegistration& registration) {
    std::unique_ptr<const ArrayCodec> made;
    if (const Json* order = codec.config.find("order"); codec.name == "transpose" && order && order->is_string()) {
      if (order->string() == "C") return {};
      if (order->string() == "F") made = make_reversed_axes(encoded().shape.size());
    }
    if (!made) {
      ND_ASSIGN(made, registration.make_array(codec.config, codec.where));
    }
    auto encoded_spec = made->encoded(encoded());
    if (!encoded_spec) return fail(encoded_spec.error().code, "{}: {}", codec.where, encoded_spec.error().message);
    add_array_codec(codec.name, std::move(made), *std::move(encoded_spec));
    return {};
  }

  Result<void> only_serializer(const NamedCodec& codec) const {
    if (!has_serializer_) return {};
    return fail(ErrorCode::Invalid, "{}: a second array → bytes codec; expected exactly one", codec.where);
  }

  Result<void> add_bytes(const NamedCodec& codec) {
    ND_TRY(only_serializer(codec));
    ND_ASSIGN(const bool big_endian, parse_big_endian(codec, encoded().dtype));
    chain_.names.push_back(codec.name);
    set_serializer(big_endian);
    return {};
  }

  Result<void> add_sharding(const NamedCodec& codec) {
    ND_TRY(only_serializer(codec));
    ND_ASSIGN(Sharding sharding, parse_sharding(codec.config, encoded(), codec.where));
    for (const auto& array_codec : chain_.array_codecs) {
      if (!array_codec->axis_order()) {
        return fail(ErrorCode::Unsupported, "{}: before it only \"transpose\" can be read", codec.where);
      }
    }
    chain_.names.push_back(codec.name);
    std::ranges::copy(sharding.inner.names, std::back_inserter(chain_.names));
    chain_.sharding = std::make_unique<const Sharding>(std::move(sharding));
    has_serializer_ = true;
    return {};
  }

  CodecChain chain_;
  std::string where_;
  bool has_serializer_ = false;
};

Result<std::unique_ptr<const BytesCodec>> make_v2_codec(const Json& config, std::string_view where, std::string& name) {
  const Json* id = config.find("id");
  if (!id || !id->is_string()) {
    return fail(ErrorCode::Invalid, "{} is {}; expected null or an object with \"id\"", where, quoted(config));
  }
  name = id->string();
  const CodecRegistration* registration = find_codec(name, 2);
  if (!registration || !registration->make_bytes) {
    return fail(ErrorCode::Unsupported, "{}: this build has no codec \"{}\"; it has {}", where, name, known_codecs(2));
  }
  return registration->make_bytes(config, fmt::format("{} ({})", where, name));
}

}  // namespace

SizeBound CodecChain::stored_size() const { return bytes_sizes.back(); }

Result<Bytes> CodecChain::decode_bytes(Bytes stored) const {
  for (std::size_t i = bytes_codecs.size(); i-- > 0;) {
    ND_ASSIGN(stored, bytes_codecs[i]->decode(stored, bytes_sizes[i]));
  }
  return stored;
}

Result<Bytes> CodecChain::decode(Bytes stored) const {
  ND_CHECK(!sharding, "a shard is read through its index");
  ND_ASSIGN(Bytes elements, decode_bytes(std::move(stored)));
  if (elements.size() != bytes_sizes.front().bytes) {
    return fail(ErrorCode::Corrupt, "a chunk of {} bytes, expected {}", elements.size(), bytes_sizes.front().bytes);
  }
  if (stored_type.swapped()) swap_bytes(elements, byte_size(stored_type.dtype));
  return decode_arrays(std::move(elements));
}

Result<Bytes> CodecChain::decode_arrays(Bytes elements) const {
  for (std::size_t i = array_codecs.size(); i-- > 0;) {
    ND_ASSIGN(elements, array_codecs[i]->decode(std::move(elements), array_specs[i]));
  }
  return elements;
}

std::vector<std::int64_t> CodecChain::unit_shape() const {
  if (!sharding) return decoded.shape;
  std::vector<std::int64_t> shape = sharding->inner.unit_shape();
  for (std::size_t i = array_codecs.size(); i-- > 0;) {
    const std::vector<std::size_t>& order = *array_codecs[i]->axis_order();
    std::vector<std::int64_t> outer(shape.size());
    for (std::size_t axis = 0; axis < order.size(); ++axis) outer[order[axis]] = shape[axis];
    shape = std::move(outer);
  }
  return shape;
}

Result<CodecChain> parse_codec_chain(const Json& codecs, ArraySpec decoded, std::string_view where) {
  if (!codecs.is_array()) {
    return fail(ErrorCode::Invalid, "{} is {}; expected a list of codecs", where, codecs.kind_name());
  }
  if (codecs.size() > limits::kCodecs) {
    return fail(ErrorCode::Limit, "{}: {} codecs, at most {}", where, codecs.size(), limits::kCodecs);
  }
  ChainBuilder builder(std::move(decoded), where);
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    ND_ASSIGN(const NamedCodec codec, parse_named(codecs.array()[i], fmt::format("{}[{}]", where, i)));
    ND_TRY(builder.add(codec));
  }
  if (!builder.has_serializer()) {
    return fail(ErrorCode::Invalid, "{}: no array → bytes codec; expected \"bytes\" or \"sharding_indexed\"", where);
  }
  return std::move(builder).finish();
}

Result<CodecChain> make_v2_chain(const V2Encoding& encoding, std::vector<std::int64_t> chunk_shape,
                                 std::string_view where) {
  ChainBuilder builder({encoding.type.dtype, std::move(chunk_shape)}, where);
  if (encoding.fortran_order && builder.encoded().shape.size() > 1) {
    auto reversed = make_reversed_axes(builder.encoded().shape.size());
    ND_ASSIGN(ArraySpec encoded, reversed->encoded(builder.encoded()));
    builder.add_array_codec("transpose", std::move(reversed), std::move(encoded));
  }
  builder.set_serializer(encoding.type.big_endian);
  std::string name;
  if (encoding.filters && !encoding.filters->is_null()) {
    if (!encoding.filters->is_array() || encoding.filters->size() > limits::kCodecs) {
      return fail(ErrorCode::Invalid, "{}: \"filters\" is {}; expected null or a short list", where,
                  encoding.filters->kind_name());
    }
    for (const Json& filter : encoding.filters->array()) {
      ND_ASSIGN(auto codec, make_v2_codec(filter, fmt::format("{}: \"filters\"", where), name));
      builder.add_bytes_codec(name, std::move(codec));
    }
  }
  if (encoding.compressor && !encoding.compressor->is_null()) {
    ND_ASSIGN(auto codec, make_v2_codec(*encoding.compressor, fmt::format("{}: \"compressor\"", where), name));
    builder.add_bytes_codec(name, std::move(codec));
  }
  return std::move(builder).finish();
}

}  // namespace ndcast::image
