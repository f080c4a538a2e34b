#pragma once
// Who asked for nd.thumbnail (WP34), the newest picture of each layer, and who has yet to be shown which. Not in the
// ledger, not in history.
//
//   desk.subscribe(session);                        // is owed all that there are
//   desk.note(thumbnail);                           // everybody who asked is owed it
//   for (const auto* thumbnail : desk.take(session)) tell(session, *thumbnail);
//
// Control thread only (or any one thread: it has no clock and calls nobody).

#include <map>
#include <set>
#include <vector>

#include "protocol/thumbnail.h"
#include "session/room_services.h"

namespace ndcast::session {

class ThumbnailDesk {
 public:
  void subscribe(const SessionId& session);
  void drop(const SessionId& session);
  bool has_subscribers() const { return !owed_.empty(); }
  /// False: take() has nothing for anybody.
  bool owes_any() const { return owes_any_; }

  void note(protocol::ThumbnailNotice thumbnail);
  /// Layers that are no more have no picture.
  void keep_only(const std::set<std::string>& layer_ids);

  std::vector<SessionId> subscribers() const;
  /// What the session has yet to be shown, which then counts as shown. Valid until the next call.
  std::vector<const protocol::ThumbnailNotice*> take(const SessionId& session);

 private:
  void look_again();

  std::map<std::string, protocol::ThumbnailNotice> newest_;  ///< by layer
  std::map<SessionId, std::set<std::string>> owed_;          ///< layers, by subscriber
  bool owes_any_ = false;
};

}  // namespace ndcast::session
