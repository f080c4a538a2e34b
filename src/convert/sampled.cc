#include "convert/sampled.h"

#include <algorithm>
#include <cstring>

#include "convert/pyramid.h"

namespace ndcast::convert {
namespace {

constexpr std::int64_t kPreviewVoxels = 192;
constexpr std::int64_t kPreviewPositions = 8;
/// Rows that are read together when a block of the file holds several that are wanted.
constexpr std::size_t kBandBytes = std::size_t{16} << 20;

}  // namespace

SampledSource::SampledSource(Source& inner, Shape step) : inner_(inner), step_(std::move(step)) {
  info_ = inner.info();
  for (std::size_t axis = 0; axis < step_.size(); ++axis) {
    info_.shape[axis] = ceil_div(info_.shape[axis], step_[axis]);
    info_.axes[axis].scale *= static_cast<double>(step_[axis]);
    info_.grain[axis] = std::min(ceil_div(info_.grain[axis], step_[axis]), info_.shape[axis]);
  }
  info_.scratch_bytes += kBandBytes;
  info_.identity += "sampled";
}

Result<void> SampledSource::read(const Box& box, const Target& target) {
  // The last two axes of the box go together, the others one position at a time.
  const std::size_t outer = box.extent.size() - 2;
  Shape at(outer, 0);
  while (true) {
    ND_TRY(read_rows(box, target, at));
    std::size_t axis = outer;
    while (axis-- > 0) {
      if (++at[axis] < box.extent[axis]) break;
      at[axis] = 0;
    }
    if (axis == SIZE_MAX) return {};
  }
}

Result<void> SampledSource::read_rows(const Box& box, const Target& target, const Shape& at) {
  const std::size_t rows_axis = box.extent.size() - 2;
  const std::size_t row_axis = rows_axis + 1;
  const std::size_t voxel = info_.voxel_bytes();
  const SourceInfo& whole = inner_.info();
  const std::int64_t columns = (box.extent[row_axis] - 1) * step_[row_axis] + 1;
  // Rows of the file that one read takes: one, unless a block of it holds more that are wanted.
  const auto affordable = static_cast<std::int64_t>(kBandBytes / (static_cast<std::size_t>(columns) * voxel));
  const std::int64_t band = std::clamp<std::int64_t>(std::min(whole.grain[rows_axis], affordable) / step_[rows_axis], 1,
                                                     box.extent[rows_axis]);
  for (std::int64_t row = 0; row < box.extent[rows_axis]; row += band) {
    const std::int64_t rows = std::min(band, box.extent[rows_axis] - row);
    Box inner{Shape(box.start.size()), Shape(box.start.size(), 1)};
    std::int64_t to = 0;
    for (std::size_t axis = 0; axis < box.start.size(); ++axis) {
      const std::int64_t offset = axis < rows_axis ? at[axis] : axis == rows_axis ? row : 0;
      inner.start[axis] = (box.start[axis] + offset) * step_[axis];
      to = to * target.shape[axis] + target.start[axis] + offset;
    }
    inner.extent[rows_axis] = (rows - 1) * step_[rows_axis] + 1;
    inner.extent[row_axis] = columns;
    std::vector<std::byte> voxels(static_cast<std::size_t>(inner.extent[rows_axis] * columns) * voxel);
    ND_TRY(inner_.read(inner, {voxels.data(), inner.extent, Shape(box.start.size(), 0)}));
    for (std::int64_t y = 0; y < rows; ++y) {
      const std::byte* from = voxels.data() + static_cast<std::size_t>(y * step_[rows_axis] * columns) * voxel;
      std::byte* out = target.data + static_cast<std::size_t>(to + y * target.shape[row_axis]) * voxel;
      for (std::int64_t x = 0; x < box.extent[row_axis]; ++x) {
        std::memcpy(out + static_cast<std::size_t>(x) * voxel,
                    from + static_cast<std::size_t>(x * step_[row_axis]) * voxel, voxel);
      }
    }
  }
  return {};
}

Shape preview_steps(const SourceInfo& info) {
  Shape out;
  for (std::size_t axis = 0; axis < info.shape.size(); ++axis) {
    const bool space = info.axes[axis].type == image::AxisType::Space;
    const bool channel = info.axes[axis].type == image::AxisType::Channel;
    out.push_back(channel ? 1 : ceil_div(info.shape[axis], space ? kPreviewVoxels : kPreviewPositions));
  }
  return out;
}

}  // namespace ndcast::convert
