#include "image/validate_levels.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "image/json_fields.h"
#include "image/ome_metadata.h"

namespace ndcast::image {
namespace {

using enum Finding::Severity;

constexpr std::string_view kMultiscales = "multiscales metadata";

std::string document_key(const ZarrArray& array) {
  return join_key(array.path(), array.zarr_format() == 3 ? "zarr.json" : ".zarray");
}

void check_chunks(const ZarrArray& array, Validation& out) {
  std::set<std::vector<std::int64_t>> positions;
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> middle;
  std::vector<std::int64_t> last;
  for (const std::int64_t extent : array.grid_shape()) {
    if (extent == 0) return;
    first.push_back(0);
    middle.push_back(extent / 2);
    last.push_back(extent - 1);
  }
  positions = {first, middle, last};
  std::size_t fill = 0;
  Report report(out, document_key(array), 4);
  for (const auto& position : positions) {
    const auto chunk = array.read_chunk(position);
    if (!chunk) {
      report.add(Error, fmt::format("chunk [{}]", fmt::join(position, ", ")),
                 fmt::format("zarr v{}", array.zarr_format()), chunk.error().message);
      continue;
    }
    ++out.chunks;
    fill += (*chunk)->is_fill ? 1U : 0U;
  }
  if (fill == positions.size()) {
    report.add(Warning, "", fmt::format("zarr v{}, missing chunks", array.zarr_format()),
               fmt::format("none of {} chunks that were looked for is stored; it may be all fill", fill));
  }
}

/// Ratio of one level's shape to the finest's in one axis, as its scale should say.
void check_factor(const ZarrArray& finest, const ZarrArray& level, std::size_t axis, double ratio,
                  const std::string& key, Report& report) {
  const auto fine = static_cast<double>(finest.shape()[axis]);
  const auto coarse = static_cast<double>(level.shape()[axis]);
  if (coarse < 1 || !std::isfinite(ratio) || ratio <= 0) return;
  // Rounding up or down of each shape, twice over, is what writers do.
  const double expected = fine / ratio;
  if (std::fabs(expected - coarse) <= 2 + 0.02 * coarse) return;
  report.warning(key, kMultiscales, "axis {} is scaled by {:.6g}, but has {} of {} voxels, a factor of {:.6g}", axis,
                 ratio, level.shape()[axis], finest.shape()[axis], fine / coarse);
}

void check_separator(const ZarrArray& array, const Node& node, Report& report) {
  for (const std::string& warning : array.warnings()) {
    report.add(Warning, "", fmt::format("zarr v{}", array.zarr_format()), warning);
  }
  if (array.zarr_format() == 2) {
    const Json* separator = node.document.find("dimension_separator");
    if (array.ndim() > 1 && (!separator || separator->as_string() != "/")) {
      report.warning("", "storage format", "{}: \"dimension_separator\" is {}; chunks should be nested by \"/\"",
                     document_key(array), separator ? quoted(*separator) : "missing");
    }
  }
}

/// 0.5: dimension_names MUST match the names of the axes.
void check_dimension_names(const ZarrArray& array, const Multiscale& multiscale, Report& report) {
  if (report.ngff_minor() < 5 || array.zarr_format() != 3) return;
  std::vector<std::string> names;
  names.reserve(multiscale.axes.size());
  for (const ImageAxis& axis : multiscale.axes) names.push_back(axis.name);
  if (array.dimension_names() == names) return;
  report.error("", "multiscales metadata", "{}: \"dimension_names\" are [{}], the axes [{}]", document_key(array),
               fmt::join(array.dimension_names(), ", "), fmt::join(names, ", "));
}

void check_level(const ZarrArray& finest, const ZarrArray& before, const ZarrArray& level, const std::string& key,
                 Report& report) {
  if (level.dtype() != finest.dtype()) {
    report.warning(key, kMultiscales, "{}, the finest level is {}", to_string(level.dtype()),
                   to_string(finest.dtype()));
  }
  bool larger = false;
  for (std::size_t axis = 0; axis < level.shape().size() && level.ndim() == before.ndim(); ++axis) {
    larger = larger || level.shape()[axis] > before.shape()[axis];
  }
  if (larger) {
    report.error(key, kMultiscales, "[{}] after [{}]; levels have to be listed from the largest to the smallest",
                 fmt::join(level.shape(), ", "), fmt::join(before.shape(), ", "));
  }
}

void check_multiscale(const std::shared_ptr<const Store>& store, const std::string& path, const Multiscale& multiscale,
                      const std::string& key, Report& report, Validation& out,
                      std::shared_ptr<const ZarrArray>& finest_out) {
  std::shared_ptr<const ZarrArray> finest;
  std::shared_ptr<const ZarrArray> before;
  const MultiscaleLevel* finest_level = nullptr;
  for (std::size_t i = 0; i < multiscale.levels.size(); ++i) {
    const MultiscaleLevel& level = multiscale.levels[i];
    const std::string level_key = fmt::format("{}.datasets[{}].path", key, i);
    const auto array = check_array(store, join_key(path, level.path), level_key, report, out);
    if (!array) continue;
    const std::size_t ndim = multiscale.axes.size();
    if (ndim != 0 && array->shape().size() != ndim) {
      report.error(level_key, kMultiscales, "\"{}\" has {} axes, \"axes\" has {}", level.path, array->shape().size(),
                   ndim);
      continue;
    }
    if (array->shape().size() < 2 || array->shape().size() > 5) {
      report.error(level_key, kMultiscales, "\"{}\" has {} axes; expected 2 to 5", level.path, array->shape().size());
    }
    if (array->zarr_format() != (report.ngff_minor() == 5 ? 3 : 2)) {
      report.error(level_key, "storage format", "\"{}\" is zarr v{}", level.path, array->zarr_format());
    }
    check_dimension_names(*array, multiscale, report);
    if (!finest) {
      finest = array;
      finest_level = &level;
    } else {
      check_level(*finest, *before, *array, level_key, report);
      for (std::size_t axis = 0; level.scale && finest_level->scale && axis < ndim && axis < level.scale->size() &&
                                 axis < finest_level->scale->size();
           ++axis) {
        check_factor(*finest, *array, axis, (*level.scale)[axis] / (*finest_level->scale)[axis], level_key, report);
      }
    }
    before = array;
  }
  if (!finest_out) finest_out = finest;
}

void check_channel_count(const Node& node, const Multiscale& multiscale, const ZarrArray& finest, Report& report) {
  const Json* omero = ome_attributes(node).find("omero");
  const Json* channels = omero ? omero->find("channels") : nullptr;
  if (!channels || !channels->is_array()) return;
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < multiscale.axes.size() && axis < finest.shape().size(); ++axis) {
    if (multiscale.axes[axis].type == AxisType::Channel) count = finest.shape()[axis];
  }
  if (std::cmp_not_equal(channels->size(), count)) {
    report.warning("omero.channels", "omero metadata", "{} channels, the image has {}", channels->size(), count);
  }
}

}  // namespace

std::shared_ptr<const ZarrArray> check_array(const std::shared_ptr<const Store>& store, const std::string& path,
                                             std::string_view required, Report& report, Validation& out) {
  auto array = open_array(store, path);
  if (!array) {
    if (array.error().code == ErrorCode::NotFound) {
      report.error(std::string(required), kMultiscales, "no array at \"{}\"", path);
    } else {
      report.add(Error, std::string(required), "zarr", array.error().message);
    }
    return nullptr;
  }
  ++out.arrays;
  if (const auto node = read_node(*store, path)) check_separator(**array, *node, report);
  check_chunks(**array, out);
  return *array;
}

std::shared_ptr<const ZarrArray> check_levels(const std::shared_ptr<const Store>& store, const std::string& path,
                                              const Node& node, Report& report, Validation& out) {
  std::shared_ptr<const ZarrArray> finest;
  const Json* list = ome_attributes(node).find("multiscales");
  if (!list || !list->is_array()) return finest;
  for (std::size_t i = 0; i < list->size(); ++i) {
    // By position even where another one's name is that number.
    Node one = node;
    Json& attributes =
        one.zarr_format == 3 && one.attributes.find("ome") ? *one.attributes.find("ome") : one.attributes;
    attributes.set("multiscales", Json::make_array({list->array()[i]}));
    const auto multiscale = parse_multiscale(one);
    if (!multiscale) {
      if (out.errors() == 0) {
        report.add(Error, fmt::format("multiscales[{}]", i), "readable", multiscale.error().message);
      }
      continue;
    }
    if (!*multiscale) continue;
    check_multiscale(store, path, **multiscale, fmt::format("multiscales[{}]", i), report, out, finest);
    if (i == 0 && finest) check_channel_count(node, **multiscale, *finest, report);
  }
  return finest;
}

}  // namespace ndcast::image
