#include "room/refusing_socket.h"

#include "base/clock.h"
#include "protocol/envelope.h"

namespace ndcast::room {

void RefusingSocket::on_open(std::shared_ptr<transport::WebSocket> socket) {
  const SystemClock clock;
  const protocol::Envelope envelope{.type = "session.reject",
                                    .frame_id = "reject-1",
                                    .timestamp = clock.unix_seconds(),
                                    .payload = to_payload(reject_)};
  socket->send_text(std::make_shared<const std::string>(protocol::print(envelope)));
  const bool may_retry = reject_.code == protocol::RejectCode::RoomFull;
  socket->close(may_retry ? transport::close_code::kTryAgainLater : transport::close_code::kPolicyViolation,
                to_string(reject_.code));
}

}  // namespace ndcast::room
