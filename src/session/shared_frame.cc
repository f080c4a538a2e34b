#include "session/shared_frame.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace ndcast::session {

SharedFrame::SharedFrame(protocol::Envelope envelope) {
  envelope.session = kSessionPlaceholder;
  text_ = protocol::print(envelope);
  // Envelopes print their session before anything that a client wrote, so the first match is it.
  const std::string member = "\"session\":\"";
  const std::size_t member_at = text_.find(member + envelope.session);
  ND_CHECK(member_at != std::string::npos && member_at < text_.find("\"payload\""), "the session precedes the payload");
  session_at_ = member_at + member.size();
}

std::shared_ptr<const std::string> SharedFrame::for_session(const SessionId& session) const {
  ND_CHECK(session.value.size() == kSessionPlaceholder.size(), "session ids have one length");
  auto copy = std::make_shared<std::string>(text_);
  std::ranges::copy(session.value, copy->begin() + static_cast<std::ptrdiff_t>(session_at_));
  return copy;
}

}  // namespace ndcast::session
