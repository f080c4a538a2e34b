#pragma once
// The 2D voxels of one layer in one view: a slice of the wanted level along any two displayed axes, filled from
// resident chunks as they arrive, and coarser or earlier slices of the same place to show meanwhile.
//
//   source.aim(target, pose.rect, 1);                       // replans; touches no voxel that can stay
//   source.fetch(finder, pool);                             // copies what is resident
//   source.request(requests);                               // what is visible and missing
//   input.slices = source.slices();                         // finest first

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "plan/prefetch.h"
#include "plan/roi.h"
#include "render/renderer.h"
#include "render/sources/layer_target.h"

namespace ndcast::render {

/// Belongs to the render thread. What slices() returned changes with the next aim() or fetch().
class SliceSource {
 public:
  /// `with_fallbacks` false: the wanted level alone, for stills.
  explicit SliceSource(bool with_fallbacks = true) : with_fallbacks_(with_fallbacks) {}

  /// Looks at `target` through the world rectangle {left, bottom, width, height} with `margin` voxels around it (1 for
  /// interpolation). Keeps what is loaded while level, place and chunk-aligned range stay; a range that moved takes the
  /// shared blocks over; the slice of another level of the same place stays as a fallback.
  void aim(const LayerTarget& target, const std::array<double, 4>& rect, std::int64_t margin);

  SourceProgress fetch(const ChunkFinder& find, ThreadPool& pool);

  /// Appends the chunks that are visible and not loaded, the middle first, and behind them, as LoadTier::Prefetch,
  /// those of the places where the view is going (plan/prefetch.h; not for stills). While the wanted level is missing
  /// chunks, those of the coarsest come before them when they are few (kCoarseBytes, or a third of what the wanted ones
  /// decode to), so that something shows at once.
  void request(std::vector<image::ChunkRequest>& requests) const;

  /// To show now, finest level first; empty when the view misses the layer.
  std::vector<std::shared_ptr<const SliceLevel>> slices() const;
  /// Every visible chunk of the wanted level is in; of a view that is cut(), every chunk of the part that is shown.
  bool complete() const;
  /// The view needs more than limits::kSliceBytes; its middle is shown.
  bool cut() const { return wanted_ && wanted_->cut; }
  /// The coarsest level that slices() may show anywhere.
  int level_shown() const;
  std::size_t bytes() const;
  std::size_t visible_chunks() const { return wanted_ ? wanted_->visible.size() * wanted_->dense.chunks_a_block() : 0; }

  static constexpr std::int64_t kCoarseBytes = std::int64_t{4} << 20;
  /// Decoded bytes of one layer that are fetched early: an eighth of the cache, so that what is on screen stays in it.
  static constexpr std::size_t kAheadBytes = limits::kChunkCacheBytes / 8;

 private:
  struct Held {
    int level = 0;
    plan::PlaneLattice lattice;
    plan::Roi roi;
    bool cut = false;  ///< limits::kSliceBytes kept some of what is visible out
    DenseLevel dense;
    std::vector<std::size_t> visible;  ///< blocks, most urgent first
    std::vector<float> priorities;     ///< of `visible`
    std::shared_ptr<SliceLevel> slice;

    bool complete() const;
    std::int64_t missing_bytes() const;
    SourceProgress fetch(const ChunkFinder& find, ThreadPool& pool);
  };
  /// The slice of `level` for the present target; takes over `old` as far as it holds the same. Null when nothing of
  /// the level is visible.
  std::unique_ptr<Held> hold(int level, std::unique_ptr<Held> old) const;
  void aim_fallbacks();
  void request_ahead(std::vector<image::ChunkRequest>& requests) const;

  const bool with_fallbacks_;
  std::optional<LayerTarget> target_;
  plan::Motion motion_;
  std::array<double, 4> rect_{};
  std::int64_t margin_ = 0;
  std::unique_ptr<Held> wanted_;
  std::unique_ptr<Held> previous_;  ///< what was wanted before, of another level of the same place
  std::unique_ptr<Held> coarse_;    ///< of the coarsest level
};

}  // namespace ndcast::render
