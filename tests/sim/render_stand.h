#pragma once
// The render thread as the story plays it: it takes the newest snapshot of a view when it is let, applies it at once,
// mints poses from camera verbs, and its reports reach the control thread later, in order. A view may be stuck, and all
// of it may be restarted.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "reduce/applied.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::sim {

/// What one apply tells the control thread.
struct RenderReport {
  scene::ViewId view;
  std::uint64_t camera_seq = 0;
  reduce::Applied applied;
};

class RenderStand {
 public:
  /// A verb as the control thread queued it, tagged with the mode it is meant for (WP11).
  struct Verb {
    scene::Mode mode;
    std::uint64_t camera_seq;
  };
  /// The pose of each mode that a view has to end with: minted last here, or put there since by the control thread.
  struct Newest {
    std::optional<scene::PlanePose> plane;
    std::optional<scene::VolumePose> volume;
  };

  void queue(const scene::ViewId& view, Verb verb) { views_[view].verbs.push_back(verb); }

  /// Applies `snapshot` to one of its views; `pick(n)` is the story's dice. Poses come from the verbs alone: a snapshot
  /// never moves a camera that this thread moved itself.
  void apply(const scene::SceneSnapshot& snapshot, const scene::ViewId& id, const auto& pick) {
    std::erase_if(views_, [&](const auto& entry) { return !snapshot.find_view(entry.first); });
    const scene::ViewState* state = snapshot.find_view(id);
    if (!state) return;
    View& view = views_[id];
    if (view.stuck) return;
    RenderReport report{.view = id, .applied = {.server_seq = snapshot.server_seq}};
    for (const Verb& verb : std::exchange(view.verbs, {})) {
      view.camera_seq = verb.camera_seq;
      if (verb.mode == scene::Mode::Plane) {
        report.applied.plane = view.newest.plane = minted_plane();
      } else {
        report.applied.volume = view.newest.volume = minted_volume();
      }
    }
    report.camera_seq = view.camera_seq;
    if (pick(8) == 0) {
      scene::LodShown shown = state->lod->shown;
      shown.level = shown.wanted = pick(shown.levels);
      shown.reason = "heuristic";
      report.applied.level = std::pair(state->view->mode, shown);
    }
    reports_.push_back(std::move(report));
  }

  std::optional<RenderReport> take_report() {
    if (reports_.empty()) return std::nullopt;
    RenderReport report = std::move(reports_.front());
    reports_.pop_front();
    return report;
  }

  void hang(const scene::ViewId& view) { views_[view].stuck = true; }
  void heal() {
    for (auto& [id, view] : views_) view.stuck = false;
  }
  /// A worker started anew: poses that the old one minted and had not reported are gone, verbs that were queued are
  /// not.
  void restart() {
    reports_.clear();
    for (auto& [id, view] : views_) view.newest = {};
    heal();
  }
  /// The worker of another server, whose counts begin anew.
  void begin_again() {
    reports_.clear();
    views_.clear();
  }

  /// The control thread put a pose in place of the newest, as minted earlier or elsewhere.
  void put(const scene::ViewId& view, const scene::PlanePose& pose) { views_[view].newest.plane = pose; }
  void put(const scene::ViewId& view, const scene::VolumePose& pose) { views_[view].newest.volume = pose; }
  /// Null when nothing is known of the view's poses.
  const Newest* newest(const scene::ViewId& view) const {
    const auto it = views_.find(view);
    return it == views_.end() ? nullptr : &it->second.newest;
  }

 private:
  struct View {
    std::vector<Verb> verbs;
    std::uint64_t camera_seq = 0;
    bool stuck = false;
    Newest newest;
  };

  scene::PlanePose minted_plane() {
    const double at = static_cast<double>(++minted_);
    return scene::PlanePose{{at, at, 10, 10}, {at + 5, at + 5}, 1};
  }
  scene::VolumePose minted_volume() {
    scene::VolumePose pose;
    pose.distance = static_cast<double>(++minted_) + 1;
    return pose;
  }

  std::map<scene::ViewId, View> views_;
  std::deque<RenderReport> reports_;
  std::uint64_t minted_ = 0;
};

}  // namespace ndcast::sim
