#include "image/codecs/cast.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "image/codecs/element_filter.h"

namespace ndcast::image {
namespace {

/// numpy's astype(): integers wrap, floating point is cut towards zero, bool is "not zero". What C++ leaves undefined
/// and numpy to the processor (NaN or too large to an integer) becomes 0.
template <class To, class From>
To converted(From value, bool to_bool) {
  if constexpr (std::is_same_v<From, Half>) {
    return converted<To>(static_cast<float>(value), to_bool);
  } else if constexpr (std::is_same_v<To, Half>) {
    return half_from(static_cast<double>(value));
  } else if constexpr (std::is_integral_v<From> || std::is_floating_point_v<To>) {
    return to_bool ? static_cast<To>(value != From{}) : static_cast<To>(value);
  } else {
    if (to_bool) return static_cast<To>(value != From{});
    const double whole = std::trunc(static_cast<double>(value));
    const bool fits = whole >= static_cast<double>(std::numeric_limits<To>::min()) &&
                      whole < std::ldexp(1.0, std::numeric_limits<To>::digits);
    return fits ? static_cast<To>(whole) : To{0};
  }
}

class Cast {
 public:
  Cast(std::string_view name, ElementTypes types) : name_(name), types_(types) {}

  std::string_view name() const { return name_; }
  const ElementTypes& types() const { return types_; }

  void decode(const std::byte* stored, std::byte* decoded, std::size_t count, bool stored_swapped,
              bool decoded_swapped) const {
    const bool to_bool = types_.decoded.dtype == DType::Bool;
    visit_dtype(types_.stored.dtype, [&](auto stored_zero) {
      visit_dtype(types_.decoded.dtype, [&](auto decoded_zero) {
        using From = decltype(stored_zero);
        using To = decltype(decoded_zero);
        for (std::size_t i = 0; i < count; ++i) {
          const From value = load_element<From>(stored + i * sizeof(From), stored_swapped);
          store_element(decoded + i * sizeof(To), converted<To>(value, to_bool), decoded_swapped);
        }
      });
    });
  }

 private:
  std::string_view name_;
  ElementTypes types_;
};

/// `decoded_key` has to be there; without `stored_key` both are the same.
Result<Cast> parse(std::string_view name, const Json& config, std::string_view decoded_key, std::string_view stored_key,
                   std::string_view where) {
  const Json* decoded = config.find(decoded_key);
  if (!decoded) return fail(ErrorCode::Invalid, "{}: no \"{}\"; expected a type like \"<i4\"", where, decoded_key);
  ElementTypes types;
  ND_ASSIGN(types.decoded, parse_numpy_dtype(*decoded, where));
  types.stored = types.decoded;
  if (const Json* stored = config.find(stored_key); stored && !stored->is_null()) {
    ND_ASSIGN(types.stored, parse_numpy_dtype(*stored, where));
  }
  return Cast(name, types);
}

Result<Cast> parse_astype(const Json& config, std::string_view where) {
  return parse("astype", config, "decode_dtype", "encode_dtype", where);
}

Result<Cast> parse_quantize(const Json& config, std::string_view where) {
  return parse("quantize", config, "dtype", "astype", where);
}

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_astype_bytes(const Json& config, std::string_view where) {
  ND_ASSIGN(const Cast filter, parse_astype(config, where));
  return std::make_unique<ElementFilterOnBytes<Cast>>(filter);
}

Result<std::unique_ptr<const ArrayCodec>> make_astype_array(const Json& config, std::string_view where) {
  ND_ASSIGN(const Cast filter, parse_astype(config, where));
  return std::make_unique<ElementFilterOnArray<Cast>>(filter, where);
}

Result<std::unique_ptr<const BytesCodec>> make_quantize_bytes(const Json& config, std::string_view where) {
  ND_ASSIGN(const Cast filter, parse_quantize(config, where));
  return std::make_unique<ElementFilterOnBytes<Cast>>(filter);
}

Result<std::unique_ptr<const ArrayCodec>> make_quantize_array(const Json& config, std::string_view where) {
  ND_ASSIGN(const Cast filter, parse_quantize(config, where));
  return std::make_unique<ElementFilterOnArray<Cast>>(filter, where);
}

}  // namespace ndcast::image
