#include "render/sources/slice_source.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace ndcast::render {
namespace {

std::shared_ptr<SliceLevel> slice_of(const DenseLevel& dense, const plan::PlaneLattice& lattice, const plan::Roi& roi) {
  auto slice = std::make_shared<SliceLevel>();
  slice->dtype = dense.dtype();
  slice->data = dense.data();
  slice->width = static_cast<int>(dense.size()[2]);
  slice->height = static_cast<int>(dense.size()[1]);
  slice->origin = {lattice.x.origin + static_cast<double>(roi.x.start) * lattice.x.step,
                   lattice.y.origin + static_cast<double>(roi.y.start) * lattice.y.step};
  slice->step = {lattice.x.step, lattice.y.step};
  slice->block = {static_cast<int>(std::min(lattice.x.chunk, dense.size()[2])),
                  static_cast<int>(std::min(lattice.y.chunk, dense.size()[1]))};
  return slice;
}

std::vector<std::int64_t> axis_sizes(const LayerTarget& target) {
  std::vector<std::int64_t> sizes;
  for (const scene::Axis& axis : target.scene_axes->axes) sizes.push_back(axis.size);
  return sizes;
}

}  // namespace

bool SliceSource::Held::complete() const {
  return std::ranges::all_of(visible, [&](std::size_t block) { return dense.loaded()[block] != 0; });
}

std::int64_t SliceSource::Held::missing_bytes() const {
  const auto missing = std::ranges::count_if(visible, [&](std::size_t block) { return dense.loaded()[block] == 0; });
  return missing * static_cast<std::int64_t>(dense.chunks_a_block() * dense.spec().array->chunk_bytes());
}

SourceProgress SliceSource::Held::fetch(const ChunkFinder& find, ThreadPool& pool) {
  const DenseLevel::Fetched fetched = dense.fetch(visible, find, pool, kFetchBytes);
  // A renderer takes an empty bitmap as "all loaded" and is faster for it.
  if (dense.complete()) {
    slice->loaded.clear();
  } else if (slice->loaded.empty() || fetched.blocks > 0) {
    slice->loaded = dense.loaded();
  }
  return {.changed = fetched.blocks > 0, .stopped = fetched.stopped};
}

std::unique_ptr<SliceSource::Held> SliceSource::hold(int level, std::unique_ptr<Held> old) const {
  const plan::PlaneLattice lattice{target_->lattice(level, 0), target_->lattice(level, 1)};
  const image::DType dtype = target_->image->levels[static_cast<std::size_t>(level)].array->dtype();
  const bool is_projected = target_->projection != scene::ProjectionMode::None;
  const auto element = static_cast<std::int64_t>(
      is_projected ? SlabProjection::bytes_per_voxel(dtype, target_->projection) : image::byte_size(dtype));
  const plan::Roi in_view = plan::visible_roi(lattice, rect_, margin_);
  const plan::Roi visible = plan::limited_roi(in_view, limits::kSliceBytes / element);
  if (visible.empty()) return nullptr;

  const auto spec_for = [&](const plan::Roi& roi) {
    return dense_spec(*target_, level,
                      {DenseAxis{}, DenseAxis{lattice.y.image_axis, roi.y, lattice.y.chunk},
                       DenseAxis{lattice.x.image_axis, roi.x, lattice.x.chunk}});
  };
  const bool same_voxels = old && old->dense.spec().same_but_range(spec_for(old->roi));
  const plan::Roi roi = plan::next_roi(lattice, visible, same_voxels ? std::optional(old->roi) : std::nullopt);

  std::unique_ptr<Held> held = std::move(old);
  if (!same_voxels || held->roi != roi) {
    auto next = std::make_unique<Held>(Held{level, lattice, roi, false, DenseLevel(spec_for(roi)), {}, {}, {}});
    if (same_voxels) next->dense.adopt(held->dense);
    next->slice = slice_of(next->dense, lattice, roi);
    next->slice->loaded = next->dense.loaded();
    held = std::move(next);
  }
  held->cut = visible != in_view;
  held->visible.clear();
  held->priorities.clear();
  for (const plan::ChunkCell& cell : plan::chunks_of(lattice, visible)) {
    held->visible.push_back(
        held->dense.block_number({0, cell.y - roi.y.start / lattice.y.chunk, cell.x - roi.x.start / lattice.x.chunk}));
    held->priorities.push_back(cell.priority);
  }
  return held;
}

void SliceSource::aim(const LayerTarget& target, const std::array<double, 4>& rect, std::int64_t margin) {
  const bool same_place = target_ && target_->same_place(target);
  const bool same_level = same_place && target_->level == target.level;
  const bool same_image = target_ && target_->image == target.image && target_->displayed == target.displayed;
  motion_ = same_image ? plan::next_motion(motion_, target_->index, target.index, axis_sizes(target)) : plan::Motion{};
  target_ = target;
  rect_ = rect;
  margin_ = margin;
  std::unique_ptr<Held> reusable = same_level ? std::move(wanted_) : nullptr;
  if (!same_place) {
    previous_.reset();
    coarse_.reset();
  } else if (!same_level) {
    if (previous_ && previous_->level == target.level) reusable = std::move(previous_);
    if (wanted_ && wanted_->dense.loaded_count() > 0) previous_ = std::move(wanted_);
  }
  wanted_ = hold(target.level, std::move(reusable));
  aim_fallbacks();
}

void SliceSource::aim_fallbacks() {
  if (!with_fallbacks_ || complete()) {
    previous_.reset();
    coarse_.reset();
    return;
  }
  const int coarsest = target_->coarsest();
  if (target_->level == coarsest) return coarse_.reset();
  coarse_ = hold(coarsest, std::move(coarse_));
  if (!coarse_ || !wanted_) return;
  const std::int64_t limit = std::max(kCoarseBytes, wanted_->missing_bytes() / 3);
  if (coarse_->missing_bytes() > limit) coarse_.reset();
}

SourceProgress SliceSource::fetch(const ChunkFinder& find, ThreadPool& pool) {
  SourceProgress progress;
  if (!wanted_) return progress;
  progress = wanted_->fetch(find, pool);
  if (wanted_->complete()) {
    progress.changed = progress.changed || previous_ || coarse_;
    previous_.reset();
    coarse_.reset();
  } else if (coarse_) {
    const SourceProgress coarse = coarse_->fetch(find, pool);
    progress.changed = progress.changed || coarse.changed;
    progress.stopped = progress.stopped || coarse.stopped;
  }
  return progress;
}

void SliceSource::request(std::vector<image::ChunkRequest>& requests) const {
  if (!wanted_) return;
  // Priorities of a range are within (−1, 0], so 1 puts the coarse ones first.
  if (coarse_) request_missing(coarse_->dense, coarse_->visible, coarse_->priorities, 1.0F, requests);
  request_missing(wanted_->dense, wanted_->visible, wanted_->priorities, 0.0F, requests);
  // A slab that moves on keeps most of its chunks.
  const bool is_plain = target_->projection == scene::ProjectionMode::None;
  if (with_fallbacks_ && is_plain && motion_.axis >= 0) request_ahead(requests);
}

void SliceSource::request_ahead(std::vector<image::ChunkRequest>& requests) const {
  const image::ZarrArray& array = *wanted_->dense.spec().array;
  std::size_t room = kAheadBytes / std::max<std::size_t>(array.chunk_bytes(), 1);
  std::vector<std::int64_t> last;  // a chunk holds several planes: each chunk once
  float priority = 0;
  for (const std::vector<std::int64_t>& place : plan::places_ahead(motion_, target_->index, axis_sizes(*target_))) {
    LayerTarget there = *target_;
    there.index = place;
    const DenseSpec spec = dense_spec(there, wanted_->level, wanted_->dense.spec().axes);
    std::vector<std::int64_t> chunk_position;
    for (std::size_t axis = 0; axis < spec.position.size(); ++axis) {
      chunk_position.push_back(spec.position[axis] / array.chunk_shape()[axis]);
    }
    if (chunk_position == last) continue;
    last = chunk_position;
    priority -= 1;
    for (std::size_t i = 0; i < wanted_->visible.size() && room > 0; ++i) {
      std::vector<std::int64_t> chunk = wanted_->dense.chunk_of(wanted_->visible[i]);
      const std::vector<std::int64_t> here = chunk;
      for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
        const bool shown = std::ranges::any_of(
            spec.axes, [&](const DenseAxis& each) { return each.array_axis == static_cast<int>(axis); });
        if (!shown) chunk[axis] = chunk_position[axis];
      }
      if (chunk == here) break;
      requests.push_back({wanted_->dense.spec().array, std::move(chunk), image::LoadTier::Prefetch,
                          priority + wanted_->priorities[i]});
      --room;
    }
  }
}

std::vector<std::shared_ptr<const SliceLevel>> SliceSource::slices() const {
  std::vector<const Held*> held;
  for (const auto& candidate : {wanted_.get(), previous_.get(), coarse_.get()}) {
    if (candidate && candidate->dense.loaded_count() > 0) held.push_back(candidate);
  }
  std::ranges::stable_sort(held, {}, &Held::level);
  std::vector<std::shared_ptr<const SliceLevel>> slices;
  slices.reserve(held.size());
  for (const Held* each : held) slices.push_back(each->slice);
  return slices;
}

bool SliceSource::complete() const { return target_ && (!wanted_ || wanted_->complete()); }

int SliceSource::level_shown() const {
  if (!target_) return 0;
  int level = target_->level;
  if (complete()) return level;
  for (const auto& fallback : {previous_.get(), coarse_.get()}) {
    if (fallback && fallback->dense.loaded_count() > 0) level = std::max(level, fallback->level);
  }
  return level;
}

std::size_t SliceSource::bytes() const {
  std::size_t bytes = 0;
  for (const auto& held : {wanted_.get(), previous_.get(), coarse_.get()}) bytes += held ? held->dense.bytes() : 0;
  return bytes;
}

}  // namespace ndcast::render
