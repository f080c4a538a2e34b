#include "protocol/schema.h"

#include <gtest/gtest.h>

#include "protocol/ack.h"
#include "protocol/commands.h"
#include "protocol/envelope.h"
#include "protocol/handshake.h"
#include "protocol/native.h"
#include "protocol/original.h"
#include "protocol/scene_file.h"
#include "protocol/schema_check.h"
#include "protocol/test_scene.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

class SchemaTest : public ::testing::Test {
 protected:
  static const testing::SchemaChecker& checker() {
    static const testing::SchemaChecker instance(schema_json());
    return instance;
  }

  static void expect_fits(const Json& value, std::string_view definition) {
    const auto problem = checker().problem(value, definition);
    EXPECT_FALSE(problem) << definition << ": " << problem.value_or("");
  }
  static void expect_refused(const Json& value, std::string_view definition) {
    EXPECT_TRUE(checker().problem(value, definition)) << to_string(value);
  }

  /// What a client would read, through text.
  static Json sent(const Envelope& envelope) { return *parse_json(print(envelope)); }

  static Json server_frame(std::string type, Json payload) {
    Envelope envelope{.type = std::move(type), .timestamp = 1.0, .payload = std::move(payload)};
    const FrameSpec& row = *find_frame(envelope.type);
    if (row.session == Presence::Required) envelope.session = "S";
    if (row.frame_id != Presence::Forbidden) envelope.frame_id = "12345678";
    if (row.cursor == Presence::Required) {
      envelope.seq = 0;
      envelope.delta_token = "t";
    }
    return sent(envelope);
  }

  static std::uint64_t version_of(const scene::LayerId&, scene::Key) { return 7; }

  testing::TestScene scene_;
};

TEST_F(SchemaTest, says_what_it_is_and_all_references_lead_somewhere) {
  const Json& root = checker().root();
  EXPECT_EQ(root.find("$schema")->string(), "https://json-schema.org/draft/2020-12/schema");
  for (const auto& [name, definition] : root.find("$defs")->object()) {
    ASSERT_TRUE(definition.is_object()) << name;
    ASSERT_NE(definition.find("title"), nullptr) << name;
    EXPECT_EQ(definition.find("title")->string(), name);
    if (definition.find("properties")) {
      EXPECT_NE(definition.find("additionalProperties"), nullptr) << name;
    }
  }
}

TEST_F(SchemaTest, is_the_same_each_time) { EXPECT_EQ(to_string(schema_json()), to_string(schema_json())); }

TEST_F(SchemaTest, native_frames_fit) {
  expect_fits(server_frame("nd.snapshot", snapshot_payload(scene_.ledger, {.session = "S"})), "ServerFrame");
  auto author = std::make_shared<ledger::Author>(
      ledger::Author{.actor = "ada", .session = "S", .intent_id = "i", .client_seq = 1, .phase = "commit"});
  author->interaction_id = "drag";
  Json::Array registers;
  registers.push_back(register_json({scene::Scope::Layer, "cells", scene::Key::Meta, {}},
                                    {.value = scene::Gone{}, .version = 9, .author = author}, {.session = "S"}));
  registers.push_back(register_json({scene::Scope::Dims, "z", scene::Key::Index, "left"},
                                    {.value = std::int64_t{4}, .version = 9, .author = author}, {.session = "S"}));
  expect_fits(server_frame("nd.commit", commit_payload(8, 9, std::move(registers))), "ServerFrame");
}

TEST_F(SchemaTest, every_register_fits_its_own_definition) {
  std::size_t seen = 0;
  for (const auto& [id, held] : scene_.ledger.registers()) {
    expect_fits(register_json(id, held, {}), "Register");
    ++seen;
  }
  EXPECT_GE(seen, scene::key_table().size());
  Json wrong = register_json({scene::Scope::Layer, "cells", scene::Key::Gamma, {}},
                             {.value = std::string("one"), .version = 1, .author = nullptr}, {});
  expect_refused(wrong, "Register");
}

TEST_F(SchemaTest, session_frames_fit) {
  Envelope welcome{.type = "session.welcome", .session = "S", .frame_id = "w", .timestamp = 1.0};
  Welcome body;
  body.session.id = "S";
  body.features = welcome_features({"fs.listdir"}, {{"notify.layers", {1, "t"}}});
  welcome.payload = to_payload(body);
  WelcomeNative native{.room = "main", .view = "main", .actor = "ada", .role = "editor", .history_id = "h"};
  native.capabilities = make_capabilities({"fs.listdir"}, {"x264"});
  welcome.nd = to_nd(native);
  expect_fits(sent(welcome), "SessionWelcomeFrame");
  expect_fits(sent(welcome), "ServerFrame");
  expect_fits(server_frame("session.reject", to_payload(Reject{RejectCode::Timeout, "late", nullptr})), "ServerFrame");
  expect_fits(server_frame("session.heartbeat", Json::make_object()), "ServerFrame");
  expect_fits(server_frame("session.goodbye", to_payload(Goodbye{.code = "timeout"})), "ServerFrame");
}

TEST_F(SchemaTest, answers_fit) {
  expect_fits(server_frame("ack.state", accepted_payload("i", "s", nullptr, 3)), "ServerFrame");
  for (int code = 0; code <= static_cast<int>(scene::StateCode::Error); ++code) {
    const scene::Refusal refusal{static_cast<scene::StateCode>(code), "no"};
    expect_fits(server_frame("ack.state", rejected_payload("i", "s", refusal, Json::make_object())), "ServerFrame");
  }
  expect_fits(server_frame("reply.command", reply_payload("c", Json::make_array())), "ServerFrame");
  expect_fits(server_frame("error.command", error_payload("c", {CommandCode::Timeout, "late", nullptr})),
              "ServerFrame");
}

TEST_F(SchemaTest, original_frames_fit) {
  const auto snapshot = scene_.snapshot();
  const scene::ViewState& view = *snapshot->find_view(scene::kMainView);
  const std::set<scene::Key> changed = {scene::Key::Gamma};
  for (const auto& [type, payload] :
       {std::pair{"notify.scene", scene_payload(*snapshot, scene::kMainView, version_of)},
        {"notify.dims", dims_payload(*snapshot, scene::kMainView)},
        {"notify.level", level_payload(*snapshot, scene::kMainView)},
        {"notify.layers", layers_payload(*snapshot, scene::kMainView, *snapshot->layers[0], version_of)},
        {"notify.layers", layers_payload(*snapshot, scene::kMainView, *snapshot->layers[0], version_of, &changed)},
        {"notify.layers", layer_removed_payload({"cells"})},
        {"notify.camera", camera_pose_payload(view)},
        {"notify.camera", camera_delta_payload(scene::ResetVerb{}, Json::make_object({{"reason", "x"}}))},
        {"notify.stream", *stream_payload(*view.stream)},
        {"notify.error", error_notice_payload("d", "c", "m", Severity::Info)}}) {
    expect_fits(server_frame(type, payload), "ServerFrame");
  }
}

TEST_F(SchemaTest, client_frames_fit_and_wrong_ones_do_not) {
  const auto update = [](std::string_view payload) {
    return sent({.type = "state.update",
                 .session = "S",
                 .frame_id = "f",
                 .intent_id = "i",
                 .timestamp = 1.0,
                 .payload = *parse_json(payload)});
  };
  for (const char* payload :
       {R"({"scope":"dims","target":"z","key":"index","value":5,"phase":"update","client_seq":3})",
        R"({"scope":"camera","target":"main","key":"zoom","value":{"factor":0.5,"anchor_px":[1,2]}})",
        R"({"scope":"camera","target":"main","key":"reset","value":null})",
        R"({"scope":"layer","target":"a","key":"blending","value":"additive"})",
        R"({"scope":"multiscale","target":"main","key":"level","value":null})"}) {
    expect_fits(update(payload), "ClientFrame");
  }
  for (const char* payload : {R"({"scope":"dims","target":"z","key":"index","value":"5"})",
                              R"({"scope":"dims","target":"z","key":"play","value":5})",
                              R"({"scope":"layer","target":"a","key":"blending","value":"screen"})",
                              R"({"scope":"camera","target":"main","key":"zoom","value":{"factor":0.5}})",
                              R"({"scope":"dims","target":"z","key":"index","value":5,"phase":"end"})"}) {
    expect_refused(update(payload), "ClientFrame");
  }
  expect_fits(sent({.type = "call.command",
                    .session = "S",
                    .frame_id = "f",
                    .payload = *parse_json(R"({"command":"fs.listdir","kwargs":{"path":"/"}})")}),
              "ClientFrame");
  expect_fits(sent({.type = "session.hello",
                    .frame_id = "f",
                    .payload = *parse_json(R"({"protocols":[2],"client":{"name":"a","version":"1","platform":"p"},
                      "features":{"notify.scene":true},"resume_tokens":{"notify.scene":null}})"),
                    .nd = *parse_json(R"({"extensions":1,"actor":{"name":"ada","kind":"human"}})")}),
              "ClientFrame");
}

TEST_F(SchemaTest, scene_files_fit) {
  expect_fits(*parse_json(to_string(scene_to_json(scene_.ledger.registers()))), "SceneFile");
  expect_refused(*parse_json(R"({"ndcast_scene":1,"registers":[{"scope":"op","target":"main","key":"state",
                                 "value":{"op_seq":1,"op_state":"open","op_kind":"bootstrap"}}]})"),
                 "SceneFile");
}

}  // namespace
}  // namespace ndcast::protocol
