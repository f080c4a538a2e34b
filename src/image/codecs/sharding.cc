#include "image/codecs/sharding.h"

#include "base/limits.h"
#include "image/json_fields.h"

namespace ndcast::image {
namespace {

/// Two 64-bit words an inner chunk: offset and nbytes.
constexpr std::int64_t kWordsPerEntry = 2;

Result<void> divide_shard(Sharding& sharding, const ArraySpec& shard, std::string_view where) {
  if (sharding.inner_shape.size() != shard.shape.size()) {
    return fail(ErrorCode::Invalid, "{}: \"chunk_shape\" has {} extents, the shard {}", where,
                sharding.inner_shape.size(), shard.shape.size());
  }
  for (std::size_t axis = 0; axis < shard.shape.size(); ++axis) {
    if (shard.shape[axis] % sharding.inner_shape[axis] != 0) {
      return fail(ErrorCode::Invalid, "{}: \"chunk_shape\" [{}] does not divide the shard [{}]", where,
                  fmt::join(sharding.inner_shape, ", "), fmt::join(shard.shape, ", "));
    }
    sharding.chunks_per_shard.push_back(shard.shape[axis] / sharding.inner_shape[axis]);
  }
  return {};
}

Result<CodecChain> parse_index_chain(const Json& config, const Sharding& sharding, std::string_view where) {
  ArraySpec spec{DType::UInt64, sharding.chunks_per_shard};
  spec.shape.push_back(kWordsPerEntry);
  const auto bytes = checked_bytes(spec, where);
  if (!bytes || *bytes > limits::kShardIndexBytes) {
    return fail(ErrorCode::Limit, "{}: an index of [{}] chunks is over {} bytes", where,
                fmt::join(sharding.chunks_per_shard, ", "), limits::kShardIndexBytes);
  }
  ND_ASSIGN(const Json* codecs, require_field(config, "index_codecs", where));
  ND_ASSIGN(CodecChain chain, parse_codec_chain(*codecs, std::move(spec), fmt::format("{}: \"index_codecs\"", where)));
  if (chain.sharding || !chain.stored_size().exact) {
    return fail(ErrorCode::Invalid, "{}: \"index_codecs\" [{}] give an index of no fixed size; expected bytes, crc32c",
                where, fmt::join(chain.names, ", "));
  }
  return chain;
}

}  // namespace

Result<Sharding> parse_sharding(const Json& config, const ArraySpec& shard, std::string_view where) {
  Sharding sharding;
  ND_ASSIGN(const Json* chunk_shape, require_field(config, "chunk_shape", where));
  ND_ASSIGN(sharding.inner_shape, parse_extents(*chunk_shape, 1, fmt::format("{}: \"chunk_shape\"", where)));
  ND_TRY(divide_shard(sharding, shard, where));
  ND_ASSIGN(const Json* codecs, require_field(config, "codecs", where));
  ND_ASSIGN(sharding.inner,
            parse_codec_chain(*codecs, {shard.dtype, sharding.inner_shape}, fmt::format("{}: \"codecs\"", where)));
  ND_ASSIGN(sharding.index, parse_index_chain(config, sharding, where));
  if (const Json* location = config.find("index_location")) {
    const std::string_view text = location->as_string().value_or("");
    if (text != "start" && text != "end") {
      return fail(ErrorCode::Invalid, "{}: \"index_location\" is {}; expected \"start\" or \"end\"", where,
                  quoted(*location));
    }
    sharding.index_at_start = text == "start";
  }
  return sharding;
}

}  // namespace ndcast::image
