#pragma once
// What several of the original's frames say about axes and levels, worked out once a frame. Internal to original*.cc.

#include "protocol/original_types.h"

namespace ndcast::protocol::original {

/// An idle scene is told as two axes y, x of one pixel and one level, as the original server does.
struct Geometry {
  std::vector<std::string> labels;
  Integers order;
  Integers displayed;
  std::vector<Level> levels;  ///< finest first; at least one
  std::int64_t current_level = 0;
  Integers step;                    ///< one an axis, in steps of the current level (WP10)
  std::vector<double> margin_left;  ///< one an axis, in steps of the current level
  std::vector<double> margin_right;
  scene::Mode mode = scene::Mode::Plane;

  std::int64_t ndim() const { return static_cast<std::int64_t>(labels.size()); }
  std::vector<Integers> level_shapes() const;
  bool is_displayed(std::int64_t axis) const;
};

Geometry geometry_of(const scene::SceneSnapshot& snapshot, const scene::ViewState& view);

/// The view, which must exist.
const scene::ViewState& view_of(const scene::SceneSnapshot& snapshot, const scene::ViewId& id);

/// The original's dims world is index space: {0, size − 1, 1} at every level.
Extent extent_of(std::int64_t size);

Layer layer_of(const scene::SceneSnapshot& snapshot, const scene::ViewState& view, const scene::LayerBlock& layer,
               const VersionOf& version_of, const std::set<scene::Key>* changed);

}  // namespace ndcast::protocol::original
