#pragma once
// Who forked which view, and since when nobody has been in a forked view: one that nobody came back to is closed.
//
//   keeper.note_used(*snapshot, sessions, now);        // after somebody came, went or changed views
//   for (const ViewId& view : keeper.expired(now)) close_view(hub, view, author);
//
// Control thread only.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "scene/snapshot.h"
#include "session/session.h"

namespace ndcast::session {

class ViewKeeper {
 public:
  void note_fork(const scene::ViewId& view, const SessionId& by) { forked_by_[view] = by; }
  bool is_fork_of(const scene::ViewId& view, const SessionId& session) const;
  /// Views that the session forked and that are still there.
  std::size_t forks_of(const SessionId& session) const;
  void drop_session(const SessionId& session);
  void drop_view(const scene::ViewId& view);

  /// Somebody came, went or changed views.
  void look_again() { wants_look_ = true; }
  bool wants_look() const { return wants_look_; }
  /// A view is in use while a session sees it or returns to it when it stops following.
  void note_used(const scene::SceneSnapshot& snapshot, std::span<Session* const> sessions, MonotonicTime now);

  /// Views that were unused for limits::kViewGrace.
  std::vector<scene::ViewId> expired(MonotonicTime now) const;
  std::optional<MonotonicTime> next_deadline() const;

 private:
  bool wants_look_ = true;
  std::map<scene::ViewId, SessionId> forked_by_;
  std::map<scene::ViewId, MonotonicTime> unused_since_;
};

}  // namespace ndcast::session
