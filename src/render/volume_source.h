#pragma once
// The 3D voxels of one layer in one view: the wanted level along three displayed axes, whole where it fits in memory,
// else the box of it that the view has in its picture. A volume is shown only once all its chunks are in (with its
// min/max cells); until then, and while the view moves out of the box, the last complete one that covers the picture
// is, or a coarse one of the whole, which is loaded first.
//
//   source.aim(target, {pose, canvas});
//   source.fetch(finder, pool);
//   source.request(requests);
//   input.volumes = source.volumes();

#include <memory>
#include <optional>
#include <vector>

#include "plan/volume_box.h"
#include "render/layer_target.h"
#include "render/renderer.h"

namespace ndcast::render {

/// Belongs to the render thread.
class VolumeSource {
 public:
  /// `with_fallbacks` false: the wanted level alone, for stills.
  explicit VolumeSource(bool with_fallbacks = true) : with_fallbacks_(with_fallbacks) {}

  /// Where the view looks.
  struct Look {
    scene::VolumePose pose;
    scene::Canvas canvas;
  };

  void aim(const LayerTarget& target, const Look& look);
  SourceProgress fetch(const ChunkFinder& find, ThreadPool& pool);
  /// Appends the chunks that are not loaded: those of the coarse whole first, then the wanted ones, the middle first.
  void request(std::vector<image::ChunkRequest>& requests) const;

  /// None or one.
  std::vector<std::shared_ptr<const VolumeLevel>> volumes() const;
  /// The wanted level is what volumes() shows; never true of one that is too_large().
  bool complete() const;
  /// What the view sees of the wanted level is more than limits allow or kBlocks, and not held.
  bool too_large() const { return too_large_; }
  /// Of volumes(); the wanted level when there is none.
  int level_shown() const;
  std::size_t bytes() const;
  std::size_t visible_chunks() const;

  /// What choose_volume_level() is asked about, for each level, finest first: what would be held of it. INT64_MAX where
  /// neither the whole (limits::kVolumeVoxels) nor what is seen of it (kFocusVoxels; half as much again for `current`,
  /// so that an orbit does not flutter between levels) fits.
  struct Size {
    double smallest_step = 1;
    std::int64_t voxels = 1;
    std::int64_t bytes = 1;
  };
  static std::vector<Size> sizes(const LayerTarget& target, const Look& look, int current);
  /// Chunks of one volume: 64 Mi voxels of 4³.
  static constexpr std::int64_t kBlocks = std::int64_t{1} << 20;

 private:
  struct Held {
    int level = 0;
    plan::VolumeLattice lattice;
    plan::VolumeBox box;
    DenseLevel dense;
    std::vector<std::size_t> blocks;  ///< all, most urgent first
    std::vector<float> priorities;
    std::shared_ptr<VolumeLevel> volume;  ///< set once complete

    bool is_whole() const { return box == plan::whole_box(lattice); }
  };
  /// Null when it is too large.
  std::unique_ptr<Held> hold(int level, const plan::VolumeBox& box) const;
  /// What to hold of the wanted level.
  plan::VolumeBox wanted_box() const;
  void aim_fallback();
  /// Holds all that the view sees.
  bool shows_all(const Held& held) const;
  const Held* shown() const;
  /// Copies what is resident; once all is in, makes the volume that renderers read.
  SourceProgress fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const;

  const bool with_fallbacks_;
  std::optional<LayerTarget> target_;
  Look look_;
  bool too_large_ = false;
  std::unique_ptr<Held> wanted_;  ///< null when it is too large
  std::unique_ptr<Held> last_;    ///< complete: what was wanted before, of the same place
  std::unique_ptr<Held> coarse_;  ///< a coarse level of the whole, while `wanted_` is not complete or not the whole
};

}  // namespace ndcast::render
