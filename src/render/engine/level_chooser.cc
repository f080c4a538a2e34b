#include "render/engine/level_chooser.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/limits.h"
#include "plan/level_policy.h"
#include "plan/roi.h"
#include "plan/volume_level.h"
#include "render/sources/volume_source.h"

namespace ndcast::render {
namespace {

struct PlaneFacts {
  std::vector<std::optional<double>> oversampling;
  std::vector<std::int64_t> bytes;  ///< of the visible part
};

/// The policies judge a level by how many of its voxels meet a pixel. A bias of 1 has them judge voxels half as large,
/// which leads to a level that is coarser by a factor of 2.
double bias_factor(const AppliedView& view) { return std::exp2(view.lod->bias); }

PlaneFacts plane_facts(const AppliedView& view, const LayerTarget& first) {
  PlaneFacts facts;
  for (int level = 0; level <= first.coarsest(); ++level) {
    const plan::PlaneLattice lattice{first.lattice(level, 0), first.lattice(level, 1)};
    facts.oversampling.emplace_back(plan::oversampling(lattice, view.plane.rect, view.view->canvas) *
                                    bias_factor(view));
    const plan::Roi visible = plan::visible_roi(lattice, view.plane.rect);
    const auto element = static_cast<std::int64_t>(
        image::byte_size(first.image->levels[static_cast<std::size_t>(level)].array->dtype()));
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(visible.y.size(), visible.x.size(), &bytes) ||
        __builtin_mul_overflow(bytes, element, &bytes)) {
      bytes = INT64_MAX;
    }
    facts.bytes.push_back(bytes);
  }
  return facts;
}

std::optional<int> lock_of(const AppliedView& view, int levels) {
  if (!view.lod->locked) return std::nullopt;
  return static_cast<int>(std::clamp<std::int64_t>(*view.lod->locked, 0, levels - 1));
}

}  // namespace

void LevelChooser::note_zoom(double factor, MonotonicTime now) { hint_ = {factor, now}; }

void LevelChooser::want(int level, std::string_view reason) {
  if (level != wanted_) reason_ = reason;
  wanted_ = level;
}

void LevelChooser::decide(const AppliedView& view, const LayerTarget& first, int visible_layers, bool settle,
                          MonotonicTime now) {
  levels_ = first.coarsest() + 1;
  retry_at_.reset();
  if (settle) {
    wanted_ = std::clamp(view.lod->shown.level, 0, levels_ - 1);
    reason_ = view.lod->shown.reason;
    reported_ = view.lod->shown;
  }
  wanted_ = std::clamp(wanted_, 0, levels_ - 1);
  const std::optional<int> lock = lock_of(view, levels_);
  locked_ = lock.has_value();
  if (view.mode() == scene::Mode::Plane) {
    decide_plane(view, first, settle, now);
  } else {
    decide_volume(view, first, visible_layers, settle);
  }
  if (settle) shown_level_ = level_;
  shown_level_ = std::clamp(shown_level_, 0, levels_ - 1);
}

void LevelChooser::decide_plane(const AppliedView& view, const LayerTarget& first, bool settle, MonotonicTime now) {
  const PlaneFacts facts = plane_facts(view, first);
  const std::optional<int> lock = lock_of(view, levels_);
  if (settle) {
    want(lock ? *lock : plan::settled_level(facts.oversampling, wanted_), lock ? "locked" : "heuristic");
    last_switch_.reset();
    hint_.reset();
  } else {
    plan::LevelQuestion question{.current = wanted_, .oversampling = facts.oversampling, .locked = lock};
    if (hint_ && now - hint_->second <= plan::kZoomHintLifetime) question.zoom_hint = hint_->first;
    if (last_switch_) question.since_switch = now - *last_switch_;
    const plan::LevelThresholds thresholds;
    const plan::LevelDecision decision = plan::decide_level(question, thresholds);
    if (decision.reason == "cooldown") {
      retry_at_ = *last_switch_ + thresholds.cooldown;
    } else {
      hint_.reset();
    }
    if (decision.level != wanted_) {
      want(decision.level, decision.reason);
      last_switch_ = now;
      // One step a decision: the next may be due when the cooldown is over.
      retry_at_ = now + thresholds.cooldown;
    }
  }
  level_ = plan::affordable_level(wanted_, facts.bytes, limits::kSliceBytes);
}

void LevelChooser::decide_volume(const AppliedView& view, const LayerTarget& first, int visible_layers, bool settle) {
  std::vector<plan::VolumeCandidate> candidates;
  for (const VolumeSource::Size& size :
       VolumeSource::sizes(first, {view.volume, view.view->canvas, visible_layers}, level_)) {
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(size.bytes, static_cast<std::int64_t>(std::max(visible_layers, 1)), &bytes)) {
      bytes = INT64_MAX;
    }
    candidates.push_back({size.smallest_step / bias_factor(view), size.voxels, bytes});
  }
  constexpr plan::VolumeBudget kAnything{INT64_MAX, INT64_MAX};
  constexpr plan::VolumeBudget kBudget{limits::kVolumeVoxels, limits::kVolumeBytes};
  const std::optional<int> lock = lock_of(view, levels_);
  const int current = settle ? view.lod->shown.level : wanted_;
  const int wanted =
      lock ? *lock : plan::choose_volume_level(candidates, view.volume, view.view->canvas, current, kAnything).level;
  want(wanted, lock ? "locked" : "heuristic");
  level_ = plan::fitting_volume_level(candidates, wanted, kBudget).level;
  hint_.reset();
}

std::optional<scene::LodShown> LevelChooser::take_report(const AppliedView& view) {
  scene::LodShown shown;
  shown.level = shown_level_;
  shown.wanted = wanted_;
  shown.levels = levels_;
  shown.locked = locked_;
  shown.downgraded = level_ != wanted_;
  shown.reason = shown.downgraded ? "budget" : reason_;
  if (reported_ && *reported_ == shown) return std::nullopt;
  if (!reported_ && view.lod->shown == shown) return std::nullopt;
  reported_ = shown;
  return shown;
}

}  // namespace ndcast::render
