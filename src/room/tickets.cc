#include "room/tickets.h"

#include "base/ids.h"

namespace ndcast::room {

std::string Tickets::mint(Ticket ticket) {
  const MonotonicTime now = clock_.now();
  std::erase_if(entries_, [now](const auto& item) { return item.second.expires_at <= now; });
  std::string name = random_hex(16);
  entries_.emplace(name, Entry{std::move(ticket), now + limits::kPixelTicketLifetime});
  return name;
}

std::optional<Ticket> Tickets::redeem(std::string_view ticket) {
  const auto it = entries_.find(ticket);
  if (it == entries_.end()) return std::nullopt;
  const Entry entry = std::move(it->second);
  entries_.erase(it);
  if (entry.expires_at <= clock_.now()) return std::nullopt;
  return entry.ticket;
}

void Tickets::drop_session(const session::SessionId& session) {
  std::erase_if(entries_, [&](const auto& item) { return item.second.ticket.session == session; });
}

}  // namespace ndcast::room
