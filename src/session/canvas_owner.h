#pragma once
// Whose window the picture is made for: a view's canvas belongs to the session that interacted last (protocol.md §4),
// so that a page which merely opens, or is resized while somebody else works, does not resize everybody's stream.
//
//   if (!owner.claim(view, session.id, canvas)) …                     // not its turn: answered with the canvas that is
//   if (auto canvas = owner.interact(view, session.id)) commit(*canvas);   // its turn now, and it has another size

#include <map>
#include <optional>

#include "scene/types.h"
#include "session/room_services.h"

namespace ndcast::session {

class CanvasOwner {
 public:
  /// The session asks for a canvas. True when it may have it: it owns the view's canvas, or nobody does.
  bool claim(const scene::ViewId& view, const SessionId& session, const scene::Canvas& canvas);
  /// The session moved the view or its layers. The canvas that it once asked for, when it is newly the owner.
  std::optional<scene::Canvas> interact(const scene::ViewId& view, const SessionId& session);
  /// The session would like this canvas, if it ever came to be its turn.
  void note(const scene::ViewId& view, const SessionId& session, const scene::Canvas& canvas);
  /// The session looks at another view now: its wish goes along, its turn does not.
  void move(const SessionId& session, const scene::ViewId& from, const scene::ViewId& to);
  void drop_session(const SessionId& session);
  void drop_view(const scene::ViewId& view);

 private:
  std::map<scene::ViewId, SessionId> owners_;
  std::map<std::pair<scene::ViewId, SessionId>, scene::Canvas> wanted_;
};

}  // namespace ndcast::session
