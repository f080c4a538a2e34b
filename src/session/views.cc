#include "session/views.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "reduce/reduce.h"

namespace ndcast::session {
namespace {

scene::ViewId make_view_id(const HubCore& hub, const scene::SceneSnapshot& snapshot) {
  // Never one that was used before: a client that comes back late must not land in somebody else's view.
  scene::ViewId id;
  do id.value = "view-" + hub.config().make_view_number();
  while (snapshot.find_view(id));
  return id;
}

std::expected<void, scene::Refusal> check_room_for_view(HubCore& hub, const Session& session) {
  const std::size_t views = hub.services().ledger().snapshot()->views.size();
  if (views >= limits::kViewsPerRoom) {
    return std::unexpected(scene::Refusal{scene::StateCode::Unsupported,
                                          fmt::format("the room has its {} views; one has to be closed first", views)});
  }
  const std::size_t own = hub.views().forks_of(session.id);
  if (own >= limits::kViewsPerSession) {
    return std::unexpected(
        scene::Refusal{scene::StateCode::Unsupported,
                       fmt::format("this session has forked {} views; one has to be closed first", own)});
  }
  return {};
}

void commit(HubCore& hub, const Session& session, const scene::ViewId& view, reduce::Reduction reduction) {
  hub.services().commit(
      {.changes = std::move(reduction.changes), .author = session.author(), .opens = reduction.opens, .view = view});
}

}  // namespace

void bind_view(HubCore& hub, Session& session, const scene::ViewId& view) {
  if (session.view == view) return;
  hub.canvas_owner().move(session.id, session.view, view);
  session.view = view;
  ++session.binding;
  hub.owe_state(session);
  hub.note_presence(session);
  hub.views().look_again();
  hub.services().session_moved(session.id, view, session.binding);
  for (Session* other : hub.open_sessions()) {
    if (other->follows == session.id) bind_view(hub, *other, view);
  }
}

bool lives_alone(const HubCore& hub, const Session& session, const scene::ViewId& view) {
  if (view == scene::kMainView || view != session.home) return false;
  if (hub.views().is_fork_of(view, session.id)) return true;
  return std::ranges::none_of(hub.sessions(), [&](const auto& entry) {
    const Session& other = *entry.second;
    return other.is_open() && other.id != session.id && other.home == view;
  });
}

bool owns_view(const HubCore& hub, const Session& session, const scene::ViewId& view) {
  return (session.is_following() && view == session.view) || lives_alone(hub, session, view);
}

void give_canvas(HubCore& hub, const Session& session) {
  const auto canvas = hub.canvas_owner().interact(session.view, session.id);
  if (!canvas) return;
  auto reduction = reduce::reduce(*hub.services().ledger().snapshot(), session.view, scene::SetCanvas{*canvas});
  if (!reduction || reduction->changes.empty()) return;
  commit(hub, session, session.view, *std::move(reduction));
}

std::expected<scene::ViewId, scene::Refusal> fork_view(HubCore& hub, Session& session, const scene::ViewId& from,
                                                       const std::string& name) {
  if (auto room = check_room_for_view(hub, session); !room) return std::unexpected(std::move(room.error()));
  const scene::SnapshotPtr snapshot = hub.services().ledger().snapshot();
  scene::ViewId id = make_view_id(hub, *snapshot);
  commit(hub, session, id, reduce::fork_view(*snapshot, from, id, {name, session.actor.name}));
  hub.views().note_fork(id, session.id);
  session.follows.reset();
  session.home = id;
  bind_view(hub, session, id);
  give_canvas(hub, session);
  log().info("room {}: {} forked view {} from {}", hub.config().room, session.actor.name, id.value, from.value);
  return id;
}

std::expected<void, scene::Refusal> leave_follow(HubCore& hub, Session& session) {
  const bool may_move_home =
      auth::may_act_as(session.role, auth::Role::Editor) || lives_alone(hub, session, session.home);
  if (session.home == scene::kMainView || !may_move_home) {
    const scene::ViewId followed = session.view;
    auto forked = fork_view(hub, session, followed, "");
    if (!forked) return std::unexpected(std::move(forked.error()));
    return {};
  }
  session.follows.reset();
  commit(hub, session, session.home,
         reduce::continue_view(*hub.services().ledger().snapshot(), session.view, session.home));
  bind_view(hub, session, session.home);
  give_canvas(hub, session);
  return {};
}

void close_view(HubCore& hub, const scene::ViewId& view, const ledger::Author& author) {
  ND_CHECK(view != scene::kMainView, "the room's first view stays");
  const std::vector<Session*> sessions = hub.open_sessions();
  // Whose home it was first: who follows one of them comes along.
  for (Session* session : sessions) {
    if (session->home != view) continue;
    session->home = scene::kMainView;
    if (session->view == view) bind_view(hub, *session, session->home);
    hub.note_presence(*session);
  }
  // Who follows the view itself goes home, and who follows them comes along.
  for (Session* session : sessions) {
    if (session->view == view && !session->follows) bind_view(hub, *session, session->home);
  }
  // Left are those who follow each other in a circle.
  std::vector<Session*> circle;
  std::ranges::copy_if(sessions, std::back_inserter(circle), [&](const Session* each) { return each->view == view; });
  for (Session* session : circle) session->follows.reset();
  for (Session* session : circle) bind_view(hub, *session, session->home);
  std::vector<ledger::Change> changes = reduce::remove_view(*hub.services().ledger().snapshot(), view);
  if (!changes.empty()) hub.services().commit({.changes = std::move(changes), .author = author, .view = view});
  hub.forget_view(view);
  hub.views().drop_view(view);
  hub.services().view_removed(view);
  log().info("room {}: view {} is closed by {}", hub.config().room, view.value, author.actor);
}

}  // namespace ndcast::session
