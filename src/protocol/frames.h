#pragma once
// Payloads of the frames that are neither handshake nor original: acks, commands, and the native broadcasts' registers.
// Described once, printed by ack.cc and commands.cc, listed by the schema. Internal to this folder.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "protocol/describe_handshake.h"
#include "protocol/describe_scene.h"

namespace ndcast::scene {

NDCAST_SCHEMA_NAME(StateCode)
inline std::vector<std::string_view> words_of(std::type_identity<StateCode>) {
  std::vector<std::string_view> words;
  for (int code = 0; code <= static_cast<int>(StateCode::Error); ++code) {
    words.push_back(to_string(static_cast<StateCode>(code)));
  }
  return words;
}

}  // namespace ndcast::scene

namespace ndcast::ledger {

NDCAST_SCHEMA_NAME(Origin)
inline std::vector<std::string_view> words_of(std::type_identity<Origin>) {
  std::vector<std::string_view> words;
  for (int origin = 0; origin <= static_cast<int>(Origin::System); ++origin) {
    words.push_back(to_string(static_cast<Origin>(origin)));
  }
  return words;
}

}  // namespace ndcast::ledger

namespace ndcast::protocol::frames {

// Enumerations of one word are the constants that tell variants of a payload apart.
enum class Accepted { Accepted };
NDCAST_WORDS(Accepted, "accepted")
enum class Rejected { Rejected };
NDCAST_WORDS(Rejected, "rejected")
enum class Ok { Ok };
NDCAST_WORDS(Ok, "ok")
enum class Failed { Error };
NDCAST_WORDS(Failed, "error")

struct AckAccepted {
  std::string intent_id;
  std::string in_reply_to;
  Accepted status{};
  Json applied_value;
  std::uint64_t version = 0;
};
NDCAST_DESCRIBE(AckAccepted, (intent_id, in_reply_to, status, applied_value, version))

struct StateError {
  scene::StateCode code{};
  std::string message;
  std::optional<Json> details;
};
NDCAST_DESCRIBE(StateError, (code, message, details))

struct AckRejected {
  std::string intent_id;
  std::string in_reply_to;
  Rejected status{};
  StateError error;
};
NDCAST_DESCRIBE(AckRejected, (intent_id, in_reply_to, status, error))

struct CommandCall {
  std::string command;
  std::optional<std::vector<Json>> args;
  std::optional<std::map<std::string, Json>> kwargs;
  std::optional<std::string> origin;
};
NDCAST_DESCRIBE(CommandCall, (command, args, kwargs, origin))

struct CommandReply {
  std::string in_reply_to;
  Ok status{};
  std::optional<Json> result;
};
NDCAST_DESCRIBE(CommandReply, (in_reply_to, status, result))

struct CommandFailure {
  std::string in_reply_to;
  Failed status{};
  CommandCode code{};
  std::string message;
  std::optional<Json> details;
};
NDCAST_DESCRIBE(CommandFailure, (in_reply_to, status, code, message, details))

struct RejectPayload {
  RejectCode code{};
  std::string message;
  std::optional<Json> details;
};
NDCAST_DESCRIBE(RejectPayload, (code, message, details))

/// Null stands for an absent member.
inline std::optional<Json> unless_null(Json value) {
  return value.is_null() ? std::nullopt : std::optional<Json>(std::move(value));
}

}  // namespace ndcast::protocol::frames
