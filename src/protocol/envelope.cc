#include "protocol/envelope.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "protocol/found.h"

namespace ndcast::protocol {
namespace {

using enum Presence;
using enum Direction;

// WP2, row by row; protocol.md §2 prints the same table.
constexpr std::array kFrames = {
    //        type                 direction   session    frame_id  cursor     intent_id
    FrameSpec{"session.hello", FromClient, Forbidden, Required, Forbidden, Forbidden, false, true},
    FrameSpec{"session.welcome", FromServer, Required, Required, Forbidden, Forbidden, false, true},
    FrameSpec{"session.reject", FromServer, Forbidden, Required, Forbidden, Forbidden},
    FrameSpec{"session.heartbeat", FromServer, Required, Required, Forbidden, Forbidden},
    FrameSpec{"session.ack", FromClient, Required, Required, Forbidden, Forbidden},
    FrameSpec{"session.goodbye", Both, Required, Required, Forbidden, Forbidden},
    FrameSpec{"nd.snapshot", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"nd.commit", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"nd.presence", Both, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"nd.telemetry", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"nd.thumbnail", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"nd.job", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"notify.scene", FromServer, Required, Optional, Required, Optional, true},
    FrameSpec{"notify.level", FromServer, Required, Optional, Required, Optional},
    FrameSpec{"notify.layers", FromServer, Required, Optional, Required, Optional},
    FrameSpec{"notify.stream", FromServer, Required, Optional, Required, Forbidden},
    FrameSpec{"notify.dims", FromServer, Required, EitherId, Forbidden, EitherId},
    FrameSpec{"notify.camera", FromServer, Required, EitherId, Forbidden, EitherId},
    FrameSpec{"notify.telemetry", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"notify.error", FromServer, Required, Optional, Forbidden, Forbidden},
    FrameSpec{"state.update", FromClient, Required, Required, Forbidden, Required},
    FrameSpec{"ack.state", FromServer, Required, Required, Forbidden, Forbidden},
    FrameSpec{"call.command", FromClient, Required, Required, Forbidden, Forbidden},
    FrameSpec{"reply.command", FromServer, Required, Required, Forbidden, Forbidden},
    FrameSpec{"error.command", FromServer, Required, Required, Forbidden, Forbidden},
};

/// WP2: frame ids on notify.dims and notify.camera, which are sent the most, are short.
constexpr std::size_t kShortFrameId = 8;

constexpr JsonLimits kFrameLimits = {
    .max_bytes = limits::kStateMessageBytes, .max_depth = limits::kJsonDepth, .max_elements = limits::kJsonElements};

std::optional<std::string> cell_violation(std::string_view type, std::string_view member, Presence cell, bool present) {
  if (cell == Required && !present) return fmt::format("{} requires {}", type, member);
  if (cell == Forbidden && present) return fmt::format("{} forbids {}", type, member);
  return std::nullopt;
}

std::optional<std::string> either_id_violation(const Envelope& envelope) {
  if (envelope.frame_id.empty() && envelope.intent_id.empty()) {
    return fmt::format("{} requires frame_id or intent_id", envelope.type);
  }
  if (!envelope.frame_id.empty() && envelope.frame_id.size() != kShortFrameId) {
    return fmt::format("{} requires a frame_id of {} characters, found \"{}\"", envelope.type, kShortFrameId,
                       excerpt(envelope.frame_id));
  }
  return std::nullopt;
}

std::optional<std::string> row_violation(const FrameSpec& row, const Envelope& envelope) {
  const std::array cells = {
      cell_violation(row.type, "session", row.session, !envelope.session.empty()),
      cell_violation(row.type, "frame_id", row.frame_id, !envelope.frame_id.empty()),
      cell_violation(row.type, "seq", row.cursor, envelope.seq.has_value()),
      cell_violation(row.type, "delta_token", row.cursor, !envelope.delta_token.empty()),
      cell_violation(row.type, "intent_id", row.intent_id, !envelope.intent_id.empty()),
  };
  for (const auto& cell : cells) {
    if (cell) return cell;
  }
  if (row.seq_is_zero && envelope.seq != 0) return fmt::format("{} requires seq 0, found {}", row.type, *envelope.seq);
  return row.frame_id == EitherId ? either_id_violation(envelope) : std::nullopt;
}

/// Takes members out one by one, so that what is readable stays even when another member is not.
class Reader {
 public:
  explicit Reader(Json& json) : json_(json) {}

  void text(std::string_view member, std::string& out) {
    const Json* found = json_.find(member);
    if (!found) return;
    if (!found->is_string() || found->string().empty() || found->string().size() > limits::kNameBytes) {
      return note(fmt::format("{}: expected a string of 1 to {} bytes, found {}", member, limits::kNameBytes,
                              describe_found(*found)));
    }
    out = found->string();
  }

  void sequence(std::optional<std::int64_t>& out) {
    const Json* found = json_.find("seq");
    if (!found) return;
    const auto number = found->as_int64();
    if (!number || *number < 0 || *number > static_cast<std::int64_t>(limits::kMaxServerSeq)) {
      return note(fmt::format("seq: expected an integer from 0 to 2^53, found {}", describe_found(*found)));
    }
    out = number;
  }

  void version() {
    const Json* found = json_.find("version");
    if (!found) return note("version is missing, expected 2");
    if (found->as_int64() != kProtocolVersion)
      note(fmt::format("version: expected 2, found {}", describe_found(*found)));
  }

  void timestamp(double& out) {
    const Json* found = json_.find("timestamp");
    if (!found) return note("timestamp is missing, expected unix seconds");
    const auto number = found->as_double();
    if (!number || !std::isfinite(*number)) {
      return note(fmt::format("timestamp: expected unix seconds, found {}", describe_found(*found)));
    }
    out = *number;
  }

  void object(std::string_view member, bool required, Json& out) {
    Json* found = json_.find(member);
    if (!found && required) return note(fmt::format("{} is missing, expected an object", member));
    if (!found) return;
    if (!found->is_object())
      return note(fmt::format("{}: expected an object, found {}", member, describe_found(*found)));
    out = std::move(*found);
  }

  void note(std::string problem) {
    if (!problem_) problem_ = std::move(problem);
  }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  Json& json_;
  std::optional<std::string> problem_;
};

}  // namespace

std::string_view to_string(FrameErrorCode code) {
  return code == FrameErrorCode::InvalidJson ? "invalid_json" : "invalid_payload";
}

std::span<const FrameSpec> frame_table() { return kFrames; }

const FrameSpec* find_frame(std::string_view type) {
  const auto it = std::ranges::find(kFrames, type, &FrameSpec::type);
  return it == kFrames.end() ? nullptr : &*it;
}

std::optional<std::string> matrix_violation(const Envelope& envelope) {
  const FrameSpec* row = find_frame(envelope.type);
  return row ? row_violation(*row, envelope) : std::nullopt;
}

std::expected<Envelope, FrameError> parse_envelope(std::string_view text) {
  const auto refuse = [](FrameErrorCode code, std::string message, Envelope partial = {}) {
    return std::unexpected(FrameError{code, std::move(message), std::move(partial)});
  };
  Result<Json> json = parse_json(text, kFrameLimits);
  if (!json) return refuse(FrameErrorCode::InvalidJson, json.error().message);
  if (!json->is_object()) {
    return refuse(FrameErrorCode::InvalidPayload, fmt::format("expected an object, found {}", describe_found(*json)));
  }
  Envelope envelope;
  Reader reader(*json);
  reader.text("type", envelope.type);
  if (envelope.type.empty()) reader.note("type is missing, expected a string");
  reader.version();
  reader.text("session", envelope.session);
  reader.text("frame_id", envelope.frame_id);
  reader.timestamp(envelope.timestamp);
  reader.sequence(envelope.seq);
  reader.text("delta_token", envelope.delta_token);
  reader.text("intent_id", envelope.intent_id);
  reader.object("payload", true, envelope.payload);
  const FrameSpec* row = find_frame(envelope.type);
  if (row && row->carries_nd) reader.object("nd", false, envelope.nd);
  if (row && !reader.problem()) {
    if (auto violation = row_violation(*row, envelope)) reader.note(std::move(*violation));
  }
  if (reader.problem()) return refuse(FrameErrorCode::InvalidPayload, *reader.problem(), std::move(envelope));
  return envelope;
}

std::string print(const Envelope& envelope) {
  const FrameSpec* row = find_frame(envelope.type);
  ND_CHECK(row != nullptr, "a frame of an unknown type");
  const std::optional<std::string> violation = row_violation(*row, envelope);
  ND_CHECK(!violation, violation.value_or(""));
  ND_CHECK(envelope.payload.is_object(), "a frame's payload is an object");
  ND_CHECK(row->carries_nd || envelope.nd.is_null(), "only hello and welcome carry nd");
  Json::Object out = {{"type", envelope.type}, {"version", kProtocolVersion}};
  const auto add_text = [&out](std::string_view name, const std::string& text) {
    if (!text.empty()) out.emplace_back(name, text);
  };
  add_text("session", envelope.session);
  add_text("frame_id", envelope.frame_id);
  out.emplace_back("timestamp", envelope.timestamp);
  if (envelope.seq) out.emplace_back("seq", *envelope.seq);
  add_text("delta_token", envelope.delta_token);
  add_text("intent_id", envelope.intent_id);
  // The payload may be large and is not ours to move from, so the tail is written rather than copied.
  std::string text = to_string(Json(std::move(out)));
  text.pop_back();
  text += ",\"payload\":";
  append_json(text, envelope.payload);
  if (!envelope.nd.is_null()) {
    text += ",\"nd\":";
    append_json(text, envelope.nd);
  }
  text += '}';
  return text;
}

}  // namespace ndcast::protocol
