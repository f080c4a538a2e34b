#pragma once
// One-use tickets that bind a pixel socket to the session that asked for it, and to a view.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "room/pixel_socket.h"
#include "scene/register.h"
#include "session/room_services.h"

namespace ndcast::room {

struct Ticket {
  session::SessionId session;
  scene::ViewId view;
  PixelSocket::Bound bound = PixelSocket::Bound::ToSession;
};

/// Control thread only.
class Tickets {
 public:
  explicit Tickets(const Clock& clock) : clock_(clock) {}

  /// 128 random bits in hexadecimal; good once, for limits::kPixelTicketLifetime.
  std::string mint(Ticket ticket);
  /// Takes the ticket out; nothing for one that is unknown, used or too old.
  std::optional<Ticket> redeem(std::string_view ticket);
  bool contains(std::string_view ticket) const { return entries_.contains(ticket); }
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
