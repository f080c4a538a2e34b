// plate, well and bioformats2raw.layout.

#include <algorithm>
#include <set>

#include "image/json_fields.h"
#include "image/validate_rules.h"

namespace ndcast::image {
namespace {

constexpr std::string_view kPlate = "plate metadata";
constexpr std::string_view kWell = "well metadata";
constexpr std::string_view kLayout = "bioformats2raw.layout";

bool alphanumeric(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

/// Names of "rows" or "columns" as far as they are usable.
std::vector<std::string> check_names(const Json& plate, std::string_view name, Report& report) {
  std::vector<std::string> names;
  const Json* value = plate.find(name);
  const std::string key = fmt::format("plate.{}", name);
  if (!value) {
    report.error("plate", kPlate, "no \"{}\"; expected a list of objects with \"name\"", name);
    return names;
  }
  const Json::Array* list = list_of(value, key, 1, kPlate, report);
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const std::string at = fmt::format("{}[{}]", key, i);
    const std::string* text = string_of((*list)[i], "name", at, true, kPlate, report);
    if (text && !alphanumeric(*text)) {
      report.error(at + ".name", kPlate, "\"{}\"; expected letters and digits", *text);
    } else if (text && std::ranges::find(names, *text) != names.end()) {
      report.error(at + ".name", kPlate, "\"{}\" a second time", *text);
    }
    names.push_back(text ? *text : "");
  }
  return names;
}

void check_well_entry(const Json& well, const std::string& key, const std::vector<std::string>& rows,
                      const std::vector<std::string>& columns, std::set<std::string>& paths, Report& report) {
  const std::string* path = string_of(well, "path", key, true, kPlate, report);
  std::string_view row_name;
  std::string_view column_name;
  if (path) {
    const std::size_t slash = path->find('/');
    row_name = std::string_view(*path).substr(0, slash);
    column_name = slash == std::string::npos ? "" : std::string_view(*path).substr(slash + 1);
    if (!alphanumeric(row_name) || !alphanumeric(column_name)) {
      report.error(key + ".path", kPlate, "\"{}\"; expected ROW/COLUMN", *path);
    } else if (!paths.insert(*path).second) {
      report.error(key + ".path", kPlate, "\"{}\" a second time", *path);
    }
  }
  const auto row = integer_of(well, "rowIndex", key, 0, true, kPlate, report);
  const auto column = integer_of(well, "columnIndex", key, 0, true, kPlate, report);
  const auto check_position = [&](std::string_view name, std::optional<std::int64_t> index, std::string_view named,
                                  const std::vector<std::string>& names) {
    if (!index || names.empty()) return;
    if (std::cmp_greater_equal(*index, names.size())) {
      report.error(fmt::format("{}.{}", key, name), kPlate, "{}; there are {}", *index, names.size());
    } else if (!named.empty() && names[static_cast<std::size_t>(*index)] != named) {
      // The specification's own 0.4 suite holds one as valid.
      const auto severity = report.ngff_minor() == 4 ? Finding::Severity::Warning : Finding::Severity::Error;
      report.add(severity, fmt::format("{}.{}", key, name), report.rule(kPlate),
                 fmt::format("{} is \"{}\", but the path says \"{}\"", *index, names[static_cast<std::size_t>(*index)],
                             named));
    }
  };
  check_position("rowIndex", row, row_name, rows);
  check_position("columnIndex", column, column_name, columns);
}

void check_acquisitions(const Json& plate, Report& report) {
  const Json* value = plate.find("acquisitions");
  if (!value) return;
  const Json::Array* list = list_of(value, "plate.acquisitions", 0, kPlate, report);
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const Json& acquisition = (*list)[i];
    const std::string key = fmt::format("plate.acquisitions[{}]", i);
    const auto id = integer_of(acquisition, "id", key, 0, true, kPlate, report);
    if (id && !ids.insert(*id).second) report.error(key + ".id", kPlate, "{} a second time", *id);
    integer_of(acquisition, "maximumfieldcount", key, 1, false, kPlate, report);
    integer_of(acquisition, "starttime", key, 0, false, kPlate, report);
    integer_of(acquisition, "endtime", key, 0, false, kPlate, report);
    string_of(acquisition, "name", key, false, kPlate, report);
    if (!acquisition.find("name")) report.warning(key, kPlate, "no \"name\"; there should be one");
    if (!acquisition.find("maximumfieldcount")) {
      report.warning(key, kPlate, "no \"maximumfieldcount\"; there should be one");
    }
  }
}

}  // namespace

void check_plate(const Json& plate, Report& report) {
  if (!plate.is_object()) return report.error("plate", kPlate, "{}; expected an object", quoted(plate));
  const std::vector<std::string> rows = check_names(plate, "rows", report);
  const std::vector<std::string> columns = check_names(plate, "columns", report);
  check_acquisitions(plate, report);
  integer_of(plate, "field_count", "plate", 1, false, kPlate, report);
  string_of(plate, "name", "plate", false, kPlate, report);
  const Json* value = plate.find("wells");
  if (!value) return report.error("plate", kPlate, "no \"wells\"; expected a list of objects with \"path\"");
  const Json::Array* wells = list_of(value, "plate.wells", 1, kPlate, report);
  std::set<std::string> paths;
  for (std::size_t i = 0; wells && i < wells->size(); ++i) {
    check_well_entry((*wells)[i], fmt::format("plate.wells[{}]", i), rows, columns, paths, report);
  }
}

void check_well(const Json& well, Report& report) {
  if (!well.is_object()) return report.error("well", kWell, "{}; expected an object", quoted(well));
  const Json* value = well.find("images");
  if (!value) return report.error("well", kWell, "no \"images\"; expected a list of objects with \"path\"");
  const Json::Array* images = list_of(value, "well.images", 1, kWell, report);
  std::set<std::string> paths;
  for (std::size_t i = 0; images && i < images->size(); ++i) {
    const std::string key = fmt::format("well.images[{}]", i);
    const std::string* path = string_of((*images)[i], "path", key, true, kWell, report);
    if (path && !alphanumeric(*path)) report.error(key + ".path", kWell, "\"{}\"; expected letters and digits", *path);
    if (path && !paths.insert(*path).second) report.error(key + ".path", kWell, "\"{}\" a second time", *path);
    integer_of((*images)[i], "acquisition", key, 0, false, kWell, report);
  }
}

void check_layout(const Json& layout, Report& report) {
  if (layout.as_int64() == 3) return;
  report.error("bioformats2raw.layout", kLayout, "{}; expected 3", quoted(layout));
}

}  // namespace ndcast::image
