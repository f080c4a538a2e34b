#include "room/player.h"

#include <algorithm>

namespace ndcast::room {
namespace {

using namespace scene;

std::chrono::nanoseconds period_of(const Play& play) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / play.fps));
}

}  // namespace

void Player::note_axis(const SceneSnapshot& snapshot, const ViewState& view, std::size_t axis, MonotonicTime now) {
  const Name name{view.id, snapshot.axes->axes[axis].label};
  const std::optional<Play>& play = view.play->value[axis];
  if (!play) {
    playing_.erase(name);
    return;
  }
  const std::int64_t index = view.index->value[axis];
  const bool paused = std::ranges::find(view.view->displayed, static_cast<int>(axis)) != view.view->displayed.end();
  const auto [entry, is_new] = playing_.try_emplace(name);
  Playing& playing = entry->second;
  const bool changed = is_new || playing.play != *play || (playing.paused && !paused);
  if (changed) playing.next_at = now + period_of(*play);
  if (is_new || playing.play != *play) playing.stepped = false;
  if (!is_new && index != playing.index) {
    if (playing.expected != index) playing.next_at = now + period_of(*play);
    playing.awaited = snapshot.server_seq;
  }
  playing.play = *play;
  playing.index = index;
  playing.expected.reset();
  playing.paused = paused;
  playing.axis = axis;
}

void Player::note(const SceneSnapshot& snapshot, MonotonicTime now) {
  std::erase_if(playing_, [&](const auto& entry) {
    return !snapshot.find_view(entry.first.first) || !axis_position(*snapshot.axes, entry.first.second);
  });
  for (const auto& [id, view] : snapshot.views) {
    for (std::size_t axis = 0; axis < snapshot.axes->axes.size(); ++axis) note_axis(snapshot, view, axis, now);
  }
}

void Player::step(Playing& playing, const Name& name, std::int64_t size, std::vector<ledger::Change>& changes) {
  const auto set = [&](Key key, Value value) {
    changes.push_back({{Scope::Dims, name.second, key, name.first.value}, std::move(value)});
  };
  const std::int64_t last = size - 1;
  std::int64_t next = playing.index + playing.direction;
  switch (playing.play.loop) {
    case PlayLoop::Once:
      // Started at the end, it plays from the beginning; moved there by somebody, it is over.
      if (next > last && playing.stepped) return set(Key::Play, std::optional<Play>());
      if (next > last) next = 0;
      if (next == last) set(Key::Play, std::optional<Play>());
      break;
    case PlayLoop::Loop:
      if (next > last) next = 0;
      break;
    case PlayLoop::Pingpong:
      if (next > last || next < 0) playing.direction = -playing.direction;
      next = std::clamp<std::int64_t>(playing.index + playing.direction, 0, last);
      break;
  }
  playing.stepped = true;
  playing.expected = next;
  set(Key::Index, next);
}

std::vector<ledger::Transaction> Player::due(const SceneSnapshot& snapshot, const Applied& applied, MonotonicTime now) {
  std::map<ViewId, std::vector<ledger::Change>> changes;
  for (auto& [name, playing] : playing_) {
    if (playing.paused || now < playing.next_at || applied(name.first) < playing.awaited) continue;
    const auto period = period_of(playing.play);
    // On the beat; after a wait, a full period from now, so that no steps catch up.
    playing.next_at = now - playing.next_at < period ? playing.next_at + period : now + period;
    step(playing, name, snapshot.axes->axes[playing.axis].size, changes[name.first]);
  }
  std::vector<ledger::Transaction> out;
  out.reserve(changes.size());
  for (auto& [view, moved] : changes) {
    out.push_back(
        {.changes = std::move(moved), .author = {.actor = "play", .origin = ledger::Origin::Policy}, .view = view});
  }
  return out;
}

std::optional<MonotonicTime> Player::next_deadline(const Applied& applied) const {
  std::optional<MonotonicTime> earliest;
  for (const auto& [name, playing] : playing_) {
    if (playing.paused || applied(name.first) < playing.awaited) continue;
    if (!earliest || playing.next_at < *earliest) earliest = playing.next_at;
  }
  return earliest;
}

}  // namespace ndcast::room
