#pragma once
// The way of a cell up the pyramid: encoded at its level, averaged into its parent; the parent, once all its children
// are in, the same again. What waits for brothers and sisters is all that is kept.

#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "convert/downsample.h"
#include "convert/level_writer.h"

namespace ndcast::convert {

/// put() may be called from any thread, for different cells.
class Cascade {
 public:
  Cascade(const SourceInfo& source, const Pyramid& pyramid, Method method,
          std::vector<std::unique_ptr<LevelWriter>>& writers);
  ~Cascade();

  /// One cell of level 0, out of a dense array that holds the box `around`. Each cell once. Errors: Io.
  Result<void> put(const Box& cell, const std::byte* voxels, const Box& around);

  /// The cell of `level` that holds what becomes of a cell of the level above.
  Box parent_box(std::size_t level, const Box& child) const;

 private:
  struct Parent;
  struct Scratch;

  Result<void> put_dense(std::size_t level, const Box& cell, const std::byte* voxels, EncodeScratch& scratch);
  std::shared_ptr<Parent> parent_of(std::size_t level, const Box& box);
  std::vector<std::byte> take_buffer(std::size_t bytes);
  void give_back(std::vector<std::byte> buffer);
  std::uint64_t children_of(std::size_t level, const Box& box) const;

  const SourceInfo& source_;
  const Pyramid& pyramid_;
  const Method method_;
  std::vector<std::unique_ptr<LevelWriter>>& writers_;
  std::mutex mutex_;
  std::vector<std::map<Shape, std::shared_ptr<Parent>>> parents_;  ///< by level and start; guarded by mutex_
  std::vector<std::vector<std::byte>> buffers_;                    ///< to be used again; guarded by mutex_
  std::vector<std::unique_ptr<Scratch>> scratches_;                ///< the same
};

}  // namespace ndcast::convert
