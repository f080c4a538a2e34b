#pragma once
// One-use tickets that bind a pixel socket to the session that asked for it.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "scene/register.h"
#include "session/room_services.h"

namespace ndcast::room {

struct Ticket {
  session::SessionId session;
  scene::ViewId view;
};

/// Control thread only.
class Tickets {
 public:
  explicit Tickets(const Clock& clock) : clock_(clock) {}

  /// 128 random bits in hexadecimal; good once, for limits::kPixelTicketLifetime.
  std::string mint(const session::SessionId& session, const scene::ViewId& view);
  /// Takes the ticket out; nothing for one that is unknown, used or too old.
  std::optional<Ticket> redeem(std::string_view ticket);
  void drop_session(const session::SessionId& session);

 private:
  struct Entry {
    Ticket ticket;
    MonotonicTime expires_at;
  };
  const Clock& clock_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace ndcast::room
