#pragma once
// A dense box of voxels of one pyramid level, put together from chunks as they become resident: the ground of
// slice_source.h (two displayed axes) and volume_source.h (three). Nothing is read here: a finder hands out chunks that
// are already decoded, and what it does not have stays missing until the next call. With a projection each voxel of the
// box is made of all those of a slab along the array's other axes, from as many chunks as it takes.
//
//   DenseLevel dense({.array = level.array, .position = {t, c, 0, 0, 0}, .axes = {z, y, x}});
//   dense.fetch(visible_blocks, finder, pool, 32 << 20);
//   for (std::size_t block : visible_blocks) for (auto& chunk : dense.missing_chunks(block)) request(chunk);

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "image/chunk_loader.h"
#include "plan/roi.h"
#include "render/sources/slab_projection.h"

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
  scene::ProjectionMode projection = scene::ProjectionMode::None;
  /// With a projection: the voxels along each array axis that become one; anything on the box' own axes.
  std::vector<plan::Span> slab;
  friend bool operator==(const DenseSpec&, const DenseSpec&) = default;

  /// True when only the ranges may differ.
  bool same_but_range(const DenseSpec& other) const;
};

/// Belongs to one thread. `data()` is depth × height × width voxels of dtype(); only those of loaded blocks are to be
/// read.
class DenseLevel {
 public:
  explicit DenseLevel(DenseSpec spec);

  const DenseSpec& spec() const { return spec_; }
  /// The array's own, but of a sum or mean.
  image::DType dtype() const { return projection_ ? projection_->dtype() : spec_.array->dtype(); }
  const std::byte* data() const { return projection_ ? projection_->data() : data_.get(); }
  std::size_t bytes() const { return bytes_; }
  /// Voxels along z, y, x.
  const std::array<std::int64_t, 3>& size() const { return size_; }

  /// Blocks, a chunk wide each, along z, y, x; block (bz, by, bx) has the number (bz·ny + by)·nx + bx.
  const std::array<std::int64_t, 3>& blocks() const { return blocks_; }
  std::size_t block_number(const std::array<std::int64_t, 3>& block) const;
  /// One byte a block, 1 once its voxels are in.
  const std::vector<std::uint8_t>& loaded() const { return loaded_; }
  std::size_t loaded_count() const { return loaded_count_; }
  bool complete() const { return loaded_count_ == loaded_.size(); }
  /// Grid position of the chunk that a block is, or the first of those that it is made of.
  std::vector<std::int64_t> chunk_of(std::size_t block) const { return chunk_of(block, 0); }
  /// Chunks that each block is made of: one but for a projection.
  std::size_t chunks_a_block() const { return pieces_.size(); }
  /// Grid positions of those of a block's chunks that are not in yet.
  std::vector<std::vector<std::int64_t>> missing_chunks(std::size_t block) const;

  /// Takes over the blocks that `other` has loaded and this one holds too; their specs differ in ranges only.
  void adopt(const DenseLevel& other);
  /// The same from block `first` on, on all threads of the pool, until `at_most_bytes` are reached. The block to go on
  /// with; that behind the last when all are done.
  std::size_t adopt(const DenseLevel& other, ThreadPool& pool, std::size_t first, std::size_t at_most_bytes);

  struct Fetched {
    std::size_t blocks = 0;  ///< that became complete
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
  /// A chunk's share of a block.
  struct Piece {
    std::vector<std::int64_t> chunk;    ///< grid position; 0 on the box' own axes
    std::vector<std::int64_t> offsets;  ///< elements from the chunk's first on: one, or those of the slab in it
  };
  /// Where the voxels of a block come from and go to.
  struct Copy {
    std::array<GatherAxis, 3> axes;
    std::int64_t target;  ///< voxels from the box' first
  };
  /// Chunks of a block that the finder has.
  struct Found {
    std::size_t block;
    std::vector<std::pair<std::size_t, image::ChunkPtr>> pieces;
  };

  /// Where the voxels of a block lie in another box.
  struct Share {
    std::array<GatherAxis, 3> axes;
    std::int64_t source;
    std::int64_t target;
  };
  /// Nothing when `other` does not have them, or this one has.
  std::optional<Share> share_of(std::size_t block, const DenseLevel& other) const;
  void take_over(const Share& share, const DenseLevel& other);
  void note_loaded(std::size_t block);

  static std::vector<Piece> pieces_of(const DenseSpec& spec);
  /// Voxels [start, stop) of the box that a block covers, along z, y, x.
  std::array<plan::Span, 3> extent_of(std::size_t block) const;
  std::vector<std::int64_t> chunk_of(std::size_t block, std::size_t piece) const;
  Copy copy_of(std::size_t block) const;
  void copy_piece(const Copy& copy, const Piece& piece, const image::DecodedChunk& chunk);
  void copy_block(const Found& found);

  DenseSpec spec_;
  std::array<std::int64_t, 3> size_{};
  std::array<std::int64_t, 3> blocks_{};
  std::size_t bytes_ = 0;
  std::unique_ptr<std::byte, Free> data_;  ///< null with a projection
  std::optional<SlabProjection> projection_;
  std::vector<Piece> pieces_;
  std::vector<std::uint8_t> taken_;  ///< block · pieces + piece: 1 once its voxels are in
  std::vector<std::uint8_t> loaded_;
  std::size_t loaded_count_ = 0;
};

}  // namespace ndcast::render
