#include "session/view_keeper.h"

#include <algorithm>

#include "base/limits.h"

namespace ndcast::session {

std::size_t ViewKeeper::forks_of(const SessionId& session) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(forked_by_, [&](const auto& entry) { return entry.second == session; }));
}

bool ViewKeeper::is_fork_of(const scene::ViewId& view, const SessionId& session) const {
  const auto it = forked_by_.find(view);
  return it != forked_by_.end() && it->second == session;
}

void ViewKeeper::drop_session(const SessionId& session) {
  std::erase_if(forked_by_, [&](const auto& entry) { return entry.second == session; });
  look_again();
}

void ViewKeeper::drop_view(const scene::ViewId& view) {
  forked_by_.erase(view);
  unused_since_.erase(view);
}

void ViewKeeper::note_used(const scene::SceneSnapshot& snapshot, std::span<Session* const> sessions,
                           MonotonicTime now) {
  wants_look_ = false;
  std::erase_if(unused_since_, [&](const auto& entry) { return !snapshot.find_view(entry.first); });
  for (const auto& [id, state] : snapshot.views) {
    if (id == scene::kMainView) continue;
    const bool used = std::ranges::any_of(
        sessions, [&](const Session* session) { return session->view == id || session->home == id; });
    if (used) {
      unused_since_.erase(id);
    } else {
      unused_since_.try_emplace(id, now);
    }
  }
}

std::vector<scene::ViewId> ViewKeeper::expired(MonotonicTime now) const {
  std::vector<scene::ViewId> views;
  for (const auto& [view, since] : unused_since_) {
    if (since + limits::kViewGrace <= now) views.push_back(view);
  }
  return views;
}

std::optional<MonotonicTime> ViewKeeper::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  for (const auto& [view, since] : unused_since_) {
    const MonotonicTime at = since + limits::kViewGrace;
    earliest = earliest ? std::min(*earliest, at) : at;
  }
  return earliest;
}

}  // namespace ndcast::session
