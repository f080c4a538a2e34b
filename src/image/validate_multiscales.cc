// multiscales: axes, datasets, coordinate transformations.

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/limits.h"
#include "image/json_fields.h"
#include "image/ome_metadata.h"
#include "image/validate_rules.h"

namespace ndcast::image {
namespace {

constexpr std::string_view kMultiscales = "multiscales metadata";
constexpr std::string_view kAxes = "axes metadata";
constexpr std::string_view kTransforms = "coordinateTransformations metadata";

// 0.4, axes metadata: units that SHOULD be used (UDUNITS-2).
constexpr std::array<std::string_view, 26> kSpaceUnits = {
    "angstrom",  "attometer",  "centimeter", "decimeter",  "exameter",  "femtometer", "foot",
    "gigameter", "hectometer", "inch",       "kilometer",  "megameter", "meter",      "micrometer",
    "mile",      "millimeter", "nanometer",  "parsec",     "petameter", "picometer",  "terameter",
    "yard",      "yoctometer", "yottameter", "zeptometer", "zettameter"};
constexpr std::array<std::string_view, 23> kTimeUnits = {
    "attosecond", "centisecond", "day",        "decisecond",  "exasecond",   "femtosecond", "gigasecond", "hectosecond",
    "hour",       "kilosecond",  "megasecond", "microsecond", "millisecond", "minute",      "nanosecond", "petasecond",
    "picosecond", "second",      "terasecond", "yoctosecond", "yottasecond", "zeptosecond", "zettasecond"};

std::string_view type_of(const Json& axis) {
  const Json* type = axis.find("type");
  return type ? type->as_string().value_or("") : "";
}

void check_unit(const Json& axis, const std::string& key, Report& report) {
  const Json* unit = axis.find("unit");
  const std::string_view type = type_of(axis);
  if (!unit) {
    if (type == "space" || type == "time") report.warning(key, kAxes, "no \"unit\"; a {} axis should have one", type);
    return;
  }
  const std::string_view text = unit->as_string().value_or("");
  const bool known = type == "space"  ? std::ranges::find(kSpaceUnits, text) != kSpaceUnits.end()
                     : type == "time" ? std::ranges::find(kTimeUnits, text) != kTimeUnits.end()
                                      : unit->is_string() || unit->is_null();
  if (!known) {
    report.warning(key + ".unit", kAxes, "{} is no UDUNITS-2 name of a unit of {}, as \"{}\" is", quoted(*unit), type,
                   type == "time" ? "second" : "micrometer");
  }
}

/// 0 time, 1 channel or anything else, 2 space: the order that axes have.
int rank(std::string_view type) { return type == "time" ? 0 : type == "space" ? 2 : 1; }

void check_axis_order(const Json::Array& axes, const std::string& key, Report& report) {
  std::array<std::size_t, 3> counts{};
  int last = 0;
  std::string space;
  for (const Json& axis : axes) {
    const int at = rank(type_of(axis));
    ++counts[static_cast<std::size_t>(at)];
    if (at < last) {
      report.error(key, kAxes,
                   "{} stands after an axis that it has to precede; expected time, then channel or another, then space",
                   quoted(axis));
    }
    last = std::max(last, at);
    const Json* name = axis.find("name");
    if (at == 2 && name) space += name->as_string().value_or("");
  }
  if (counts[2] < 2 || counts[2] > 3) {
    report.error(key, kAxes, "{} axes of type \"space\"; expected 2 or 3", counts[2]);
  }
  if (counts[0] > 1) report.error(key, kAxes, "{} axes of type \"time\"; expected at most one", counts[0]);
  if (counts[1] > 1) {
    report.error(key, kAxes, "{} axes that are neither time nor space; expected at most one", counts[1]);
  }
  if (space == "xyz" || space == "xy" || space == "yxz" || space == "yzx") {
    report.warning(key, kAxes, "axes of space in the order {}; they should be ordered zyx", space);
  }
}

/// The number of axes, or nothing when they cannot be counted.
std::optional<std::size_t> check_axes(const Json& multiscale, const std::string& key, Report& report) {
  const Json* value = multiscale.find("axes");
  if (!value) {
    report.error(key, kMultiscales, "no \"axes\"; expected a list of 2 to 5");
    return std::nullopt;
  }
  const std::string at = key + ".axes";
  const Json::Array* axes = list_of(value, at, 0, kAxes, report);
  if (!axes) return std::nullopt;
  if (axes->size() < 2 || axes->size() > 5) report.error(at, kAxes, "{} axes; expected 2 to 5", axes->size());
  std::set<std::string> names;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const Json& axis = (*axes)[i];
    const std::string axis_key = fmt::format("{}[{}]", at, i);
    if (!axis.is_object()) {
      report.error(axis_key, kAxes, "{}; expected an object with \"name\"", quoted(axis));
      continue;
    }
    const std::string* name = string_of(axis, "name", axis_key, true, kAxes, report);
    if (name && !names.insert(*name).second) report.error(axis_key + ".name", kAxes, "a second axis \"{}\"", *name);
    const Json* type = axis.find("type");
    if (!type) {
      report.warning(axis_key, kAxes, "no \"type\"; expected one of space, time, channel");
    } else if (!type->is_string()) {
      report.error(axis_key + ".type", kAxes, "{}; expected a string", quoted(*type));
    } else if (type->string() != "space" && type->string() != "time" && type->string() != "channel") {
      report.warning(axis_key + ".type", kAxes, "{}; should be one of space, time, channel", quoted(*type));
    }
    check_unit(axis, axis_key, report);
  }
  check_axis_order(*axes, at, report);
  return axes->size();
}

/// One number an axis.
void check_vector(const Json& transform, std::string_view name, const std::string& key, std::optional<std::size_t> ndim,
                  Report& report) {
  const Json* vector = transform.find(name);
  if (!vector && transform.find("path")) {
    report.warning(key, kTransforms, "a {} stored in an array, which few programs read", name);
    return;
  }
  if (!vector || !vector->is_array()) {
    report.error(key, kTransforms, "\"{}\" is {}; expected a list of numbers", name,
                 vector ? quoted(*vector) : "missing");
    return;
  }
  const std::string at = fmt::format("{}.{}", key, name);
  for (const Json& number : vector->array()) {
    if (!number.is_number()) {
      report.error(at, kTransforms, "{}; expected numbers", quoted(*vector));
      return;
    }
    if (name == "scale" && *number.as_double() == 0) report.error(at, kTransforms, "a scale of 0");
    if (name == "scale" && *number.as_double() < 0)
      report.warning(at, kTransforms, "a scale below 0 mirrors the image");
  }
  if (!ndim || vector->size() == *ndim) return;
  // The specification's own 0.4 suite holds one that is too short as valid, so that is what readers meet.
  if (report.ngff_minor() == 4 && vector->size() < *ndim && vector->size() >= 2) {
    report.warning(at, kTransforms, "{} numbers for {} axes; read as those of the last axes", vector->size(), *ndim);
  } else {
    report.error(at, kTransforms, "{} numbers for {} axes", vector->size(), *ndim);
  }
}

void check_transforms(const Json& holder, const std::string& holder_key, bool required, std::optional<std::size_t> ndim,
                      Report& report) {
  const Json* value = holder.find("coordinateTransformations");
  if (!value) {
    if (required)
      report.error(holder_key, kMultiscales, "no \"coordinateTransformations\"; expected a list with a scale");
    return;
  }
  const std::string key = holder_key + ".coordinateTransformations";
  const Json::Array* list = list_of(value, key, 1, kTransforms, report);
  if (!list) return;
  std::size_t scales = 0;
  std::size_t translations = 0;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& transform = (*list)[i];
    const std::string at = fmt::format("{}[{}]", key, i);
    const std::string_view type = type_of(transform);
    if (type == "scale") {
      ++scales;
      if (translations > 0) report.error(at, kTransforms, "a scale after a translation; expected it before");
      check_vector(transform, "scale", at, ndim, report);
    } else if (type == "translation") {
      ++translations;
      check_vector(transform, "translation", at, ndim, report);
    } else {
      report.error(at, kTransforms, "{}; expected \"type\" scale or translation", quoted(transform));
    }
  }
  if (scales != 1) report.error(key, kTransforms, "{} scales; expected exactly one", scales);
  if (translations > 1) report.error(key, kTransforms, "{} translations; expected at most one", translations);
}

void check_datasets(const Json& multiscale, const std::string& key, std::optional<std::size_t> ndim, Report& report) {
  const Json* value = multiscale.find("datasets");
  if (!value) return report.error(key, kMultiscales, "no \"datasets\"; expected a list of levels");
  const Json::Array* datasets = list_of(value, key + ".datasets", 1, kMultiscales, report);
  if (!datasets) return;
  std::set<std::string> paths;
  for (std::size_t i = 0; i < datasets->size(); ++i) {
    const std::string at = fmt::format("{}.datasets[{}]", key, i);
    const Json& dataset = (*datasets)[i];
    if (!dataset.is_object()) {
      report.error(at, kMultiscales, "{}; expected an object with \"path\"", quoted(dataset));
      continue;
    }
    const std::string* path = string_of(dataset, "path", at, true, kMultiscales, report);
    if (path && !paths.insert(*path).second) report.error(at + ".path", kMultiscales, "\"{}\" a second time", *path);
    check_transforms(dataset, at, true, ndim, report);
  }
}

}  // namespace

void check_multiscales(const Json& value, Report& report) {
  const Json::Array* list = list_of(&value, "multiscales", 1, kMultiscales, report);
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string key = fmt::format("multiscales[{}]", i);
    const Json& multiscale = (*list)[i];
    if (!multiscale.is_object()) {
      report.error(key, kMultiscales, "{}; expected an object with \"axes\" and \"datasets\"", quoted(multiscale));
      continue;
    }
    string_of(multiscale, "name", key, false, kMultiscales, report);
    if (!multiscale.find("name")) report.warning(key, kMultiscales, "no \"name\"; there should be one");
    const auto ndim = check_axes(multiscale, key, report);
    check_datasets(multiscale, key, ndim, report);
    check_transforms(multiscale, key, false, ndim, report);
  }
}

}  // namespace ndcast::image
