#include <algorithm>
#include <array>

#include "image/fill_value.h"
#include "image/zarr_metadata_common.h"

namespace ndcast::image {
namespace {

constexpr std::array<std::string_view, 12> kKnownFields = {"zarr_format",     "node_type",
                                                           "shape",           "data_type",
                                                           "chunk_grid",      "chunk_key_encoding",
                                                           "fill_value",      "codecs",
                                                           "attributes",      "storage_transformers",
                                                           "dimension_names", "consolidated_metadata"};

/// zarr v3.1 core, "Extension points": a reader must fail on a field it does not know, unless the field allows it.
Result<void> refuse_unknown_fields(const Json& document, std::string_view where) {
  for (const auto& [key, value] : document.object()) {
    if (std::ranges::find(kKnownFields, key) != kKnownFields.end()) continue;
    const Json* must_understand = value.find("must_understand");
    if (must_understand && must_understand->is_bool() && !must_understand->boolean()) continue;
    return fail(ErrorCode::Unsupported, "{}: unknown field \"{}\" without \"must_understand\": false", where, key);
  }
  const Json* transformers = document.find("storage_transformers");
  if (transformers && !transformers->is_null() && (!transformers->is_array() || transformers->size() > 0)) {
    return fail(ErrorCode::Unsupported, "{}: \"storage_transformers\" is {}; expected none", where,
                quoted(*transformers));
  }
  return {};
}

/// What a type is that is no number, for the refusal; empty for one that nobody has heard of.
std::string_view kind_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kKinds = {
      {{"complex", "complex numbers"},
       {"string", "text"},
       {"fixed_length_utf32", "text"},
       {"null_terminated_bytes", "text"},
       {"fixed_length_ascii", "text"},
       {"variable_length_utf8", "text"},
       {"bytes", "raw bytes"},
       {"variable_length_bytes", "raw bytes"},
       {"raw_bytes", "raw bytes"},
       {"struct", "a structure"},
       {"numpy.datetime64", "time"},
       {"numpy.timedelta64", "time"},
       {"datetime", "time"},
       {"optional", "values that may be missing"},
       {"object", "objects"}}};
  for (const auto& [prefix, kind] : kKinds) {
    if (name.starts_with(prefix)) return kind;
  }
  const bool raw = name.size() > 1 && name[0] == 'r' &&
                   std::ranges::all_of(name.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  return raw ? "raw bytes" : "";
}

Result<DType> parse_data_type(const Json& value, std::string_view where) {
  const Json* name = value.is_string() ? &value : value.find("name");
  const std::string_view text = name ? name->as_string().value_or("") : "";
  if (const auto dtype = dtype_from_name(text)) return *dtype;
  const std::string_view kind = kind_of(text);
  return fail(ErrorCode::Unsupported,
              "{}: \"data_type\" is {}{}; expected bool, (u)int8 to (u)int64 or float16 to float64", where,
              quoted(value), kind.empty() ? "" : fmt::format(" ({}), which is not numeric", kind));
}

/// The name of an extension point ("regular") and its configuration.
struct Named {
  std::string_view name;
  const Json* config = nullptr;
};

Result<Named> parse_named(const Json& document, std::string_view key, std::string_view where) {
  ND_ASSIGN(const Json* value, require_field(document, key, where));
  const Json* name = value->is_string() ? value : value->find("name");
  if (!name || !name->is_string()) {
    return fail(ErrorCode::Invalid, "{}: \"{}\" is {}; expected an object with \"name\"", where, key, quoted(*value));
  }
  return Named{name->string(), value->find("configuration")};
}

Result<std::vector<std::int64_t>> parse_chunk_grid(const Json& document, std::size_t ndim, std::string_view where) {
  ND_ASSIGN(const Named grid, parse_named(document, "chunk_grid", where));
  if (grid.name != "regular") {
    return fail(ErrorCode::Unsupported, "{}: chunk grid \"{}\"; expected \"regular\"", where, grid.name);
  }
  const std::string field = fmt::format("{}: \"chunk_grid\"", where);
  const Json none;
  ND_ASSIGN(const Json* chunk_shape, require_field(grid.config ? *grid.config : none, "chunk_shape", field));
  ND_ASSIGN(auto shape, parse_extents(*chunk_shape, 1, field));
  if (shape.size() != ndim) {
    return fail(ErrorCode::Invalid, "{}: \"chunk_shape\" {} has {} axes, \"shape\" has {}", where, quoted(*chunk_shape),
                shape.size(), ndim);
  }
  return shape;
}

Result<void> parse_key_encoding(ArrayMetadata& out, const Json& document, std::string_view where) {
  ND_ASSIGN(const Named encoding, parse_named(document, "chunk_key_encoding", where));
  if (encoding.name != "default" && encoding.name != "v2") {
    return fail(ErrorCode::Unsupported, "{}: chunk key encoding \"{}\"; expected \"default\" or \"v2\"", where,
                encoding.name);
  }
  out.prefix_keys = encoding.name == "default";
  out.separator = out.prefix_keys ? '/' : '.';
  if (const Json* separator = encoding.config ? encoding.config->find("separator") : nullptr) {
    ND_ASSIGN(out.separator, parse_separator(*separator, fmt::format("{}: \"separator\"", where)));
  }
  return {};
}

}  // namespace

Result<ArrayMetadata> parse_zarr_v3(const Json& document, std::string_view where) {
  ArrayMetadata out;
  ND_ASSIGN(const Json* format, require_field(document, "zarr_format", where));
  if (format->as_int64() != 3) {
    return fail(ErrorCode::Invalid, "{}: \"zarr_format\" is {}; expected 3", where, quoted(*format));
  }
  ND_TRY(refuse_unknown_fields(document, where));
  ND_ASSIGN(const Json* shape, require_field(document, "shape", where));
  ND_ASSIGN(out.shape, parse_extents(*shape, 0, fmt::format("{}: \"shape\"", where)));
  ND_ASSIGN(const Json* data_type, require_field(document, "data_type", where));
  ND_ASSIGN(out.dtype, parse_data_type(*data_type, where));
  ND_ASSIGN(out.object_shape, parse_chunk_grid(document, out.shape.size(), where));
  ND_TRY(parse_key_encoding(out, document, where));
  ND_ASSIGN(const Json* fill, require_field(document, "fill_value", where));
  ND_ASSIGN(out.fill, parse_fill_value(*fill, out.dtype, fmt::format("{}: \"fill_value\"", where)));
  // Early writers (GDAL) leave "codecs" out when nothing is encoded.
  const Json uncompressed = Json::make_array({Json("bytes")});
  const Json* codecs = document.find("codecs");
  ND_ASSIGN(out.chain, parse_codec_chain(codecs ? *codecs : uncompressed, {out.dtype, out.object_shape},
                                         fmt::format("{}: \"codecs\"", where)));
  out.dimension_names = names_from(document.find("dimension_names"), out.shape.size());
  if (const Json* attributes = document.find("attributes"); attributes && attributes->is_object()) {
    out.attributes = *attributes;
  }
  ND_TRY(finish_metadata(out, where));
  return out;
}

}  // namespace ndcast::image
