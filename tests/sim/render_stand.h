#pragma once
// The render thread as the story plays it: it takes the newest snapshot when it is let, applies it at once, mints poses
// from camera verbs, and its reports reach the control thread later, in order. It may be stuck, and it may be
// restarted.

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::sim {

/// What one apply tells the control thread.
struct RenderReport {
  std::uint64_t server_seq = 0;
  std::uint64_t camera_seq = 0;
  std::optional<scene::PlanePose> plane;
  std::optional<scene::VolumePose> volume;
  std::optional<std::pair<scene::Mode, scene::LodShown>> level;
};

class RenderStand {
 public:
  /// A verb as the control thread queued it, tagged with the mode it is meant for (WP11).
  struct Verb {
    scene::Mode mode;
    std::uint64_t camera_seq;
  };

  void queue(Verb verb) { verbs_.push_back(verb); }

  /// Applies `snapshot`; `pick(n)` is the story's dice. Poses come from the verbs alone: a snapshot never moves a
  /// camera that this thread moved itself.
  void apply(const scene::SceneSnapshot& snapshot, const scene::ViewId& view, const auto& pick) {
    const scene::ViewState* state = snapshot.find_view(view);
    if (!state || stuck) return;
    RenderReport report{.server_seq = snapshot.server_seq, .camera_seq = camera_seq_};
    for (const Verb& verb : std::exchange(verbs_, {})) {
      camera_seq_ = verb.camera_seq;
      if (verb.mode == scene::Mode::Plane) {
        report.plane = minted_plane();
      } else {
        report.volume = minted_volume();
      }
    }
    report.camera_seq = camera_seq_;
    if (pick(8) == 0) {
      scene::LodShown shown = state->lod->shown;
      shown.level = shown.wanted = pick(3);
      shown.reason = "heuristic";
      report.level = std::pair(state->view->mode, shown);
    }
    reports_.push_back(std::move(report));
  }

  std::optional<RenderReport> take_report() {
    if (reports_.empty()) return std::nullopt;
    RenderReport report = std::move(reports_.front());
    reports_.pop_front();
    return report;
  }
  bool is_idle() const { return reports_.empty() && verbs_.empty(); }
  /// A worker started anew: poses that the old one minted and had not reported are gone, verbs that were queued are
  /// not.
  void restart() {
    reports_.clear();
    forget();
    stuck = false;
  }

  /// The worker of another server, whose counts begin anew.
  void begin_again() {
    restart();
    verbs_.clear();
    camera_seq_ = 0;
  }

  /// Somebody put another minted pose in place of the newest.
  void forget() {
    newest_plane.reset();
    newest_volume.reset();
  }

  /// The newest pose of each mode that was minted, for the check that the ledger ends with it.
  std::optional<scene::PlanePose> newest_plane;
  std::optional<scene::VolumePose> newest_volume;
  bool stuck = false;

 private:
  scene::PlanePose minted_plane() {
    const double at = static_cast<double>(++minted_);
    newest_plane = scene::PlanePose{{at, at, 10, 10}, {at + 5, at + 5}, 1};
    return *newest_plane;
  }
  scene::VolumePose minted_volume() {
    newest_volume = scene::VolumePose{};
    newest_volume->distance = static_cast<double>(++minted_) + 1;
    return *newest_volume;
  }

  std::vector<Verb> verbs_;
  std::deque<RenderReport> reports_;
  std::uint64_t camera_seq_ = 0;
  std::uint64_t minted_ = 0;
};

}  // namespace ndcast::sim
