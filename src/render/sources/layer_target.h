#pragma once
// One layer as a view wants it: what slice_source.h and volume_source.h are pointed at.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/chunk_loader.h"
#include "image/image.h"
#include "plan/layer_axes.h"
#include "render/render_txn.h"
#include "render/sources/dense_level.h"
#include "scene/types.h"

namespace ndcast::render {

/// Opened images by the uri that LayerMeta names.
using Images = std::map<std::string, std::shared_ptr<const image::Image>>;

struct LayerTarget {
  std::shared_ptr<const image::Image> image;
  plan::LayerAxes axes;
  std::shared_ptr<const scene::AxesSpec> scene_axes;
  std::vector<int> displayed;       ///< scene axes, slowest first: {y, x} or {z, y, x}
  std::vector<std::int64_t> index;  ///< one a scene axis, steps of level 0; 0 on the displayed ones
  int level = 0;                    ///< of this image's pyramid
  /// 2D: what the voxels within the margins of the axes that are not displayed become; None has no margins.
  scene::ProjectionMode projection = scene::ProjectionMode::None;
  plan::Margins margins;

  int coarsest() const { return static_cast<int>(image->levels.size()) - 1; }
  plan::LatticeAxis lattice(int of_level, std::size_t displayed_axis) const {
    return plan::lattice_axis(*image, of_level, axes, *scene_axes, displayed[displayed_axis]);
  }
  /// Voxels of two targets of one place lie over each other; only their levels may differ.
  bool same_place(const LayerTarget& other) const {
    return image == other.image && axes.channel == other.axes.channel && axes.channel_axis == other.axes.channel_axis &&
           axes.scale == other.axes.scale && axes.translate == other.axes.translate && displayed == other.displayed &&
           index == other.index && projection == other.projection && margins == other.margins;
  }
};

/// What the view looks at in a layer, at the finest level; nothing when its image is not there or the view displays
/// fewer axes than its mode has.
std::optional<LayerTarget> layer_target(const AppliedView& view, const scene::LayerBlock& layer, const Images& images);

/// The level of `target` that fits `level` of `first`: the same of one image, else the one of the nearest voxel size.
int matching_level(const LayerTarget& target, const LayerTarget& first, int level);

/// The part of a level's array that a target looks at, along z, y, x with these ranges.
DenseSpec dense_spec(const LayerTarget& target, int level, const std::array<DenseAxis, 3>& axes);

/// Adds a request for each of `blocks` that is not loaded; priorities go with the blocks, `lift` is added to each. At
/// most kRequestsAtOnce: what is next is asked for when some of them have come.
void request_missing(const DenseLevel& dense, std::span<const std::size_t> blocks, std::span<const float> priorities,
                     float lift, std::vector<image::ChunkRequest>& requests);

inline constexpr std::size_t kRequestsAtOnce = 4096;

/// What one call of a source's fetch() did.
struct SourceProgress {
  bool changed = false;  ///< the voxels to show are others than before
  bool stopped = false;  ///< at the byte limit; call again
};

/// Voxels copied in one go before the render thread looks up again: some milliseconds on two cores, page faults
/// included.
inline constexpr std::size_t kFetchBytes = std::size_t{8} << 20;

}  // namespace ndcast::render
