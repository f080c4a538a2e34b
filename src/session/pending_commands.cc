#include "session/pending_commands.h"

#include <algorithm>

namespace ndcast::session {

bool Wait::is_met(const Watermark& mark) const {
  if (until == Until::Applied) return mark.server_seq >= server_seq && mark.camera_seq >= camera_seq;
  return mark.complete_server_seq >= server_seq && mark.complete_camera_seq >= camera_seq;
}

CommandTicket PendingCommands::add(PendingCommand command) {
  const CommandTicket ticket{++last_ticket_};
  pending_.emplace(ticket, std::move(command));
  return ticket;
}

std::optional<PendingCommand> PendingCommands::take(CommandTicket ticket) {
  auto node = pending_.extract(ticket);
  if (node.empty()) return std::nullopt;
  std::erase_if(waits_, [&](const Wait& wait) { return wait.ticket == ticket; });
  return std::move(node.mapped());
}

void PendingCommands::set_deadline(CommandTicket ticket, MonotonicTime deadline) {
  if (const auto it = pending_.find(ticket); it != pending_.end()) it->second.deadline = deadline;
}

void PendingCommands::add_wait(Wait wait) { waits_.push_back(std::move(wait)); }

std::vector<Wait> PendingCommands::take_met(const scene::ViewId& view, const Watermark& mark) {
  std::vector<Wait> met;
  std::erase_if(waits_, [&](const Wait& wait) {
    if (wait.view != view || !wait.is_met(mark)) return false;
    met.push_back(wait);
    return true;
  });
  return met;
}

std::vector<CommandTicket> PendingCommands::waits_for(const scene::ViewId& view) const {
  std::vector<CommandTicket> tickets;
  for (const Wait& wait : waits_) {
    if (wait.view == view) tickets.push_back(wait.ticket);
  }
  return tickets;
}

std::vector<CommandTicket> PendingCommands::expired(MonotonicTime now) const {
  std::vector<CommandTicket> tickets;
  for (const auto& [ticket, command] : pending_) {
    if (command.deadline <= now) tickets.push_back(ticket);
  }
  return tickets;
}

void PendingCommands::drop_session(const SessionId& session) {
  std::erase_if(pending_, [&](const auto& entry) { return entry.second.session == session; });
  std::erase_if(waits_, [&](const Wait& wait) { return !pending_.contains(wait.ticket); });
}

std::size_t PendingCommands::count(const SessionId& session) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(pending_, [&](const auto& entry) { return entry.second.session == session; }));
}

std::size_t PendingCommands::count(const SessionId& session, std::string_view command) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      pending_, [&](const auto& entry) { return entry.second.session == session && entry.second.command == command; }));
}

std::optional<MonotonicTime> PendingCommands::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  for (const auto& [ticket, command] : pending_) {
    earliest = earliest ? std::min(*earliest, command.deadline) : command.deadline;
  }
  return earliest;
}

}  // namespace ndcast::session
