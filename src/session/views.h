#pragma once
// Who sees which view (protocol.md WP32). A session has a home, where its own moves land, and sees either that or,
// while it follows, another.
//
//        fork            follow V                own move
//   home ────► new home ─────────► sees V ──────────────────► home, which goes on from where V is
//
//   auto forked = fork_view(hub, session, kMainView, "ada's corner");
//   bind_view(hub, session, *forked);
//
// Control thread only.

#include <expected>
#include <string>

#include "session/hub_core.h"

namespace ndcast::session {

/// The session sees `view` from here on: it is owed the state anew, its pixel sockets change over, and whoever follows
/// it comes along. Nothing happens when it sees the view already.
void bind_view(HubCore& hub, Session& session, const scene::ViewId& view);

/// A fork that is the session's home, and that it made or is alone at home in: what is written there, nobody sees who
/// did not ask for it (WP1).
bool lives_alone(const HubCore& hub, const Session& session, const scene::ViewId& view);
/// Whether the session's moves in `view` reach nobody who did not ask for them: where it lives alone, and what it sees
/// while it follows, for a move there lands in a view of its own.
bool owns_view(const HubCore& hub, const Session& session, const scene::ViewId& view);

/// Forks `from`, which exists, and makes the copy the session's home and what it sees. Refusals: the room or the
/// session has its views.
std::expected<scene::ViewId, scene::Refusal> fork_view(HubCore& hub, Session& session, const scene::ViewId& from,
                                                       const std::string& name);

/// A following session moves: its home goes on from what it followed and is what it sees. A session whose home is the
/// room's first view gets a fork for a home, so that nobody else is moved; so does a viewer who does not live alone.
/// Refusals: those of fork_view; it goes on following then.
std::expected<void, scene::Refusal> leave_follow(HubCore& hub, Session& session);

/// Removes a view that is not the room's first. Whose home it was goes back to the first; who followed it goes home.
void close_view(HubCore& hub, const scene::ViewId& view, const ledger::Author& author);

/// The session's turn in what it sees: when its window has another size than the picture, the picture follows it.
void give_canvas(HubCore& hub, const Session& session);

}  // namespace ndcast::session
