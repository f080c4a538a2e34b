#include "render/engine/camera_queue.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace ndcast::render {
namespace {

using scene::CameraIntent;
using scene::CameraVerb;
using scene::OrbitVerb;
using scene::PanVerb;
using scene::ResetVerb;
using scene::SetPoseVerb;
using scene::ZoomVerb;

template <class T>
void replace_if_given(std::optional<T>& member, const std::optional<T>& later) {
  if (later) member = later;
}

/// The later set wins member by member.
SetPoseVerb merged(SetPoseVerb first, const SetPoseVerb& second) {
  replace_if_given(first.center, second.center);
  replace_if_given(first.zoom, second.zoom);
  replace_if_given(first.rect, second.rect);
  replace_if_given(first.angles, second.angles);
  replace_if_given(first.distance, second.distance);
  replace_if_given(first.fov, second.fov);
  return first;
}

/// Members whose effect is over once the later set is applied too. A rect decides center and zoom as well, and two
/// angles keep an earlier roll, so those sets do not simply merge.
bool merges(const SetPoseVerb& first, const SetPoseVerb& second) {
  const bool rolls = first.angles && first.angles->size() > 2 && second.angles && second.angles->size() == 2;
  return !rolls && (!second.rect || !(first.center || first.zoom));
}

/// Two verbs of one kind as one, whatever their order and anchors.
std::optional<CameraVerb> joined(const CameraVerb& first, const CameraVerb& second) {
  if (const auto* a = std::get_if<PanVerb>(&first)) {
    if (const auto* b = std::get_if<PanVerb>(&second)) return PanVerb{a->dx_px + b->dx_px, a->dy_px + b->dy_px};
  } else if (const auto* a = std::get_if<ZoomVerb>(&first)) {
    if (const auto* b = std::get_if<ZoomVerb>(&second)) return ZoomVerb{a->factor * b->factor, b->anchor_px};
  } else if (const auto* a = std::get_if<OrbitVerb>(&first)) {
    if (const auto* b = std::get_if<OrbitVerb>(&second)) {
      return OrbitVerb{a->d_az_deg + b->d_az_deg, a->d_el_deg + b->d_el_deg};
    }
  } else if (const auto* a = std::get_if<SetPoseVerb>(&first)) {
    if (const auto* b = std::get_if<SetPoseVerb>(&second)) return merged(*a, *b);
  } else if (std::holds_alternative<ResetVerb>(second)) {
    return second;
  }
  return std::nullopt;
}

/// True when joining two neighbours changes nothing of what they do.
bool joins_exactly(scene::Mode mode, const CameraVerb& first, const CameraVerb& second) {
  if (const auto* a = std::get_if<ZoomVerb>(&first)) {
    const auto* b = std::get_if<ZoomVerb>(&second);
    return b && (mode == scene::Mode::Volume || a->anchor_px == b->anchor_px);
  }
  if (const auto* a = std::get_if<SetPoseVerb>(&first)) {
    const auto* b = std::get_if<SetPoseVerb>(&second);
    return b && merges(*a, *b);
  }
  return first.index() == second.index();
}

bool same_ground(const CameraIntent& a, const CameraIntent& b) {
  return a.mode == b.mode && a.view_epoch == b.view_epoch && a.canvas.width == b.canvas.width &&
         a.canvas.height == b.canvas.height;
}

CameraIntent with_verb(const CameraIntent& first, const CameraIntent& second, CameraVerb verb) {
  CameraIntent intent = second;
  intent.verb = std::move(verb);
  intent.camera_seq = std::max(first.camera_seq, second.camera_seq);
  return intent;
}

}  // namespace

std::optional<CameraIntent> folded(const CameraIntent& first, const CameraIntent& second) {
  if (std::holds_alternative<ResetVerb>(second.verb) && first.mode == second.mode) {
    return with_verb(first, second, second.verb);
  }
  if (!same_ground(first, second) || !joins_exactly(first.mode, first.verb, second.verb)) return std::nullopt;
  std::optional<CameraVerb> verb = joined(first.verb, second.verb);
  if (!verb) return std::nullopt;
  return with_verb(first, second, std::move(*verb));
}

void CameraQueue::fold_neighbours() {
  std::deque<QueuedIntent> kept;
  for (QueuedIntent& item : items_) {
    std::optional<CameraIntent> fold = kept.empty() ? std::nullopt : folded(kept.back().intent, item.intent);
    if (!fold) {
      kept.push_back(std::move(item));
      continue;
    }
    kept.back() = {std::move(*fold), std::min(kept.back().time, item.time)};
    ++folds_;
  }
  items_ = std::move(kept);
}

void CameraQueue::push(CameraIntent intent, MonotonicTime time) {
  items_.push_back({std::move(intent), time});
  if (items_.size() <= capacity_) return;
  fold_neighbours();
  if (items_.size() <= capacity_) return;
  const QueuedIntent last = std::move(items_.back());
  items_.pop_back();
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->intent.mode != last.intent.mode) continue;
    std::optional<CameraVerb> verb = joined(item->intent.verb, last.intent.verb);
    if (!verb) continue;
    *item = {with_verb(item->intent, last.intent, std::move(*verb)), std::min(item->time, last.time)};
    ++folds_;
    return;
  }
  // Not reached with a capacity of ten or more; a smaller queue may exceed it rather than lose an intent.
  items_.push_back(last);
}

std::vector<QueuedIntent> CameraQueue::take_all() {
  std::vector<QueuedIntent> all(std::make_move_iterator(items_.begin()), std::make_move_iterator(items_.end()));
  items_.clear();
  return all;
}

}  // namespace ndcast::render
