#pragma once
// Everything that one picture of a view needs, kept up to date: a voxel source a visible layer, pointed at the applied
// state, filled from resident chunks, turned into the renderer's FrameInput. The render thread and stills share it.
//
//   ViewScene scene(pool);
//   scene.aim(txn.view(), images, chooser.level());
//   scene.fetch([&](const auto& array, auto chunk) { return loader.find(array, chunk); });
//   loader.set_wanted(owner, scene.missing());
//   renderer.render(scene.input(txn.view(), quality), picture);

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/frame_pacing.h"
#include "render/label_colors.h"
#include "render/render_txn.h"
#include "render/renderer.h"
#include "render/sources/layer_target.h"
#include "render/sources/slice_source.h"
#include "render/sources/volume_source.h"

namespace ndcast::render {

/// Belongs to one thread. The pool copies voxels and builds cells.
class ViewScene {
 public:
  /// `with_fallbacks` false: nothing but the wanted level is loaded or shown.
  explicit ViewScene(ThreadPool& pool, bool with_fallbacks = true) : pool_(pool), with_fallbacks_(with_fallbacks) {}

  /// The first layer whose image is there: the one that levels are counted by.
  static std::optional<LayerTarget> first_target(const AppliedView& view, const Images& images);
  static int visible_layers(const AppliedView& view);

  /// Points the sources of all visible layers at the view; `level` counts the first layer's pyramid. Sources of layers
  /// that are gone or hidden, and those of the other mode, let go of their memory.
  void aim(const AppliedView& view, const Images& images, int level);

  /// Lets go of all voxels; aim() brings them back.
  void release() { layers_.clear(); }

  SourceProgress fetch(const ChunkFinder& find);

  /// Visible chunks that are not loaded, of all layers.
  std::vector<image::ChunkRequest> missing() const;
  /// Every visible chunk at the wanted level is in.
  bool complete() const;
  /// Coarsest level visible anywhere in the first layer.
  int level_shown() const;
  std::size_t bytes() const;
  std::size_t visible_chunks() const;
  /// What cannot be shown and why, for a person; empty when all can.
  std::string obstacle() const;

  /// Valid until the next aim() or fetch().
  FrameInput input(const AppliedView& view, const plan::Quality& quality) const;
  /// PixelCost's unit: layers of slices, or samples of a mean ray through the volumes by 256.
  double work() const;

 private:
  struct Layer {
    scene::LayerId id;
    std::string name;
    LayerLook look;
    std::unique_ptr<SliceSource> slice;    ///< in 2D
    std::unique_ptr<VolumeSource> volume;  ///< in 3D
    double unit = 0;                       ///< in 3D: LayerInput::unit
  };
  std::shared_ptr<const ColorTable> colors_of(const std::string& colormap);
  /// Null of what is no label image.
  std::shared_ptr<const LabelColors> labels_of(const scene::LayerBlock& layer,
                                               const std::shared_ptr<const image::Image>& image);

  ThreadPool& pool_;
  const bool with_fallbacks_;
  std::vector<Layer> layers_;  ///< in drawing order
  std::map<std::string, std::shared_ptr<const ColorTable>> colors_;
  struct KnownLabels {
    std::shared_ptr<const image::Image> image;  ///< that they were made for; one that was rewritten is another
    std::shared_ptr<const LabelColors> colors;
    std::optional<std::pair<std::uint64_t, std::shared_ptr<const LabelColors>>> selected;  ///< the last one shown alone
  };
  std::map<std::string, KnownLabels> label_colors_;  ///< by the image's uri
};

}  // namespace ndcast::render
