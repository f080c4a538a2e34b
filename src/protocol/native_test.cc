#include "protocol/native.h"

#include <gtest/gtest.h>

#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

using scene::Key;
using scene::RegisterId;
using scene::Scope;

ledger::Register opacity_by_ada() {
  auto author = std::make_shared<ledger::Author>();
  author->actor = "ada";
  author->origin = ledger::Origin::Client;
  author->session = "S1";
  author->intent_id = "intent-9";
  author->client_seq = 4;
  author->interaction_id = "drag-2";
  author->phase = "update";
  return {.value = 0.5, .version = 42, .timestamp = 1.0, .author = author};
}

TEST(Native, a_register_tells_its_author) {
  const RegisterId id{Scope::Layer, "cells", Key::Opacity, {}};
  EXPECT_EQ(to_string(register_json(id, opacity_by_ada(), {.session = "S1"})),
            R"({"scope":"layer","target":"cells","key":"opacity","value":0.5,"version":42,"actor":"ada",)"
            R"("origin":"client","intent_id":"intent-9","client_seq":4,"interaction_id":"drag-2","phase":"update"})");
}

TEST(Native, intent_ids_go_to_their_own_session_only) {
  const RegisterId id{Scope::Layer, "cells", Key::Opacity, {}};
  for (const char* other : {"", "S2"}) {
    const Json printed = register_json(id, opacity_by_ada(), {.session = other});
    EXPECT_EQ(printed.find("intent_id"), nullptr);
    EXPECT_NE(printed.find("client_seq"), nullptr);
  }
  // The server's own changes have no session; a common frame must not take them for its own.
  ledger::Register own = opacity_by_ada();
  own.author = std::make_shared<ledger::Author>(ledger::Author{.actor = "system", .intent_id = "x"});
  EXPECT_EQ(register_json(id, own, {}).find("intent_id"), nullptr);
}

TEST(Native, a_removed_register_is_null_and_gone) {
  const Json printed = register_json({Scope::Layer, "cells", Key::Meta, {}},
                                     {.value = scene::Gone{}, .version = 3, .author = nullptr}, {});
  EXPECT_EQ(to_string(printed),
            R"({"scope":"layer","target":"cells","key":"meta","value":null,"version":3,"gone":true,"actor":"",)"
            R"("origin":"system"})");
}

TEST(Native, dims_of_another_view_are_written_with_it) {
  const RegisterId id{Scope::Dims, "z", Key::Index, "left"};
  EXPECT_EQ(wire_target(id, "left"), "z");
  EXPECT_EQ(wire_target(id, "main"), "left/z");
  EXPECT_EQ(wire_target({Scope::Camera, "left", Key::Plane, {}}, "main"), "left");
}

TEST(Native, WP32_a_session_calls_its_own_view_main_and_the_rooms_room) {
  const RegisterId of_room{Scope::Camera, "main", Key::Plane, {}};
  EXPECT_EQ(wire_target({Scope::Camera, "left", Key::Plane, {}}, "left"), "main");
  EXPECT_EQ(wire_target(of_room, "left"), "room");
  EXPECT_EQ(wire_target(of_room, "main"), "main");
  EXPECT_EQ(wire_target({Scope::Dims, "z", Key::Index, "main"}, "left"), "room/z");
  EXPECT_EQ(wire_target({Scope::Scene, "main", Key::Source, {}}, "left"), "main") << "the scene is nobody's own";
  EXPECT_EQ(wire_target({Scope::Layer, "left", Key::Meta, {}}, "left"), "left");
  for (const char* own : {"main", "left"}) {
    for (const char* view : {"main", "left", "right"}) {
      EXPECT_EQ(view_from_wire(wire_view(view, own), scene::ViewId{own}).value, view) << "as seen from " << own;
    }
    EXPECT_EQ(view_from_wire("", scene::ViewId{own}).value, own);
    EXPECT_EQ(view_from_wire("room", scene::ViewId{own}).value, "main");
  }
}

TEST(Native, a_snapshot_holds_every_register_and_names_its_history) {
  const testing::TestScene scene;
  const Json payload = snapshot_payload(scene.ledger, {});
  EXPECT_EQ(payload.find("history_id")->string(), scene.ledger.history_id());
  EXPECT_EQ(payload.find("server_seq")->as_uint64(), scene.ledger.server_seq());
  EXPECT_EQ(payload.find("registers")->size(), scene.ledger.registers().size());
  EXPECT_EQ(payload.find("view")->string(), "main");
  EXPECT_EQ(payload.find("binding")->as_uint64(), 0u);
  EXPECT_EQ(payload.size(), 5u);
}

TEST(Native, a_commit_says_from_where_to_where) {
  EXPECT_EQ(to_string(commit_payload(3, 5, {Json(1)})), R"({"from":3,"server_seq":5,"registers":[1]})");
}

}  // namespace
}  // namespace ndcast::protocol
