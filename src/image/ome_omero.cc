// omero: how channels are to be shown. Transitional and written by many tools in many ways, so read leniently.

#include <algorithm>
#include <charconv>

#include "image/json_fields.h"
#include "image/ome_metadata.h"

namespace ndcast::image {
namespace {

constexpr std::size_t kMaxChannels = 4096;

/// "RRGGBB", in the wild also with "#" and with two digits of alpha behind.
std::optional<std::array<std::uint8_t, 3>> parse_color(const Json* value) {
  std::string_view text = value ? value->as_string().value_or("") : "";
  if (text.starts_with('#')) text.remove_prefix(1);
  if (text.size() != 6 && text.size() != 8) return std::nullopt;
  std::array<std::uint8_t, 3> out{};
  for (std::size_t i = 0; i < 3; ++i) {
    const char* digits = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, out[i], 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
  }
  return out;
}

std::optional<ChannelInfo::Window> parse_window(const Json* window) {
  if (!window) return std::nullopt;
  const auto start = lenient_number(window->find("start"));
  const auto end = lenient_number(window->find("end"));
  const auto min = lenient_number(window->find("min"));
  const auto max = lenient_number(window->find("max"));
  // Either pair stands in for the other.
  ChannelInfo::Window out;
  if (start && end) {
    out = {*start, *end, *start, *end};
    if (min && max && *min < *max) {
      out.min = std::min(*min, *start);
      out.max = std::max(*max, *end);
    }
  } else if (min && max) {
    out = {*min, *max, *min, *max};
  } else {
    return std::nullopt;
  }
  return out.start < out.end ? std::optional(out) : std::nullopt;
}

bool flag(const Json& object, std::string_view key, bool otherwise) {
  const Json* value = object.find(key);
  return value && value->is_bool() ? value->boolean() : otherwise;
}

ChannelInfo parse_channel(const Json& channel, std::string_view where, std::vector<std::string>& warnings) {
  ChannelInfo out;
  if (const Json* label = channel.find("label")) {
    out.label = std::string(label->as_string().value_or("")).substr(0, limits::kNameBytes);
  }
  if (const auto color = parse_color(channel.find("color"))) {
    out.color = *color;
    out.has_color = true;
  } else if (const Json* written = channel.find("color")) {
    warnings.push_back(fmt::format("{}: color {}; expected 6 hexadecimal digits", where, quoted(*written)));
  }
  out.window = parse_window(channel.find("window"));
  if (const Json* written = channel.find("window"); written && !out.window) {
    warnings.push_back(fmt::format("{}: window {}; expected start < end", where, quoted(*written)));
  }
  out.active = flag(channel, "active", true);
  out.inverted = flag(channel, "inverted", false);
  return out;
}

std::optional<std::int64_t> default_index(const Json* defaults, std::string_view key) {
  const Json* value = defaults ? defaults->find(key) : nullptr;
  const auto index = value ? value->as_int64() : std::nullopt;
  return index && *index >= 0 ? index : std::nullopt;
}

}  // namespace

Omero parse_omero(const Node& node, std::vector<std::string>& warnings) {
  Omero out;
  const Json* omero = ome_attributes(node).find("omero");
  if (!omero) return out;
  const std::string where = fmt::format("{}: omero", node.where);
  const Json* channels = omero->find("channels");
  if (!channels || !channels->is_array() || channels->size() > kMaxChannels) {
    warnings.push_back(fmt::format("{}: no list of \"channels\"", where));
  } else {
    for (const Json& channel : channels->array()) {
      out.channels.push_back(
          parse_channel(channel, fmt::format("{}: channels[{}]", where, out.channels.size()), warnings));
    }
  }
  const Json* defaults = omero->find("rdefs");
  out.default_t = default_index(defaults, "defaultT");
  out.default_z = default_index(defaults, "defaultZ");
  const Json* model = defaults ? defaults->find("model") : nullptr;
  out.greyscale = model && model->as_string() == "greyscale";
  return out;
}

}  // namespace ndcast::image
