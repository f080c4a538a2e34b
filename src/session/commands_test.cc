// call.command: the table, its roles, and each family.

#include <gtest/gtest.h>

#include "base/command_limits.h"
#include "session/command_registry.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using scene::kMainView;

class Commands : public ::testing::Test {
 protected:
  Commands() : ada_(rig_.settled(rig_.native("ada"))) {}

  /// Code of the one error.command that answers the call.
  std::string error_of(std::string_view command, Json kwargs = Json::make_object()) {
    const std::string frame_id = ada_.call(command, std::move(kwargs));
    const Json error = ada_.take("error.command");
    EXPECT_EQ(text_at(error, {"payload", "in_reply_to"}), frame_id);
    return text_at(error, {"payload", "code"});
  }

  Rig rig_;
  Client ada_;
};

TEST_F(Commands, UnknownOnesAreNotFound) { EXPECT_EQ(error_of("nd.teleport"), "command.not_found"); }

TEST_F(Commands, MalformedCallsAreInvalid) {
  ada_.send(ada_.frame("call.command", Json::make_object({{"command", ""}})));
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.invalid");
  Json frame = ada_.frame("call.command", Json::make_object({{"command", "fs.listdir"}}));
  frame.set("payload", 5);
  ada_.send(frame);
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.invalid");
}

TEST_F(Commands, RequestKeyframe) {
  ada_.call("napari.pixel.request_keyframe");
  const Json reply = ada_.take("reply.command");
  EXPECT_EQ(text_at(reply, {"payload", "status"}), "ok");
  ASSERT_EQ(rig_.room.keyframes.size(), 1U);
  EXPECT_EQ(rig_.room.keyframes[0], ada_.id);
}

TEST_F(Commands, PixelTicket) {
  ada_.call("nd.pixel_ticket");
  EXPECT_EQ(text_at(ada_.take("reply.command"), {"payload", "result", "ticket"}), "ticket-main-2");
  EXPECT_EQ(error_of("nd.pixel_ticket", Json::make_object({{"view", "attic"}})), "command.invalid");
}

TEST_F(Commands, ListDirectory) {
  const std::string frame_id = ada_.call("fs.listdir", Json::make_object({{"path", "/data"}, {"show_hidden", true}}));
  EXPECT_FALSE(ada_.has("reply.command")) << "the answer takes time";
  ASSERT_EQ(rig_.room.listings.size(), 1U);
  EXPECT_EQ(rig_.room.listings[0].first.path, "/data");
  EXPECT_TRUE(rig_.room.listings[0].first.show_hidden);
  EXPECT_EQ(rig_.room.listings[0].first.only, std::vector<std::string>{".zarr"});
  DirectoryEntry entry{.name = "a.zarr", .path = "/data/a.zarr", .is_directory = true, .modified_unix_s = 5.0};
  entry.zarr = DirectoryEntry::Zarr{.is_dataset = true, .has_multiscales = true};
  const DirectoryPage page{.path = "/data", .entries = {entry, {.name = "b"}}, .next_cursor = "b"};
  rig_.room.listings[0].second(page);
  rig_.room.listings[0].second(page);
  const Json reply = ada_.take("reply.command");
  EXPECT_FALSE(ada_.has("reply.command")) << "answered once";
  EXPECT_EQ(text_at(reply, {"payload", "in_reply_to"}), frame_id);
  const Json result = at(reply, {"payload", "result"});
  EXPECT_EQ(at(result, {"has_more"}), Json(true));
  EXPECT_EQ(at(result, {"next_cursor"}), Json("b"));
  const Json::Array& entries = result.find("entries")->array();
  EXPECT_EQ(at(entries[0], {"zarr_metadata", "has_multiscales"}), Json(true));
  EXPECT_EQ(at(entries[1], {"zarr_metadata"}), Json(nullptr));
}

TEST_F(Commands, ListDirectoryRefusals) {
  EXPECT_EQ(error_of("fs.listdir", Json::make_object({{"path", 5}})), "command.invalid");
  EXPECT_EQ(error_of("fs.listdir", Json::make_object({{"only", ".zarr"}})), "command.invalid");
  for (const auto& [code, word] :
       {std::pair{ErrorCode::NotFound, "fs.not_found"}, std::pair{ErrorCode::Forbidden, "fs.forbidden"},
        std::pair{ErrorCode::Io, "command.retryable"}}) {
    ada_.call("fs.listdir", Json::make_object({{"path", "/x"}}));
    rig_.room.listings.back().second(fail(code, "no"));
    const Json error = ada_.take("error.command");
    EXPECT_EQ(text_at(error, {"payload", "code"}), word);
    EXPECT_EQ(text_at(error, {"payload", "details", "path"}), "/x");
  }
}

TEST_F(Commands, WP44_LayersOfAnotherImageAreAdded) {
  EXPECT_EQ(error_of("nd.layer.add"), "command.invalid");
  const auto add = [&](AddOutcome outcome) {
    ada_.call("nd.layer.add", Json::make_object({{"path", "/data/x.zarr"}}));
    EXPECT_EQ(rig_.room.additions.back().path, "/data/x.zarr");
    EXPECT_EQ(rig_.room.additions.back().author.actor, "ada");
    rig_.room.additions.back().done(std::move(outcome));
  };
  add(AddedLayers{{scene::LayerId{"layer-3"}, scene::LayerId{"layer-4"}}});
  const Json reply = ada_.take("reply.command");
  EXPECT_EQ(at(reply, {"payload", "result", "layers"}), Json::make_array({"layer-3", "layer-4"}));
  EXPECT_EQ(at(reply, {"payload", "result", "server_seq"}).as_uint64(), rig_.room.ledger().server_seq());
  add(Ambiguous{"/data/x.zarr", {"a", "b"}});
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "zarr.disambiguate");
  for (const auto& [code, word] :
       {std::pair{ErrorCode::NotFound, "fs.not_found"}, std::pair{ErrorCode::Unsupported, "zarr.invalid"}}) {
    add(Error{code, "no"});
    EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), word);
  }
}

TEST_F(Commands, WP44_LayersAreTakenAwayButForTheLast) {
  EXPECT_EQ(error_of("nd.layer.remove", Json::make_object({{"layer", "nothing"}})), "command.invalid");
  while (rig_.room.ledger().snapshot()->layers.size() > 1) {
    const auto before = rig_.room.ledger().snapshot();
    const std::string id = before->layers.back()->id.value;
    ada_.call("nd.layer.remove", Json::make_object({{"layer", id}}));
    ada_.take("reply.command");
    EXPECT_EQ(rig_.room.ledger().snapshot()->layers.size(), before->layers.size() - 1);
    EXPECT_FALSE(rig_.room.ledger().snapshot()->find_layer(scene::LayerId{id}));
  }
  const std::string last = rig_.room.ledger().snapshot()->layers[0]->id.value;
  const auto let_go = rig_.room.images_let_go;
  EXPECT_EQ(error_of("nd.layer.remove", Json::make_object({{"layer", last}})), "command.invalid");
  EXPECT_EQ(rig_.room.images_let_go, let_go);
  ada_.call("nd.undo", Json::make_object());
  EXPECT_EQ(at(ada_.take("reply.command"), {"payload", "result", "changed"}).size(), 0U) << "that was no step";
}

TEST_F(Commands, LoadZarr) {
  EXPECT_EQ(error_of("napari.load_zarr"), "command.invalid");
  const auto load = [&](LoadOutcome outcome) {
    ada_.call("napari.load_zarr", Json::make_object({{"path", "/data/x.zarr"}}));
    rig_.room.loads.back().done(std::move(outcome));
  };
  load(Loaded{});
  EXPECT_EQ(at(ada_.take("reply.command"), {"payload", "result", "ok"}), Json(true));
  EXPECT_EQ(rig_.room.loads.back().author.actor, "ada");
  load(Ambiguous{"/data/x.zarr", {"a", "b"}});
  const Json choice = ada_.take("error.command");
  EXPECT_EQ(text_at(choice, {"payload", "code"}), "zarr.disambiguate");
  EXPECT_EQ(at(choice, {"payload", "details", "options"}).size(), 2U);
  for (const auto& [code, word] :
       {std::pair{ErrorCode::NotFound, "fs.not_found"}, std::pair{ErrorCode::Forbidden, "fs.forbidden"},
        std::pair{ErrorCode::Corrupt, "zarr.invalid"}}) {
    load(Error{code, "no"});
    EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), word);
  }
}

TEST_F(Commands, WaitUntilResolvesOnTheAppliedWatermark) {
  ada_.call("nd.wait_until", Json::make_object({{"server_seq", 100}, {"camera_seq", 2}}));
  Watermark& mark = rig_.room.watermarks[kMainView];
  mark.server_seq = 100;
  rig_.hub->on_watermark(kMainView);
  EXPECT_FALSE(ada_.has("reply.command"));
  mark.camera_seq = 2;
  rig_.hub->on_watermark(kMainView);
  const Json reply = ada_.take("reply.command");
  EXPECT_EQ(at(reply, {"payload", "result", "server_seq"}), Json(100));
  rig_.clock.advance(14s);
  rig_.hub->tick();
  EXPECT_TRUE(ada_.sink->frames.empty());
}

TEST_F(Commands, WaitUntilComplete) {
  Watermark& mark = rig_.room.watermarks[kMainView];
  mark.server_seq = 100;
  ada_.call("nd.wait_until", Json::make_object({{"server_seq", 100}, {"until", "complete"}}));
  rig_.hub->on_watermark(kMainView);
  EXPECT_FALSE(ada_.has("reply.command"));
  mark.complete_server_seq = 100;
  rig_.hub->on_watermark(kMainView);
  EXPECT_TRUE(ada_.has("reply.command"));
  ada_.clear();
  ada_.call("nd.wait_until", Json::make_object({{"server_seq", 99}, {"until", "complete"}}));
  EXPECT_TRUE(ada_.has("reply.command")) << "met already";
}

TEST_F(Commands, WaitUntilTimesOut) {
  ada_.call("nd.wait_until", Json::make_object({{"server_seq", 100}, {"timeout_ms", 500}}));
  EXPECT_EQ(rig_.hub->next_deadline(), rig_.clock.now() + 500ms);
  rig_.clock.advance(500ms);
  rig_.hub->tick();
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.timeout");
  rig_.room.watermarks[kMainView].server_seq = 100;
  rig_.hub->on_watermark(kMainView);
  EXPECT_FALSE(ada_.has("reply.command"));
}

TEST_F(Commands, WaitUntilRefusals) {
  EXPECT_EQ(error_of("nd.wait_until"), "command.invalid");
  EXPECT_EQ(error_of("nd.wait_until", Json::make_object({{"server_seq", -1}})), "command.invalid");
  EXPECT_EQ(error_of("nd.wait_until", Json::make_object({{"server_seq", 1}, {"until", "soon"}})), "command.invalid");
  EXPECT_EQ(error_of("nd.wait_until", Json::make_object({{"server_seq", 1}, {"view", "attic"}})), "command.invalid");
}

TEST_F(Commands, EveryCommandHasATimeOut) {
  ada_.call("fs.listdir");
  rig_.clock.advance(limits::kCommandTimeout);
  rig_.hub->tick();
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.timeout");
  rig_.room.listings[0].second(DirectoryPage{});
  EXPECT_FALSE(ada_.has("reply.command"));
}

TEST_F(Commands, CommandsUnderWayAreBounded) {
  for (std::size_t i = 0; i < limits::kWaitsPerSession; ++i) ada_.call("fs.listdir");
  EXPECT_TRUE(ada_.sink->frames.empty());
  EXPECT_EQ(error_of("fs.listdir"), "command.retryable");
}

TEST_F(Commands, LargeOnesUnderWayAreTwoOfASession) {
  for (std::size_t i = 0; i < limits::kLargeCommandsPerSession; ++i) ada_.call("nd.screenshot");
  EXPECT_EQ(error_of("nd.screenshot"), "command.retryable");
  Client bob = rig_.settled(rig_.native("bob"));
  bob.call("nd.screenshot");
  EXPECT_EQ(rig_.room.pictures.size(), limits::kLargeCommandsPerSession + 1) << "another session's are its own";
  rig_.room.pictures.front().second(fail(ErrorCode::Io, "no"));
  ada_.clear();
  ada_.call("nd.screenshot");
  EXPECT_FALSE(ada_.has("error.command")) << "one that is answered leaves its place";
}

TEST_F(Commands, AnswersOutliveTheirSessionAndTheirHub) {
  ada_.call("fs.listdir");
  const auto done = rig_.room.listings[0].second;
  rig_.hub->on_close(ada_.id);
  done(DirectoryPage{});
  Client bob = rig_.settled(rig_.native("bob"));
  bob.call("fs.listdir");
  const auto late = rig_.room.listings[1].second;
  rig_.room.hub = nullptr;
  rig_.hub.reset();
  late(DirectoryPage{});
  EXPECT_TRUE(bob.sink->frames.empty());
}

}  // namespace
}  // namespace ndcast::session
