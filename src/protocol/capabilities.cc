#include "protocol/capabilities.h"

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/value_limits.h"
#include "protocol/key_forms.h"
#include "protocol/values.h"
#include "scene/colormap.h"

namespace ndcast::protocol {
namespace {

std::optional<std::vector<std::string>> texts(const std::vector<std::string_view>& words) {
  if (words.empty()) return std::nullopt;
  return std::vector<std::string>(words.begin(), words.end());
}

KeyCapability capability_of(const KeyForm& form) {
  KeyCapability out{.scope = std::string(form.scope), .key = std::string(form.key), .type = std::string(form.type)};
  out.words = texts(form.words);
  out.minimum = form.bounds.minimum;
  out.maximum = form.bounds.maximum;
  if (form.default_value) {
    // null is the absence of a lock or a play, which needs no telling.
    if (Json value = to_json(*form.default_value); !value.is_null()) out.default_value = std::move(value);
  }
  return out;
}

std::vector<ColormapCapability> colormap_capabilities() {
  std::vector<ColormapCapability> out;
  for (const scene::Colormap& colormap : scene::colormaps()) {
    ColormapCapability entry{.name = std::string(colormap.name)};
    for (const std::uint32_t stop : colormap.stops) entry.stops.push_back(fmt::format("#{:06x}", stop & 0xFFFFFF));
    out.push_back(std::move(entry));
  }
  return out;
}

std::map<std::string, std::int64_t> limit_capabilities() {
  return {{"canvas_min", limits::kCanvasMin},
          {"canvas_max_width", limits::kCanvasMaxWidth},
          {"canvas_max_height", limits::kCanvasMaxHeight},
          {"message_bytes", static_cast<std::int64_t>(limits::kStateMessageBytes)},
          {"name_bytes", static_cast<std::int64_t>(limits::kNameBytes)},
          {"layers", static_cast<std::int64_t>(limits::kLayers)},
          {"rooms", static_cast<std::int64_t>(limits::kRooms)},
          {"views", static_cast<std::int64_t>(limits::kViewsPerRoom)},
          {"views_per_session", static_cast<std::int64_t>(limits::kViewsPerSession)},
          {"sessions", static_cast<std::int64_t>(limits::kSessionsPerRoom)},
          {"opacity_stops", static_cast<std::int64_t>(limits::kOpacityStops)},
          {"clip_planes", static_cast<std::int64_t>(limits::kClipPlanes)},
          {"waits", static_cast<std::int64_t>(limits::kWaitsPerSession)}};
}

}  // namespace

Capabilities make_capabilities(std::vector<std::string> commands, std::vector<std::string> encoders) {
  Capabilities out;
  for (const KeyForm& form : key_forms()) out.keys.push_back(capability_of(form));
  out.commands = std::move(commands);
  out.colormaps = colormap_capabilities();
  out.limits = limit_capabilities();
  out.encoders = std::move(encoders);
  return out;
}

}  // namespace ndcast::protocol
