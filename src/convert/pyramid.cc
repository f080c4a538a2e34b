#include "convert/pyramid.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/limits.h"

namespace ndcast::convert {
namespace {

constexpr std::int64_t kChunkVoxels = 64 * 64 * 64;
constexpr std::int64_t kChunkEdge3D = 64;
constexpr std::int64_t kChunkEdge2D = 512;
/// What a reader of a shard's index gains is past by here, and a shard is what an import loses to a kill.
constexpr std::int64_t kShardBytes = std::int64_t{64} << 20;
/// An axis this short is a handful of planes: averaging them would blur what people look at one by one.
constexpr std::int64_t kThin = 16;

/// Of one unit in meters, for holding axes against each other; 1 for what nobody knows.
double meters(const std::string& unit) {
  static const std::map<std::string, double, std::less<>> kUnits = {
      {"picometer", 1e-12}, {"angstrom", 1e-10}, {"nanometer", 1e-9}, {"micrometer", 1e-6}, {"millimeter", 1e-3},
      {"centimeter", 1e-2}, {"inch", 0.0254},    {"foot", 0.3048},    {"meter", 1},         {"kilometer", 1e3}};
  const auto found = kUnits.find(unit);
  return found == kUnits.end() ? 1 : found->second;
}

bool is_space(const SourceInfo& info, std::size_t axis) { return info.axes[axis].type == image::AxisType::Space; }

/// 2 for the axes that the next level halves.
Shape next_factor(const SourceInfo& info, const PyramidLevel& level, std::int64_t stop) {
  const std::size_t ndim = level.shape.size();
  Shape factor(ndim, 1);
  const auto size_m = [&](std::size_t axis) { return level.scale[axis] * meters(info.axes[axis].unit); };
  const auto may_shrink = [&](std::size_t axis) { return is_space(info, axis) && level.shape[axis] > kThin; };
  double finest = INFINITY;
  bool any_long = false;
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    if (!may_shrink(axis)) continue;
    finest = std::min(finest, size_m(axis));
    any_long = any_long || level.shape[axis] > stop;
  }
  if (!any_long) return factor;
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    if (may_shrink(axis) && size_m(axis) <= finest * std::numbers::sqrt2 * (1 + 1e-9)) factor[axis] = 2;
  }
  return factor;
}

std::int64_t product(const Shape& shape) {
  std::int64_t out = 1;
  for (const std::int64_t extent : shape) out *= extent;
  return out;
}

Shape default_chunk(const SourceInfo& info) {
  const std::size_t ndim = info.shape.size();
  Shape chunk(ndim, 1);
  std::vector<std::size_t> space;
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    if (is_space(info, axis)) space.push_back(axis);
  }
  const auto deep = std::ranges::count_if(space, [&](std::size_t axis) { return info.shape[axis] > 1; });
  for (const std::size_t axis : space)
    chunk[axis] = std::min(info.shape[axis], deep >= 3 ? kChunkEdge3D : kChunkEdge2D);
  // Samples of a pixel that lie side by side are read and shown together.
  if (!space.empty()) {
    for (std::size_t axis = space.back() + 1; axis < ndim; ++axis)
      chunk[axis] = std::min<std::int64_t>(info.shape[axis], 4);
  }
  if (space.empty()) chunk[ndim - 1] = std::min(info.shape[ndim - 1], kChunkVoxels);
  // Few planes or rows: longer ones instead, so that a chunk stays worth a request.
  for (const std::int64_t longest : {kChunkEdge2D, kChunkVoxels}) {
    for (bool grew = true; grew && product(chunk) < kChunkVoxels;) {
      grew = false;
      for (std::size_t i = space.size(); i-- > 0 && product(chunk) < kChunkVoxels;) {
        const std::size_t axis = space[i];
        if (chunk[axis] >= std::min(info.shape[axis], longest)) continue;
        chunk[axis] = std::min({chunk[axis] * 2, info.shape[axis], longest});
        grew = true;
      }
    }
  }
  return chunk;
}

/// Twice the chunk along one axis after the other, as long as there is more of the level and the shard stays small.
Shape default_shard(const SourceInfo& info, const Shape& chunk) {
  Shape shard = chunk;
  const auto bytes = [&] { return product(shard) * static_cast<std::int64_t>(info.voxel_bytes()); };
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t axis = shard.size(); axis-- > 0;) {
      if (!is_space(info, axis) || shard[axis] >= info.shape[axis] || bytes() * 2 > kShardBytes) continue;
      shard[axis] *= 2;
      grew = true;
    }
  }
  return shard;
}

Result<void> check_option(const char* name, const Shape& given, const SourceInfo& info) {
  if (given.empty()) return {};
  if (given.size() != info.shape.size()) {
    return fail(ErrorCode::Invalid, "--{}: {} numbers, {} has {} axes ({})", name, given.size(), info.path,
                info.shape.size(), fmt::join(info.shape, " x "));
  }
  for (const std::int64_t extent : given) {
    if (extent < 1 || extent > INT32_MAX)
      return fail(ErrorCode::Invalid, "--{}: {}, expected at least 1", name, extent);
  }
  return {};
}

PyramidLevel next_level(const PyramidLevel& above, const Shape& factor) {
  PyramidLevel level = above;
  level.factor = factor;
  for (std::size_t axis = 0; axis < factor.size(); ++axis) {
    level.shape[axis] = ceil_div(above.shape[axis], factor[axis]);
    // A voxel's place is its centre's: the mean of 0 and 1 lies at 0.5.
    level.translation[axis] = above.translation[axis] + above.scale[axis] * static_cast<double>(factor[axis] - 1) / 2;
    level.scale[axis] = above.scale[axis] * static_cast<double>(factor[axis]);
  }
  return level;
}

/// Chunks no larger than the level, shards no larger than its chunks, cells even where something is halved.
void fit_chunks(std::vector<PyramidLevel>& levels, const Shape& chunk, const Shape& shard) {
  for (PyramidLevel& level : levels) {
    const std::size_t ndim = level.shape.size();
    level.chunk.resize(ndim);
    level.shard.resize(ndim);
    level.cell.resize(ndim);
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      const bool halved = std::ranges::any_of(levels, [&](const PyramidLevel& any) { return any.factor[axis] == 2; });
      level.chunk[axis] = std::min(chunk[axis], level.shape[axis]);
      const std::int64_t chunks = ceil_div(level.shape[axis], level.chunk[axis]);
      level.shard[axis] = std::min(shard[axis] / chunk[axis], chunks) * level.chunk[axis];
      const bool crosses = halved && level.chunk[axis] % 2 == 1 && level.chunk[axis] < level.shape[axis];
      level.cell[axis] = crosses ? 2 * level.chunk[axis] : level.chunk[axis];
    }
  }
}

}  // namespace

Result<Pyramid> plan_pyramid(const SourceInfo& info, const PyramidOptions& options) {
  ND_TRY(check_option("chunk", options.chunk, info));
  ND_TRY(check_option("shard", options.shard, info));
  Shape chunk = options.chunk.empty() ? default_chunk(info) : options.chunk;
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) chunk[axis] = std::min(chunk[axis], info.shape[axis]);
  ND_TRY(checked_volume_bytes(chunk, info.dtype, "--chunk"));
  if (product(chunk) * static_cast<std::int64_t>(info.voxel_bytes()) > static_cast<std::int64_t>(limits::kChunkBytes)) {
    return fail(ErrorCode::Limit, "--chunk: {} voxels of {}, expected at most {} bytes", fmt::join(chunk, " x "),
                image::to_string(info.dtype), limits::kChunkBytes);
  }
  Shape shard = !options.sharded ? chunk : options.shard.empty() ? default_shard(info, chunk) : options.shard;
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
    if (!options.shard.empty() && options.sharded && shard[axis] % chunk[axis] != 0 && shard[axis] < info.shape[axis]) {
      return fail(ErrorCode::Invalid, "--shard: {}, expected a multiple of the chunk, {}", shard[axis], chunk[axis]);
    }
    shard[axis] = ceil_div(shard[axis], chunk[axis]) * chunk[axis];
  }
  Pyramid out;
  PyramidLevel first;
  first.shape = info.shape;
  first.factor.assign(info.shape.size(), 1);
  for (const SourceAxis& axis : info.axes) {
    first.scale.push_back(axis.scale);
    first.translation.push_back(axis.translation);
  }
  out.levels.push_back(std::move(first));
  while (options.levels && out.levels.size() < limits::kImportLevels) {
    const Shape factor = next_factor(info, out.levels.back(), options.stop);
    if (std::ranges::none_of(factor, [](std::int64_t f) { return f == 2; })) break;
    out.levels.push_back(next_level(out.levels.back(), factor));
  }
  fit_chunks(out.levels, chunk, shard);
  return out;
}

}  // namespace ndcast::convert
