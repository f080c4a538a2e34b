#pragma once
// A dense box of voxels of one pyramid level, put together from chunks as they become resident: the ground of
// slice_source.h (two displayed axes) and volume_source.h (three). Nothing is read here: a finder hands out chunks that
// are already decoded, and what it does not have stays missing until the next call.
//
//   DenseLevel dense({.array = level.array, .position = {t, c, 0, 0, 0}, .axes = {z, y, x}});
//   dense.fetch(visible_blocks, finder, pool, 32 << 20);
//   for (std::size_t block : visible_blocks) if (!dense.loaded()[block]) request(dense.chunk_of(block));

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "image/chunk_loader.h"
#include "plan/roi.h"

namespace ndcast::render {

/// A resident chunk or null; never blocks. ChunkLoader::find() is one.
using ChunkFinder = std::function<image::ChunkPtr(const image::ZarrArray& array, std::span<const std::int64_t> chunk)>;

/// One axis of the box.
struct DenseAxis {
  int array_axis = -1;     ///< −1: the array has no such axis; the box is one voxel thick
  plan::Span range{0, 1};  ///< voxels held; starts on a chunk border
  std::int64_t chunk = 1;  ///< voxels of a chunk
  friend bool operator==(const DenseAxis&, const DenseAxis&) = default;
};

/// Which voxels. `position`: one number an array axis, the voxel that the box lies at; 0 on the box' own axes.
struct DenseSpec {
  std::shared_ptr<const image::ZarrArray> array;
  std::vector<std::int64_t> position;
  std::array<DenseAxis, 3> axes;  ///< slowest first: z, y, x
  friend bool operator==(const DenseSpec&, const DenseSpec&) = default;

  /// True when only the ranges may differ.
  bool same_but_range(const DenseSpec& other) const;
};

/// Belongs to one thread. `data()` is depth × height × width voxels of array->dtype(), zero where nothing was loaded.
class DenseLevel {
 public:
  explicit DenseLevel(DenseSpec spec);

  const DenseSpec& spec() const { return spec_; }
  const std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }
  /// Voxels along z, y, x.
  const std::array<std::int64_t, 3>& size() const { return size_; }

  /// Blocks, one a chunk, along z, y, x; block (bz, by, bx) has the number (bz·ny + by)·nx + bx.
  const std::array<std::int64_t, 3>& blocks() const { return blocks_; }
  std::size_t block_number(const std::array<std::int64_t, 3>& block) const;
  /// One byte a block, 1 once its voxels are in.
  const std::vector<std::uint8_t>& loaded() const { return loaded_; }
  std::size_t loaded_count() const { return loaded_count_; }
  bool complete() const { return loaded_count_ == loaded_.size(); }
  /// Grid position of the chunk that a block is.
  std::vector<std::int64_t> chunk_of(std::size_t block) const;

  /// Takes over the blocks that `other` has loaded and this one holds too; their specs differ in ranges only.
  void adopt(const DenseLevel& other);

  struct Fetched {
    std::size_t blocks = 0;  ///< that came in
    bool stopped = false;    ///< at the byte limit: there may be more to copy
  };
  /// Copies those of `blocks` that are not yet loaded and that the finder has, on all threads of the pool, until
  /// `at_most_bytes` are reached.
  Fetched fetch(std::span<const std::size_t> blocks, const ChunkFinder& find, ThreadPool& pool,
                std::size_t at_most_bytes);

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };
  /// Voxels [start, stop) of the box that a block covers, along z, y, x.
  std::array<plan::Span, 3> extent_of(std::size_t block) const;
  void copy_block(std::size_t block, const image::DecodedChunk& chunk);

  DenseSpec spec_;
  std::array<std::int64_t, 3> size_{};
  std::array<std::int64_t, 3> blocks_{};
  std::size_t bytes_ = 0;
  std::unique_ptr<std::byte, Free> data_;
  std::vector<std::uint8_t> loaded_;
  std::size_t loaded_count_ = 0;
};

}  // namespace ndcast::render
