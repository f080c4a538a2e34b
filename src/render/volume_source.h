#pragma once
// The 3D voxels of one layer in one view: the whole volume of the wanted level along three displayed axes. A volume is
// shown only once all its chunks are in (with its min/max cells); until then the last complete one of the same place
// is, or the coarsest, which is loaded first.
//
//   source.aim(target);
//   source.fetch(finder, pool);
//   source.request(requests);
//   input.volumes = source.volumes();

#include <memory>
#include <optional>
#include <vector>

#include "render/layer_target.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Belongs to the render thread.
class VolumeSource {
 public:
  /// `with_fallbacks` false: the wanted level alone, for stills.
  explicit VolumeSource(bool with_fallbacks = true) : with_fallbacks_(with_fallbacks) {}

  void aim(const LayerTarget& target);
  SourceProgress fetch(const ChunkFinder& find, ThreadPool& pool);
  /// Appends the chunks that are not loaded: those of the coarsest level first while nothing of this place is shown,
  /// then the wanted ones, the middle first.
  void request(std::vector<image::ChunkRequest>& requests) const;

  /// None or one.
  std::vector<std::shared_ptr<const VolumeLevel>> volumes() const;
  /// The wanted level is what volumes() shows; never true of one that is too_large().
  bool complete() const;
  /// The wanted level has more than limits::kVolumeVoxels, kVolumeBytes or kBlocks and is not held.
  bool too_large() const { return too_large_; }
  /// Of volumes(); the wanted level when there is none.
  int level_shown() const;
  std::size_t bytes() const;
  std::size_t visible_chunks() const;

  /// What choose_volume_level() is asked about: the displayed volume of each level, finest first.
  struct Size {
    double smallest_step = 1;
    std::int64_t voxels = 1;
    std::int64_t bytes = 1;
  };
  static std::vector<Size> sizes(const LayerTarget& target);
  /// Chunks of one volume: 64 Mi voxels of 4³.
  static constexpr std::int64_t kBlocks = std::int64_t{1} << 20;

 private:
  struct Held {
    int level = 0;
    std::array<plan::LatticeAxis, 3> lattice;  ///< z, y, x
    DenseLevel dense;
    std::vector<std::size_t> blocks;  ///< all, most urgent first
    std::vector<float> priorities;
    std::shared_ptr<VolumeLevel> volume;  ///< set once complete
  };
  /// Null when the level is too large.
  std::unique_ptr<Held> hold(int level) const;
  /// Copies what is resident; once all is in, makes the volume that renderers read.
  SourceProgress fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const;

  const bool with_fallbacks_;
  std::optional<LayerTarget> target_;
  bool too_large_ = false;
  std::unique_ptr<Held> shown_;
  std::unique_ptr<Held> wanted_;  ///< being loaded; null when `shown_` is the wanted level
  std::unique_ptr<Held> coarse_;  ///< being loaded while nothing is shown
};

}  // namespace ndcast::render
