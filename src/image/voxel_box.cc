#include "image/voxel_box.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace ndcast::image {

double chunk_bytes_of(const ZarrArray& array, const VoxelBox& box) {
  const auto shape = array.chunk_shape();
  auto bytes = static_cast<double>(array.chunk_bytes());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    bytes *= static_cast<double>((box.end[i] - 1) / shape[i] - box.begin[i] / shape[i] + 1);
  }
  return bytes;
}

BoxReader::BoxReader(const ZarrArray& array, VoxelBox box, ChunkSource source, std::uint64_t at_most_bytes)
    : array_(array), box_(std::move(box)), source_(std::move(source)), chunk_bytes_(array.chunk_bytes()) {
  const auto whole = array.shape();
  const auto shape = array.chunk_shape();
  ND_CHECK(box_.begin.size() == whole.size() && box_.end.size() == whole.size(), "a box of as many axes as the array");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ND_CHECK(box_.begin[i] >= 0 && box_.begin[i] < box_.end[i] && box_.end[i] <= whole[i], "a box inside the array");
    first_.push_back(box_.begin[i] / shape[i]);
    count_.push_back((box_.end[i] - 1) / shape[i] - first_.back() + 1);
    all_ *= static_cast<std::uint64_t>(count_.back());
  }
  chosen_ = std::clamp<std::uint64_t>(at_most_bytes / chunk_bytes_, 1, all_);
}

BoxReader::Extents BoxReader::chosen_chunk(std::uint64_t i) const {
  // The middle of the i-th of as many equal stretches.
  const auto place = static_cast<std::uint64_t>(static_cast<long double>(2 * i + 1) * static_cast<long double>(all_) /
                                                static_cast<long double>(2 * chosen_));
  std::uint64_t rest = chosen_ < all_ ? place : i;
  Extents chunk(count_.size());
  for (std::size_t axis = count_.size(); axis-- > 0;) {
    chunk[axis] = first_[axis] + static_cast<std::int64_t>(rest % static_cast<std::uint64_t>(count_[axis]));
    rest /= static_cast<std::uint64_t>(count_[axis]);
  }
  return chunk;
}

BoxReader::Overlap BoxReader::overlap_with(const Extents& chunk) const {
  const auto shape = array_.chunk_shape();
  Overlap out;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const std::int64_t origin = chunk[i] * shape[i];
    const std::int64_t low = std::max(box_.begin[i], origin);
    const std::int64_t high = std::min(box_.end[i], origin + shape[i]);
    out.low.push_back(low - origin);
    out.size.push_back(high - low);
    out.voxels *= static_cast<std::uint64_t>(high - low);
  }
  return out;
}

}  // namespace ndcast::image
