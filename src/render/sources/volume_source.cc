#include "render/sources/volume_source.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "base/limits.h"
#include "render/volume_cells.h"

namespace ndcast::render {
namespace {

/// Minus the distance of a block from the middle of the box, in units of the box' diagonal.
float urgency(const std::array<std::int64_t, 3>& blocks, std::size_t number) {
  auto rest = static_cast<std::int64_t>(number);
  double distance2 = 0;
  double diagonal2 = 0;
  for (std::size_t i = 3; i-- > 0;) {
    const double offset = static_cast<double>(rest % blocks[i]) + 0.5 - 0.5 * static_cast<double>(blocks[i]);
    distance2 += offset * offset;
    diagonal2 += static_cast<double>(blocks[i] * blocks[i]);
    rest /= blocks[i];
  }
  return static_cast<float>(-std::sqrt(distance2 / diagonal2));
}

/// Voxels of the coarse whole, which is shown at once.
constexpr std::int64_t kFallbackVoxels = std::int64_t{1} << 20;

/// Voxels whose cells are built in one go: some milliseconds on two cores.
constexpr std::int64_t kVoxelsAtOnce = std::int64_t{2} << 20;

/// Without its cells.
std::shared_ptr<VolumeLevel> volume_of(const DenseLevel& dense, const plan::VolumeLattice& lattice,
                                       const plan::VolumeBox& box) {
  auto volume = std::make_shared<VolumeLevel>();
  volume->dtype = dense.spec().array->dtype();
  volume->data = dense.data();
  for (std::size_t i = 0; i < 3; ++i) {
    volume->size[i] = static_cast<int>(dense.size()[2 - i]);
    const plan::LatticeAxis& axis = lattice[2 - i];
    volume->origin[i] = axis.origin + static_cast<double>(box[2 - i].start) * axis.step;
    volume->step[i] = axis.step;
  }
  return volume;
}

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

plan::VolumeGrid grid_at(const LayerTarget& target, int level) {
  const auto& array = *target.image->levels[static_cast<std::size_t>(level)].array;
  return {{target.lattice(level, 0), target.lattice(level, 1), target.lattice(level, 2)},
          static_cast<std::int64_t>(image::byte_size(array.dtype()))};
}

std::vector<plan::VolumeGrid> pyramid_of(const LayerTarget& target) {
  std::vector<plan::VolumeGrid> pyramid;
  for (int level = 0; level <= target.coarsest(); ++level) pyramid.push_back(grid_at(target, level));
  return pyramid;
}

/// Chunks of the finest part are asked for first, but for those of the coarse whole.
float lift_of(std::size_t part) { return -static_cast<float>(part); }
constexpr float kCoarseLift = 1;

}  // namespace

std::vector<VolumeSource::Size> VolumeSource::sizes(const LayerTarget& target, const plan::VolumeLook& look,
                                                    int current) {
  std::vector<Size> sizes;
  for (int level = 0; level <= target.coarsest(); ++level) {
    const plan::VolumeGrid grid = grid_at(target, level);
    Size size{.smallest_step = std::numeric_limits<double>::infinity()};
    for (const plan::LatticeAxis& axis : grid.lattice) {
      if (axis.image_axis >= 0) size.smallest_step = std::min(size.smallest_step, std::abs(axis.step));
    }
    size.voxels = plan::voxels_held(grid, look, level == current);
    size.bytes = times(size.voxels, grid.voxel_bytes);
    sizes.push_back(size);
  }
  return sizes;
}

VolumeSource::HeldPtr VolumeSource::hold(const plan::VolumePart& part) const {
  const plan::VolumeLattice& lattice = pyramid_[static_cast<std::size_t>(part.level)].lattice;
  std::array<DenseAxis, 3> axes;
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    axes[i] = {lattice[i].image_axis, part.box[i], lattice[i].chunk};
    blocks = times(blocks, (part.box[i].size() + lattice[i].chunk - 1) / lattice[i].chunk);
  }
  if (blocks > kBlocks) return nullptr;
  auto held = std::make_shared<Held>(
      Held{part, part.box == plan::whole_box(lattice), DenseLevel(dense_spec(*target_, part.level, axes)), {}, {}, {}});
  held->blocks.resize(held->dense.loaded().size());
  std::iota(held->blocks.begin(), held->blocks.end(), std::size_t{0});
  const auto urgent = [&](std::size_t block) { return urgency(held->dense.blocks(), block); };
  std::ranges::stable_sort(held->blocks, std::ranges::greater{}, urgent);
  for (const std::size_t block : held->blocks) held->priorities.push_back(urgent(block));
  return held;
}

VolumeSource::HeldPtr VolumeSource::take(const plan::VolumePart& part, std::vector<HeldPtr>& from) const {
  const auto known = std::ranges::find_if(from, [&](const HeldPtr& held) { return held && held->part == part; });
  if (known != from.end()) return std::move(*known);
  HeldPtr held = hold(part);
  if (!held) return held;
  for (const HeldPtr& other : from) {
    if (!other || other->part.level != part.level) continue;
    if (!held->before || other->dense.loaded_count() > held->before->dense.loaded_count()) held->before = other;
  }
  if (held->before) held->before->before.reset();
  return held;
}

void VolumeSource::aim(const LayerTarget& target, const plan::VolumeLook& look) {
  const bool same_place = target_ && target_->same_place(target);
  target_ = target;
  if (!same_place) {
    wanted_.clear();
    standing_in_.clear();
    coarse_.reset();
    pyramid_ = pyramid_of(target);
  }
  std::vector<plan::VolumePart> known;
  for (const HeldPtr& held : wanted_) known.push_back(held->part);
  const std::vector<plan::VolumePart> parts = plan::volume_parts(pyramid_, target.level, look, known);
  if (parts != known) {
    std::vector<HeldPtr> before = std::exchange(wanted_, {});
    std::ranges::move(standing_in_, std::back_inserter(before));
    before.push_back(std::move(coarse_));
    for (const plan::VolumePart& part : parts) {
      if (HeldPtr held = take(part, before)) wanted_.push_back(std::move(held));
    }
    std::erase_if(before, [](const HeldPtr& held) { return !held || !held->volume; });
    standing_in_ = std::move(before);
  }
  tidy();
  aim_fallback();
}

void VolumeSource::tidy() {
  if (complete()) return standing_in_.clear();
  // One box and one whole, those that were wanted last.
  bool has_box = false;
  bool has_whole = false;
  std::erase_if(standing_in_,
                [&](const HeldPtr& held) { return std::exchange(held->is_whole ? has_whole : has_box, true); });
}

void VolumeSource::aim_fallback() {
  const auto is_whole = [](const HeldPtr& held) { return held->is_whole && held->volume; };
  const bool has_whole = std::ranges::any_of(wanted_, is_whole) || std::ranges::any_of(standing_in_, is_whole);
  if (!with_fallbacks_ || has_whole) return coarse_.reset();
  const int finest = wanted_.empty() ? target_->level : wanted_.back()->part.level;
  if (coarse_ || finest == target_->coarsest()) return;
  const auto whole = [&](int level) { return plan::whole_box(pyramid_[static_cast<std::size_t>(level)].lattice); };
  int level = target_->coarsest();
  while (level - 1 > finest && plan::voxels_of(whole(level - 1)) <= kFallbackVoxels) --level;
  if (plan::voxels_of(whole(level)) <= limits::kVolumeVoxels) coarse_ = hold({level, whole(level)});
}

SourceProgress VolumeSource::fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const {
  constexpr SourceProgress kMore{.changed = false, .stopped = true};
  if (held.volume) return {};
  if (held.before) {
    held.next_taken = held.dense.adopt(held.before->dense, pool, held.next_taken, kFetchBytes);
    if (held.next_taken == held.blocks.size()) held.before.reset();
    return kMore;
  }
  if (!held.building) {
    const DenseLevel::Fetched fetched = held.dense.fetch(held.blocks, find, pool, kFetchBytes);
    if (!held.dense.complete()) return {.changed = false, .stopped = fetched.stopped};
    held.building = volume_of(held.dense, pyramid_[static_cast<std::size_t>(held.part.level)].lattice, held.part.box);
    return kMore;
  }
  held.next_slab = build_cells(*held.building, pool, held.next_slab, kVoxelsAtOnce);
  if (held.next_slab < cell_grid(held.building->size)[2]) return kMore;
  held.volume = std::move(held.building);
  return {.changed = true, .stopped = false};
}

SourceProgress VolumeSource::fetch(const ChunkFinder& find, ThreadPool& pool) {
  SourceProgress all;
  const auto one = [&](Held& held) {
    const SourceProgress progress = fill(held, find, pool);
    all.changed = all.changed || progress.changed;
    all.stopped = all.stopped || progress.stopped;
  };
  if (coarse_) one(*coarse_);
  for (const HeldPtr& held : wanted_) {
    if (!all.stopped) one(*held);
  }
  if (all.changed) {
    tidy();
    aim_fallback();
  }
  return all;
}

void VolumeSource::request(std::vector<image::ChunkRequest>& requests) const {
  // Priorities within a part are within (−1, 0].
  const auto add = [&](const Held& held, float lift) {
    // What is still to be taken over is not asked for.
    if (!held.before) request_missing(held.dense, held.blocks, held.priorities, lift, requests);
  };
  if (coarse_) add(*coarse_, kCoarseLift);
  for (std::size_t i = 0; i < wanted_.size(); ++i) add(*wanted_[i], lift_of(i));
}

std::vector<const VolumeSource::Held*> VolumeSource::shown() const {
  std::vector<const Held*> candidates;
  const auto add = [&](const HeldPtr& held) {
    if (held && held->volume) candidates.push_back(held.get());
  };
  for (const HeldPtr& held : wanted_) add(held);
  for (const HeldPtr& held : standing_in_) add(held);
  add(coarse_);
  // Stable: of two parts of one level the wanted one counts.
  std::ranges::stable_sort(candidates, {}, [](const Held* held) { return held->part.level; });
  std::vector<const Held*> shown;
  for (const Held* held : candidates) {
    const bool known = !shown.empty() && shown.back()->part.level == held->part.level;
    const bool fits = shown.empty() || shown.back()->volume->dtype == held->volume->dtype;
    if (!known && fits) shown.push_back(held);
    if (held->is_whole) break;
  }
  if (shown.size() > kMostVolumes) shown.erase(shown.begin() + kMostVolumes - 1, shown.end() - 1);
  return shown;
}

std::vector<std::shared_ptr<const VolumeLevel>> VolumeSource::volumes() const {
  std::vector<std::shared_ptr<const VolumeLevel>> volumes;
  for (const Held* held : shown()) volumes.push_back(held->volume);
  return volumes;
}

bool VolumeSource::complete() const {
  return !wanted_.empty() && std::ranges::all_of(wanted_, [](const HeldPtr& held) { return held->volume != nullptr; });
}

int VolumeSource::level_shown() const {
  const std::vector<const Held*> parts = shown();
  return !parts.empty() ? parts.front()->part.level : target_ ? target_->level : 0;
}

std::size_t VolumeSource::bytes() const {
  std::size_t bytes = 0;
  const auto add = [&](const HeldPtr& held) {
    if (!held) return;
    bytes += held->dense.bytes();
    if (held->volume) bytes += held->volume->cells.bytes();
  };
  for (const HeldPtr& held : wanted_) add(held);
  for (const HeldPtr& held : standing_in_) add(held);
  add(coarse_);
  return bytes;
}

std::size_t VolumeSource::visible_chunks() const {
  std::size_t chunks = 0;
  for (const HeldPtr& held : wanted_) chunks += held->blocks.size();
  return chunks;
}

}  // namespace ndcast::render
