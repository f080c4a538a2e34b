#include "image/fill_value.h"
#include "image/zarr_metadata_common.h"

namespace ndcast::image {
namespace {

Result<bool> parse_fortran_order(const Json& document, std::string_view where) {
  const Json* order = document.find("order");
  if (!order) return false;
  const std::string_view text = order->as_string().value_or("");
  if (text != "C" && text != "F") {
    return fail(ErrorCode::Invalid, "{}: \"order\" is {}; expected \"C\" or \"F\"", where, quoted(*order));
  }
  return text == "F";
}

}  // namespace

Result<ArrayMetadata> parse_zarr_v2(const Json& document, Json attributes, std::string_view where) {
  ArrayMetadata out;
  out.zarr_format = 2;
  ND_ASSIGN(const Json* format, require_field(document, "zarr_format", where));
  if (format->as_int64() != 2) {
    return fail(ErrorCode::Invalid, "{}: \"zarr_format\" is {}; expected 2", where, quoted(*format));
  }
  ND_ASSIGN(const Json* shape, require_field(document, "shape", where));
  ND_ASSIGN(out.shape, parse_extents(*shape, 0, fmt::format("{}: \"shape\"", where)));
  ND_ASSIGN(const Json* chunks, require_field(document, "chunks", where));
  ND_ASSIGN(out.object_shape, parse_extents(*chunks, 1, fmt::format("{}: \"chunks\"", where)));
  if (out.object_shape.size() != out.shape.size()) {
    return fail(ErrorCode::Invalid, "{}: \"chunks\" {} has {} axes, \"shape\" {} has {}", where, quoted(*chunks),
                out.object_shape.size(), quoted(*shape), out.shape.size());
  }
  ND_ASSIGN(const Json* dtype, require_field(document, "dtype", where));
  V2Encoding encoding;
  ND_ASSIGN(encoding.type, parse_numpy_dtype(*dtype, fmt::format("{}: \"dtype\"", where)));
  out.dtype = encoding.type.dtype;
  const Json* fill = document.find("fill_value");
  ND_ASSIGN(out.fill, parse_fill_value(fill ? *fill : Json(), out.dtype, fmt::format("{}: \"fill_value\"", where)));
  ND_ASSIGN(encoding.fortran_order, parse_fortran_order(document, where));
  encoding.filters = document.find("filters");
  encoding.compressor = document.find("compressor");
  ND_ASSIGN(out.chain, make_v2_chain(encoding, out.object_shape, where));
  out.prefix_keys = false;
  const Json* separator = document.find("dimension_separator");
  out.separator_given = separator && !separator->is_null();
  out.separator = '.';
  if (out.separator_given) {
    ND_ASSIGN(out.separator, parse_separator(*separator, fmt::format("{}: \"dimension_separator\"", where)));
  }
  out.dimension_names = names_from(attributes.find("_ARRAY_DIMENSIONS"), out.shape.size());
  out.attributes = std::move(attributes);
  ND_TRY(finish_metadata(out, where));
  return out;
}

}  // namespace ndcast::image
