// Commands about the caller's pixels.

#include <fmt/format.h>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {

using protocol::CommandCode;

void call_request_keyframe(CommandContext context) {
  context.hub.services().request_keyframe(context.session.id);
  context.responder.reply(std::nullopt);
}

void call_pixel_ticket(CommandContext context) {
  RoomServices& services = context.hub.services();
  const Result<std::string> name =
      string_argument(context.call, "view", context.session.view.value, limits::kNameBytes);
  if (!name) return context.responder.fail({CommandCode::Invalid, name.error().message, {}});
  const scene::ViewId view{*name};
  if (view != context.session.view && !services.ledger().snapshot()->find_view(view)) {
    return context.responder.fail({CommandCode::Invalid, fmt::format("view: there is no view {}", view.value), {}});
  }
  context.responder.reply(
      Json::make_object({{"ticket", services.mint_pixel_ticket(context.session.id, view)}, {"view", view.value}}));
}

}  // namespace ndcast::session
