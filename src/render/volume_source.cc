#include "render/volume_source.h"

#include <algorithm>
#include <cmath>
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

std::shared_ptr<VolumeLevel> volume_of(const DenseLevel& dense, const std::array<plan::LatticeAxis, 3>& lattice,
                                       ThreadPool& pool) {
  auto volume = std::make_shared<VolumeLevel>();
  volume->dtype = dense.spec().array->dtype();
  volume->data = dense.data();
  for (std::size_t i = 0; i < 3; ++i) {
    volume->size[i] = static_cast<int>(dense.size()[2 - i]);
    volume->origin[i] = lattice[2 - i].origin;
    volume->step[i] = lattice[2 - i].step;
  }
  build_cells(*volume, pool);
  return volume;
}

}  // namespace

std::vector<VolumeSource::Size> VolumeSource::sizes(const LayerTarget& target) {
  std::vector<Size> sizes;
  for (int level = 0; level <= target.coarsest(); ++level) {
    Size size{.smallest_step = std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < 3; ++i) {
      const plan::LatticeAxis axis = target.lattice(level, i);
      if (axis.image_axis >= 0) size.smallest_step = std::min(size.smallest_step, std::abs(axis.step));
      // Saturates: an axis of a sparse store may be astronomically long.
      if (__builtin_mul_overflow(size.voxels, axis.size, &size.voxels)) size.voxels = INT64_MAX;
    }
    const auto element = static_cast<std::int64_t>(
        image::byte_size(target.image->levels[static_cast<std::size_t>(level)].array->dtype()));
    if (__builtin_mul_overflow(size.voxels, element, &size.bytes)) size.bytes = INT64_MAX;
    sizes.push_back(size);
  }
  return sizes;
}

std::unique_ptr<VolumeSource::Held> VolumeSource::hold(int level) const {
  const Size size = sizes(*target_)[static_cast<std::size_t>(level)];
  if (size.voxels > limits::kVolumeVoxels || size.bytes > limits::kVolumeBytes) return nullptr;
  std::array<plan::LatticeAxis, 3> lattice;
  std::array<DenseAxis, 3> axes;
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    lattice[i] = target_->lattice(level, i);
    axes[i] = {lattice[i].image_axis, {0, lattice[i].size}, lattice[i].chunk};
    blocks *= (lattice[i].size + lattice[i].chunk - 1) / lattice[i].chunk;
  }
  if (blocks > kBlocks || blocks == 0) return nullptr;
  auto held = std::make_unique<Held>(Held{level, lattice, DenseLevel(dense_spec(*target_, level, axes)), {}, {}, {}});
  held->blocks.resize(held->dense.loaded().size());
  std::iota(held->blocks.begin(), held->blocks.end(), std::size_t{0});
  const auto urgent = [&](std::size_t block) { return urgency(held->dense.blocks(), block); };
  std::ranges::stable_sort(held->blocks, std::ranges::greater{}, urgent);
  for (const std::size_t block : held->blocks) held->priorities.push_back(urgent(block));
  return held;
}

void VolumeSource::aim(const LayerTarget& target) {
  const bool same_place = target_ && target_->same_place(target);
  const bool same_level = same_place && target_->level == target.level;
  target_ = target;
  if (same_level) return;
  wanted_.reset();
  too_large_ = false;
  if (!same_place) {
    shown_.reset();
    coarse_.reset();
  }
  if (shown_ && shown_->level == target.level) return;
  wanted_ = coarse_ && coarse_->level == target.level ? std::move(coarse_) : hold(target.level);
  too_large_ = !wanted_;
  if (with_fallbacks_ && !shown_ && !coarse_ && target.level != target.coarsest()) coarse_ = hold(target.coarsest());
}

SourceProgress VolumeSource::fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const {
  const DenseLevel::Fetched fetched = held.dense.fetch(held.blocks, find, pool, kFetchBytes);
  if (!held.dense.complete()) return {.changed = false, .stopped = fetched.stopped};
  held.volume = volume_of(held.dense, held.lattice, pool);
  return {.changed = true, .stopped = false};
}

SourceProgress VolumeSource::fetch(const ChunkFinder& find, ThreadPool& pool) {
  SourceProgress progress;
  if (coarse_) {
    progress = fill(*coarse_, find, pool);
    if (progress.changed) shown_ = std::move(coarse_);
  }
  if (!wanted_) return progress;
  const SourceProgress finer = fill(*wanted_, find, pool);
  if (finer.changed) {
    shown_ = std::move(wanted_);
    coarse_.reset();
  }
  return {.changed = progress.changed || finer.changed, .stopped = progress.stopped || finer.stopped};
}

void VolumeSource::request(std::vector<image::ChunkRequest>& requests) const {
  // Priorities are within (−1, 0], so 1 puts the coarse ones first.
  if (coarse_) request_missing(coarse_->dense, coarse_->blocks, coarse_->priorities, 1.0F, requests);
  if (wanted_) request_missing(wanted_->dense, wanted_->blocks, wanted_->priorities, 0.0F, requests);
}

std::vector<std::shared_ptr<const VolumeLevel>> VolumeSource::volumes() const {
  if (!shown_) return {};
  return {shown_->volume};
}

bool VolumeSource::complete() const { return target_ && shown_ && !wanted_ && !too_large_; }

int VolumeSource::level_shown() const { return shown_ ? shown_->level : target_ ? target_->level : 0; }

std::size_t VolumeSource::bytes() const {
  std::size_t bytes = 0;
  for (const auto& held : {shown_.get(), wanted_.get(), coarse_.get()}) {
    if (!held) continue;
    bytes += held->dense.bytes();
    if (held->volume) bytes += held->volume->cells.size() * sizeof(held->volume->cells[0]);
  }
  return bytes;
}

std::size_t VolumeSource::visible_chunks() const {
  const Held* of = wanted_ ? wanted_.get() : shown_.get();
  return of ? of->blocks.size() : 0;
}

}  // namespace ndcast::render
