#include "image/codecs/fixed_scale_offset.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "image/codecs/element_filter.h"
#include "image/json_fields.h"

namespace ndcast::image {
namespace {

/// Out of range or NaN becomes 0: what C++ leaves undefined and numpy leaves to the processor.
template <class To>
To element_from(double value) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else {
    const bool fits = value > static_cast<double>(std::numeric_limits<To>::min()) - 1 &&
                      value < static_cast<double>(std::numeric_limits<To>::max()) + 1;
    return fits ? static_cast<To>(value) : To{0};
  }
}

class FixedScaleOffset {
 public:
  FixedScaleOffset(ElementTypes types, double scale, double offset) : types_(types), scale_(scale), offset_(offset) {}

  std::string_view name() const { return "fixedscaleoffset"; }
  const ElementTypes& types() const { return types_; }

  void decode(const std::byte* stored, std::byte* decoded, std::size_t count, bool stored_swapped,
              bool decoded_swapped) const {
    visit_dtype(types_.stored.dtype, [&](auto stored_zero) {
      visit_dtype(types_.decoded.dtype, [&](auto decoded_zero) {
        using From = decltype(stored_zero);
        using To = decltype(decoded_zero);
        // parse_element_types() keeps Half out.
        if constexpr (!std::is_same_v<From, Half> && !std::is_same_v<To, Half>) {
          // numpy computes in float32 when float32 is stored and in float64 otherwise.
          using Work = std::conditional_t<std::is_same_v<From, float>, float, double>;
          for (std::size_t i = 0; i < count; ++i) {
            const auto value = static_cast<Work>(load_element<From>(stored + i * sizeof(From), stored_swapped));
            const Work scaled = value / static_cast<Work>(scale_) + static_cast<Work>(offset_);
            store_element(decoded + i * sizeof(To), element_from<To>(scaled), decoded_swapped);
          }
        }
      });
    });
  }

 private:
  ElementTypes types_;
  double scale_;
  double offset_;
};

Result<FixedScaleOffset> parse(const Json& config, std::string_view where) {
  ND_ASSIGN(const ElementTypes types, parse_element_types(config, where));
  double factors[2] = {1, 0};
  constexpr std::string_view kKeys[2] = {"scale", "offset"};
  for (std::size_t i = 0; i < 2; ++i) {
    const Json* value = config.find(kKeys[i]);
    const auto number = value ? value->as_double() : std::nullopt;
    if (!number || (i == 0 && *number == 0)) {
      return fail(ErrorCode::Invalid, "{}: \"{}\" is {}; expected a number{}", where, kKeys[i],
                  value ? quoted(*value) : "missing", i == 0 ? " other than 0" : "");
    }
    factors[i] = *number;
  }
  return FixedScaleOffset(types, factors[0], factors[1]);
}

}  // namespace

Result<std::unique_ptr<const BytesCodec>> make_fixed_scale_offset_bytes(const Json& config, std::string_view where) {
  ND_ASSIGN(const FixedScaleOffset filter, parse(config, where));
  return std::make_unique<ElementFilterOnBytes<FixedScaleOffset>>(filter);
}

Result<std::unique_ptr<const ArrayCodec>> make_fixed_scale_offset_array(const Json& config, std::string_view where) {
  ND_ASSIGN(const FixedScaleOffset filter, parse(config, where));
  return std::make_unique<ElementFilterOnArray<FixedScaleOffset>>(filter, where);
}

}  // namespace ndcast::image
