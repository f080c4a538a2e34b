// Commands about the caller's pixels.

#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {

using protocol::CommandCode;

void call_request_keyframe(const CommandContext& context) {
  context.hub.services().request_keyframe(context.session.id);
  context.responder.reply(std::nullopt);
}

void call_pixel_ticket(const CommandContext& context) {
  RoomServices& services = context.hub.services();
  const Result<scene::ViewId> view = view_argument(context, "view");
  if (!view) return context.responder.fail({CommandCode::Invalid, view.error().message, {}});
  context.responder.reply(
      Json::make_object({{"ticket", services.mint_pixel_ticket(context.session.id, *view)}, {"view", view->value}}));
}

}  // namespace ndcast::session
