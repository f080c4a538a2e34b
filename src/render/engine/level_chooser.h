#pragma once
// Keeps a view's pyramid level: asks plan's policies when the view changed, remembers cooldown and zoom hint, and says
// what to report. Levels count the first layer's pyramid.
//
//   chooser.decide(txn.view(), first_target, visible_layers, changes.lod_foreign, clock.now());
//   scene.aim(txn.view(), images, chooser.level());
//   if (auto shown = chooser.take_report(view)) report(*shown);

#include <optional>
#include <string>

#include "base/clock.h"
#include "render/render_txn.h"
#include "render/sources/layer_target.h"
#include "scene/types.h"

namespace ndcast::render {

/// Belongs to the render thread.
class LevelChooser {
 public:
  /// The factor of a zoom verb of the 2D camera: the direction that the next decision favours.
  void note_zoom(double factor, MonotonicTime now);

  /// `first` is the target of the first layer, at any level. With `settle` the level of the snapshot (bootstrap,
  /// restored by a toggle, replaced scene) is adopted and led to where the policy rests, without cooldown.
  void decide(const AppliedView& view, const LayerTarget& first, int visible_layers, bool settle, MonotonicTime now);

  /// To show: what the policy wants, coarser where a budget forbids it.
  int level() const { return level_; }
  /// Every visible chunk of level() is in the picture.
  void note_complete() { shown_level_ = level_; }
  /// When a switch that the cooldown holds back is due.
  std::optional<MonotonicTime> retry_at() const { return retry_at_; }
  void forget_retry() { retry_at_.reset(); }

  /// The present decision when it is not what was reported last or what the snapshot holds.
  std::optional<scene::LodShown> take_report(const AppliedView& view);

 private:
  void decide_plane(const AppliedView& view, const LayerTarget& first, bool settle, MonotonicTime now);
  void decide_volume(const AppliedView& view, const LayerTarget& first, int visible_layers, bool settle);
  void want(int level, std::string_view reason);

  int level_ = 0;
  int wanted_ = 0;       ///< of the policy, budgets aside
  int shown_level_ = 0;  ///< last level() that was complete
  int levels_ = 1;
  bool locked_ = false;
  std::string reason_ = "bootstrap";
  std::optional<MonotonicTime> last_switch_;
  std::optional<MonotonicTime> retry_at_;
  std::optional<std::pair<double, MonotonicTime>> hint_;
  std::optional<scene::LodShown> reported_;
};

}  // namespace ndcast::render
