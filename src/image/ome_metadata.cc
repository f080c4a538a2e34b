#include "image/ome_metadata.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "image/json_fields.h"

namespace ndcast::image {
namespace {

/// 0.6 moves axes into coordinate systems; nothing before it does.
constexpr int kNewestMinor = 5;
constexpr std::size_t kMaxLevels = 64;

/// "0.4" → 4, "0.5-dev1" → 5.
std::optional<int> minor_of(std::string_view version) {
  if (!version.starts_with("0.")) return std::nullopt;
  int minor = 0;
  const auto [end, error] = std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  return error == std::errc() ? std::optional(minor) : std::nullopt;
}

Result<int> parse_version(const Node& node, const Json& multiscale, std::vector<std::string>& warnings) {
  const Json* version = ome_attributes(node).find("version");
  if (!version) version = multiscale.find("version");
  if (!version || version->is_null()) {
    const int assumed = node.zarr_format == 3 ? 5 : 4;
    warnings.push_back(fmt::format("{}: no OME-NGFF version; read as 0.{}", node.where, assumed));
    return assumed;
  }
  const auto minor = minor_of(version->as_string().value_or(""));
  if (!minor) {
    return fail(ErrorCode::Invalid, "{}: OME-NGFF \"version\" is {}; expected \"0.1\" to \"0.{}\"", node.where,
                quoted(*version), kNewestMinor);
  }
  if (*minor > kNewestMinor) {
    return fail(ErrorCode::Unsupported, "{}: OME-NGFF {}; this build reads 0.1 to 0.{}", node.where, version->string(),
                kNewestMinor);
  }
  return *minor;
}

AxisType axis_type(const Json* type, std::string_view name) {
  const std::string_view text = type ? type->as_string().value_or("") : "";
  if (text == "space") return AxisType::Space;
  if (text == "time") return AxisType::Time;
  if (text == "channel") return AxisType::Channel;
  return text.empty() ? guess_axis_type(name) : AxisType::Other;
}

Result<std::vector<ImageAxis>> parse_axes(const Json& multiscale, std::string_view where) {
  std::vector<ImageAxis> axes;
  const Json* list = multiscale.find("axes");
  if (!list || list->is_null()) return axes;
  if (!list->is_array() || list->size() > limits::kDimensions) {
    return fail(ErrorCode::Invalid, "{}: \"axes\" is {}; expected a list of axes", where, quoted(*list));
  }
  for (const Json& element : list->array()) {
    const Json* name = element.is_string() ? &element : element.find("name");  // 0.3 has bare strings
    if (!name || !name->is_string() || name->string().size() > limits::kNameBytes) {
      return fail(ErrorCode::Invalid, "{}: axis {}; expected a name or an object with \"name\"", where,
                  quoted(element));
    }
    const Json* unit = element.find("unit");
    ImageAxis axis{name->string(), axis_type(element.find("type"), name->string()),
                   std::string(unit ? unit->as_string().value_or("") : "")};
    if (std::ranges::find(axes, axis.name, &ImageAxis::name) != axes.end()) {
      return fail(ErrorCode::Invalid, "{}: two axes are named \"{}\"", where, axis.name);
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

Result<std::vector<double>> parse_vector(const Json& transform, std::string_view key, std::string_view where) {
  const Json* list = transform.find(key);
  if (!list && transform.find("path")) {
    return fail(ErrorCode::Unsupported, "{}: a {} stored in an array; expected a list of numbers", where, key);
  }
  std::vector<double> out;
  for (const Json& element : list && list->is_array() ? list->array() : Json::Array{}) {
    const auto number = lenient_number(&element);
    if (!number) break;
    out.push_back(*number);
  }
  if (!list || out.size() != list->size() || out.empty() || out.size() > limits::kDimensions) {
    return fail(ErrorCode::Invalid, "{}: \"{}\" is {}; expected one number an axis", where, key,
                list ? quoted(*list) : "missing");
  }
  return out;
}

/// Fills `scale` and `translation` from a coordinateTransformations list; an absent list leaves both alone.
Result<void> parse_transforms(const Json& holder, std::string_view where, std::optional<std::vector<double>>& scale,
                              std::optional<std::vector<double>>& translation) {
  const Json* list = holder.find("coordinateTransformations");
  if (!list || list->is_null()) return {};
  if (!list->is_array()) {
    return fail(ErrorCode::Invalid, "{}: \"coordinateTransformations\" is {}; expected a list", where, quoted(*list));
  }
  for (const Json& transform : list->array()) {
    const Json* type = transform.find("type");
    const std::string_view text = type ? type->as_string().value_or("") : "";
    if (text == "scale" && !scale && !translation) {
      ND_ASSIGN(scale, parse_vector(transform, "scale", where));
    } else if (text == "translation" && !translation) {
      ND_ASSIGN(translation, parse_vector(transform, "translation", where));
    } else if (text != "identity") {
      return fail(ErrorCode::Unsupported,
                  "{}: a transformation {}; expected one \"scale\", then at most one \"translation\"", where,
                  quoted(transform));
    }
  }
  return {};
}

Result<std::string> parse_level_path(const Json& dataset, std::string_view where) {
  ND_ASSIGN(const Json* path, require_field(dataset, "path", where));
  if (!path->is_string()) {
    return fail(ErrorCode::Invalid, "{}: \"path\" is {}; expected a string", where, quoted(*path));
  }
  std::string key = path->string();
  while (key.ends_with('/')) key.pop_back();
  while (key.starts_with("./")) key.erase(0, 2);
  if (auto checked = check_key(key); !checked) {
    return fail(ErrorCode::Invalid, "{}: \"path\": {}", where, checked.error().message);
  }
  return key;
}

Result<std::vector<MultiscaleLevel>> parse_levels(const Json& multiscale, std::string_view where) {
  ND_ASSIGN(const Json* datasets, require_field(multiscale, "datasets", where));
  if (!datasets->is_array() || datasets->size() == 0 || datasets->size() > kMaxLevels) {
    return fail(ErrorCode::Invalid, "{}: \"datasets\" is {}; expected a list of 1 to {} levels", where,
                quoted(*datasets), kMaxLevels);
  }
  std::vector<MultiscaleLevel> levels;
  for (const Json& dataset : datasets->array()) {
    const std::string at = fmt::format("{}: datasets[{}]", where, levels.size());
    MultiscaleLevel level;
    ND_ASSIGN(level.path, parse_level_path(dataset, at));
    ND_TRY(parse_transforms(dataset, at, level.scale, level.translation));
    levels.push_back(std::move(level));
  }
  return levels;
}

void mend_zero_scales(std::optional<std::vector<double>>& scale, std::string_view where,
                      std::vector<std::string>& warnings) {
  if (!scale || std::ranges::find(*scale, 0.0) == scale->end()) return;
  warnings.push_back(fmt::format("{}: a scale of 0, read as 1", where));
  std::ranges::replace(*scale, 0.0, 1.0);
}

/// 0.4's own suite holds a scale of the last axes alone as valid; the others are then 1 and 0.
void mend_short(std::optional<std::vector<double>>& values, std::size_t ndim, double missing, std::string_view where,
                std::vector<std::string>& warnings) {
  if (!values || values->size() >= ndim || values->size() < 2) return;
  warnings.push_back(
      fmt::format("{}: {} numbers for {} axes, taken as those of the last axes", where, values->size(), ndim));
  values->insert(values->begin(), ndim - values->size(), missing);
}

Result<void> check_ndim(const Multiscale& multiscale, std::string_view where) {
  const std::size_t ndim = multiscale.axes.size();
  if (ndim == 0) return {};
  const auto check = [&](const std::optional<std::vector<double>>& values, std::string_view name) -> Result<void> {
    if (!values || values->size() == ndim) return {};
    return fail(ErrorCode::Invalid, "{}: a {} of {} numbers for {} axes", where, name, values->size(), ndim);
  };
  ND_TRY(check(multiscale.scale, "scale"));
  ND_TRY(check(multiscale.translation, "translation"));
  for (const MultiscaleLevel& level : multiscale.levels) {
    ND_TRY(check(level.scale, "scale"));
    ND_TRY(check(level.translation, "translation"));
  }
  return {};
}

}  // namespace

AxisType guess_axis_type(std::string_view name) {
  if (name == "t" || name == "time") return AxisType::Time;
  if (name == "c" || name == "channel") return AxisType::Channel;
  return name == "z" || name == "y" || name == "x" ? AxisType::Space : AxisType::Other;
}

const Json& ome_attributes(const Node& node) {
  const Json* ome = node.zarr_format == 3 ? node.attributes.find("ome") : nullptr;
  return ome && ome->is_object() ? *ome : node.attributes;
}

namespace {

/// By name, then by position.
Result<std::size_t> find_multiscale(const Json::Array& list, std::string_view which, std::string_view where) {
  if (which.empty()) return 0;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json* name = list[i].find("name");
    if (name && name->as_string() == which) return i;
    names.push_back(name ? quoted(*name) : std::to_string(i));
  }
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), position);
  if (error == std::errc() && end == which.data() + which.size() && position < list.size()) return position;
  return fail(ErrorCode::NotFound, "{}: no multiscale \"{}\"; there are {}", where, which, fmt::join(names, ", "));
}

}  // namespace

Result<std::optional<Multiscale>> parse_multiscale(const Node& node, std::string_view which) {
  const Json* list = ome_attributes(node).find("multiscales");
  if (!list) return std::nullopt;
  if (!list->is_array() || list->size() == 0) {
    return fail(ErrorCode::Invalid, "{}: \"multiscales\" is {}; expected a list of at least one", node.where,
                quoted(*list));
  }
  ND_ASSIGN(const std::size_t index, find_multiscale(list->array(), which, node.where));
  const Json& chosen = list->array()[index];
  const std::string where = fmt::format("{}: multiscales[{}]", node.where, index);
  Multiscale out;
  if (list->size() > 1 && which.empty()) {
    out.warnings.push_back(
        fmt::format("{}: {} multiscales, the first is shown; #multiscale=1 is the next", node.where, list->size()));
  }
  ND_ASSIGN(out.ngff_minor, parse_version(node, chosen, out.warnings));
  if (const Json* name = chosen.find("name")) out.name = name->as_string().value_or("");
  ND_ASSIGN(out.axes, parse_axes(chosen, where));
  ND_ASSIGN(out.levels, parse_levels(chosen, where));
  ND_TRY(parse_transforms(chosen, where, out.scale, out.translation));
  if (out.ngff_minor <= 4) {
    for (MultiscaleLevel& level : out.levels) {
      mend_short(level.scale, out.axes.size(), 1, fmt::format("{}: \"{}\"", where, level.path), out.warnings);
      mend_short(level.translation, out.axes.size(), 0, fmt::format("{}: \"{}\"", where, level.path), out.warnings);
    }
  }
  ND_TRY(check_ndim(out, where));
  mend_zero_scales(out.scale, where, out.warnings);
  for (MultiscaleLevel& level : out.levels) {
    mend_zero_scales(level.scale, fmt::format("{}: \"{}\"", where, level.path), out.warnings);
  }
  return out;
}

Transform join_transforms(const Multiscale& multiscale, const MultiscaleLevel& level,
                          const std::vector<double>& default_scale) {
  const std::size_t ndim = default_scale.size();
  const auto at = [](const std::optional<std::vector<double>>& values, std::size_t axis, double otherwise) {
    return values && axis < values->size() ? (*values)[axis] : otherwise;
  };
  Transform out{level.scale && level.scale->size() == ndim ? *level.scale : default_scale,
                std::vector<double>(ndim, 0)};
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    const double outer = at(multiscale.scale, axis, 1);
    out.scale[axis] *= outer;
    out.translation[axis] = outer * at(level.translation, axis, 0) + at(multiscale.translation, axis, 0);
  }
  return out;
}

}  // namespace ndcast::image
