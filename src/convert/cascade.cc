#include "convert/cascade.h"

#include <algorithm>

#include "base/check.h"
#include "image/strided.h"

namespace ndcast::convert {
namespace {

std::size_t bytes_of(const Shape& extent, std::size_t voxel_bytes) {
  std::size_t out = voxel_bytes;
  for (const std::int64_t e : extent) out *= static_cast<std::size_t>(e);
  return out;
}

}  // namespace

/// A cell of a coarser level that is not complete.
struct Cascade::Parent {
  Box box;
  std::vector<std::byte> voxels;
  std::uint64_t missing = 0;  ///< guarded by the cascade's mutex
};

/// What one thread works with.
struct Cascade::Scratch {
  EncodeScratch encode;
  std::vector<std::byte> cell;
};

Cascade::Cascade(const SourceInfo& source, const Pyramid& pyramid, Method method,
                 std::vector<std::unique_ptr<LevelWriter>>& writers)
    : source_(source), pyramid_(pyramid), method_(method), writers_(writers), parents_(pyramid.levels.size()) {}

Cascade::~Cascade() = default;

Box Cascade::parent_box(std::size_t level, const Box& child) const {
  const PyramidLevel& coarse = pyramid_.levels[level];
  Box out{Shape(child.start.size()), Shape(child.start.size())};
  for (std::size_t axis = 0; axis < child.start.size(); ++axis) {
    out.start[axis] = child.start[axis] / coarse.factor[axis] / coarse.cell[axis] * coarse.cell[axis];
    out.extent[axis] = std::min(coarse.cell[axis], coarse.shape[axis] - out.start[axis]);
  }
  return out;
}

std::uint64_t Cascade::children_of(std::size_t level, const Box& box) const {
  const PyramidLevel& coarse = pyramid_.levels[level];
  const PyramidLevel& fine = pyramid_.levels[level - 1];
  std::uint64_t out = 1;
  for (std::size_t axis = 0; axis < box.start.size(); ++axis) {
    const std::int64_t extent =
        std::min(box.extent[axis] * coarse.factor[axis], fine.shape[axis] - box.start[axis] * coarse.factor[axis]);
    out *= static_cast<std::uint64_t>(ceil_div(extent, fine.cell[axis]));
  }
  return out;
}

std::vector<std::byte> Cascade::take_buffer(std::size_t bytes) {
  std::vector<std::byte> out;
  if (!buffers_.empty()) {
    out = std::move(buffers_.back());
    buffers_.pop_back();
  }
  out.resize(bytes);
  return out;
}

std::shared_ptr<Cascade::Parent> Cascade::parent_of(std::size_t level, const Box& box) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Parent>& parent = parents_[level][box.start];
  if (!parent) {
    parent = std::make_shared<Parent>();
    parent->box = box;
    parent->missing = children_of(level, box);
    parent->voxels = take_buffer(bytes_of(box.extent, source_.voxel_bytes()));
  }
  return parent;
}

void Cascade::give_back(std::vector<std::byte> buffer) {
  const std::lock_guard lock(mutex_);
  buffers_.push_back(std::move(buffer));
}

Result<void> Cascade::put(const Box& cell, const std::byte* voxels, const Box& around) {
  std::unique_ptr<Scratch> scratch;
  {
    const std::lock_guard lock(mutex_);
    if (!scratches_.empty()) {
      scratch = std::move(scratches_.back());
      scratches_.pop_back();
    }
  }
  if (!scratch) scratch = std::make_unique<Scratch>();
  scratch->cell.resize(bytes_of(cell.extent, source_.voxel_bytes()));
  Shape within(cell.start.size());
  for (std::size_t axis = 0; axis < within.size(); ++axis) within[axis] = cell.start[axis] - around.start[axis];
  const Shape zero(cell.start.size(), 0);
  image::copy_box(cell.extent, source_.voxel_bytes(), voxels, {around.extent, within}, scratch->cell.data(),
                  {cell.extent, zero});
  auto done = put_dense(0, cell, scratch->cell.data(), scratch->encode);
  const std::lock_guard lock(mutex_);
  scratches_.push_back(std::move(scratch));
  return done;
}

Result<void> Cascade::put_dense(std::size_t level, const Box& cell, const std::byte* voxels, EncodeScratch& scratch) {
  ND_TRY(writers_[level]->put(cell.start, cell.extent, voxels, scratch));
  if (level + 1 == pyramid_.levels.size()) return {};
  const Shape& factor = pyramid_.levels[level + 1].factor;
  const Box box = parent_box(level + 1, cell);
  const std::shared_ptr<Parent> parent = parent_of(level + 1, box);
  Target target{parent->voxels.data(), box.extent, Shape(cell.start.size())};
  for (std::size_t axis = 0; axis < factor.size(); ++axis)
    target.start[axis] = cell.start[axis] / factor[axis] - box.start[axis];
  // Cells start at even voxels where they are halved, so no two write the same voxel of the parent.
  downsample(source_.dtype, method_, voxels, cell.extent, factor, target);
  {
    const std::lock_guard lock(mutex_);
    ND_CHECK(parent->missing > 0, "a cell came twice");
    if (--parent->missing > 0) return {};
    parents_[level + 1].erase(box.start);
  }
  auto done = put_dense(level + 1, box, parent->voxels.data(), scratch);
  give_back(std::move(parent->voxels));
  return done;
}

}  // namespace ndcast::convert
