#pragma once
// call.command and its two answers (protocol.md §8). What a command does lives in session; its arguments are JSON here.
//
//   Result<CallCommand> call = parse_call(envelope.payload);
//   send(reply_payload(envelope.frame_id, result));

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace ndcast::protocol {

struct CallCommand {
  std::string command;
  Json::Array args;
  Json kwargs = Json::make_object();  ///< always an object
  std::string origin;                 ///< free text of the client, empty when absent
};

/// Unknown members are ignored. Errors: Invalid (command missing or empty, args no array, kwargs no object).
Result<CallCommand> parse_call(const Json& payload);

enum class CommandCode {
  Forbidden,
  NotFound,
  Invalid,
  Retryable,
  Timeout,
  FsNotFound,
  FsForbidden,
  ZarrInvalid,
  ZarrDisambiguate,
};
/// "command.forbidden", …, "fs.not_found", …, "zarr.disambiguate".
std::string_view to_string(CommandCode code);

struct CommandError {
  CommandCode code = CommandCode::Invalid;
  std::string message;
  Json details;  ///< null when absent
};

/// Payload of reply.command; no `result` prints none.
Json reply_payload(std::string_view in_reply_to, std::optional<Json> result);
/// Payload of error.command.
Json error_payload(std::string_view in_reply_to, const CommandError& error);

}  // namespace ndcast::protocol
