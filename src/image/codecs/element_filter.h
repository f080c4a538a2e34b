#pragma once
// What delta and fixedscaleoffset share: a filter over the flattened elements of a chunk, from a stored type to a
// decoded one. A v2 chain runs it on bytes in the byte orders that the configuration names; a v3 chain on native
// arrays.

#include <memory>
#include <utility>

#include "image/codec.h"
#include "image/numpy_dtype.h"

namespace ndcast::image {

struct ElementTypes {
  StoredType decoded;
  StoredType stored;
};

/// Reads "dtype" and "astype" (absent: the same). Errors: those of parse_numpy_dtype(), Unsupported for float16.
inline Result<ElementTypes> parse_element_types(const Json& config, std::string_view where) {
  const Json* dtype = config.find("dtype");
  if (!dtype) return fail(ErrorCode::Invalid, "{}: no \"dtype\"; expected a type like \"<i4\"", where);
  ElementTypes types;
  ND_ASSIGN(types.decoded, parse_numpy_dtype(*dtype, where));
  types.stored = types.decoded;
  if (const Json* astype = config.find("astype"); astype && !astype->is_null()) {
    ND_ASSIGN(types.stored, parse_numpy_dtype(*astype, where));
  }
  if (types.decoded.dtype == DType::Float16 || types.stored.dtype == DType::Float16) {
    return fail(ErrorCode::Unsupported, "{}: a filter on float16", where);
  }
  return types;
}

/// `Filter` has `name()`, `types()` and `decode(const std::byte* stored, std::byte* decoded, std::size_t count, bool
/// stored_swapped, bool decoded_swapped)`.
template <class Filter>
class ElementFilterOnBytes final : public BytesCodec {
 public:
  explicit ElementFilterOnBytes(Filter filter) : filter_(std::move(filter)) {}

  Result<Bytes> decode(std::span<const std::byte> stored, SizeBound size) const override {
    const ElementTypes& types = filter_.types();
    const std::size_t element_bytes = byte_size(types.stored.dtype);
    if (stored.size() % element_bytes != 0) {
      return fail(ErrorCode::Corrupt, "{}: {} bytes are no whole number of {}", filter_.name(), stored.size(),
                  to_string(types.stored.dtype));
    }
    const std::size_t count = stored.size() / element_bytes;
    ND_TRY(check_size(filter_.name(), count * byte_size(types.decoded.dtype), size));
    Bytes out(count * byte_size(types.decoded.dtype));
    filter_.decode(stored.data(), out.data(), count, types.stored.swapped(), types.decoded.swapped());
    return out;
  }

  SizeBound encoded_size(SizeBound decoded) const override {
    const ElementTypes& types = filter_.types();
    return {decoded.bytes / byte_size(types.decoded.dtype) * byte_size(types.stored.dtype), decoded.exact};
  }

 private:
  Filter filter_;
};

template <class Filter>
class ElementFilterOnArray final : public ArrayCodec {
 public:
  ElementFilterOnArray(Filter filter, std::string_view where) : filter_(std::move(filter)), where_(where) {}

  Result<ArraySpec> encoded(const ArraySpec& decoded) const override {
    const ElementTypes& types = filter_.types();
    if (types.decoded.dtype != decoded.dtype) {
      return fail(ErrorCode::Invalid, "{}: decodes to {}, expected {}", where_, to_string(types.decoded.dtype),
                  to_string(decoded.dtype));
    }
    return ArraySpec{types.stored.dtype, decoded.shape};
  }

  Result<Bytes> decode(Bytes stored, const ArraySpec& decoded) const override {
    Bytes out(decoded.bytes());
    filter_.decode(stored.data(), out.data(), out.size() / byte_size(decoded.dtype), false, false);
    return out;
  }

 private:
  Filter filter_;
  std::string where_;
};

}  // namespace ndcast::image
