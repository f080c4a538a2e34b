#include "image/plate_store.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/log.h"
#include "image/codec.h"
#include "image/ome_metadata.h"
#include "image/read_region.h"
#include "image/strided.h"

namespace ndcast::image {
namespace {

/// Chunks of the grid along y and x: a cell where it is about this large, a part of it or several cells otherwise. So a
/// chunk of a well is decoded once and a picture of the whole plate asks for few.
constexpr double kChunkExtent = 1024;
/// Bytes of a chunk of the grid above which it holds one position of every other axis.
constexpr std::size_t kChunkBytes = std::size_t{64} << 20;
/// Cells are this part of a field apart.
constexpr double kGap = 1.0 / 32;

double factor(const Image& image, std::size_t level, std::size_t axis) {
  const double ratio = image.levels[level].scale[axis] / image.levels[0].scale[axis];
  return std::isfinite(ratio) && ratio >= 1 ? ratio : 1;
}

std::int64_t grid_chunk(double pitch, std::int64_t extent) {
  const double chunk = pitch >= kChunkExtent ? std::ceil(pitch / std::ceil(pitch / (2 * kChunkExtent)))
                                             : std::floor(pitch * std::floor(kChunkExtent / pitch));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(chunk), 1, std::max<std::int64_t>(extent, 1));
}

Json fill_json(DType dtype, const std::vector<std::byte>& fill) {
  return visit_dtype(dtype, [&](auto value) -> Json {
    std::memcpy(&value, fill.data(), sizeof value);
    if (dtype == DType::Bool) return Json(fill[0] != std::byte{0});
    if constexpr (std::is_integral_v<decltype(value)>) {
      return Json(value);
    } else {
      const auto number = static_cast<double>(value);
      if (std::isnan(number)) return "NaN";
      if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
      return number;
    }
  });
}

Json named(std::string_view name, Json configuration) {
  return Json::make_object({{"name", name}, {"configuration", std::move(configuration)}});
}

Json transforms(const ImageLevel& level) {
  return Json::make_array(
      {Json::make_object({{"type", "scale"}, {"scale", Json::list(level.scale)}}),
       Json::make_object({{"type", "translation"}, {"translation", Json::list(level.translation)}})});
}

}  // namespace

PlateStore::PlateStore(std::shared_ptr<const Store> source, std::string path, std::int64_t field, Plate plate)
    : source_(std::move(source)), path_(std::move(path)), field_(field), plate_(std::move(plate)) {
  for (std::size_t i = 0; i < plate_.wells.size(); ++i) wells_[{plate_.wells[i].row, plate_.wells[i].column}] = i;
}

std::string PlateStore::describe() const { return source_->describe(); }

/// Nothing when the well or the field is not there.
Result<std::optional<std::string>> PlateStore::field_key(const PlateWell& well) const {
  const std::string key = join_key(path_, well.path);
  ND_ASSIGN(const Node node, read_node(*source_, key));
  const std::vector<std::string> fields = well_fields(node);
  if (std::cmp_greater_equal(field_, fields.size())) return std::nullopt;
  return join_key(key, fields[static_cast<std::size_t>(field_)]);
}

Result<std::shared_ptr<const PlateStore>> PlateStore::open(std::shared_ptr<const Store> source, std::string path,
                                                           std::int64_t field) {
  ND_ASSIGN(const Node node, read_node(*source, path));
  ND_ASSIGN(Plate plate, parse_plate(node));
  std::shared_ptr<PlateStore> out(new PlateStore(std::move(source), std::move(path), field, std::move(plate)));
  for (const PlateWell& well : out->plate_.wells) {
    ND_ASSIGN(const std::optional<std::string> key, out->field_key(well));
    if (!key) continue;
    ND_ASSIGN(const Node field_node, read_node(*out->source_, *key));
    if (field_node.kind == Node::Kind::Missing) continue;
    ND_ASSIGN(const auto first, open_image(out->source_, *key, *key));
    ND_TRY(out->lay_out(*first, field_node, *key));
    return out;
  }
  return fail(ErrorCode::NotFound, "{}: none of {} wells has a field {}", node.where, out->plate_.wells.size(), field);
}

Result<void> PlateStore::lay_out(const Image& first, const Node& node, const std::string& field_key) {
  std::vector<std::size_t> space;
  for (std::size_t axis = 0; axis < first.axes.size(); ++axis) {
    if (first.axes[axis].type == AxisType::Space) space.push_back(axis);
  }
  if (space.size() < 2) {
    return fail(ErrorCode::Unsupported, "{}: {} axes of space; a grid of wells needs two", field_key, space.size());
  }
  axes_ = {space[space.size() - 2], space.back()};
  const std::array<std::int64_t, 2> cells = {static_cast<std::int64_t>(plate_.rows.size()),
                                             static_cast<std::int64_t>(plate_.columns.size())};
  std::array<double, 2> pitch{};
  for (std::size_t direction = 0; direction < 2; ++direction) {
    const std::size_t axis = axes_[direction];
    // A multiple of the coarsest level's factor, so that in the usual pyramid a cell begins at a voxel of each level.
    const double step = std::min(std::round(factor(first, first.levels.size() - 1, axis)), 256.0);
    const auto extent = static_cast<double>(first.levels[0].array->shape()[axis]);
    pitch[direction] = std::ceil(extent * (1 + kGap) / step) * step;
  }
  for (std::size_t i = 0; i < first.levels.size(); ++i) {
    const ZarrArray& array = *first.levels[i].array;
    Level level;
    level.key = array.path().substr(std::min(array.path().size(), field_key.size() + 1));
    level.field_shape.assign(array.shape().begin(), array.shape().end());
    level.shape = level.field_shape;
    level.chunk.assign(array.chunk_shape().begin(), array.chunk_shape().end());
    level.dtype = array.dtype();
    level.fill = array.fill_bytes();
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const std::size_t axis = axes_[direction];
      level.pitch[direction] = pitch[direction] / factor(first, i, axis);
      level.shape[axis] = origin(level, direction, cells[direction] - 1) + level.field_shape[axis];
      level.chunk[axis] = grid_chunk(level.pitch[direction], level.shape[axis]);
    }
    const auto bytes = checked_bytes({level.dtype, level.chunk}, level.key);
    for (std::size_t axis = 0; axis < level.chunk.size() && (!bytes || *bytes > kChunkBytes); ++axis) {
      if (axis != axes_[0] && axis != axes_[1]) level.chunk[axis] = 1;
    }
    level.document = to_string(Json::make_object(
        {{"zarr_format", 3},
         {"node_type", "array"},
         {"shape", Json::list(level.shape)},
         {"data_type", to_string(level.dtype)},
         {"chunk_grid", named("regular", Json::make_object({{"chunk_shape", Json::list(level.chunk)}}))},
         {"chunk_key_encoding", named("default", Json::make_object({{"separator", "/"}}))},
         {"fill_value", fill_json(level.dtype, level.fill)},
         {"codecs", Json::make_array({named(
                        "bytes", Json::make_object(
                                     {{"endian", std::endian::native == std::endian::big ? "big" : "little"}}))})}}));
    levels_.push_back(std::move(level));
  }
  describe_group(first, node);
  return {};
}

void PlateStore::describe_group(const Image& first, const Node& node) {
  Json axes = Json::make_array();
  for (const ImageAxis& axis : first.axes) {
    Json entry = Json::make_object({{"name", axis.name}, {"type", to_string(axis.type)}});
    if (!axis.unit.empty()) entry.set("unit", axis.unit);
    axes.push_back(std::move(entry));
  }
  Json datasets = Json::make_array();
  for (std::size_t i = 0; i < first.levels.size(); ++i) {
    datasets.push_back(
        Json::make_object({{"path", std::to_string(i)}, {"coordinateTransformations", transforms(first.levels[i])}}));
  }
  Json multiscale = Json::make_object({{"axes", std::move(axes)}, {"datasets", std::move(datasets)}});
  if (!plate_.name.empty()) multiscale.set("name", plate_.name);
  Json ome = Json::make_object({{"version", "0.5"}, {"multiscales", Json::make_array({std::move(multiscale)})}});
  if (const Json* omero = ome_attributes(node).find("omero")) ome.set("omero", *omero);
  group_ = to_string(Json::make_object(
      {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", Json::make_object({{"ome", std::move(ome)}})}}));
}

/// Where a cell begins, in voxels of the level: at most half of one from where it is.
std::int64_t PlateStore::origin(const Level& level, std::size_t direction, std::int64_t cell) const {
  return static_cast<std::int64_t>(std::llround(static_cast<double>(cell) * level.pitch[direction]));
}

Result<std::optional<Bytes>> PlateStore::get(std::string_view key, ByteRange range) const {
  ND_TRY(check_key(key));
  ND_ASSIGN(std::optional<Bytes> bytes, object(key));
  if (!bytes) return std::nullopt;
  ND_ASSIGN(const ByteRange::Resolved span, range.resolve(bytes->size(), key));
  if (span.offset == 0 && span.length == bytes->size()) return bytes;
  const auto first = bytes->begin() + static_cast<std::ptrdiff_t>(span.offset);
  return Bytes(first, first + static_cast<std::ptrdiff_t>(span.length));
}

namespace {

std::optional<Bytes> bytes_of(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(first, first + text.size());
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// "0/c/1/2" → level 0, chunk (1, 2); "0/zarr.json" → level 0 and no chunk.
struct LevelKey {
  std::size_t level = 0;
  bool document = false;
  std::vector<std::int64_t> position;
};

std::optional<LevelKey> parse_key(std::string_view key) {
  LevelKey out;
  const auto level = take_number(key);
  if (!level) return std::nullopt;
  out.level = static_cast<std::size_t>(*level);
  if (key == "/zarr.json") {
    out.document = true;
    return out;
  }
  if (!key.starts_with("/c/")) return std::nullopt;
  key.remove_prefix(2);
  while (key.starts_with('/')) {
    key.remove_prefix(1);
    const auto number = take_number(key);
    if (!number) return std::nullopt;
    out.position.push_back(*number);
  }
  return key.empty() ? std::optional(out) : std::nullopt;
}

/// Where the chunk starts, or nothing when it lies outside the array.
std::optional<std::vector<std::int64_t>> start_of(const std::vector<std::int64_t>& position,
                                                  const std::vector<std::int64_t>& chunk,
                                                  const std::vector<std::int64_t>& shape) {
  if (position.size() != shape.size()) return std::nullopt;
  std::vector<std::int64_t> start(shape.size());
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (__builtin_mul_overflow(position[axis], chunk[axis], &start[axis]) || start[axis] >= shape[axis]) {
      return std::nullopt;
    }
  }
  return start;
}

}  // namespace

Result<std::optional<Bytes>> PlateStore::object(std::string_view key) const {
  if (key == "zarr.json") return bytes_of(group_);
  const auto parsed = parse_key(key);
  if (!parsed || parsed->level >= levels_.size()) return std::nullopt;
  const Level& level = levels_[parsed->level];
  if (parsed->document) return bytes_of(level.document);
  const auto start = start_of(parsed->position, level.chunk, level.shape);
  if (!start) return std::nullopt;
  return chunk(level, parsed->level, *start);
}

Result<std::optional<std::uint64_t>> PlateStore::size(std::string_view key) const {
  ND_TRY(check_key(key));
  if (key == "zarr.json") return group_.size();
  const auto parsed = parse_key(key);
  if (!parsed || parsed->level >= levels_.size()) return std::nullopt;
  const Level& level = levels_[parsed->level];
  if (parsed->document) return level.document.size();
  const auto start = start_of(parsed->position, level.chunk, level.shape);
  if (!start || cells_in(level, *start).empty()) return std::nullopt;
  return ArraySpec{level.dtype, level.chunk}.bytes();
}

/// Cells with a well that the chunk touches.
std::vector<PlateStore::Cell> PlateStore::cells_in(const Level& level, const std::vector<std::int64_t>& start) const {
  std::array<std::int64_t, 2> first{};
  std::array<std::int64_t, 2> last{};
  for (std::size_t direction = 0; direction < 2; ++direction) {
    const auto from = static_cast<double>(start[axes_[direction]]);
    const auto to = from + static_cast<double>(level.chunk[axes_[direction]]);
    first[direction] = std::max<std::int64_t>(0, static_cast<std::int64_t>(from / level.pitch[direction]) - 1);
    last[direction] = static_cast<std::int64_t>(to / level.pitch[direction]) + 1;
  }
  std::vector<Cell> out;
  for (auto it = wells_.lower_bound({first[0], 0}); it != wells_.end() && it->first.row <= last[0]; ++it) {
    const Cell& cell = it->first;
    bool touches = true;
    for (std::size_t direction = 0; direction < 2 && touches; ++direction) {
      const std::size_t axis = axes_[direction];
      const std::int64_t begin = origin(level, direction, direction == 0 ? cell.row : cell.column);
      touches = begin < start[axis] + level.chunk[axis] && begin + level.field_shape[axis] > start[axis];
    }
    if (touches) out.push_back(cell);
  }
  return out;
}

Result<std::optional<Bytes>> PlateStore::chunk(const Level& level, std::size_t index,
                                               const std::vector<std::int64_t>& start) const {
  const std::vector<Cell> cells = cells_in(level, start);
  if (cells.empty()) return std::nullopt;
  ND_ASSIGN(const std::size_t bytes, checked_bytes({level.dtype, level.chunk}, path_));
  Bytes out(bytes);
  fill_elements(out, level.fill);
  bool any = false;
  for (const Cell& cell : cells) {
    ND_ASSIGN(const bool added, add_cell(level, index, cell, start, out));
    any = any || added;
  }
  if (!any) return std::nullopt;
  return out;
}

Result<bool> PlateStore::add_cell(const Level& level, std::size_t index, const Cell& cell,
                                  const std::vector<std::int64_t>& start, Bytes& out) const {
  ND_ASSIGN(const auto array, array_at(cell, index));
  if (!array) return false;
  const std::size_t ndim = level.shape.size();
  std::vector<std::int64_t> in_field(ndim);
  std::vector<std::int64_t> in_chunk(ndim, 0);
  std::vector<std::int64_t> extent(ndim);
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    std::int64_t begin = 0;
    if (axis == axes_[0]) begin = origin(level, 0, cell.row);
    if (axis == axes_[1]) begin = origin(level, 1, cell.column);
    const std::int64_t field_extent = std::min(level.field_shape[axis], array->shape()[axis]);
    in_field[axis] = std::max<std::int64_t>(start[axis] - begin, 0);
    in_chunk[axis] = std::max<std::int64_t>(begin - start[axis], 0);
    extent[axis] = std::min(field_extent - in_field[axis], level.chunk[axis] - in_chunk[axis]);
    if (extent[axis] <= 0) return false;
  }
  ND_ASSIGN(const Bytes voxels, read_region(*array, in_field, extent));
  const std::vector<std::int64_t> zero(ndim, 0);
  copy_box(extent, byte_size(level.dtype), voxels.data(), {extent, zero}, out.data(), {level.chunk, in_chunk});
  return true;
}

Result<std::shared_ptr<const ZarrArray>> PlateStore::array_at(const Cell& cell, std::size_t level) const {
  const std::pair<Cell, std::size_t> place(cell, level);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = arrays_.find(place); known != arrays_.end()) return known->second;
  }
  ND_ASSIGN(const std::optional<std::string> key, field_key(plate_.wells[wells_.at(cell)]));
  std::shared_ptr<const ZarrArray> array;
  if (key) {
    auto opened = open_array(source_, join_key(*key, levels_[level].key));
    if (!opened && opened.error().code != ErrorCode::NotFound) return std::unexpected(opened.error());
    if (opened) array = *std::move(opened);
  }
  if (array && (array->dtype() != levels_[level].dtype || array->shape().size() != levels_[level].shape.size())) {
    return fail(ErrorCode::Invalid, "{}: {} of {} axes, the plate's first field has {} of {}", array->path(),
                to_string(array->dtype()), array->shape().size(), to_string(levels_[level].dtype),
                levels_[level].shape.size());
  }
  if (!array)
    log().info("{}: well {} has no field {}, shown as fill", path_, plate_.wells[wells_.at(cell)].path, field_);
  const std::lock_guard lock(mutex_);
  arrays_.emplace(place, array);
  return array;
}

}  // namespace ndcast::image
