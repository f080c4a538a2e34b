#include "plan/volume_parts.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/limits.h"

namespace ndcast::plan {
namespace {

// Shares of the view's memory. There may be two of the focus: the old one is shown until the new one is in.
constexpr std::int64_t kFocusBytes = limits::kVolumeBytes / 4;
constexpr std::int64_t kMiddleBytes = limits::kVolumeBytes / 12;
constexpr std::int64_t kBaseBytes = limits::kVolumeBytes / 4;

/// Voxels that a share of the view's memory holds, `most` at most.
std::int64_t voxels_of_share(const VolumeGrid& grid, const VolumeLook& look, std::int64_t bytes, std::int64_t most) {
  return std::min(most, bytes / grid.voxel_bytes / std::max(look.layers, 1));
}

bool fits_whole(const VolumeGrid& grid, const VolumeLook& look, std::int64_t bytes) {
  return voxels_of(whole_box(grid.lattice)) <= voxels_of_share(grid, look, bytes, limits::kVolumeVoxels);
}

/// Voxels of the wanted level's part.
std::int64_t focus_voxels(const VolumeGrid& grid, const VolumeLook& look, bool is_held) {
  const auto most = static_cast<double>(voxels_of_share(grid, look, kFocusBytes, limits::kFocusVoxels));
  return static_cast<std::int64_t>(most * (is_held ? kHeldBonus : 1.0));
}

std::optional<VolumeBox> held_box(std::span<const VolumePart> held, int level) {
  const auto found = std::ranges::find(held, level, &VolumePart::level);
  return found == held.end() ? std::nullopt : std::optional(found->box);
}

}  // namespace

std::int64_t voxels_held(const VolumeGrid& grid, const VolumeLook& look, bool is_held) {
  const VolumeBox whole = whole_box(grid.lattice);
  if (fits_whole(grid, look, limits::kVolumeBytes)) return voxels_of(whole);
  const Focus focus = focus_of(grid.lattice, look.pose, look.canvas, focus_voxels(grid, look, is_held));
  const std::int64_t voxels = voxels_of(next_box(grid.lattice, focus.wanted, focus.needed, std::nullopt));
  return voxels == 0 ? std::numeric_limits<std::int64_t>::max() : voxels;
}

std::vector<VolumePart> volume_parts(std::span<const VolumeGrid> pyramid, int level, const VolumeLook& look,
                                     std::span<const VolumePart> held) {
  const auto grid = [&](int of) -> const VolumeGrid& { return pyramid[static_cast<std::size_t>(of)]; };
  if (fits_whole(grid(level), look, limits::kVolumeBytes)) return {{level, whole_box(grid(level).lattice)}};

  std::vector<VolumePart> parts;
  const auto add = [&](int of, std::int64_t most) {
    const VolumeGrid& from = grid(of);
    const Focus focus = focus_of(from.lattice, look.pose, look.canvas, most);
    const std::optional<VolumeBox> previous = held_box(held, of);
    const VolumeBox box = next_box(from.lattice, focus.wanted, focus.needed, previous);
    // Nothing of it is in the picture: what is held is as good as anything.
    if (voxels_of(box) > 0)
      parts.push_back({of, box});
    else if (previous && voxels_of(visible_box(from.lattice, look.pose, look.canvas)) == 0)
      parts.push_back({of, *previous});
  };
  // Whoever asks for the level may have judged it as one that is held.
  add(level, focus_voxels(grid(level), look, true));
  if (parts.empty()) return {};

  const int coarsest = static_cast<int>(pyramid.size()) - 1;
  int base = level + 1;
  while (base <= coarsest && !fits_whole(grid(base), look, kBaseBytes)) ++base;
  if (base > coarsest) return parts;
  // Two levels in between at most, as far from each other as can be.
  const int between = std::min(base - level - 1, static_cast<int>(kMostParts) - 2);
  for (int i = 1; i <= between; ++i) {
    const int middle = level + (base - level) * i / (between + 1);
    add(middle, voxels_of_share(grid(middle), look, kMiddleBytes, limits::kFocusVoxels / 3));
  }
  parts.push_back({base, whole_box(grid(base).lattice)});
  return parts;
}

}  // namespace ndcast::plan
