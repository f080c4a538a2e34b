#include "protocol/handshake.h"

#include <gtest/gtest.h>

namespace ndcast::protocol {
namespace {

constexpr std::string_view kHello = R"({
  "protocols":[2],"client":{"name":"c","version":"1","platform":"test"},
  "features":{"notify.scene":true,"notify.layers":true,"notify.stream":true,"notify.dims":true},
  "resume_tokens":{"notify.scene":null,"notify.layers":"5f0c"}})";

Envelope hello(std::string_view payload = kHello) {
  return {.type = "session.hello", .frame_id = "hello-1", .timestamp = 1.0, .payload = *parse_json(payload)};
}

Reject rejected(const Envelope& envelope) {
  const auto parsed = parse_hello(envelope);
  EXPECT_FALSE(parsed);
  return parsed ? Reject{} : parsed.error();
}

/// The sample hello with one member replaced, or removed when `value` is empty.
Envelope hello_with(std::string_view member, std::string_view value) {
  Envelope envelope = hello();
  if (value.empty()) {
    std::erase_if(envelope.payload.object(), [&](const auto& entry) { return entry.first == member; });
  } else {
    envelope.payload.set(member, *parse_json(value));
  }
  return envelope;
}

TEST(Handshake, WP3_an_original_hello) {
  const auto parsed = parse_hello(hello());
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->payload.client.name, "c");
  EXPECT_TRUE(parsed->payload.features.at("notify.dims"));
  EXPECT_EQ(parsed->payload.resume_tokens.at("notify.layers"), "5f0c");
  EXPECT_FALSE(parsed->payload.resume_tokens.at("notify.scene"));
  EXPECT_FALSE(parsed->payload.auth);
  EXPECT_FALSE(parsed->nd);
}

TEST(Handshake, WP3_a_native_hello) {
  Envelope envelope = hello(R"({"protocols":[1,2],"client":{"name":"w","version":"1","platform":"test"},"features":{},
                                "resume_tokens":{},"auth":{"type":"bearer","token":"abc"}})");
  envelope.nd = *parse_json(R"({"extensions":1,"actor":{"name":"ada","kind":"agent"},"view":"main",
                                "since":{"history_id":"h","server_seq":7},"later":true})");
  const auto parsed = parse_hello(envelope);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_TRUE(parsed->nd);
  EXPECT_EQ(parsed->nd->actor->name, "ada");
  EXPECT_EQ(parsed->nd->actor->kind, ActorKind::Agent);
  EXPECT_EQ(parsed->nd->since->server_seq, 7u);
  EXPECT_EQ(parsed->payload.auth->token, "abc");
}

TEST(Handshake, WP3_a_hello_without_extensions_is_original) {
  Envelope envelope = hello();
  envelope.nd = *parse_json(R"({"extensions":0})");
  ASSERT_TRUE(parse_hello(envelope));
  EXPECT_FALSE(parse_hello(envelope)->nd);
}

TEST(Handshake, WP3_the_key_sets_are_strict) {
  for (const auto& [member, value] : {std::pair{"protocols", ""},
                                      {"client", ""},
                                      {"features", ""},
                                      {"resume_tokens", ""},
                                      {"extra", "1"},
                                      {"protocols", "[]"},
                                      {"protocols", "2"},
                                      {"protocols", "[true]"},
                                      {"features", R"({"notify.scene":1})"},
                                      {"client", R"({"name":"c","version":"1"})"},
                                      {"client", R"({"name":"c","version":"1","platform":"p","os":"x"})"},
                                      {"auth", R"({"token":"x"})"},
                                      {"auth", R"({"type":"bearer","scope":"x"})"}}) {
    const Reject reject = rejected(hello_with(member, value));
    EXPECT_EQ(reject.code, RejectCode::InvalidPayload) << member << " " << value;
    ASSERT_NE(reject.details.find("error"), nullptr);
    EXPECT_EQ(reject.details.find("error")->string(), reject.message);
  }
  EXPECT_EQ(rejected(hello_with("client", R"({"name":3,"version":"1","platform":"p"})")).message,
            "payload.client.name: expected a string, found number 3");
}

TEST(Handshake, WP3_native_members_are_checked) {
  for (const char* nd : {R"({"extensions":"1"})", R"({"actor":{}})", R"({"extensions":1,"actor":{"name":"a"}})",
                         R"({"extensions":1,"actor":{"name":"","kind":"human"}})",
                         R"({"extensions":1,"actor":{"name":"a","kind":"robot"}})", R"({"extensions":1,"view":""})",
                         R"({"extensions":1,"since":{"history_id":"h","server_seq":-1}})"}) {
    Envelope envelope = hello();
    envelope.nd = *parse_json(nd);
    EXPECT_EQ(rejected(envelope).code, RejectCode::InvalidPayload) << nd;
  }
}

TEST(Handshake, WP4_unexpected_message) {
  Envelope envelope{.type = "session.ack", .session = "S", .frame_id = "f"};
  const Reject reject = rejected(envelope);
  EXPECT_EQ(reject.code, RejectCode::UnexpectedMessage);
  EXPECT_EQ(to_string(reject.details), R"({"received":"session.ack"})");
}

TEST(Handshake, WP4_protocol_mismatch) {
  const Reject reject = rejected(hello_with("protocols", "[1,3]"));
  EXPECT_EQ(reject.code, RejectCode::ProtocolMismatch);
  EXPECT_EQ(to_string(reject.details), R"({"client_protocols":[1,3]})");
}

TEST(Handshake, WP4_unsupported_client_is_for_the_original_dialect) {
  Envelope envelope = hello_with("features", R"({"notify.scene":true,"notify.layers":false})");
  const Reject reject = rejected(envelope);
  EXPECT_EQ(reject.code, RejectCode::UnsupportedClient);
  EXPECT_EQ(to_string(reject.details), R"({"missing":["notify.layers","notify.stream"]})");
  envelope.nd = *parse_json(R"({"extensions":1})");
  EXPECT_TRUE(parse_hello(envelope));
}

TEST(Handshake, WP4_invalid_resume_token) {
  const Reject reject = rejected(hello_with("resume_tokens", R"({"notify.scene":null,"notify.layers":7})"));
  EXPECT_EQ(reject.code, RejectCode::InvalidResumeToken);
  EXPECT_EQ(to_string(reject.details), R"({"topic":"notify.layers"})");
}

TEST(Handshake, WP4_first_frames_that_are_no_frames) {
  const auto code = [](std::string_view text) { return reject_of(parse_envelope(text).error()).code; };
  EXPECT_EQ(code("not json"), RejectCode::InvalidJson);
  EXPECT_EQ(code("{}"), RejectCode::InvalidPayload);
  EXPECT_EQ(code(R"({"type":"ping"})"), RejectCode::UnexpectedMessage);
  // The original answers another envelope version so, and not with protocol_mismatch.
  EXPECT_EQ(code(R"({"type":"session.hello","version":1,"frame_id":"f","timestamp":1,"payload":{}})"),
            RejectCode::InvalidPayload);
}

TEST(Handshake, WP4_every_code_has_its_word) {
  const char* const words[] = {"timeout",           "invalid_json",       "invalid_payload",      "unexpected_message",
                               "protocol_mismatch", "unsupported_client", "invalid_resume_token", "auth.required",
                               "auth.invalid",      "auth.expired",       "room.not_found",       "room.full",
                               "rate.limited"};
  for (int i = 0; i < 13; ++i) EXPECT_EQ(to_string(static_cast<RejectCode>(i)), words[i]);
  EXPECT_EQ(to_string(to_payload(Reject{RejectCode::RoomFull, "256 sessions", nullptr})),
            R"({"code":"room.full","message":"256 sessions"})");
  EXPECT_EQ(to_string(to_payload(Reject{RejectCode::AuthInvalid, "no", Json::make_object({{"a", 1}})})),
            R"({"code":"auth.invalid","message":"no","details":{"a":1}})");
}

TEST(Handshake, WP5_welcome_as_the_original_expects_it) {
  Welcome welcome;
  welcome.session.id = "S";
  welcome.features =
      welcome_features({"napari.load_zarr", "fs.listdir"}, {{"notify.layers", {7, "ab"}}, {"notify.dims", {1, "cd"}}});
  EXPECT_EQ(to_payload(welcome), *parse_json(R"({"protocol_version":2,
    "session":{"id":"S","heartbeat_s":15.0,"ack_timeout_ms":250},
    "features":{
      "call.command":{"enabled":true,"version":1,"resume":false,"commands":["fs.listdir","napari.load_zarr"]},
      "notify.camera":{"enabled":true,"version":1,"resume":false},
      "notify.dims":{"enabled":true,"version":1,"resume":false},
      "notify.layers":{"enabled":true,"version":1,"resume":true,"resume_state":{"seq":7,"delta_token":"ab"}},
      "notify.level":{"enabled":true,"version":1,"resume":true},
      "notify.scene":{"enabled":true,"version":1,"resume":true},
      "notify.stream":{"enabled":true,"version":1,"resume":true},
      "notify.telemetry":{"enabled":false}}})"));
}

TEST(Handshake, WP5_native_welcome) {
  WelcomeNative native{.room = "main", .view = "main", .actor = "ada", .role = "editor", .history_id = "h"};
  native.server_seq = 12;
  native.pixel_ticket = "t";
  native.capabilities.encoders = {"x264"};
  EXPECT_EQ(to_nd(native), *parse_json(R"({"room":"main","view":"main","actor":"ada","role":"editor","history_id":"h",
    "server_seq":12,"durability":"","pixel_ticket":"t",
    "capabilities":{"keys":[],"commands":[],"colormaps":[],"limits":{},"encoders":["x264"]}})"));
}

TEST(Handshake, WP6_goodbye_and_empty_payloads) {
  const auto goodbye = parse_goodbye(*parse_json(R"({"code":"bye","reason":"done"})"));
  ASSERT_TRUE(goodbye);
  EXPECT_EQ(goodbye->code, "bye");
  EXPECT_EQ(to_string(to_payload(*goodbye)), R"({"code":"bye","reason":"done"})");
  EXPECT_FALSE(parse_goodbye(*parse_json(R"({"why":"?"})")));
  EXPECT_FALSE(parse_goodbye(*parse_json(R"({"code":4})")));
  EXPECT_TRUE(parse_empty(Json::make_object()));
  EXPECT_EQ(parse_empty(*parse_json(R"({"pong":1})")).error().message, "payload: expected no members, found \"pong\"");
  EXPECT_FALSE(parse_empty(Json::make_array()));
}

}  // namespace
}  // namespace ndcast::protocol
