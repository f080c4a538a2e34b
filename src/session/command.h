#pragma once
// call.command → the command table → a handler, which answers through its Responder, at once or later (protocol.md §8).
// One file a command family: pixel_commands.cc, fs_commands.cc, load_commands.cc, view_commands.cc,
// wait_commands.cc.
//
//   void list_directory(const CommandContext& context) {
//     context.hub.services().list_directory(request, [responder = context.responder](auto page) { … });
//   }

#include <memory>
#include <optional>

#include "protocol/commands.h"
#include "protocol/envelope.h"
#include "session/hub_core.h"
#include "session/pending_commands.h"

namespace ndcast::session {

/// Answers one call, once; copies answer the same one. Later calls, and calls after the time-out, the session's or the
/// hub's end, do nothing.
class Responder {
 public:
  Responder(std::weak_ptr<HubCore> hub, CommandTicket ticket) : hub_(std::move(hub)), ticket_(ticket) {}
  void reply(std::optional<Json> result) const;
  void fail(const protocol::CommandError& error) const;
  CommandTicket ticket() const { return ticket_; }

 private:
  std::weak_ptr<HubCore> hub_;
  CommandTicket ticket_;
};

struct CommandContext {
  HubCore& hub;
  Session& session;  ///< valid during the handler's call only
  const protocol::CallCommand& call;
  Responder responder;
};

void handle_call(HubCore& hub, Session& session, const protocol::Envelope& envelope);
/// A call that is no frame but names itself is answered with command.invalid. Else notify.error.
void answer_malformed_call(HubCore& hub, Session& session, const protocol::FrameError& error);

/// command.retryable{retry_after_ms}, for a call that came too fast.
void refuse_hasty_call(HubCore& hub, Session& session, const protocol::Envelope& envelope,
                       std::chrono::milliseconds wait);

/// command.timeout.
void expire_command(HubCore& hub, CommandTicket ticket);
/// The watermark that met the wait.
void answer_wait(HubCore& hub, const Wait& wait, const Watermark& mark);

}  // namespace ndcast::session
