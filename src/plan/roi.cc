#include "plan/roi.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"

namespace ndcast::plan {
namespace {

Span visible_span(const LatticeAxis& axis, double low, double high, std::int64_t margin) {
  // In units of voxels with 0 at the outer edge of voxel 0.
  const double a = (low - axis.origin) / axis.step + 0.5;
  const double b = (high - axis.origin) / axis.step + 0.5;
  const auto size = static_cast<double>(axis.size);
  const double start = std::floor(std::min(a, b));
  const double stop = std::ceil(std::max(a, b));
  if (!(stop > 0.0) || !(start < size)) return {};
  const auto clamped = [&](double value) { return static_cast<std::int64_t>(std::clamp(value, 0.0, size)); };
  const auto grown = static_cast<double>(margin);
  return {clamped(start - grown), clamped(stop + grown)};
}

Span aligned_span(const LatticeAxis& axis, const Span& span, std::int64_t pad) {
  if (span.empty()) return {};
  const std::int64_t first = span.start / axis.chunk - pad;
  const std::int64_t last = (span.stop - 1) / axis.chunk + 1 + pad;
  return {std::max<std::int64_t>(first * axis.chunk, 0), std::min(last * axis.chunk, axis.size)};
}

Span cut_span(const Span& span, std::int64_t size) {
  if (span.size() <= size) return span;
  const std::int64_t start = span.start + (span.size() - size) / 2;
  return {start, start + size};
}

}  // namespace

Roi visible_roi(const PlaneLattice& lattice, const std::array<double, 4>& rect, std::int64_t margin) {
  const Roi roi = {visible_span(lattice.y, rect[1], rect[1] + rect[3], margin),
                   visible_span(lattice.x, rect[0], rect[0] + rect[2], margin)};
  return roi.empty() ? Roi{} : roi;
}

Roi aligned_roi(const PlaneLattice& lattice, const Roi& roi, std::int64_t pad) {
  if (roi.empty()) return {};
  return {aligned_span(lattice.y, roi.y, pad), aligned_span(lattice.x, roi.x, pad)};
}

Roi next_roi(const PlaneLattice& lattice, const Roi& visible, const std::optional<Roi>& previous) {
  const Roi needed = aligned_roi(lattice, visible);
  if (previous && previous->covers(visible) && previous->voxels() <= kRoiSlack * needed.voxels()) return *previous;
  return needed;
}

Roi limited_roi(const Roi& roi, std::int64_t voxels) {
  if (roi.voxels() <= voxels) return roi;
  const double shrink = std::sqrt(static_cast<double>(voxels) / static_cast<double>(roi.voxels()));
  const auto side = [&](const Span& span) {
    return std::max<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(span.size()) * shrink), 1);
  };
  // A strip one voxel wide shrinks in its long direction only.
  const std::int64_t height = std::min(side(roi.y), voxels);
  const std::int64_t width = std::max<std::int64_t>(std::min(side(roi.x), voxels / height), 1);
  return {cut_span(roi.y, height), cut_span(roi.x, width)};
}

double oversampling(const PlaneLattice& lattice, const std::array<double, 4>& rect, const scene::Canvas& canvas) {
  Roi roi = visible_roi(lattice, rect);
  if (roi.empty()) roi = {{0, lattice.y.size}, {0, lattice.x.size}};
  return std::max(static_cast<double>(roi.y.size()) / canvas.height, static_cast<double>(roi.x.size()) / canvas.width);
}

std::vector<ChunkCell> chunks_of(const PlaneLattice& lattice, const Roi& roi) {
  std::vector<ChunkCell> cells;
  if (roi.empty()) return cells;
  const double middle_y = 0.5 * static_cast<double>(roi.y.start + roi.y.stop);
  const double middle_x = 0.5 * static_cast<double>(roi.x.start + roi.x.stop);
  const double diagonal = std::hypot(static_cast<double>(roi.y.size()), static_cast<double>(roi.x.size()));
  const auto last_y = (roi.y.stop - 1) / lattice.y.chunk;
  const auto last_x = (roi.x.stop - 1) / lattice.x.chunk;
  for (std::int64_t y = roi.y.start / lattice.y.chunk; y <= last_y; ++y) {
    for (std::int64_t x = roi.x.start / lattice.x.chunk; x <= last_x; ++x) {
      if (cells.size() >= limits::kWantedChunks) break;
      const double dy = (static_cast<double>(y) + 0.5) * static_cast<double>(lattice.y.chunk) - middle_y;
      const double dx = (static_cast<double>(x) + 0.5) * static_cast<double>(lattice.x.chunk) - middle_x;
      cells.push_back({y, x, static_cast<float>(-std::hypot(dx, dy) / diagonal)});
    }
  }
  std::ranges::stable_sort(cells, [](const ChunkCell& a, const ChunkCell& b) { return a.priority > b.priority; });
  return cells;
}

}  // namespace ndcast::plan
