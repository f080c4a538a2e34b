// nd.wait_until: tests and agents wait for what a picture shows, never for a time.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

struct WaitRequest {
  Wait wait;
  std::chrono::milliseconds timeout{};
};

Result<Wait::Until> read_until(const protocol::CallCommand& call) {
  ND_ASSIGN(const std::string until, string_argument(call, "until", "applied", limits::kNameBytes));
  if (until == "applied") return Wait::Until::Applied;
  if (until == "complete") return Wait::Until::Complete;
  return fail(ErrorCode::Invalid, "until: expected \"applied\" or \"complete\", found \"{}\"", until);
}

Result<WaitRequest> read_request(const CommandContext& context) {
  const protocol::CallCommand& call = context.call;
  if (!call.kwargs.find("server_seq") && !call.kwargs.find("camera_seq")) {
    return fail(ErrorCode::Invalid, "expected server_seq, camera_seq or both");
  }
  WaitRequest request;
  ND_ASSIGN(request.wait.server_seq, count_argument(call, "server_seq", 0));
  ND_ASSIGN(request.wait.camera_seq, count_argument(call, "camera_seq", 0));
  ND_ASSIGN(request.wait.until, read_until(call));
  ND_ASSIGN(request.wait.view, view_argument(context, "view"));
  constexpr auto kLongest = std::chrono::milliseconds(limits::kCommandTimeout).count();
  ND_ASSIGN(const std::uint64_t timeout_ms, count_argument(call, "timeout_ms", kLongest));
  request.timeout = std::chrono::milliseconds(std::min<std::uint64_t>(timeout_ms, kLongest));
  return request;
}

Json print_mark(const scene::ViewId& view, const Watermark& mark) {
  return Json::make_object({{"view", view.value},
                            {"server_seq", mark.server_seq},
                            {"camera_seq", mark.camera_seq},
                            {"complete_server_seq", mark.complete_server_seq},
                            {"complete_camera_seq", mark.complete_camera_seq}});
}

}  // namespace

void call_wait_until(const CommandContext& context) {
  HubCore& hub = context.hub;
  Result<WaitRequest> request = read_request(context);
  if (!request) return context.responder.fail({CommandCode::Invalid, request.error().message, {}});
  Wait& wait = request->wait;
  const Watermark mark = hub.services().watermark(wait.view);
  if (wait.is_met(mark)) return context.responder.reply(print_mark(wait.view, mark));
  wait.ticket = context.responder.ticket();
  hub.commands().set_deadline(wait.ticket, hub.now() + request->timeout);
  hub.commands().add_wait(std::move(wait));
}

void answer_wait(HubCore& hub, const Wait& wait, const Watermark& mark) {
  Responder(hub.weak_from_this(), wait.ticket).reply(print_mark(wait.view, mark));
}

}  // namespace ndcast::session
