#pragma once
// The 3D voxels of one layer in one view: what plan/volume_parts.h says, each part a dense volume. A part is shown only
// once all its chunks are in (with its min/max cells); until then what was held before stands in, or a coarse whole,
// which is loaded first. No frame waits.
//
//   source.aim(target, {pose, canvas, layers});
//   source.fetch(finder, pool);
//   source.request(requests);
//   input.volumes = source.volumes();

#include <memory>
#include <optional>
#include <vector>

#include "plan/volume_parts.h"
#include "render/renderer.h"
#include "render/sources/layer_target.h"

namespace ndcast::render {

/// Belongs to the render thread.
class VolumeSource {
 public:
  /// `with_fallbacks` false: what is wanted alone, for stills.
  explicit VolumeSource(bool with_fallbacks = true) : with_fallbacks_(with_fallbacks) {}

  void aim(const LayerTarget& target, const plan::VolumeLook& look);
  SourceProgress fetch(const ChunkFinder& find, ThreadPool& pool);
  /// Appends the chunks that are not loaded: those of the coarse whole first, then the wanted parts from the finest on,
  /// the middle of each first.
  void request(std::vector<image::ChunkRequest>& requests) const;

  /// LayerInput::volumes: at most kMostVolumes.
  std::vector<std::shared_ptr<const VolumeLevel>> volumes() const;
  /// volumes() are the wanted parts; never true of a level that is too_large().
  bool complete() const;
  /// No part of the wanted level that is of use is small enough.
  bool too_large() const { return target_ && wanted_.empty(); }
  /// The finest of volumes(); the wanted level when there is none.
  int level_shown() const;
  std::size_t bytes() const;
  std::size_t visible_chunks() const;

  /// What choose_volume_level() is asked about, for each level, finest first: what would be held of it. INT64_MAX where
  /// neither the whole nor a part of use fits.
  struct Size {
    double smallest_step = 1;
    std::int64_t voxels = 1;
    std::int64_t bytes = 1;
  };
  static std::vector<Size> sizes(const LayerTarget& target, const plan::VolumeLook& look, int current);
  /// Chunks of one part: 64 Mi voxels of 4³.
  static constexpr std::int64_t kBlocks = std::int64_t{1} << 20;

 private:
  /// A part with its voxels.
  struct Held {
    plan::VolumePart part;
    bool is_whole;
    DenseLevel dense;
    std::vector<std::size_t> blocks;  ///< all, most urgent first
    std::vector<float> priorities;
    std::shared_ptr<Held> before;           ///< a box of the level whose voxels are taken over, until they are
    std::size_t next_taken = 0;             ///< block of that
    std::shared_ptr<VolumeLevel> building;  ///< once all voxels are in, until its cells are
    int next_slab = 0;
    std::shared_ptr<VolumeLevel> volume;  ///< set once complete
  };
  using HeldPtr = std::shared_ptr<Held>;

  /// Null when its chunks are too many.
  HeldPtr hold(const plan::VolumePart& part) const;
  /// Out of `from`, else anew with the voxels of its level that are there.
  HeldPtr take(const plan::VolumePart& part, std::vector<HeldPtr>& from) const;
  void aim_fallback();
  /// Drops what stands in for nothing any more.
  void tidy();
  /// Copies what is resident, a few milliseconds' worth; once all is in, makes the volume that renderers read.
  SourceProgress fill(Held& held, const ChunkFinder& find, ThreadPool& pool) const;
  std::vector<const Held*> shown() const;

  const bool with_fallbacks_;
  std::optional<LayerTarget> target_;
  std::vector<plan::VolumeGrid> pyramid_;
  std::vector<HeldPtr> wanted_;       ///< as planned, the finest first
  std::vector<HeldPtr> standing_in_;  ///< complete: what was wanted before, of the same place
  HeldPtr coarse_;                    ///< a coarse level of the whole, until one of `wanted_` is complete
};

}  // namespace ndcast::render
