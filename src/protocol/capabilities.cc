#include "protocol/capabilities.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "protocol/describe_scene.h"
#include "protocol/key_forms.h"
#include "scene/colormap.h"

namespace ndcast::protocol {
namespace {

/// What a number may be; reducers clamp to it.
struct Range {
  std::string_view scope;
  std::string_view key;
  std::optional<double> minimum;
  std::optional<double> maximum;
};
constexpr std::array kRanges = {
    Range{"view", "ndisplay", 2, 3},  Range{"dims", "index", 0, {}},      Range{"multiscale", "level", 0, {}},
    Range{"layer", "opacity", 0, 1},  Range{"layer", "gamma", 0.01, 100}, Range{"layer", "order", 0, {}},
    Range{"volume", "opacity", 0, 1},
};

/// The value that a new layer of plain data has; those that depend on the data have no default.
std::optional<Json> default_of(std::string_view scope, std::string_view key) {
  if (scope != "layer" && scope != "volume") return std::nullopt;
  const scene::LayerControls defaults;
  if (key == "visible") return defaults.visible;
  if (key == "opacity") return defaults.opacity;
  if (key == "gamma") return defaults.gamma;
  if (key == "blending") return described::print(defaults.blending);
  if (key == "interpolation") return described::print(defaults.interpolation);
  if (key == "rendering") return described::print(defaults.rendering);
  return std::nullopt;
}

KeyCapability capability_of(const KeyForm& form) {
  KeyCapability out{.scope = std::string(form.scope), .key = std::string(form.key), .type = std::string(form.type)};
  if (!form.words.empty()) out.words.emplace(form.words.begin(), form.words.end());
  for (const Range& range : kRanges) {
    if (range.scope != form.scope || range.key != form.key) continue;
    out.minimum = range.minimum;
    out.maximum = range.maximum;
  }
  out.default_value = default_of(form.scope, form.key);
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
          {"sessions_total", static_cast<std::int64_t>(limits::kSessions)},
          {"views", static_cast<std::int64_t>(limits::kViewsPerRoom)},
          {"views_per_session", static_cast<std::int64_t>(limits::kViewsPerSession)},
          {"sessions", static_cast<std::int64_t>(limits::kSessionsPerRoom)},
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
