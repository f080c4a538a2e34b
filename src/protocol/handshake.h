#pragma once
// The frames that open and end a session (WP3–WP6): what a hello asks for, what a welcome or a reject answers.
//
//   std::expected<Hello, Reject> hello = parse_hello(*envelope);
//   if (!hello) send(to_payload(hello.error())), close();

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/capabilities.h"
#include "protocol/envelope.h"

namespace ndcast::protocol {

// --- topics -------------------------------------------------------------------------------------------------------

/// Topics that a welcome of the original dialect lists, and whether a hello must ask for them and may resume them.
struct TopicSpec {
  std::string_view name;
  bool enabled;
  bool resumable;
  bool required;
};
std::span<const TopicSpec> topic_table();

// --- session.hello ------------------------------------------------------------------------------------------------

struct ClientInfo {
  std::string name;
  std::string version;
  std::string platform;
};

struct Auth {
  std::string type;  ///< "bearer"
  std::optional<std::string> token;
};

/// Payload of session.hello; the key set is strict.
struct HelloPayload {
  std::vector<std::int64_t> protocols;
  ClientInfo client;
  std::map<std::string, bool> features;
  std::map<std::string, std::optional<std::string>> resume_tokens;
  std::optional<Auth> auth;
};

enum class ActorKind { Human, Agent };
/// "human", "agent".
std::string_view to_string(ActorKind kind);

struct Actor {
  std::string name;
  ActorKind kind = ActorKind::Human;
};

/// Where a client's knowledge ends (WP15).
struct Since {
  std::string history_id;
  std::uint64_t server_seq = 0;
};

/// `nd` of a native hello; unknown members are ignored, so that later clients can say more.
struct HelloNative {
  std::int64_t extensions = 1;
  std::optional<Actor> actor;
  std::optional<std::string> view;
  std::optional<Since> since;
};

struct Hello {
  HelloPayload payload;
  std::optional<HelloNative> nd;  ///< set when the session is native: nd.extensions ≥ 1
};

// --- session.reject -----------------------------------------------------------------------------------------------

/// WP4.
enum class RejectCode {
  Timeout,
  InvalidJson,
  InvalidPayload,
  UnexpectedMessage,
  ProtocolMismatch,
  UnsupportedClient,
  InvalidResumeToken,
  AuthRequired,
  AuthInvalid,
  AuthExpired,
  RoomNotFound,
  RoomFull,
  RateLimited,
};
/// "timeout", …, "auth.required", …, "rate.limited".
std::string_view to_string(RejectCode code);

struct Reject {
  RejectCode code = RejectCode::InvalidPayload;
  std::string message;
  Json details;  ///< null when absent
};

/// Judges a first frame by itself: type, payload, protocols ∋ 2, resume tokens, and for the original dialect the
/// required topics. Refusals: UnexpectedMessage{received}, InvalidPayload{error}, InvalidResumeToken{topic},
/// ProtocolMismatch{client_protocols}, UnsupportedClient{missing}. Authentication and rooms are the session's.
std::expected<Hello, Reject> parse_hello(const Envelope& envelope);

/// The refusal of a first frame that is no frame.
Reject reject_of(const FrameError& error);

Json to_payload(const Reject& reject);

// --- session.welcome ----------------------------------------------------------------------------------------------

/// Cursor of a resumable topic.
struct Cursor {
  std::int64_t seq = 0;
  std::string delta_token;
};

struct FeatureState {
  bool enabled = false;
  std::optional<std::int64_t> version;
  std::optional<bool> resume;
  std::optional<std::vector<std::string>> commands;
  std::optional<Cursor> resume_state;  ///< the cursor that the client presented, if it was known
};

struct SessionInfo {
  std::string id;
  double heartbeat_s = 15.0;
  std::int64_t ack_timeout_ms = 250;
};

struct Welcome {
  std::int64_t protocol_version = kProtocolVersion;
  SessionInfo session;
  std::map<std::string, FeatureState> features;
};

/// `nd` of a native welcome (WP5).
struct WelcomeNative {
  std::string room;
  std::string view;
  std::string actor;
  std::string role;  ///< "viewer", "editor", "admin"
  std::string history_id;
  std::uint64_t server_seq = 0;
  std::string durability;  ///< "process", "disk", "relaxed", "degraded", "none" (WP24)
  std::string pixel_ticket;
  Capabilities capabilities;
};

/// The features of every topic, with call.command listing `commands`; `presented` are the known cursors by topic.
std::map<std::string, FeatureState> welcome_features(std::vector<std::string> commands,
                                                     const std::map<std::string, Cursor>& presented);

Json to_payload(const Welcome& welcome);
Json to_nd(const WelcomeNative& welcome);

// --- the rest of a session's life -----------------------------------------------------------------------------------

/// Payload of session.goodbye, both ways.
struct Goodbye {
  std::optional<std::string> code;
  std::optional<std::string> message;
  std::optional<std::string> reason;
};

/// Strict key set. Errors: Invalid.
Result<Goodbye> parse_goodbye(const Json& payload);
Json to_payload(const Goodbye& goodbye);

/// session.heartbeat and session.ack carry {}. Errors: Invalid, naming the first member found.
Result<void> parse_empty(const Json& payload);

}  // namespace ndcast::protocol
