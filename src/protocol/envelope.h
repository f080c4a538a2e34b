#pragma once
// The outer object of every state-channel frame, in both dialects (protocol.md §2). Text from a socket becomes an
// Envelope here and nowhere else; what we send is printed here and nowhere else.
//
//   std::expected<Envelope, FrameError> envelope = parse_envelope(text);
//   if (!envelope) answer_malformed(envelope.error());      // error().partial names the intent to refuse (WP8)
//   socket.send(print({.type = "ack.state", .session = id, .frame_id = "ack-1", .timestamp = now, .payload = …}));

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ndcast::protocol {

inline constexpr std::int64_t kProtocolVersion = 2;

/// Empty strings and empty optionals are absent members.
struct Envelope {
  std::string type;
  std::string session;
  std::string frame_id;
  std::string delta_token;
  std::string intent_id;
  std::optional<std::int64_t> seq;
  double timestamp = 0.0;  ///< unix seconds
  Json payload = Json::make_object();
  Json nd;  ///< null when absent; session.hello and session.welcome only
};

enum class FrameErrorCode {
  InvalidJson,     ///< not JSON, not UTF-8, or past a limit of size, depth or number of elements
  InvalidPayload,  ///< JSON, but not a frame
};

/// "invalid_json", "invalid_payload".
std::string_view to_string(FrameErrorCode code);

struct FrameError {
  FrameErrorCode code = FrameErrorCode::InvalidPayload;
  std::string message;
  /// Whatever members could be read, so that a malformed state.update with its ids still gets its one ack (WP8) and an
  /// unknown type is told apart from a malformed known one (WP7). `payload` is kept when it is an object.
  Envelope partial;
};

/// WP2: one cell of the field matrix.
enum class Presence {
  Required,
  Forbidden,
  Optional,
  EitherId,  ///< frame_id (of 8 characters) or intent_id, at least one
};

enum class Direction { FromClient, FromServer, Both };

/// WP2: one row of the field matrix.
struct FrameSpec {
  std::string_view type;
  Direction direction;
  Presence session;
  Presence frame_id;
  Presence cursor;  ///< seq and delta_token, always together
  Presence intent_id;
  bool seq_is_zero = false;
  bool carries_nd = false;
};

/// Every frame type there is.
std::span<const FrameSpec> frame_table();
/// Null for an unknown type.
const FrameSpec* find_frame(std::string_view type);

/// Why the envelope's members break its type's row of the matrix, or nothing. An unknown type breaks no row.
std::optional<std::string> matrix_violation(const Envelope& envelope);

/// Reads one frame of at most limits::kStateMessageBytes. Unknown types and unknown members pass: the receiver counts
/// the former (WP7), the latter are ignored. Members that are null, empty strings where an id is due, or of a wrong
/// kind are refused.
std::expected<Envelope, FrameError> parse_envelope(std::string_view text);

/// Compact JSON. The envelope must keep to the matrix (a broken invariant otherwise: these are our own frames).
std::string print(const Envelope& envelope);

}  // namespace ndcast::protocol
