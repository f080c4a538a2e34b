#include "convert/work_plan.h"

#include <algorithm>
#include <numeric>

#include "base/limits.h"

namespace ndcast::convert {
namespace {

/// The program itself, its libraries and its heap's slack, measured at 30 MiB.
constexpr std::size_t kBaseBytes = std::size_t{48} << 20;
/// A unit beyond this makes nothing faster: there are enough cells for every thread, and reads are long.
constexpr std::uint64_t kUnitBytes = std::uint64_t{192} << 20;
/// Few system calls, and still enough pieces for every thread.
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;

std::uint64_t bytes_of(const Shape& extent, std::size_t voxel_bytes) {
  std::uint64_t out = voxel_bytes;
  for (const std::int64_t e : extent) out *= static_cast<std::uint64_t>(e);
  return out;
}

/// Two units (one is read while the other is worked on), and what coarser levels hold until it is complete: of each
/// level at most a box of a unit's extent.
std::uint64_t unit_memory(const SourceInfo& info, const Pyramid& pyramid, const Shape& unit) {
  std::uint64_t out = 2 * bytes_of(unit, info.voxel_bytes());
  for (std::size_t i = 1; i < pyramid.levels.size(); ++i) {
    const PyramidLevel& level = pyramid.levels[i];
    Shape pending = unit;
    for (std::size_t axis = 0; axis < pending.size(); ++axis) {
      pending[axis] = std::min(std::max(unit[axis], level.cell[axis]), level.shape[axis]);
    }
    out += bytes_of(pending, info.voxel_bytes());
  }
  return out;
}

Shape cell_of(const Pyramid& pyramid) {
  Shape cell = pyramid.levels[0].cell;
  for (std::size_t axis = 0; axis < cell.size(); ++axis)
    cell[axis] = std::min(cell[axis], pyramid.levels[0].shape[axis]);
  return cell;
}

/// The axis before which a sequential source's units hold one voxel, so that they follow one another in the stream.
std::size_t first_deep_axis(const Shape& cell) {
  std::size_t axis = 0;
  while (axis + 1 < cell.size() && cell[axis] == 1) ++axis;
  return axis;
}

Shape smallest_unit(const SourceInfo& info, const Shape& cell) {
  Shape unit = cell;
  if (!info.sequential) return unit;
  for (std::size_t axis = first_deep_axis(cell) + 1; axis < unit.size(); ++axis) unit[axis] = info.shape[axis];
  return unit;
}

/// As many cells as fit, the fastest axis first: rows and planes are what files store together.
void grow_unit(const SourceInfo& info, const Pyramid& pyramid, const Shape& cell, std::uint64_t budget, Shape& unit) {
  const auto fits = [&](const Shape& tried) {
    return bytes_of(tried, info.voxel_bytes()) <= kUnitBytes && unit_memory(info, pyramid, tried) <= budget;
  };
  for (std::size_t axis = unit.size(); axis-- > 0;) {
    if (info.sequential && axis < first_deep_axis(cell)) return;
    Shape tried = unit;
    tried[axis] = info.shape[axis];
    if (fits(tried)) {
      unit = tried;
      continue;
    }
    while (true) {
      tried[axis] = std::min(unit[axis] * 2, info.shape[axis]);
      if (tried[axis] == unit[axis] || !fits(tried)) break;
      unit = tried;
    }
    // What a read decodes at once is taken whole if it can be.
    tried[axis] = std::min(ceil_div(std::max(unit[axis], info.grain[axis]), cell[axis]) * cell[axis], info.shape[axis]);
    if (unit_memory(info, pyramid, tried) <= budget) unit = tried;
    return;
  }
}

/// Interleaves the bits of a position: neighbours along every axis before those farther away.
std::vector<std::uint64_t> morton_order(const Shape& grid) {
  std::vector<std::uint64_t> order(
      std::accumulate(grid.begin(), grid.end(), std::uint64_t{1},
                      [](std::uint64_t a, std::int64_t b) { return a * static_cast<std::uint64_t>(b); }));
  std::iota(order.begin(), order.end(), 0);
  const auto position = [&](std::uint64_t index) {
    Shape at(grid.size());
    for (std::size_t axis = grid.size(); axis-- > 0;) {
      at[axis] = static_cast<std::int64_t>(index % static_cast<std::uint64_t>(grid[axis]));
      index /= static_cast<std::uint64_t>(grid[axis]);
    }
    return at;
  };
  // The axis with the highest differing bit decides (Chan 2002).
  std::ranges::sort(order, [&](std::uint64_t a, std::uint64_t b) {
    const Shape p = position(a);
    const Shape q = position(b);
    std::size_t deciding = 0;
    std::uint64_t highest = 0;
    for (std::size_t axis = 0; axis < p.size(); ++axis) {
      const auto difference = static_cast<std::uint64_t>(p[axis] ^ q[axis]);
      if (highest < difference && highest < (highest ^ difference)) {
        deciding = axis;
        highest = difference;
      }
    }
    return p[deciding] < q[deciding];
  });
  return order;
}

/// Calls f(box) for each box of `step` in `whole`, cut at multiples of `step` from the array's origin.
template <class F>
void for_each_box(const Box& whole, const Shape& step, F&& f) {
  const std::size_t ndim = step.size();
  Shape at = whole.start;
  while (true) {
    Box box{at, Shape(ndim)};
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      const std::int64_t end =
          std::min((at[axis] / step[axis] + 1) * step[axis], whole.start[axis] + whole.extent[axis]);
      box.extent[axis] = end - at[axis];
    }
    f(box);
    std::size_t axis = ndim;
    while (axis-- > 0) {
      at[axis] += box.extent[axis];
      if (at[axis] < whole.start[axis] + whole.extent[axis]) break;
      at[axis] = whole.start[axis];
    }
    if (axis == SIZE_MAX) return;
  }
}

/// What one thread reads at once: slow axes are cut first.
Shape piece_shape(const SourceInfo& info, const Shape& unit) {
  Shape piece = unit;
  if (info.sequential) return piece;
  for (std::size_t axis = 0; axis < piece.size() && bytes_of(piece, info.voxel_bytes()) > kPieceBytes; ++axis) {
    const std::uint64_t slice = bytes_of(piece, info.voxel_bytes()) / static_cast<std::uint64_t>(piece[axis]);
    const std::int64_t grain = std::max<std::int64_t>(info.grain[axis], 1);
    const auto fitting = static_cast<std::int64_t>(kPieceBytes / std::max<std::uint64_t>(slice, 1));
    piece[axis] = std::max(fitting / grain * grain, grain);
  }
  return piece;
}

}  // namespace

Box WorkPlan::unit(std::uint64_t index) const {
  std::uint64_t rest = order_[index];
  Box box{Shape(shape_.size()), Shape(shape_.size())};
  for (std::size_t axis = shape_.size(); axis-- > 0;) {
    const auto at = static_cast<std::int64_t>(rest % static_cast<std::uint64_t>(grid_[axis]));
    rest /= static_cast<std::uint64_t>(grid_[axis]);
    box.start[axis] = at * unit_[axis];
    box.extent[axis] = std::min(unit_[axis], shape_[axis] - box.start[axis]);
  }
  return box;
}

std::vector<Box> WorkPlan::pieces(const Box& unit) const {
  std::vector<Box> out;
  for_each_box(unit, piece_, [&](Box box) { out.push_back(std::move(box)); });
  return out;
}

std::vector<Box> WorkPlan::cells(const Box& unit) const {
  std::vector<Box> out;
  for_each_box(unit, cell_, [&](Box box) { out.push_back(std::move(box)); });
  return out;
}

Result<WorkPlan> plan_work(const SourceInfo& info, const Pyramid& pyramid, const WorkLimits& limits) {
  WorkPlan plan;
  plan.shape_ = info.shape;
  plan.cell_ = cell_of(pyramid);
  plan.unit_ = smallest_unit(info, plan.cell_);
  // A thread holds a cell, its chunk padded, and the chunk encoded; rows of sums are small beside them.
  const std::uint64_t cell_bytes = bytes_of(plan.cell_, info.voxel_bytes());
  const std::uint64_t per_thread = 4 * cell_bytes;
  const std::uint64_t smallest = kBaseBytes + per_thread + info.scratch_bytes + unit_memory(info, pyramid, plan.unit_);
  if (smallest > limits.memory_bytes) {
    return fail(ErrorCode::Limit, "{}: needs --memory of at least {} MiB{}, has {}", info.path, (smallest >> 20) + 1,
                info.sequential ? " to be read in one pass (a file that is not compressed needs less)" : "",
                limits.memory_bytes >> 20);
  }
  // No more than half of what is left goes to threads, and a quarter to what reads decode.
  const std::uint64_t spare = limits.memory_bytes - smallest;
  plan.threads_ = std::clamp<std::size_t>(1 + spare / 2 / std::max<std::uint64_t>(per_thread, 1), 1,
                                          std::max<std::size_t>(limits.threads, 1));
  plan.concurrent_reads_ = info.scratch_bytes == 0
                               ? plan.threads_
                               : std::clamp<std::size_t>(1 + spare / 4 / info.scratch_bytes, 1, plan.threads_);
  const std::uint64_t fixed = kBaseBytes + plan.threads_ * per_thread + plan.concurrent_reads_ * info.scratch_bytes;
  grow_unit(info, pyramid, plan.cell_, limits.memory_bytes - fixed, plan.unit_);
  plan.piece_ = piece_shape(info, plan.unit_);
  std::uint64_t units = 1;
  for (std::size_t axis = 0; axis < plan.shape_.size(); ++axis) {
    plan.grid_.push_back(ceil_div(plan.shape_[axis], plan.unit_[axis]));
    units *= static_cast<std::uint64_t>(plan.grid_[axis]);
  }
  if (units > limits::kImportUnits) {
    return fail(ErrorCode::Limit, "{}: {} boxes of {} to read, expected at most {}; give more --memory", info.path,
                units, fmt::join(plan.unit_, " x "), limits::kImportUnits);
  }
  if (info.sequential) {
    plan.order_.resize(units);
    std::iota(plan.order_.begin(), plan.order_.end(), 0);
  } else {
    plan.order_ = morton_order(plan.grid_);
  }
  plan.expected_bytes_ = fixed + unit_memory(info, pyramid, plan.unit_);
  return plan;
}

}  // namespace ndcast::convert
