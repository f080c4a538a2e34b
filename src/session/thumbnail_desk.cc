#include "session/thumbnail_desk.h"

#include <algorithm>
#include <utility>

namespace ndcast::session {

void ThumbnailDesk::subscribe(const SessionId& session) {
  std::set<std::string>& owed = owed_[session];
  for (const auto& [layer, thumbnail] : newest_) owed.insert(layer);
  look_again();
}

void ThumbnailDesk::drop(const SessionId& session) {
  owed_.erase(session);
  look_again();
}

void ThumbnailDesk::note(protocol::ThumbnailNotice thumbnail) {
  for (auto& [session, owed] : owed_) owed.insert(thumbnail.layer_id);
  newest_.insert_or_assign(thumbnail.layer_id, std::move(thumbnail));
  look_again();
}

void ThumbnailDesk::keep_only(const std::set<std::string>& layer_ids) {
  const auto is_gone = [&](const std::string& layer) { return !layer_ids.contains(layer); };
  std::erase_if(newest_, [&](const auto& entry) { return is_gone(entry.first); });
  for (auto& [session, owed] : owed_) std::erase_if(owed, is_gone);
  look_again();
}

std::vector<SessionId> ThumbnailDesk::subscribers() const {
  std::vector<SessionId> out;
  for (const auto& [session, owed] : owed_) out.push_back(session);
  return out;
}

std::vector<const protocol::ThumbnailNotice*> ThumbnailDesk::take(const SessionId& session) {
  std::vector<const protocol::ThumbnailNotice*> out;
  const auto it = owed_.find(session);
  if (it == owed_.end()) return out;
  for (const std::string& layer : std::exchange(it->second, {})) out.push_back(&newest_.at(layer));
  look_again();
  return out;
}

void ThumbnailDesk::look_again() {
  owes_any_ = std::ranges::any_of(owed_, [](const auto& entry) { return !entry.second.empty(); });
}

}  // namespace ndcast::session
