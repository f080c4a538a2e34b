#pragma once
// nd.undo and nd.redo (WP27), and what the update handler notes for them.

#include "scene/snapshot.h"
#include "session/undo_log.h"

namespace ndcast::session {

/// The pose that the view's camera has now, in its present mode.
CameraStep camera_step(const scene::ViewState& view);

}  // namespace ndcast::session
