// Commands about views: forking one, following somebody, closing, and who is where (protocol.md WP32).

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/views.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;
using protocol::CommandError;

/// Why the caller cannot have another view than the room's at all, or nothing.
std::optional<CommandError> obstacle(const CommandContext& context) {
  if (context.session.dialect == Dialect::Original) {
    return CommandError{CommandCode::Invalid, "this dialect shows the room's first view alone", {}};
  }
  if (!context.hub.services().ledger().snapshot()->find_view(context.session.view)) {
    return CommandError{CommandCode::Invalid, "an image has to be opened first", {}};
  }
  return std::nullopt;
}

Json::Object where(const CommandContext& context) {
  return {{"view", context.session.view.value},
          {"binding", context.session.binding},
          {"server_seq", context.hub.services().ledger().server_seq()}};
}

/// The view to follow, and whose changes of view count from here on.
struct Target {
  scene::ViewId view;
  std::optional<SessionId> session;
};

Result<Target> read_target(const CommandContext& context) {
  ND_ASSIGN(const std::string name, string_argument(context.call, "session", "", limits::kNameBytes));
  const bool names_view = context.call.kwargs.find("view") != nullptr;
  if (name.empty() == !names_view) return fail(ErrorCode::Invalid, "expected either view or session");
  if (name.empty()) {
    ND_ASSIGN(scene::ViewId view, view_argument(context, "view"));
    return Target{std::move(view), std::nullopt};
  }
  Session* found = context.hub.find(SessionId{name});
  if (!found || !found->is_open()) return fail(ErrorCode::Invalid, "session: nobody is here under that id");
  if (found == &context.session) return fail(ErrorCode::Invalid, "session: expected another than the caller's own");
  return Target{found->view, found->id};
}

bool may_close(const CommandContext& context, const scene::ViewId& view) {
  return context.session.home == view || auth::may_act_as(context.session.role, auth::Role::Admin);
}

Json print_view(const CommandContext& context, const scene::ViewState& view) {
  Json::Array sessions;
  for (const Session* session : context.hub.open_sessions()) {
    if (session->view != view.id) continue;
    sessions.push_back(
        Json::make_object({{"session", session->id.value},
                           {"actor", session->actor.name},
                           {"kind", session->actor.kind == protocol::ActorKind::Agent ? "agent" : "human"},
                           {"role", to_string(session->role)},
                           {"follows", session->goes_along()}}));
  }
  return Json::make_object({{"view", view.id.value},
                            {"name", view.meta->name},
                            {"owner", view.meta->owner},
                            {"sessions", std::move(sessions)}});
}

}  // namespace

void call_view_fork(const CommandContext& context) {
  if (const auto error = obstacle(context)) return context.responder.fail(*error);
  const Result<scene::ViewId> from = view_argument(context, "from");
  if (!from) return context.responder.fail({CommandCode::Invalid, from.error().message, {}});
  const Result<std::string> name = string_argument(context.call, "name", "", limits::kNameBytes);
  if (!name) return context.responder.fail({CommandCode::Invalid, name.error().message, {}});
  const auto forked = fork_view(context.hub, context.session, *from, *name);
  if (!forked) return context.responder.fail({CommandCode::Retryable, forked.error().message, {}});
  Json::Object out = where(context);
  out.emplace_back("name", *name);
  context.responder.reply(Json(std::move(out)));
}

void call_view_follow(const CommandContext& context) {
  if (const auto error = obstacle(context)) return context.responder.fail(*error);
  const Result<Target> target = read_target(context);
  if (!target) return context.responder.fail({CommandCode::Invalid, target.error().message, {}});
  context.session.follows = target->session;
  bind_view(context.hub, context.session, target->view);
  context.hub.note_presence(context.session);
  context.responder.reply(Json(where(context)));
}

void call_view_close(const CommandContext& context) {
  if (const auto error = obstacle(context)) return context.responder.fail(*error);
  const Result<scene::ViewId> view = view_argument(context, "view");
  if (!view) return context.responder.fail({CommandCode::Invalid, view.error().message, {}});
  if (*view == scene::kMainView) {
    return context.responder.fail({CommandCode::Invalid, "view: the room's first view cannot be closed", {}});
  }
  if (!may_close(context, *view)) {
    return context.responder.fail({CommandCode::Forbidden,
                                   fmt::format("view {} is another's; to close it needs the role admin", view->value),
                                   {}});
  }
  close_view(context.hub, *view, context.session.author());
  Json::Object out = where(context);
  out.emplace_back("closed", view->value);
  context.responder.reply(Json(std::move(out)));
}

void call_view_list(const CommandContext& context) {
  Json::Array views;
  for (const auto& [id, view] : context.hub.services().ledger().snapshot()->views) {
    views.push_back(print_view(context, view));
  }
  context.responder.reply(Json::make_object({{"views", std::move(views)}}));
}

}  // namespace ndcast::session
