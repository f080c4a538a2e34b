#pragma once
// A frame for many sessions, printed once: between two sessions of a room a broadcast differs in the session id alone,
// and all ids have one length, so each further copy is a memcpy.
//
//   const SharedFrame frame({.type = "nd.commit", .timestamp = now, .payload = …});
//   for (Session& session : …) session.sink->send_text(frame.for_session(session.id));

#include <cstddef>
#include <memory>
#include <string>

#include "protocol/envelope.h"
#include "session/room_services.h"

namespace ndcast::session {

/// As long as every session id (a UUID).
inline constexpr std::string_view kSessionPlaceholder = "00000000-0000-0000-0000-000000000000";

class SharedFrame {
 public:
  /// `envelope.session` is ignored.
  explicit SharedFrame(protocol::Envelope envelope);

  std::shared_ptr<const std::string> for_session(const SessionId& session) const;

 private:
  std::string text_;
  std::size_t session_at_ = 0;  ///< of the placeholder in text_
};

}  // namespace ndcast::session
