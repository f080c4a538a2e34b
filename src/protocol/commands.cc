#include "protocol/commands.h"

#include <utility>

#include "protocol/frames.h"

namespace ndcast::protocol {

Result<CallCommand> parse_call(const Json& payload) {
  CallCommand call;
  const Json* command = payload.find("command");
  if (!command) return fail(ErrorCode::Invalid, "payload.command is missing, expected a command's name");
  if (!command->is_string() || command->string().empty() || command->string().size() > limits::kNameBytes) {
    return fail(ErrorCode::Invalid, "payload.command: expected a name of 1 to {} bytes, found {}", limits::kNameBytes,
                describe_found(*command));
  }
  call.command = command->string();
  if (const Json* args = payload.find("args"); args && !args->is_null()) {
    if (!args->is_array()) {
      return fail(ErrorCode::Invalid, "payload.args: expected an array, found {}", describe_found(*args));
    }
    call.args = args->array();
  }
  if (const Json* kwargs = payload.find("kwargs"); kwargs && !kwargs->is_null()) {
    if (!kwargs->is_object()) {
      return fail(ErrorCode::Invalid, "payload.kwargs: expected an object, found {}", describe_found(*kwargs));
    }
    call.kwargs = *kwargs;
  }
  if (const Json* origin = payload.find("origin"); origin && !origin->is_null()) {
    if (!origin->is_string() || origin->string().size() > limits::kNameBytes) {
      return fail(ErrorCode::Invalid, "payload.origin: expected a string of at most {} bytes, found {}",
                  limits::kNameBytes, describe_found(*origin));
    }
    call.origin = origin->string();
  }
  return call;
}

std::string_view to_string(CommandCode code) {
  return words_of(std::type_identity<CommandCode>{})[static_cast<std::size_t>(code)];
}

Json reply_payload(std::string_view in_reply_to, std::optional<Json> result) {
  return described::print(frames::CommandReply{.in_reply_to = std::string(in_reply_to), .result = std::move(result)});
}

Json error_payload(std::string_view in_reply_to, const CommandError& error) {
  return described::print(frames::CommandFailure{.in_reply_to = std::string(in_reply_to),
                                                 .code = error.code,
                                                 .message = error.message,
                                                 .details = frames::unless_null(error.details)});
}

}  // namespace ndcast::protocol
