// Commands that bring another scene.

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "session/arguments.h"
#include "session/command_registry.h"
#include "session/load_answer.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

CommandCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::NotFound:
      return CommandCode::FsNotFound;
    case ErrorCode::Forbidden:
      return CommandCode::FsForbidden;
    case ErrorCode::Timeout:
      return CommandCode::Timeout;
    default:
      return CommandCode::ZarrInvalid;
  }
}

void answer(const Responder& responder, const std::string& path, const LoadOutcome& outcome) {
  if (std::holds_alternative<Loaded>(outcome)) return responder.reply(Json::make_object({{"ok", true}}));
  if (const auto* choice = std::get_if<Ambiguous>(&outcome)) return fail_ambiguous(responder, *choice);
  fail_opening(responder, path, std::get<Error>(outcome));
}

}  // namespace

Result<std::string> path_argument(const protocol::CallCommand& call) {
  ND_ASSIGN(std::string path, string_argument(call, "path", "", limits::kPathBytes));
  if (path.empty()) return fail(ErrorCode::Invalid, "path: expected a path or an URI");
  return path;
}

void fail_ambiguous(const Responder& responder, const Ambiguous& choice) {
  responder.fail({CommandCode::ZarrDisambiguate,
                  fmt::format("{} holds {} images; name one of them", choice.path, choice.options.size()),
                  Json::make_object({{"path", choice.path}, {"options", Json::list(choice.options)}})});
}

void fail_opening(const Responder& responder, const std::string& path, const Error& error) {
  responder.fail({code_of(error.code), error.message, Json::make_object({{"path", path}})});
}

void call_load_zarr(const CommandContext& context) {
  const Result<std::string> path = path_argument(context.call);
  if (!path) return context.responder.fail({CommandCode::Invalid, path.error().message, {}});
  context.hub.services().load_zarr(
      *path, context.session.author(),
      [responder = context.responder, path = *path](const LoadOutcome& outcome) { answer(responder, path, outcome); });
}

}  // namespace ndcast::session
