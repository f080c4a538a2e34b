#pragma once
// The native dialect's frames (docs/protocol.md §5): a flush as nd.commit, the whole state as nd.snapshot, what a
// client missed as one merged nd.commit.
//
//   NativeCommit commit(flush, values, unix_seconds);
//   for (Session& session : …) session.sink->send_text(commit.for_session(session.id, session.view));

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/history.h"
#include "protocol/handshake.h"
#include "session/session.h"
#include "session/shared_frame.h"

namespace ndcast::session {

/// One flush, printed once a view; only who authored a register of it gets a print of its own, which names its intents.
class NativeCommit {
 public:
  /// `values` outlive the object.
  NativeCommit(const ledger::Flush& flush, const std::vector<ledger::ToldRegister>& values, double unix_seconds);

  std::shared_ptr<const std::string> for_session(const SessionId& session, const scene::ViewId& view);

 private:
  protocol::Envelope envelope(std::string_view session, const scene::ViewId& view) const;

  const ledger::Flush& flush_;
  const std::vector<ledger::ToldRegister>& values_;
  const double unix_seconds_;
  std::set<std::string> authors_;  ///< sessions whose intents are in the flush
  std::map<scene::ViewId, SharedFrame> common_;
};

/// Payload of nd.snapshot for the session.
Json state_payload(const ledger::Ledger& ledger, const Session& session);

/// What changed since the client left (WP15); nothing when it needs a snapshot: another history, a server_seq that this
/// one has not reached, or one that is no longer retained.
std::optional<std::vector<ledger::ToldRegister>> missed_since(const ledger::History& history,
                                                              const ledger::Ledger& ledger,
                                                              const protocol::Since& since);
Json missed_payload(std::uint64_t from, std::uint64_t to, const std::vector<ledger::ToldRegister>& missed,
                    const Session& session);

}  // namespace ndcast::session
