// WP32 end to end: two people in one room look at different places, each over its own pixel socket.

#include <gtest/gtest.h>

#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;

const fs::path kSample = fs::path(NDCAST_SOURCE_DIR) / "samples" / "mri-stack.ome.zarr";

Json result_of(const Json& answer) {
  const Json* result = answer.find("result");
  if (!result) throw std::runtime_error("refused: " + to_string(answer));
  return *result;
}
std::string code_of(const Json& answer) {
  const Json* code = answer.find("code");
  return code ? code->string() : "";
}

class RoomViews : public ::testing::Test {
 protected:
  RoomViews() {
    if (const auto opened = house_.open(kSample.string()); !opened) throw std::runtime_error(opened.error().message);
    ada_.join();
    bob_.join();
  }
  /// The client's own newest frame shows the view of its newest snapshot.
  static bool shows_own(const LoopbackClient& client) {
    return client.shown().binding == client.binding() && client.shown().complete;
  }
  std::string fork(LoopbackClient& client, Json kwargs = Json::make_object()) {
    std::string view = result_of(client.call("nd.view.fork", std::move(kwargs))).find("view")->string();
    client.wait("the fork", [&] { return client.view() == view && shows_own(client); });
    return view;
  }
  void serve_until(std::string_view what, const std::function<bool()>& condition) {
    ada_.wait(what, [&] {
      bob_.pump();
      return condition();
    });
  }

  LoopbackRoom house_;
  LoopbackClient ada_{house_, "ada"};
  LoopbackClient bob_{house_, "bob"};
};

TEST_F(RoomViews, WP32_TwoViewsStreamDifferentPicturesAndComeTogetherAgain) {
  ada_.record(true);
  const std::string view = fork(ada_);
  const std::uint64_t toggled = ada_.update("view", "main", "ndisplay", 3);
  ada_.wait("ada's volume", [&] { return ada_.shown().ndisplay == 3 && ada_.shown().server_seq >= toggled; });
  const std::uint64_t moved = bob_.update("dims", "z", "index", 4);
  bob_.wait("bob's slice", [&] { return bob_.shown().server_seq >= moved && bob_.shown().complete; });
  EXPECT_EQ(bob_.shown().ndisplay, 2) << "bob stays in 2D";
  EXPECT_EQ(ada_.shown().ndisplay, 3);
  EXPECT_EQ(bob_.value("view", view, "ndisplay").as_int64(), 3) << "and is told of ada's view";
  ada_.wait("bob's move", [&] { return ada_.value("dims", "room/z", "index").as_int64() == 4; });

  result_of(ada_.call("nd.view.close", Json::make_object()));
  ada_.wait("the room's view", [&] { return ada_.view() == "main" && shows_own(ada_) && ada_.shown().ndisplay == 2; });
  EXPECT_EQ(ada_.value("dims", "z", "index").as_int64(), 4);
  serve_until("the view's end", [&] { return bob_.value("view", view, "ndisplay").is_null(); });
  EXPECT_FALSE(ada_.pixels_closed()) << "one socket all the way";
  std::uint32_t seq = ada_.recorded().front().header.seq;
  std::uint8_t binding = 0;
  for (const ReceivedFrame& frame : ada_.recorded()) {
    EXPECT_EQ(frame.header.seq, seq++) << "WP21 contiguous over a change of view";
    EXPECT_TRUE(frame.state.binding == binding || frame.header.keyframe) << "a change begins with a keyframe";
    EXPECT_GE(frame.state.binding, binding);
    binding = frame.state.binding;
  }
  EXPECT_EQ(binding, 2);
}

TEST_F(RoomViews, WP32_AFollowerSeesWhatTheOtherSeesUntilItMoves) {
  const std::string view = fork(ada_);
  result_of(bob_.call("nd.view.follow", Json::make_object({{"session", ada_.session()}})));
  bob_.wait("ada's view", [&] { return bob_.view() == view && shows_own(bob_); });
  const std::uint64_t moved = ada_.update("dims", "z", "index", 9);
  serve_until("ada's slice on both", [&] {
    return ada_.shown().server_seq >= moved && bob_.shown().server_seq >= moved && bob_.shown().binding == 1;
  });
  ada_.update("camera", "main", "zoom",
              Json::make_object({{"factor", 0.5}, {"anchor_px", Json::make_array({100.0, 100.0})}}));
  serve_until("ada's zoom on both", [&] {
    return ada_.shown().camera_seq >= 1 && bob_.shown().camera_seq >= 1 && bob_.shown().complete &&
           ada_.shown().complete && bob_.value("camera", "main", "plane") == ada_.value("camera", "main", "plane");
  });
  const auto pose = bob_.shown().pose;
  const std::uint64_t own = bob_.update("dims", "z", "index", 12);
  bob_.wait("bob's own view", [&] { return bob_.view() != view && shows_own(bob_) && bob_.shown().server_seq >= own; });
  EXPECT_EQ(bob_.shown().pose, pose) << "goes on from where ada was";
  EXPECT_EQ(bob_.value("dims", "z", "index").as_int64(), 12);
  EXPECT_EQ(ada_.value("dims", "z", "index").as_int64(), 9);
}

TEST_F(RoomViews, WP32_AForkWithAnotherCanvasShowsItUnstretched) {
  ada_.update("view", "main", "canvas", Json::make_object({{"width", 1280}, {"height", 720}, {"dpr", 1.0}}));
  bob_.update("view", "main", "canvas", Json::make_object({{"width", 640}, {"height", 640}, {"dpr", 1.0}}));
  fork(bob_);
  bob_.wait("a picture of bob's size", [&] {
    const Json canvas = bob_.value("view", "main", "canvas");
    return canvas.find("width")->as_int64() == 640 && canvas.find("height")->as_int64() == 640 &&
           bob_.shown().complete && std::abs(bob_.shown().pose[2] - bob_.shown().pose[3]) < 1e-6 * bob_.shown().pose[3];
  });
  EXPECT_EQ(bob_.value("view", "room", "canvas").find("width")->as_int64(), 1280);
}

TEST_F(RoomViews, WP32_AnotherImageIsEveryViews) {
  fork(ada_);
  std::optional<Result<void>> opened;
  house_.room->open((kSample.parent_path() / "blastocyst.ome.zarr").string(),
                    [&](const Result<void>& done) { opened = done; });
  serve_until("the other image", [&] { return opened.has_value(); });
  ASSERT_TRUE(*opened);
  const auto seq = house_.room->snapshot()->server_seq;
  serve_until("the other image in both views", [&] {
    return ada_.shown().server_seq >= seq && bob_.shown().server_seq >= seq && ada_.shown().complete &&
           bob_.shown().complete;
  });
  EXPECT_EQ(ada_.shown().binding, 1);
  EXPECT_EQ(ada_.value("scene", "main", "source"), bob_.value("scene", "main", "source"));
  EXPECT_EQ(ada_.value("dims", "z", "index"), ada_.value("dims", "room/z", "index"));
}

TEST_F(RoomViews, WP32_ATicketLeadsWhereItsSessionIsByThen) {
  const std::string ticket = result_of(ada_.call("nd.pixel_ticket", Json::make_object())).find("ticket")->string();
  fork(ada_);
  auto socket = house_.room->make_pixel_socket(ticket, {.extended = true});
  ASSERT_TRUE(socket);
  transport::LoopbackPair pixels(*socket);
  std::optional<std::uint8_t> binding;
  ada_.wait("a frame on the other socket", [&] {
    pixels.pump();
    for (const auto& message : pixels.take_received()) {
      binding = stream::parse_pixel_frame(message.bytes)->state->binding;
    }
    return binding.has_value();
  });
  EXPECT_EQ(binding, 1);
  EXPECT_FALSE(house_.room->make_pixel_socket(ticket, {.extended = true})) << "used";
}

TEST_F(RoomViews, WP32_AViewThatNobodyWatchesIsNotDrawn) {
  const std::string view = fork(ada_);
  result_of(ada_.call("nd.view.follow", Json::make_object({{"view", "room"}})));
  ada_.wait("the room's view", [&] { return ada_.view() == "main" && shows_own(ada_); });
  house_.loop.run_for(300ms);
  const auto before = house_.room->render_stats().frames;
  bob_.update("dims", view + "/z", "index", 3);
  bob_.call("nd.wait_until", Json::make_object({{"view", view}, {"server_seq", house_.room->snapshot()->server_seq}}));
  house_.loop.run_for(200ms);
  EXPECT_EQ(house_.room->render_stats().frames, before) << "applied, and not drawn";
  EXPECT_EQ(code_of(bob_.call("nd.view.close", Json::make_object({{"view", "room"}}))), "command.invalid");
}

}  // namespace
}  // namespace ndcast::room
