#pragma once
// Which voxels of a level a 2D view needs, and which chunks hold them. Pure: world rectangle and lattice in, index
// ranges out.
//
//   const Roi visible = visible_roi(lattice, pose.rect, 1);
//   const Roi held = next_roi(lattice, visible, previous);        // chunk-aligned; moves only when it must
//   for (const ChunkCell& cell : chunks_of(lattice, visible)) …   // nearest to the middle first

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "plan/layer_axes.h"
#include "plan/span.h"
#include "scene/types.h"

namespace ndcast::plan {

struct Roi {
  Span y;
  Span x;
  bool empty() const { return y.empty() || x.empty(); }
  bool covers(const Roi& other) const { return other.empty() || (y.covers(other.y) && x.covers(other.x)); }
  std::int64_t voxels() const { return empty() ? 0 : y.size() * x.size(); }
  friend bool operator==(const Roi&, const Roi&) = default;
};

/// The two displayed axes of one level.
struct PlaneLattice {
  LatticeAxis y;
  LatticeAxis x;
  std::int64_t voxels() const { return y.size * x.size; }
};

/// Voxels that the world rectangle {left, bottom, width, height} touches, `margin` more on each side (1 for linear
/// interpolation), clamped to the level; empty when it misses the level.
Roi visible_roi(const PlaneLattice& lattice, const std::array<double, 4>& rect, std::int64_t margin = 0);

/// Grown to whole chunks, then by `pad` chunks on each side, clamped to the level.
Roi aligned_roi(const PlaneLattice& lattice, const Roi& roi, std::int64_t pad = 0);

/// The chunk-aligned range to hold for `visible`. The previous one stays while it covers what is visible and holds at
/// most kRoiSlack times as much as needed, so that small moves back and forth rebuild nothing.
Roi next_roi(const PlaneLattice& lattice, const Roi& visible, const std::optional<Roi>& previous);
inline constexpr std::int64_t kRoiSlack = 4;

/// `roi` cut around its middle to at most `voxels`, for an image without a level that is coarse enough.
Roi limited_roi(const Roi& roi, std::int64_t voxels);

/// Data pixels a canvas pixel: the larger of both directions, from the visible range without margin; a view that misses
/// the level counts the whole plane (facts: §6.2).
double oversampling(const PlaneLattice& lattice, const std::array<double, 4>& rect, const scene::Canvas& canvas);

/// A chunk's position in the grid of the displayed axes, and how urgent it is: minus the distance of its middle from
/// the middle of the range, in units of the range's diagonal, so 0 is the most urgent and about −0.5 the least.
struct ChunkCell {
  std::int64_t y = 0;
  std::int64_t x = 0;
  float priority = 0;
};
/// Chunks that `roi` touches, most urgent first; at most limits::kWantedChunks of them.
std::vector<ChunkCell> chunks_of(const PlaneLattice& lattice, const Roi& roi);

}  // namespace ndcast::plan
