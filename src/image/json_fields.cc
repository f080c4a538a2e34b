#include "image/json_fields.h"

#include <charconv>
#include <cmath>

#include "base/limits.h"

namespace ndcast::image {

Result<const Json*> require_field(const Json& object, std::string_view key, std::string_view where) {
  if (!object.is_object()) {
    return fail(ErrorCode::Invalid, "{} is {}; expected an object with \"{}\"", where, quoted(object), key);
  }
  if (const Json* value = object.find(key)) return value;
  return fail(ErrorCode::Invalid, "{}: no \"{}\"", where, key);
}

Result<std::vector<std::int64_t>> parse_extents(const Json& value, std::int64_t least, std::string_view where) {
  if (!value.is_array()) {
    return fail(ErrorCode::Invalid, "{} is {}; expected a list of integers", where, quoted(value));
  }
  if (value.size() > limits::kDimensions) {
    return fail(ErrorCode::Limit, "{} has {} axes, at most {}", where, value.size(), limits::kDimensions);
  }
  std::vector<std::int64_t> out;
  out.reserve(value.size());
  for (const Json& element : value.array()) {
    const auto extent = element.as_int64();
    if (!extent || *extent < least) {
      return fail(ErrorCode::Invalid, "{} is {}; expected integers of at least {}", where, quoted(value), least);
    }
    out.push_back(*extent);
  }
  return out;
}

std::optional<double> lenient_number(const Json* value) {
  if (!value) return std::nullopt;
  std::optional<double> number = value->as_double();
  if (const auto text = value->as_string()) {
    double parsed = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
    if (error == std::errc() && end == text->data() + text->size()) number = parsed;
  }
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string quoted(const Json& value) {
  constexpr std::size_t kShown = 120;
  std::string text = to_string(value);
  if (text.size() <= kShown) return text;
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;  // not inside a UTF-8 sequence
  return text.substr(0, cut) + "…";
}

}  // namespace ndcast::image
