#include "protocol/envelope.h"

#include <string>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ndcast::protocol {
namespace {

/// An envelope that fits its row, with optional members left out.
Envelope fitting(const FrameSpec& row) {
  Envelope envelope{.type = std::string(row.type), .timestamp = 12.5};
  if (row.session == Presence::Required) envelope.session = "S";
  if (row.frame_id == Presence::Required || row.frame_id == Presence::EitherId) envelope.frame_id = "12345678";
  if (row.cursor == Presence::Required) {
    envelope.seq = 0;
    envelope.delta_token = "t";
  }
  if (row.intent_id == Presence::Required) envelope.intent_id = "i";
  return envelope;
}

enum class Member { Session, FrameId, Seq, DeltaToken, IntentId };
constexpr Member kMembers[] = {Member::Session, Member::FrameId, Member::Seq, Member::DeltaToken, Member::IntentId};

Presence cell(const FrameSpec& row, Member member) {
  switch (member) {
    case Member::Session:
      return row.session;
    case Member::FrameId:
      return row.frame_id;
    case Member::Seq:
    case Member::DeltaToken:
      return row.cursor;
    case Member::IntentId:
      return row.intent_id;
  }
  return Presence::Optional;
}

void put(Envelope& envelope, Member member, bool present) {
  switch (member) {
    case Member::Session:
      envelope.session = std::string(present ? "S" : "");
      break;
    case Member::FrameId:
      envelope.frame_id = std::string(present ? "12345678" : "");
      break;
    case Member::Seq:
      envelope.seq = present ? std::optional<std::int64_t>(0) : std::nullopt;
      break;
    case Member::DeltaToken:
      envelope.delta_token = std::string(present ? "t" : "");
      break;
    case Member::IntentId:
      envelope.intent_id = std::string(present ? "i" : "");
      break;
  }
}

/// The envelope as text without any check, so that a parser can be given what print() would refuse.
std::string raw(const Envelope& envelope) {
  Json out = Json::make_object({{"type", envelope.type}, {"version", 2}, {"timestamp", envelope.timestamp}});
  if (!envelope.session.empty()) out.set("session", envelope.session);
  if (!envelope.frame_id.empty()) out.set("frame_id", envelope.frame_id);
  if (envelope.seq) out.set("seq", *envelope.seq);
  if (!envelope.delta_token.empty()) out.set("delta_token", envelope.delta_token);
  if (!envelope.intent_id.empty()) out.set("intent_id", envelope.intent_id);
  out.set("payload", envelope.payload);
  return to_string(out);
}

// protocol.md §2 as text, so that an edit of the table in code shows up against the document:
// session, frame_id, seq+delta_token, intent_id; E is "frame_id of 8 characters or intent_id".
struct DocumentRow {
  const char* type;
  const char* cells;
};
constexpr DocumentRow kDocument[] = {
    {"session.hello", "FRFF"}, {"session.welcome", "RRFF"}, {"session.reject", "FRFF"},   {"session.heartbeat", "RRFF"},
    {"session.ack", "RRFF"},   {"session.goodbye", "RRFF"}, {"nd.snapshot", "RoFF"},      {"nd.commit", "RoFF"},
    {"nd.presence", "RoFF"},   {"nd.telemetry", "RoFF"},    {"nd.thumbnail", "RoFF"},     {"nd.job", "RoFF"},
    {"notify.scene", "RoRo"},  {"notify.level", "RoRo"},    {"notify.layers", "RoRo"},    {"notify.stream", "RoRF"},
    {"notify.dims", "REFE"},   {"notify.camera", "REFE"},   {"notify.telemetry", "RoFF"}, {"notify.error", "RoFF"},
    {"state.update", "RRFR"},  {"ack.state", "RRFF"},       {"call.command", "RRFF"},     {"reply.command", "RRFF"},
    {"error.command", "RRFF"},
};

char letter(Presence presence) {
  switch (presence) {
    case Presence::Required:
      return 'R';
    case Presence::Forbidden:
      return 'F';
    case Presence::Optional:
      return 'o';
    case Presence::EitherId:
      return 'E';
  }
  return '?';
}

TEST(Envelope, WP2_the_table_is_the_documents) {
  ASSERT_EQ(frame_table().size(), std::size(kDocument));
  for (const auto& [type, cells] : kDocument) {
    const FrameSpec* row = find_frame(type);
    ASSERT_NE(row, nullptr) << type;
    const std::string found = {letter(row->session), letter(row->frame_id), letter(row->cursor),
                               letter(row->intent_id)};
    EXPECT_EQ(found, cells) << type;
  }
}

TEST(Envelope, WP2_every_cell_is_enforced_when_parsing) {
  for (const FrameSpec& row : frame_table()) {
    EXPECT_TRUE(parse_envelope(raw(fitting(row)))) << row.type;
    for (const Member member : kMembers) {
      for (const bool present : {false, true}) {
        Envelope envelope = fitting(row);
        put(envelope, member, present);
        const Presence rule = cell(row, member);
        // frame_id is what a fitting dims or camera frame has; without it and intent_id nothing names the frame.
        const bool is_either_id_missing = rule == Presence::EitherId && member == Member::FrameId && !present;
        const bool fits = (rule != Presence::Required || present) && (rule != Presence::Forbidden || !present) &&
                          !is_either_id_missing;
        const auto parsed = parse_envelope(raw(envelope));
        EXPECT_EQ(parsed.has_value(), fits) << row.type << " member " << static_cast<int>(member) << " " << present;
        EXPECT_EQ(!matrix_violation(envelope), fits) << row.type;
        if (!parsed) {
          EXPECT_EQ(parsed.error().code, FrameErrorCode::InvalidPayload);
        }
      }
    }
  }
}

TEST(Envelope, WP2_dims_and_camera_take_an_intent_id_for_a_frame_id) {
  for (const char* type : {"notify.dims", "notify.camera"}) {
    Envelope envelope{.type = type, .session = "S", .intent_id = "intent-1"};
    EXPECT_TRUE(parse_envelope(raw(envelope)));
    envelope.frame_id = "123456789";
    const auto parsed = parse_envelope(raw(envelope));
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().message.find("8 characters"), std::string::npos) << parsed.error().message;
  }
}

TEST(Envelope, WP2_scene_has_seq_zero) {
  Envelope envelope = fitting(*find_frame("notify.scene"));
  envelope.seq = 1;
  EXPECT_FALSE(parse_envelope(raw(envelope)));
}

TEST(Envelope, WP2_our_own_frames_are_checked_when_printed) {
  for (const FrameSpec& row : frame_table()) {
    Envelope envelope = fitting(row);
    const auto back = parse_envelope(print(envelope));
    ASSERT_TRUE(back) << row.type << ": " << back.error().message;
    EXPECT_EQ(back->type, row.type);
    EXPECT_EQ(back->frame_id, envelope.frame_id);
    EXPECT_EQ(back->seq, envelope.seq);
  }
  Envelope ack = fitting(*find_frame("ack.state"));
  ack.intent_id = "i";
  EXPECT_DEATH(print(ack), "ack.state forbids intent_id");
  EXPECT_DEATH(print(Envelope{.type = "nd.unheard"}), "unknown type");
  Envelope commit = fitting(*find_frame("nd.commit"));
  commit.nd = Json::make_object();
  EXPECT_DEATH(print(commit), "only hello and welcome carry nd");
}

TEST(Envelope, prints_compact_members_in_order_and_omits_absent_ones) {
  EXPECT_EQ(print({.type = "nd.commit", .session = "S", .timestamp = 1.5, .payload = Json::make_object({{"from", 1}})}),
            R"({"type":"nd.commit","version":2,"session":"S","timestamp":1.5,"payload":{"from":1}})");
  EXPECT_EQ(print({.type = "session.welcome",
                   .session = "S",
                   .frame_id = "w",
                   .timestamp = 2.0,
                   .nd = Json::make_object({{"room", "main"}})}),
            R"({"type":"session.welcome","version":2,"session":"S","frame_id":"w","timestamp":2.0,"payload":{},)"
            R"("nd":{"room":"main"}})");
}

TEST(Envelope, what_is_no_json_is_told_apart_from_what_is_no_frame) {
  const auto code = [](std::string_view text) { return parse_envelope(text).error().code; };
  EXPECT_EQ(code(""), FrameErrorCode::InvalidJson);
  EXPECT_EQ(code("{"), FrameErrorCode::InvalidJson);
  EXPECT_EQ(code("\xff\xfe"), FrameErrorCode::InvalidJson);
  EXPECT_EQ(code("[]"), FrameErrorCode::InvalidPayload);
  EXPECT_EQ(code("{}"), FrameErrorCode::InvalidPayload);
  EXPECT_EQ(code(R"({"type":"ping"})"), FrameErrorCode::InvalidPayload);
  EXPECT_EQ(code(std::string(limits::kStateMessageBytes + 1, ' ')), FrameErrorCode::InvalidJson);
  EXPECT_EQ(code(std::string(100, '[') + std::string(100, ']')), FrameErrorCode::InvalidJson);
  std::string many = "[0";
  for (std::size_t i = 0; i < limits::kJsonElements; ++i) many += ",0";
  EXPECT_EQ(code(many + "]"), FrameErrorCode::InvalidJson);
  EXPECT_EQ(to_string(FrameErrorCode::InvalidJson), "invalid_json");
  EXPECT_EQ(to_string(FrameErrorCode::InvalidPayload), "invalid_payload");
}

TEST(Envelope, a_wrong_member_is_quoted) {
  const auto message = [](std::string_view member, std::string_view value) {
    const Json found = *parse_json(value);
    Json frame = Json::make_object({{"type", "session.ack"},
                                    {"version", 2},
                                    {"session", "S"},
                                    {"frame_id", "f"},
                                    {"timestamp", 1.0},
                                    {"payload", Json::make_object()}});
    frame.set(member, found);
    const auto parsed = parse_envelope(to_string(frame));
    return parsed ? std::string("accepted") : parsed.error().message;
  };
  EXPECT_EQ(message("version", "2"), "accepted");
  EXPECT_EQ(message("version", "1"), "version: expected 2, found number 1");
  EXPECT_EQ(message("version", "\"2\""), "version: expected 2, found string \"2\"");
  EXPECT_EQ(message("session", "null"), "session: expected a string of 1 to 256 bytes, found null");
  EXPECT_EQ(message("frame_id", "7"), "frame_id: expected a string of 1 to 256 bytes, found number 7");
  EXPECT_EQ(message("timestamp", "\"now\""), "timestamp: expected unix seconds, found string \"now\"");
  EXPECT_EQ(message("payload", "[1,2]"), "payload: expected an object, found array of 2");
  EXPECT_EQ(message("seq", "-1"), "seq: expected an integer from 0 to 2^53, found number -1");
  EXPECT_EQ(message("unheard_of", "1"), "accepted");
}

TEST(Envelope, WP8_a_malformed_update_keeps_the_ids_that_its_ack_needs) {
  const auto parsed = parse_envelope(
      R"({"type":"state.update","version":2,"session":"S","frame_id":"state-1","intent_id":"intent-1","payload":5})");
  ASSERT_FALSE(parsed);
  const Envelope& partial = parsed.error().partial;
  EXPECT_EQ(partial.type, "state.update");
  EXPECT_EQ(partial.session, "S");
  EXPECT_EQ(partial.frame_id, "state-1");
  EXPECT_EQ(partial.intent_id, "intent-1");
  EXPECT_TRUE(partial.payload.is_object());
}

TEST(Envelope, WP7_unknown_types_pass_and_are_told_apart) {
  const auto parsed = parse_envelope(R"({"type":"input.wheel","version":2,"timestamp":1,"payload":{}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(find_frame(parsed->type), nullptr);
  EXPECT_EQ(parse_envelope(R"({"type":"ping"})").error().partial.type, "ping");
}

}  // namespace
}  // namespace ndcast::protocol
