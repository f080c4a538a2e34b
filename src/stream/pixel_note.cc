#include "stream/pixel_note.h"

#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/limits.h"

namespace ndcast::stream {
namespace {

/// A minute: anything longer is a suspended tab, not a measurement.
constexpr double kMaxStageMs = 60'000;
constexpr JsonLimits kNoteLimits = {.max_bytes = limits::kPixelMessageBytes, .max_depth = 4, .max_elements = 32};

Result<double> stage_ms(const Json& note, std::string_view name) {
  const Json* member = note.find(name);
  const auto value = member ? member->as_double() : std::nullopt;
  if (!value || !std::isfinite(*value) || *value < 0 || *value > kMaxStageMs) {
    return fail(ErrorCode::Invalid, "presented.{} is {} (a number from 0 to {} expected)", name,
                member ? to_string(*member) : "absent", kMaxStageMs);
  }
  return *value;
}

Result<std::uint32_t> frame_number(const Json& note, std::string_view type) {
  const Json* seq = note.find("seq");
  const auto number = seq ? seq->as_uint64() : std::nullopt;
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::Invalid, "{}.seq is {} (a frame's 32-bit number expected)", type,
                seq ? to_string(*seq) : "absent");
  }
  return static_cast<std::uint32_t>(*number);
}

Result<PixelNote> parse_strip(const Json& note) {
  StripNote strip;
  ND_ASSIGN(strip.seq, frame_number(note, "strip"));
  return strip;
}

Result<PixelNote> parse_presented(const Json& note) {
  PresentedNote presented;
  ND_ASSIGN(presented.seq, frame_number(note, "presented"));
  ND_ASSIGN(presented.decode_ms, stage_ms(note, "decode_ms"));
  ND_ASSIGN(presented.present_ms, stage_ms(note, "present_ms"));
  return presented;
}

Result<PixelNote> parse_visible(const Json& note) {
  const Json* value = note.find("value");
  if (!value || !value->is_bool()) {
    return fail(ErrorCode::Invalid, "visible.value is {} (true or false expected)",
                value ? to_string(*value) : "absent");
  }
  return VisibleNote{.visible = value->boolean()};
}

}  // namespace

Result<PixelNote> parse_pixel_note(std::string_view text) {
  if (text.size() > limits::kPixelMessageBytes) {
    return fail(ErrorCode::Limit, "a pixel note of {} bytes (at most {} expected)", text.size(),
                limits::kPixelMessageBytes);
  }
  ND_ASSIGN(const Json note, parse_json(text, kNoteLimits));
  const Json* type = note.find("type");
  if (type && type->as_string() == "presented") return parse_presented(note);
  if (type && type->as_string() == "visible") return parse_visible(note);
  if (type && type->as_string() == "strip") return parse_strip(note);
  return fail(ErrorCode::Invalid, "a pixel note's type is {} (\"presented\", \"visible\" or \"strip\" expected)",
              type ? to_string(*type) : "absent");
}

}  // namespace ndcast::stream
