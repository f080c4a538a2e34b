// image-label: how the objects of a label image are to be shown and what is known of them; labels: which label images
// an image has.

#include <algorithm>
#include <set>

#include "image/json_fields.h"
#include "image/ome_metadata.h"

namespace ndcast::image {
namespace {

/// Warnings that name single entries; a list with a fault in each would say nothing more.
constexpr std::size_t kToldEntries = 5;

/// An integer of any type that voxels have, as a 64-bit pattern.
std::optional<std::int64_t> label_value(const Json& entry) {
  const Json* value = entry.find("label-value");
  if (!value) return std::nullopt;
  if (const auto number = value->as_int64()) return number;
  if (const auto number = value->as_uint64()) return static_cast<std::int64_t>(*number);
  if (value->is_bool()) return value->boolean() ? 1 : 0;
  return std::nullopt;
}

std::optional<std::array<std::uint8_t, 4>> parse_rgba(const Json& entry) {
  const Json* rgba = entry.find("rgba");
  if (!rgba || !rgba->is_array() || rgba->size() < 3 || rgba->size() > 4) return std::nullopt;
  std::array<std::uint8_t, 4> out{0, 0, 0, 255};
  for (std::size_t i = 0; i < rgba->size(); ++i) {
    const auto part = rgba->array()[i].as_int64();
    if (!part || *part < 0 || *part > 255) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(*part);
  }
  return out;
}

class Entries {
 public:
  Entries(const Json& label, std::string_view key, std::string where, std::vector<std::string>& warnings)
      : where_(std::move(where)), key_(key), warnings_(warnings) {
    const Json* list = label.find(key);
    if (!list || list->is_null()) return;
    if (!list->is_array()) {
      warnings_.push_back(fmt::format("{}: \"{}\" is {}; expected a list", where_, key_, quoted(*list)));
    } else if (list->size() > limits::kLabelEntries) {
      warnings_.push_back(
          fmt::format("{}: {} \"{}\", at most {} are read", where_, list->size(), key_, limits::kLabelEntries));
    } else {
      list_ = &list->array();
    }
  }

  /// `take(entry, value)` is false for an entry that cannot be used.
  template <class Take>
  void each(Take&& take) {
    if (!list_) return;
    for (std::size_t i = 0; i < list_->size(); ++i) {
      const Json& entry = (*list_)[i];
      const auto value = label_value(entry);
      if (value && seen_.insert(*value).second && take(entry, *value)) continue;
      if (++odd_ <= kToldEntries) {
        warnings_.push_back(fmt::format("{}: {}[{}] {} is left out; expected one entry a \"label-value\"{}", where_,
                                        key_, i, quoted(entry), key_ == "colors" ? " with \"rgba\" of 0 to 255" : ""));
      }
    }
  }

 private:
  std::string where_;
  std::string_view key_;
  std::vector<std::string>& warnings_;
  const Json::Array* list_ = nullptr;
  std::set<std::int64_t> seen_;
  std::size_t odd_ = 0;
};

/// "../../" seen from "a/labels/cells" is "a"; nothing when it leads out of the store.
std::optional<std::string> resolved(std::string_view relative, std::string_view from) {
  std::vector<std::string_view> parts;
  const auto add = [&parts](std::string_view text) {
    while (!text.empty()) {
      const std::size_t slash = text.find('/');
      const std::string_view part = text.substr(0, slash);
      text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
    return true;
  };
  if (!add(from) || !add(relative)) return std::nullopt;
  return fmt::format("{}", fmt::join(parts, "/"));
}

}  // namespace

std::optional<LabelInfo> parse_label(const Node& node, std::string_view path, std::vector<std::string>& warnings) {
  const Json* label = ome_attributes(node).find("image-label");
  if (!label) return std::nullopt;
  const std::string where = fmt::format("{}: image-label", node.where);
  LabelInfo out;
  Entries(*label, "colors", where, warnings).each([&](const Json& entry, std::int64_t value) {
    const auto rgba = parse_rgba(entry);
    if (rgba) out.colors.push_back({value, *rgba});
    return rgba.has_value();
  });
  Entries(*label, "properties", where, warnings).each([&](const Json& entry, std::int64_t value) {
    out.properties.push_back({value, entry});
    return true;
  });
  const auto by_value = [](const auto& a, const auto& b) { return a.value < b.value; };
  std::ranges::sort(out.colors, by_value);
  std::ranges::sort(out.properties, by_value);
  // "../../" unless it says otherwise (0.4, section "labels metadata").
  const Json* source = label->find("source");
  const Json* image = source ? source->find("image") : nullptr;
  out.source = resolved(image ? image->as_string().value_or("../../") : "../../", path);
  if (!out.source && image) {
    warnings.push_back(fmt::format("{}: \"source\" {} is not below the place that was opened", where, quoted(*image)));
  }
  return out;
}

Result<std::vector<std::string>> list_labels(const Store& store, const std::string& path) {
  const std::string key = join_key(path, "labels");
  ND_ASSIGN(const Node node, read_node(store, key));
  std::vector<std::string> out;
  const Json* list = node.kind == Node::Kind::Group ? ome_attributes(node).find("labels") : nullptr;
  for (const Json& element : list && list->is_array() ? list->array() : Json::Array{}) {
    std::string name(element.as_string().value_or(""));
    while (name.ends_with('/')) name.pop_back();
    if (!check_key(name) || out.size() == limits::kCollectionImages) continue;
    out.push_back(join_key(key, name));
  }
  return out;
}

}  // namespace ndcast::image
