#include "image/codecs/lzma.h"

#include <array>
#include <optional>
#include <variant>

#include <lzma.h>

#include "base/limits.h"
#include "image/codecs/streaming.h"
#include "image/json_fields.h"

namespace ndcast::image {
namespace {

/// Python's FORMAT_… constants.
enum class Format { Auto = 0, Xz = 1, Alone = 2, Raw = 3 };

/// A raw stream's filters, in the order in which they encoded. The library takes pointers; they are made for each call.
struct RawFilter {
  lzma_vli id = LZMA_VLI_UNKNOWN;
  std::variant<lzma_options_lzma, lzma_options_delta, lzma_options_bcj> options;
};
using RawFilters = std::vector<RawFilter>;

std::array<lzma_filter, LZMA_FILTERS_MAX + 1> pointers_to(const RawFilters& filters) {
  std::array<lzma_filter, LZMA_FILTERS_MAX + 1> out{};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    // Decoders only read them, though the library's pointer is not const.
    out[i] = {
        filters[i].id,
        std::visit([](const auto& options) -> void* { return const_cast<void*>(static_cast<const void*>(&options)); },
                   filters[i].options)};
  }
  out[filters.size()] = {LZMA_VLI_UNKNOWN, nullptr};
  return out;
}

/// An integer member within [least, most], or `otherwise` when it is absent or null.
Result<std::uint32_t> option(const Json& filter, std::string_view key, std::uint32_t otherwise, std::uint32_t least,
                             std::uint32_t most, std::string_view where) {
  const Json* value = filter.find(key);
  if (!value || value->is_null()) return otherwise;
  const auto number = value->as_int64();
  if (!number || *number < least || *number > most) {
    return fail(ErrorCode::Invalid, "{}: \"{}\" is {}; expected {} to {}", where, key, quoted(*value), least, most);
  }
  return static_cast<std::uint32_t>(*number);
}

Result<lzma_options_lzma> lzma_options(const Json& filter, std::string_view where) {
  lzma_options_lzma out{};
  const Json* preset = filter.find("preset");
  // Bit 31 is Python's PRESET_EXTREME, which changes only how hard the encoder tries.
  const auto level = preset ? preset->as_int64() : std::optional<std::int64_t>(LZMA_PRESET_DEFAULT);
  if (!level || *level < 0 || *level > 0xffffffffLL || lzma_lzma_preset(&out, static_cast<std::uint32_t>(*level))) {
    return fail(ErrorCode::Invalid, "{}: \"preset\" is {}; expected 0 to 9", where, preset ? quoted(*preset) : "");
  }
  ND_ASSIGN(out.dict_size, option(filter, "dict_size", out.dict_size, LZMA_DICT_SIZE_MIN, UINT32_MAX, where));
  ND_ASSIGN(out.lc, option(filter, "lc", out.lc, LZMA_LCLP_MIN, LZMA_LCLP_MAX, where));
  ND_ASSIGN(out.lp, option(filter, "lp", out.lp, LZMA_LCLP_MIN, LZMA_LCLP_MAX, where));
  ND_ASSIGN(out.pb, option(filter, "pb", out.pb, LZMA_PB_MIN, LZMA_PB_MAX, where));
  return out;
}

Result<RawFilter> parse_filter(const Json& filter, std::string_view where) {
  const Json* id = filter.find("id");
  const auto number = id ? id->as_uint64() : std::nullopt;
  if (!number) {
    return fail(ErrorCode::Invalid, "{} is {}; expected an object with a number \"id\"", where, quoted(filter));
  }
  RawFilter out;
  out.id = *number;
  switch (*number) {
    case LZMA_FILTER_LZMA1:
    case LZMA_FILTER_LZMA2: {
      ND_ASSIGN(out.options, lzma_options(filter, where));
      return out;
    }
    case LZMA_FILTER_DELTA: {
      lzma_options_delta delta{};
      delta.type = LZMA_DELTA_TYPE_BYTE;
      ND_ASSIGN(delta.dist, option(filter, "dist", 1, LZMA_DELTA_DIST_MIN, LZMA_DELTA_DIST_MAX, where));
      out.options = delta;
      return out;
    }
    case LZMA_FILTER_X86:
    case LZMA_FILTER_POWERPC:
    case LZMA_FILTER_IA64:
    case LZMA_FILTER_ARM:
    case LZMA_FILTER_ARMTHUMB:
    case LZMA_FILTER_SPARC: {
      lzma_options_bcj branch{};
      ND_ASSIGN(branch.start_offset, option(filter, "start_offset", 0, 0, UINT32_MAX, where));
      out.options = branch;
      return out;
    }
    default:
      return fail(ErrorCode::Unsupported, "{}: filter {:#x}; expected LZMA1, LZMA2, delta or a branch filter", where,
                  *number);
  }
}

Result<RawFilters> parse_filters(const Json* list, std::string_view where) {
  if (!list || !list->is_array() || list->size() == 0 || list->size() > LZMA_FILTERS_MAX) {
    return fail(ErrorCode::Invalid, "{}: \"filters\" is {}; a raw stream needs 1 to {}", where,
                list ? quoted(*list) : "missing", LZMA_FILTERS_MAX);
  }
  RawFilters out;
  for (const Json& filter : list->array()) {
    ND_ASSIGN(const RawFilter parsed, parse_filter(filter, fmt::format("{}: filters[{}]", where, out.size())));
    out.push_back(parsed);
  }
  const std::uint64_t bytes = lzma_raw_decoder_memusage(pointers_to(out).data());
  if (bytes == UINT64_MAX) {
    return fail(ErrorCode::Invalid, "{}: \"filters\" {} are no chain that can be decoded", where, quoted(*list));
  }
  if (bytes > limits::kDecoderBytes) {
    return fail(ErrorCode::Limit, "{}: \"filters\" need {} bytes to decode, at most {}", where, bytes,
                limits::kDecoderBytes);
  }
  return out;
}

class LzmaStream {
 public:
  LzmaStream(Format format, const RawFilters& filters) : format_(format), filters_(filters) {}
  ~LzmaStream() { lzma_end(&stream_); }
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;

  std::string_view name() const { return "lzma"; }

  Result<StreamStep> step(std::span<const std::byte> in, std::span<std::byte> out) {
    lzma_ret status = begun_ ? LZMA_OK : begin();
    begun_ = true;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream_.avail_out = out.size();
    if (status == LZMA_OK) status = lzma_code(&stream_, LZMA_RUN);
    if (status == LZMA_MEMLIMIT_ERROR) {
      return fail(ErrorCode::Limit, "lzma: the stream needs {} bytes to decode, at most {}", lzma_memusage(&stream_),
                  limits::kDecoderBytes);
    }
    if (status == LZMA_MEM_ERROR) return fail(ErrorCode::Limit, "lzma: no memory for a decoder");
    if (status == LZMA_FORMAT_ERROR) return fail(ErrorCode::Corrupt, "lzma: no {} stream", container());
    if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR) {
      return fail(ErrorCode::Corrupt, "lzma: the stream is damaged (liblzma's error {})", static_cast<int>(status));
    }
    if (status == LZMA_STREAM_END) begun_ = false;
    return StreamStep{in.size() - stream_.avail_in, out.size() - stream_.avail_out, status == LZMA_STREAM_END};
  }

 private:
  lzma_ret begin() {
    switch (format_) {
      case Format::Xz:
        return lzma_stream_decoder(&stream_, limits::kDecoderBytes, 0);
      case Format::Alone:
        return lzma_alone_decoder(&stream_, limits::kDecoderBytes);
      case Format::Raw:
        return lzma_raw_decoder(&stream_, pointers_to(filters_).data());
      case Format::Auto:
        break;
    }
    return lzma_auto_decoder(&stream_, limits::kDecoderBytes, 0);
  }

  std::string_view container() const {
    return format_ == Format::Xz ? ".xz" : format_ == Format::Alone ? ".lzma" : format_ == Format::Raw ? "raw" : "LZMA";
  }

  Format format_;
  const RawFilters& filters_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool begun_ = false;
};

class Lzma final : public BytesCodec {
 public:
  Lzma(Format format, RawFilters filters) : format_(format), filters_(std::move(filters)) {}

  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    LzmaStream stream(format_, filters_);
    return decode_stream(stream, stored, size);
  }

 private:
  Format format_;
  RawFilters filters_;
};

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_lzma(const Json& config, std::string_view where) {
  ND_ASSIGN(const std::uint32_t format, option(config, "format", static_cast<std::uint32_t>(Format::Xz), 0, 3, where));
  RawFilters filters;
  if (static_cast<Format>(format) == Format::Raw) {
    ND_ASSIGN(filters, parse_filters(config.find("filters"), where));
  }
  return std::make_unique<Lzma>(static_cast<Format>(format), std::move(filters));
}

}  // namespace ndcast::image
