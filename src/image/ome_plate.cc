#include "image/ome_plate.h"

#include <algorithm>
#include <set>
#include <utility>

#include "image/json_fields.h"
#include "image/ome_metadata.h"

namespace ndcast::image {
namespace {

/// Names of rows or columns; nothing when there is no such list of objects.
std::vector<std::string> parse_names(const Json& plate, std::string_view key) {
  std::vector<std::string> names;
  const Json* list = plate.find(key);
  for (const Json& element : list && list->is_array() ? list->array() : Json::Array{}) {
    const Json* name = element.find("name");
    // Some writers have numbers.
    names.push_back(!name ? "" : name->is_string() ? name->string() : to_string(*name));
  }
  return names;
}

/// What the wells' paths say where the plate does not: their first or second segments, "2" before "10".
std::vector<std::string> names_from_paths(const Json& wells, bool rows) {
  const auto before = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  };
  std::set<std::string, decltype(before)> names(before);
  for (const Json& well : wells.is_array() ? wells.array() : Json::Array{}) {
    const Json* path = well.find("path");
    const std::string_view text = path ? path->as_string().value_or("") : "";
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) continue;
    std::string_view part = rows ? text.substr(0, slash) : text.substr(slash + 1);
    while (part.ends_with('/')) part.remove_suffix(1);
    names.emplace(part);
  }
  return {names.begin(), names.end()};
}

/// The position of the well in one direction: as written, else where `part` stands among the names.
std::optional<std::int64_t> position_of(const Json& well, std::string_view key, std::string_view part,
                                        const std::vector<std::string>& names) {
  const Json* written = well.find(key);
  const auto position = written ? written->as_int64() : std::nullopt;
  if (position && *position >= 0 && std::cmp_less(*position, names.size())) return position;
  if (written) return std::nullopt;
  const auto named = std::ranges::find(names, part);
  return named == names.end() ? std::nullopt : std::optional<std::int64_t>(named - names.begin());
}

std::optional<PlateWell> parse_well(const Json& well, const Plate& plate) {
  const Json* path = well.find("path");
  if (!path || !path->is_string()) return std::nullopt;
  PlateWell out;
  out.path = path->string();
  while (out.path.ends_with('/')) out.path.pop_back();
  if (!check_key(out.path)) return std::nullopt;
  const std::size_t slash = out.path.find('/');
  const auto row = position_of(well, "rowIndex", std::string_view(out.path).substr(0, slash), plate.rows);
  const auto column =
      position_of(well, "columnIndex", slash == std::string::npos ? "" : std::string_view(out.path).substr(slash + 1),
                  plate.columns);
  if (!row || !column) return std::nullopt;
  out.row = *row;
  out.column = *column;
  return out;
}

}  // namespace

Result<Plate> parse_plate(const Node& node) {
  const std::string where = fmt::format("{}: plate", node.where);
  ND_ASSIGN(const Json* written, require_field(ome_attributes(node), "plate", node.where));
  Plate plate;
  if (const Json* name = written->find("name")) plate.name = name->as_string().value_or("");
  ND_ASSIGN(const Json* wells, require_field(*written, "wells", where));
  for (const bool rows : {true, false}) {
    std::vector<std::string>& names = rows ? plate.rows : plate.columns;
    const std::string_view key = rows ? "rows" : "columns";
    names = parse_names(*written, key);
    if (!names.empty()) continue;
    names = names_from_paths(*wells, rows);
    plate.warnings.push_back(fmt::format("{}: no list of \"{}\"; taken from the wells' paths", where, key));
  }
  if (plate.rows.size() > limits::kPlateCells || plate.columns.size() > limits::kPlateCells ||
      std::cmp_greater(plate.rows.size() * plate.columns.size(), limits::kPlateCells)) {
    return fail(ErrorCode::Limit, "{}: {} rows of {} columns, at most {} cells", where, plate.rows.size(),
                plate.columns.size(), limits::kPlateCells);
  }
  std::set<std::pair<std::int64_t, std::int64_t>> taken;
  std::size_t index = 0;
  for (const Json& well : wells->is_array() ? wells->array() : Json::Array{}) {
    auto parsed = parse_well(well, plate);
    if (parsed && taken.emplace(parsed->row, parsed->column).second) {
      plate.wells.push_back(*std::move(parsed));
    } else if (plate.warnings.size() < 10) {
      plate.warnings.push_back(
          fmt::format("{}: wells[{}] {} is left out; expected a \"path\" ROW/COLUMN of its own "
                      "within {} rows and {} columns",
                      where, index, quoted(well), plate.rows.size(), plate.columns.size()));
    }
    ++index;
  }
  if (plate.wells.empty()) {
    return fail(ErrorCode::Invalid, "{}: \"wells\" is {}; expected a list of wells with \"path\"", where,
                quoted(*wells));
  }
  return plate;
}

std::vector<std::string> well_fields(const Node& node) {
  std::vector<std::string> out;
  const Json* well = ome_attributes(node).find("well");
  const Json* images = well ? well->find("images") : nullptr;
  if (!images || !images->is_array()) return out;
  for (const Json& image : images->array()) {
    const Json* path = image.find("path");
    if (!path || !path->is_string()) continue;
    std::string key = path->string();
    while (key.ends_with('/')) key.pop_back();
    if (check_key(key)) out.push_back(std::move(key));
  }
  return out;
}

}  // namespace ndcast::image
