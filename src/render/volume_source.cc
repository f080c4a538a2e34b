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

/// Voxels of the coarse whole: shown at once, and while the view moves out of its box.
constexpr std::int64_t kFallbackVoxels = std::int64_t{1} << 20;

std::shared_ptr<VolumeLevel> volume_of(const DenseLevel& dense, const plan::VolumeLattice& lattice,
                                       const plan::VolumeBox& box, ThreadPool& pool) {
  auto volume = std::make_shared<VolumeLevel>();
  volume->dtype = dense.spec().array->dtype();
  volume->data = dense.data();
  for (std::size_t i = 0; i < 3; ++i) {
    volume->size[i] = static_cast<int>(dense.size()[2 - i]);
    const plan::LatticeAxis& axis = lattice[2 - i];
    volume->origin[i] = axis.origin + static_cast<double>(box[2 - i].start) * axis.step;
    volume->step[i] = axis.step;
  }
  build_cells(*volume, pool);
  return volume;
}

plan::VolumeLattice lattice_at(const LayerTarget& target, int level) {
  return {target.lattice(level, 0), target.lattice(level, 1), target.lattice(level, 2)};
}

bool fits_whole(const plan::VolumeLattice& lattice) {
  return plan::voxels_of(plan::whole_box(lattice)) <= limits::kVolumeVoxels;
}

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

}  // namespace

std::vector<VolumeSource::Size> VolumeSource::sizes(const LayerTarget& target, const Look& look, int current) {
  std::vector<Size> sizes;
  for (int level = 0; level <= target.coarsest(); ++level) {
    const plan::VolumeLattice lattice = lattice_at(target, level);
    Size size{.smallest_step = std::numeric_limits<double>::infinity()};
    for (const plan::LatticeAxis& axis : lattice) {
      if (axis.image_axis >= 0) size.smallest_step = std::min(size.smallest_step, std::abs(axis.step));
    }
    size.voxels = plan::voxels_of(plan::whole_box(lattice));
    if (size.voxels > limits::kVolumeVoxels) {
      const plan::VolumeBox visible = plan::visible_box(lattice, look.pose, look.canvas);
      const std::int64_t most = level == current ? limits::kFocusVoxels * 3 / 2 : limits::kFocusVoxels;
      size.voxels = plan::voxels_of(plan::next_box(lattice, visible, std::nullopt));
      if (size.voxels > most) size.voxels = INT64_MAX;
    }
    const auto element = static_cast<std::int64_t>(
        image::byte_size(target.image->levels[static_cast<std::size_t>(level)].array->dtype()));
    size.bytes = times(size.voxels, element);
    sizes.push_back(size);
  }
  return sizes;
}

std::unique_ptr<VolumeSource::Held> VolumeSource::hold(int level, const plan::VolumeBox& box) const {
  const plan::VolumeLattice lattice = lattice_at(*target_, level);
  std::array<DenseAxis, 3> axes;
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    axes[i] = {lattice[i].image_axis, box[i], lattice[i].chunk};
    blocks = times(blocks, (box[i].size() + lattice[i].chunk - 1) / lattice[i].chunk);
  }
  const auto element = static_cast<std::int64_t>(
      image::byte_size(target_->image->levels[static_cast<std::size_t>(level)].array->dtype()));
  const std::int64_t voxels = plan::voxels_of(box);
  const bool is_whole = box == plan::whole_box(lattice);
  // Whoever planned the level has judged the box; a little more, so that this is not judged otherwise by one voxel.
  const std::int64_t most = is_whole ? limits::kVolumeVoxels : 2 * limits::kFocusVoxels;
  if (voxels > most || times(voxels, element) > limits::kVolumeBytes || blocks > kBlocks || blocks == 0) return nullptr;
  auto held =
      std::make_unique<Held>(Held{level, lattice, box, DenseLevel(dense_spec(*target_, level, axes)), {}, {}, {}});
  held->blocks.resize(held->dense.loaded().size());
  std::iota(held->blocks.begin(), held->blocks.end(), std::size_t{0});
  const auto urgent = [&](std::size_t block) { return urgency(held->dense.blocks(), block); };
  std::ranges::stable_sort(held->blocks, std::ranges::greater{}, urgent);
  for (const std::size_t block : held->blocks) held->priorities.push_back(urgent(block));
  return held;
}

plan::VolumeBox VolumeSource::wanted_box() const {
  const plan::VolumeLattice lattice = lattice_at(*target_, target_->level);
  if (fits_whole(lattice)) return plan::whole_box(lattice);
  const plan::VolumeBox visible = plan::visible_box(lattice, look_.pose, look_.canvas);
  const bool same_level = wanted_ && wanted_->level == target_->level;
  return plan::next_box(lattice, visible, same_level ? std::optional(wanted_->box) : std::nullopt);
}

void VolumeSource::aim(const LayerTarget& target, const Look& look) {
  const bool same_place = target_ && target_->same_place(target);
  target_ = target;
  look_ = look;
  too_large_ = false;
  if (!same_place) {
    wanted_.reset();
    last_.reset();
    coarse_.reset();
  }
  const plan::VolumeBox box = wanted_box();
  // Nothing of it is in the picture: what is held stays, and is as good as anything.
  if (plan::voxels_of(box) == 0 && wanted_ && wanted_->level == target.level) return;
  if (wanted_ && wanted_->level == target.level && wanted_->box == box) return aim_fallback();
  std::unique_ptr<Held> before = std::move(wanted_);
  if (coarse_ && coarse_->level == target.level && coarse_->box == box) {
    wanted_ = std::move(coarse_);
  } else if (last_ && last_->level == target.level && last_->box == box) {
    wanted_ = std::move(last_);
  } else {
    wanted_ = hold(target.level, box);
  }
  too_large_ = !wanted_;
  if (before && wanted_ && before->level == wanted_->level && !wanted_->volume) wanted_->dense.adopt(before->dense);
  if (before && before->volume) last_ = std::move(before);
  aim_fallback();
}

void VolumeSource::aim_fallback() {
  const bool is_needed = with_fallbacks_ && (!wanted_ || !wanted_->volume || !wanted_->is_whole());
  const bool has_other = last_ && last_->is_whole();
  if (!is_needed || (has_other && wanted_ && wanted_->is_whole())) return coarse_.reset();
  if (coarse_ || target_->level == target_->coarsest()) return;
  int level = target_->coarsest();
  while (level - 1 > target_->level &&
         plan::voxels_of(plan::whole_box(lattice_at(*target_, level - 1))) <= kFallbackVoxels) {
    --level;
  }
  const plan::VolumeLattice lattice = lattice_at(*target_, level);
  if (fits_whole(lattice)) coarse_ = hold(level, plan::whole_box(lattice));
}

SourceProgress VolumeSource::fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const {
  if (held.volume) return {};
  const DenseLevel::Fetched fetched = held.dense.fetch(held.blocks, find, pool, kFetchBytes);
  if (!held.dense.complete()) return {.changed = false, .stopped = fetched.stopped};
  held.volume = volume_of(held.dense, held.lattice, held.box, pool);
  return {.changed = true, .stopped = false};
}

SourceProgress VolumeSource::fetch(const ChunkFinder& find, ThreadPool& pool) {
  SourceProgress progress;
  if (coarse_) progress = fill(*coarse_, find, pool);
  if (!wanted_) return progress;
  const SourceProgress finer = fill(*wanted_, find, pool);
  if (wanted_->volume) {
    last_.reset();
    if (wanted_->is_whole()) coarse_.reset();
  }
  return {.changed = progress.changed || finer.changed, .stopped = progress.stopped || finer.stopped};
}

void VolumeSource::request(std::vector<image::ChunkRequest>& requests) const {
  // Priorities are within (−1, 0], so 1 puts the coarse ones first.
  if (coarse_) request_missing(coarse_->dense, coarse_->blocks, coarse_->priorities, 1.0F, requests);
  if (wanted_) request_missing(wanted_->dense, wanted_->blocks, wanted_->priorities, 0.0F, requests);
}

bool VolumeSource::shows_all(const Held& held) const {
  return held.is_whole() || plan::covers(held.box, plan::visible_box(held.lattice, look_.pose, look_.canvas));
}

const VolumeSource::Held* VolumeSource::shown() const {
  const std::array<const Held*, 3> candidates = {wanted_.get(), last_.get(), coarse_.get()};
  for (const Held* held : candidates) {
    if (held && held->volume && shows_all(*held)) return held;
  }
  // Nothing shows all of it: a part is better than nothing.
  for (const Held* held : candidates) {
    if (held && held->volume) return held;
  }
  return nullptr;
}

std::vector<std::shared_ptr<const VolumeLevel>> VolumeSource::volumes() const {
  const Held* held = shown();
  if (!held) return {};
  return {held->volume};
}

bool VolumeSource::complete() const { return target_ && wanted_ && wanted_->volume && !too_large_; }

int VolumeSource::level_shown() const {
  const Held* held = shown();
  return held ? held->level : target_ ? target_->level : 0;
}

std::size_t VolumeSource::bytes() const {
  std::size_t bytes = 0;
  for (const Held* held : {wanted_.get(), last_.get(), coarse_.get()}) {
    if (!held) continue;
    bytes += held->dense.bytes();
    if (held->volume) bytes += held->volume->cells.size() * sizeof(held->volume->cells[0]);
  }
  return bytes;
}

std::size_t VolumeSource::visible_chunks() const {
  const Held* of = wanted_ ? wanted_.get() : shown();
  return of ? of->blocks.size() : 0;
}

}  // namespace ndcast::render
