#pragma once
// Commands whose answer is not there yet: every command has a time-out. Each is answered exactly once: by its
// handler, by its time-out, or never when its session is gone first.
//
//   const CommandTicket ticket = pending.add(session.id, envelope.frame_id, deadline);
//   …
//   if (auto call = pending.take(ticket)) send(call->session, reply_payload(call->frame_id, result));

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "session/room_services.h"

namespace ndcast::session {

enum class CommandTicket : std::uint64_t {};

struct PendingCommand {
  SessionId session;
  std::string frame_id;
  std::string command;
  MonotonicTime deadline;
};

/// nd.wait_until, waiting for a view's watermark.
struct Wait {
  enum class Until { Applied, Complete };
  CommandTicket ticket{};
  scene::ViewId view;
  Until until = Until::Applied;
  std::uint64_t server_seq = 0;
  std::uint64_t camera_seq = 0;

  bool is_met(const Watermark& mark) const;
};

class PendingCommands {
 public:
  CommandTicket add(PendingCommand command);
  /// The command, which is then no longer pending; nothing when it was answered, timed out or dropped.
  std::optional<PendingCommand> take(CommandTicket ticket);
  /// A command may say how long it wants to wait, once it has read its arguments.
  void set_deadline(CommandTicket ticket, MonotonicTime deadline);

  void add_wait(Wait wait);
  /// Waits of the view that `mark` meets; they are no longer waiting, but still pending.
  std::vector<Wait> take_met(const scene::ViewId& view, const Watermark& mark);

  /// Waits that a view's end leaves without an answer.
  std::vector<CommandTicket> waits_for(const scene::ViewId& view) const;

  std::vector<CommandTicket> expired(MonotonicTime now) const;
  void drop_session(const SessionId& session);
  std::size_t count(const SessionId& session) const;
  std::size_t count(const SessionId& session, std::string_view command) const;
  std::optional<MonotonicTime> next_deadline() const;

 private:
  std::uint64_t last_ticket_ = 0;
  std::map<CommandTicket, PendingCommand> pending_;
  std::vector<Wait> waits_;
};

}  // namespace ndcast::session
