#pragma once
// The voxels of a box, chunk by chunk and where they lie: for what counts or sums them and needs no copy in order.
//
//   BoxReader reader(array, {.begin = {0, 0, 0}, .end = {1, 512, 512}}, source);
//   ND_TRY(reader.pass<T>([&](const T* voxels, std::size_t n) { … }, [&](double value, std::uint64_t n) { … }));

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "image/read_region.h"
#include "image/zarr_array.h"

namespace ndcast::image {

/// A number an axis; `end` is exclusive.
struct VoxelBox {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
};

/// Decoded bytes of all chunks that the box touches. As a double: a declared shape may have more than 64 bits count.
double chunk_bytes_of(const ZarrArray& array, const VoxelBox& box);

class BoxReader {
 public:
  /// The box must lie inside the array and hold a voxel. Of one whose chunks decode to more than `at_most_bytes`,
  /// chunks are left out evenly. `source` empty: chunks are read, and not kept.
  BoxReader(const ZarrArray& array, VoxelBox box, ChunkSource source = {}, std::uint64_t at_most_bytes = UINT64_MAX);

  /// Some chunks of the box were not chosen, or did not decode.
  bool is_sampled() const { return chosen_ < all_ || failed_ > 0; }
  std::uint64_t bytes_a_pass() const { return chosen_ * chunk_bytes_; }

  /// Calls values(pointer, voxels) for each run of voxels that lies in one piece or, for a chunk that is all one value,
  /// fill(value, voxels). Before each chunk begin(bytes) may end the pass by an error. A chunk that does not decode is
  /// left out. Blocks. Errors: those of begin; those of the chunks when none decodes.
  template <class T, class Values, class Fill, class Begin>
  Result<void> pass(Values&& values, Fill&& fill, Begin&& begin);
  template <class T, class Values, class Fill>
  Result<void> pass(Values&& values, Fill&& fill) {
    return pass<T>(values, fill, [](std::uint64_t) { return Result<void>{}; });
  }

 private:
  using Extents = std::vector<std::int64_t>;

  /// Where the box and a chunk meet: positions inside the chunk.
  struct Overlap {
    Extents low;
    Extents size;
    std::uint64_t voxels = 1;
  };

  Extents chosen_chunk(std::uint64_t i) const;
  Overlap overlap_with(const Extents& chunk) const;
  template <class T, class Values>
  static void for_runs(const DecodedChunk& chunk, std::span<const std::int64_t> shape, const Overlap& overlap,
                       Values&& values);

  const ZarrArray& array_;
  const VoxelBox box_;
  const ChunkSource source_;
  std::uint64_t chunk_bytes_;
  Extents first_;  ///< chunks that the box touches, in the array's grid
  Extents count_;
  std::uint64_t all_ = 1;
  std::uint64_t chosen_ = 1;
  std::uint64_t failed_ = 0;  ///< of the last pass
};

template <class T, class Values>
void BoxReader::for_runs(const DecodedChunk& chunk, std::span<const std::int64_t> shape, const Overlap& overlap,
                         Values&& values) {
  const auto* const voxels = reinterpret_cast<const T*>(chunk.data.data());
  if (shape.empty()) return values(voxels, std::size_t{1});
  const std::size_t last = shape.size() - 1;
  Extents at = overlap.low;
  for (;;) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i <= last; ++i) offset = offset * shape[i] + at[i];
    values(voxels + offset, static_cast<std::size_t>(overlap.size[last]));
    std::size_t axis = last;
    while (axis-- > 0) {
      if (++at[axis] < overlap.low[axis] + overlap.size[axis]) break;
      at[axis] = overlap.low[axis];
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

template <class T, class Values, class Fill, class Begin>
Result<void> BoxReader::pass(Values&& values, Fill&& fill, Begin&& begin) {
  std::optional<Error> trouble;
  failed_ = 0;
  for (std::uint64_t i = 0; i < chosen_; ++i) {
    ND_TRY(begin(i * chunk_bytes_));
    const Extents chunk = chosen_chunk(i);
    const Overlap overlap = overlap_with(chunk);
    const Result<ChunkPtr> data = source_ ? source_(chunk) : array_.read_chunk(chunk);
    if (!data) {
      trouble = data.error();
      ++failed_;
    } else if ((*data)->is_fill) {
      fill(array_.fill_value(), overlap.voxels);
    } else {
      for_runs<T>(**data, array_.chunk_shape(), overlap, values);
    }
  }
  if (failed_ == chosen_ && trouble) return std::unexpected(std::move(*trouble));
  return {};
}

}  // namespace ndcast::image
