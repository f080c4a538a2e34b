#include "image/codecs/delta.h"

#include <type_traits>

#include "image/codecs/element_filter.h"

namespace ndcast::image {
namespace {

class Delta {
 public:
  explicit Delta(ElementTypes types) : types_(types) {}

  std::string_view name() const { return "delta"; }
  const ElementTypes& types() const { return types_; }

  void decode(const std::byte* stored, std::byte* decoded, std::size_t count, bool stored_swapped,
              bool decoded_swapped) const {
    const bool is_bool = types_.decoded.dtype == DType::Bool;
    visit_dtype(types_.stored.dtype, [&](auto stored_zero) {
      visit_dtype(types_.decoded.dtype, [&](auto decoded_zero) {
        using From = decltype(stored_zero);
        using To = decltype(decoded_zero);
        // parse_element_types() keeps Half out.
        if constexpr (!std::is_same_v<From, Half> && !std::is_same_v<To, Half>) {
          To sum{};
          for (std::size_t i = 0; i < count; ++i) {
            const From step = load_element<From>(stored + i * sizeof(From), stored_swapped);
            sum = i == 0 ? static_cast<To>(step) : add(sum, step, is_bool);
            store_element(decoded + i * sizeof(To), sum, decoded_swapped);
          }
        }
      });
    });
  }

 private:
  /// Integers wrap as numpy's do; booleans were encoded by exclusive or.
  template <class To, class From>
  static To add(To sum, From step, bool is_bool) {
    if constexpr (std::is_floating_point_v<To>) {
      return sum + static_cast<To>(step);
    } else {
      using Word = std::make_unsigned_t<To>;
      const auto a = static_cast<Word>(sum);
      const auto b = static_cast<Word>(static_cast<To>(step));
      return static_cast<To>(static_cast<Word>(is_bool ? a ^ b : a + b));
    }
  }

  ElementTypes types_;
};

Result<ElementTypes> types_of(const Json& config, std::string_view where) {
  ND_ASSIGN(const ElementTypes types, parse_element_types(config, where));
  if (is_floating(types.stored.dtype) && !is_floating(types.decoded.dtype)) {
    return fail(ErrorCode::Unsupported, "{}: integers stored as floating point differences", where);
  }
  return types;
}

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_delta_bytes(const Json& config, std::string_view where) {
  ND_ASSIGN(const ElementTypes types, types_of(config, where));
  return std::make_unique<ElementFilterOnBytes<Delta>>(Delta(types));
}

Result<std::unique_ptr<const ArrayCodec>> make_delta_array(const Json& config, std::string_view where) {
  ND_ASSIGN(const ElementTypes types, types_of(config, where));
  return std::make_unique<ElementFilterOnArray<Delta>>(Delta(types), where);
}

}  // namespace ndcast::image
