#include "session/canvas_owner.h"

#include <utility>

namespace ndcast::session {

bool CanvasOwner::claim(const scene::ViewId& view, const SessionId& session, const scene::Canvas& canvas) {
  note(view, session, canvas);
  return owners_.try_emplace(view, session).first->second == session;
}

std::optional<scene::Canvas> CanvasOwner::interact(const scene::ViewId& view, const SessionId& session) {
  SessionId& owner = owners_[view];
  if (owner == session) return std::nullopt;
  owner = session;
  const auto wanted = wanted_.find({view, session});
  if (wanted == wanted_.end()) return std::nullopt;
  return wanted->second;
}

void CanvasOwner::note(const scene::ViewId& view, const SessionId& session, const scene::Canvas& canvas) {
  wanted_[{view, session}] = canvas;
}

void CanvasOwner::move(const SessionId& session, const scene::ViewId& from, const scene::ViewId& to) {
  if (const auto owner = owners_.find(from); owner != owners_.end() && owner->second == session) owners_.erase(owner);
  auto wish = wanted_.extract({from, session});
  if (wish.empty()) return;
  wish.key().first = to;
  wanted_.erase({to, session});
  wanted_.insert(std::move(wish));
}

void CanvasOwner::drop_view(const scene::ViewId& view) {
  owners_.erase(view);
  std::erase_if(wanted_, [&](const auto& entry) { return entry.first.first == view; });
}

void CanvasOwner::drop_session(const SessionId& session) {
  std::erase_if(owners_, [&](const auto& entry) { return entry.second == session; });
  std::erase_if(wanted_, [&](const auto& entry) { return entry.first.second == session; });
}

}  // namespace ndcast::session
