// WP1, WP3–WP5: who gets in, and what they are told first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using ::testing::Contains;
using ::testing::Not;

/// The code of the session.reject that the client got; the socket is closed after it.
std::string refusal(Client& client) {
  const std::string code = text_at(client.take("session.reject"), {"payload", "code"});
  EXPECT_TRUE(client.sink->close_code) << "a refused session is closed";
  EXPECT_TRUE(client.sink->frames.empty());
  return code;
}

std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> out;
  out.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back(list.array()[i].string());
  return out;
}

TEST(Handshake, WP3_NoHelloWithinFiveSecondsIsRefused) {
  Rig rig;
  Client client = rig.connect();
  rig.clock.advance(4999ms);
  rig.hub->tick();
  EXPECT_FALSE(client.sink->close_code);
  EXPECT_EQ(rig.hub->next_deadline(), rig.clock.now() + 1ms);
  rig.clock.advance(1ms);
  rig.hub->tick();
  EXPECT_EQ(refusal(client), "timeout");
}

TEST(Handshake, WP3_AHelloEndsTheTimeOut) {
  Rig rig;
  Client client = rig.native("ada");
  rig.clock.advance(6s);
  rig.hub->tick();
  EXPECT_FALSE(client.sink->close_code);
}

TEST(Handshake, WP4_InvalidJson) {
  Rig rig;
  Client client = rig.connect();
  client.send("{\"type\":");
  EXPECT_EQ(refusal(client), "invalid_json");
}

TEST(Handshake, WP4_InvalidPayload) {
  Rig rig;
  Client client = rig.connect();
  Json payload = hello_payload();
  payload.set("surprise", 1);
  client.send(hello(std::move(payload)));
  EXPECT_EQ(refusal(client), "invalid_payload");
}

TEST(Handshake, WP4_UnexpectedMessage) {
  Rig rig;
  Client client = rig.connect();
  client.send(client.frame("session.ack", Json::make_object()));
  EXPECT_EQ(refusal(client), "unexpected_message");
}

TEST(Handshake, WP4_ProtocolMismatch) {
  Rig rig;
  Client client = rig.connect();
  Json payload = hello_payload();
  payload.set("protocols", Json::list(std::vector<int>{1, 3}));
  client.send(hello(std::move(payload)));
  EXPECT_EQ(refusal(client), "protocol_mismatch");
}

TEST(Handshake, WP4_UnsupportedClientOfTheOriginalDialectOnly) {
  Rig rig;
  Json payload = hello_payload();
  payload.set("features", Json::make_object({{"notify.scene", true}}));
  Client original = rig.connect();
  original.send(hello(payload));
  EXPECT_EQ(refusal(original), "unsupported_client");
  Client native = rig.connect();
  native.send(hello(payload, native_nd("ada")));
  EXPECT_TRUE(native.has("session.welcome"));
}

TEST(Handshake, WP4_InvalidResumeToken) {
  Rig rig;
  Client client = rig.connect();
  Json payload = hello_payload();
  payload.set("resume_tokens", Json::make_object({{"notify.layers", 7}}));
  client.send(hello(std::move(payload)));
  EXPECT_EQ(refusal(client), "invalid_resume_token");
}

TEST(Handshake, WP4_AViewThatIsNotThere) {
  Rig rig;
  Client client = rig.connect();
  Json nd = native_nd("ada");
  nd.set("view", "attic");
  client.send(hello(hello_payload(), std::move(nd)));
  EXPECT_EQ(refusal(client), "room.not_found");
}

TEST(Handshake, WP4_RoomFull) {
  Rig rig({.max_sessions = 1});
  Client first = rig.native("ada");
  Client second = rig.connect();
  EXPECT_EQ(refusal(second), "room.full");
  EXPECT_EQ(second.sink->close_code, 1013);
  second.send(hello());
  EXPECT_TRUE(second.sink->frames.empty());
  rig.hub->on_close(first.id);
  EXPECT_TRUE(rig.native("bob").has("session.welcome"));
}

class HelloAuth : public ::testing::Test {
 protected:
  HelloAuth()
      : rig_(
            {.room = "lab", .authenticate = [this](std::string_view token) -> std::expected<auth::Grant, auth::Denied> {
               auth::Grant grant(auth::Role::Viewer);
               grant.subject = "grace";
               if (token == "letmein") return grant;
               if (token == "for-lab") grant.room = "lab";
               if (token == "for-main") grant.room = "main";
               if (token == "for-5s") grant.expires_unix_s = rig_.clock.unix_seconds() + 5;
               if (token == "old") return std::unexpected(auth::Denied{auth::Denial::Expired, "too late"});
               if (token.starts_with("for-")) return grant;
               return std::unexpected(auth::Denied{auth::Denial::Invalid, "unknown"});
             }}) {}

  Client present_token(std::string_view token) {
    return present(Json::make_object({{"type", "bearer"}, {"token", token}}));
  }

  Client present(Json auth) {
    Client client = rig_.connect({.authorised = std::nullopt, .remote = "test"});
    Json payload = hello_payload();
    if (!auth.is_null()) payload.set("auth", std::move(auth));
    client.send(hello(std::move(payload), native_nd("ada")));
    return client;
  }

  Rig rig_;
};

TEST_F(HelloAuth, WP1_WithoutATokenIsRefused) {
  Client client = present(nullptr);
  EXPECT_EQ(refusal(client), "auth.required");
}

TEST_F(HelloAuth, WP1_AWrongTokenIsRefused) {
  Client client = present(Json::make_object({{"type", "bearer"}, {"token", "guess"}}));
  EXPECT_EQ(refusal(client), "auth.invalid");
}

TEST_F(HelloAuth, WP1_TheTokensRoleIsTheSessions) {
  Client client = present(Json::make_object({{"type", "bearer"}, {"token", "letmein"}}));
  EXPECT_EQ(text_at(client.take("session.welcome"), {"nd", "role"}), "viewer");
}

TEST_F(HelloAuth, WP1_AnExpiredTokenSaysSo) {
  Client client = present_token("old");
  EXPECT_EQ(refusal(client), "auth.expired");
  EXPECT_EQ(client.sink->close_code, 1008);
}

TEST_F(HelloAuth, WP1_ATokenForAnotherRoomIsRefused) {
  EXPECT_TRUE(present_token("for-lab").has("session.welcome"));
  Client client = present_token("for-main");
  EXPECT_EQ(refusal(client), "auth.invalid");
}

TEST_F(HelloAuth, WP1_AGoodCookieForAnotherRoomIsRefusedToo) {
  auth::Grant grant(auth::Role::Admin);
  grant.room = "main";
  Client client = rig_.connect({.authorised = grant, .remote = "test"});
  client.send(hello(hello_payload(), native_nd("ada")));
  EXPECT_EQ(refusal(client), "auth.invalid");
}

TEST_F(HelloAuth, WP1_WhyTheCookieWasRefusedIsToldToAHelloWithoutAToken) {
  const auto connect = [&] {
    return rig_.connect({.denied = auth::Denied{auth::Denial::Expired, "too late"}, .remote = "test"});
  };
  Client without = connect();
  without.send(hello(hello_payload(), native_nd("ada")));
  EXPECT_EQ(refusal(without), "auth.expired");
  Client with = connect();
  Json payload = hello_payload();
  payload.set("auth", Json::make_object({{"type", "bearer"}, {"token", "letmein"}}));
  with.send(hello(std::move(payload), native_nd("ada")));
  EXPECT_TRUE(with.has("session.welcome"));
}

TEST_F(HelloAuth, WP1_TheTokensSubjectIsTheActorWhateverTheHelloSays) {
  Client client = present_token("letmein");
  EXPECT_EQ(text_at(client.take("session.welcome"), {"nd", "actor"}), "grace");
}

TEST_F(HelloAuth, WP1_ASessionEndsWithItsToken) {
  Client client = present_token("for-5s");
  Client other = present_token("letmein");
  ASSERT_TRUE(client.has("session.welcome"));
  client.clear();
  const auto due = rig_.clock.now() + 5s;
  EXPECT_LE(rig_.hub->next_deadline(), due);
  rig_.clock.advance(5s - 1ms);
  rig_.hub->tick();
  EXPECT_FALSE(client.sink->close_code);
  EXPECT_EQ(rig_.hub->next_deadline(), due);
  rig_.clock.advance(1ms);
  rig_.hub->tick();
  EXPECT_EQ(text_at(client.take("session.goodbye"), {"payload", "code"}), "auth.expired");
  EXPECT_EQ(client.sink->close_code, 1008);
  EXPECT_EQ(rig_.room.closed.size(), 1U) << "its pixel sockets go with it";
  EXPECT_FALSE(other.sink->close_code);
}

TEST(Handshake, WP23_ProcessesHaveSeatsThatRoomsShare) {
  const auto seats = std::make_shared<Seats>(2);
  Rig one({.seats = seats});
  Rig two({.seats = seats});
  Client ada = one.native("ada");
  Client bob = two.native("bob");
  Client eve = two.native("eve");
  EXPECT_EQ(refusal(eve), "room.full");
  EXPECT_EQ(eve.sink->close_code, 1013);
  one.hub->on_close(ada.id);
  EXPECT_EQ(seats->taken, 1U);
  EXPECT_TRUE(two.native("eve").has("session.welcome"));
  EXPECT_EQ(at(bob.take("session.welcome"), {"nd", "capabilities", "limits", "sessions_per_process"}), Json(2));
}

TEST(Handshake, WP5_NativeWelcome) {
  Rig rig({.room = "lab"});
  Client client = rig.native("ada");
  const Json welcome = client.take("session.welcome");
  EXPECT_EQ(text_at(welcome, {"session"}), client.id.value);
  EXPECT_EQ(text_at(welcome, {"payload", "session", "id"}), client.id.value);
  EXPECT_EQ(at(welcome, {"payload", "protocol_version"}), Json(2));
  EXPECT_EQ(at(welcome, {"payload", "session", "heartbeat_s"}), Json(15.0));
  EXPECT_EQ(at(welcome, {"payload", "session", "ack_timeout_ms"}), Json(250));
  EXPECT_EQ(text_at(welcome, {"nd", "room"}), "lab");
  EXPECT_EQ(text_at(welcome, {"nd", "view"}), "main");
  EXPECT_EQ(text_at(welcome, {"nd", "actor"}), "ada");
  EXPECT_EQ(text_at(welcome, {"nd", "role"}), "editor");
  EXPECT_EQ(text_at(welcome, {"nd", "history_id"}), rig.room.ledger().history_id());
  EXPECT_EQ(at(welcome, {"nd", "server_seq"}), Json(rig.room.ledger().server_seq()));
  EXPECT_EQ(text_at(welcome, {"nd", "pixel_ticket"}), "ticket-main-1");
  EXPECT_GT(at(welcome, {"nd", "capabilities", "keys"}).size(), 5U);
}

TEST(Handshake, WP5_WhatTheRoleForbidsIsNotAmongTheCommands) {
  Rig rig;
  const Json editor = rig.native("ada").take("session.welcome");
  const Json viewer = rig.native("eve", auth::Role::Viewer).take("session.welcome");
  EXPECT_THAT(strings(at(editor, {"nd", "capabilities", "commands"})), Contains("napari.load_zarr"));
  EXPECT_THAT(strings(at(viewer, {"nd", "capabilities", "commands"})), Not(Contains("napari.load_zarr")));
  EXPECT_THAT(strings(at(viewer, {"nd", "capabilities", "commands"})), Contains("nd.wait_until"));
}

TEST(Handshake, WP5_OriginalWelcomeHasNoNdAndListsItsCommands) {
  Rig rig;
  const Json welcome = rig.original().take("session.welcome");
  EXPECT_FALSE(welcome.find("nd"));
  EXPECT_THAT(strings(at(welcome, {"payload", "features", "call.command", "commands"})),
              ::testing::IsSupersetOf({"fs.listdir", "napari.load_zarr", "napari.pixel.request_keyframe"}));
  EXPECT_FALSE(at(welcome, {"payload", "features", "notify.layers"}).find("resume_state"));
  EXPECT_EQ(at(welcome, {"payload", "features", "notify.telemetry", "enabled"}), Json(false));
}

TEST(Handshake, WP5_AnOriginalPortSpeaksItsOwnDialectOnly) {
  Rig rig;
  Client client = rig.connect({.authorised = auth::Role::Editor, .listener = Listener::OriginalOnly});
  client.send(hello(hello_payload(), native_nd("ada")));
  EXPECT_FALSE(client.take("session.welcome").find("nd"));
  EXPECT_TRUE(client.has("notify.scene"));
}

TEST(Handshake, NativeGetsOneSnapshotOfEverything) {
  Rig rig;
  Client client = rig.native("ada");
  const Json snapshot = client.take("nd.snapshot");
  EXPECT_EQ(at(snapshot, {"payload", "server_seq"}), Json(rig.room.ledger().server_seq()));
  EXPECT_EQ(at(snapshot, {"payload", "registers"}).size(), rig.room.ledger().registers().size());
  EXPECT_EQ(text_at(snapshot, {"session"}), client.id.value);
}

TEST(Handshake, ARoomWithoutASceneWelcomesToo) {
  Rig rig({}, false);
  Client native = rig.native("ada");
  EXPECT_TRUE(native.has("nd.snapshot"));
  Client original = rig.original();
  EXPECT_EQ(text_at(original.take("notify.scene"), {"payload", "metadata", "status"}), "idle");
  rig.room.commit({.changes = reduce::replace_scene(*rig.room.ledger().snapshot(), scene::kMainView,
                                                    reduce::testing::small_scene(), {})
                                  .changes,
                   .opens = scene::OpKind::Bootstrap});
  rig.apply_all();
  rig.settle();
  EXPECT_TRUE(original.has("notify.scene"));
  EXPECT_EQ(original.count("notify.scene"), 1U);
  EXPECT_TRUE(native.has("nd.commit"));
}

}  // namespace
}  // namespace ndcast::session
