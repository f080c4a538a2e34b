// nd.movie and nd.screenshot (protocol.md WP43), with a room that answers when the test says so.

#include "session/taking_away.h"

#include <gtest/gtest.h>

#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

class TakingAwayTest : public ::testing::Test {
 protected:
  std::string refusal(std::string_view command, std::string_view kwargs) {
    ada_.clear();
    ada_.call(command, *parse_json(kwargs));
    return ada_.has("error.command") ? text_at(ada_.take("error.command"), {"payload", "message"}) : "taken";
  }
  Json answer(std::string_view command, std::string_view kwargs) {
    ada_.clear();
    ada_.call(command, *parse_json(kwargs));
    return at(ada_.take("reply.command"), {"payload", "result"});
  }
  const MovieJob& job() const { return std::get<MovieJob>(rig_.room.jobs.back().second); }
  const scene::ViewState& view() { return *rig_.room.ledger().snapshot()->find_view(scene::kMainView); }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
};

TEST_F(TakingAwayTest, WP43_AMovieIsAJobOfTheSceneAsItIsNow) {
  const Json told =
      answer("nd.movie", R"({"kind":"along","axis":"z","from":3,"to":1,"fps":12.5,"width":64,"height":48})");
  EXPECT_EQ(told.find("pictures")->as_int64(), 3);
  EXPECT_EQ(told.find("job")->string(), rig_.room.jobs.back().first);
  EXPECT_EQ(job().fps, 12.5);
  EXPECT_EQ(job().width, 64);
  EXPECT_EQ(job().height, 48);
  ada_.update("dims", "z", "index", 0);
  const auto slot = static_cast<std::size_t>(*scene::axis_position(*rig_.room.ledger().snapshot()->axes, "z"));
  EXPECT_EQ(job().film.scene(2).views.at(scene::kMainView).index->value[slot], 1);
  EXPECT_EQ(job().name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"),
            std::string::npos);
}

TEST_F(TakingAwayTest, WP43_ATurntableTakesAVolumeAndTheCanvas) {
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"turntable"})"),
            "turntable: the view shows a slice; there is something to turn in 3D");
  ada_.update("view", "main", "ndisplay", 3);
  rig_.settle();
  EXPECT_EQ(answer("nd.movie", R"({"kind":"turntable"})").find("pictures")->as_int64(), 180);
  EXPECT_EQ(job().width, view().view->canvas.width);
  EXPECT_EQ(job().height, view().view->canvas.height);
  EXPECT_EQ(job().fps, 30);
  EXPECT_EQ(answer("nd.movie", R"({"kind":"turntable","pictures":9})").find("pictures")->as_int64(), 9);
}

TEST_F(TakingAwayTest, WP43_WhatIsWrongWithAMovieIsSaid) {
  EXPECT_EQ(refusal("nd.movie", "{}"), "kind: expected turntable or along, found \"\"");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"q"})"), "along q: the image has no such axis");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"x"})"), "along x: this axis is displayed, it has no slider");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"z","width":101})"),
            fmt::format("101×{} pixels: expected even numbers, which video needs", view().view->canvas.height));
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"z","width":5000})"),
            "width: expected 16 to 4096 pixels, found 5000");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"z","fps":0})"), "fps: expected 0.1 to 120, found 0");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"z","fps":"fast"})"), "fps: expected a number, found string");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","axis":"z","every":0})"), "every: expected 1 or more");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"along","view":"view-12345678"})"), "view: there is no view view-12345678");
  ada_.update("view", "main", "ndisplay", 3);
  rig_.settle();
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"turntable","pictures":1})"), "pictures: expected 2 to 5000, found 1");
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"turntable","pictures":5001})"), "pictures: expected 2 to 5000, found 5001");
  rig_.room.refuses_jobs = true;
  EXPECT_EQ(refusal("nd.movie", R"({"kind":"turntable"})"), "too much is under way");
}

TEST_F(TakingAwayTest, WP43_APictureIsAnsweredWhenItIsTaken) {
  ada_.clear();
  ada_.call("nd.screenshot", *parse_json(R"({"width":99,"height":50})"));
  ASSERT_EQ(rig_.room.pictures.size(), 1U);
  const auto& [query, done] = rig_.room.pictures.back();
  EXPECT_EQ(query.view, scene::kMainView);
  EXPECT_EQ(query.width, 99);
  EXPECT_EQ(query.height, 50);
  EXPECT_FALSE(ada_.has("reply.command"));
  done(TakenPicture{.url = "api/v1/blob/1?room=main", .width = 99, .height = 50, .bytes = 7, .server_seq = 3});
  rig_.settle();
  const Json told = at(ada_.take("reply.command"), {"payload", "result"});
  EXPECT_EQ(told.find("url")->string(), "api/v1/blob/1?room=main");
  EXPECT_EQ(told.find("server_seq")->as_int64(), 3);
  EXPECT_EQ(refusal("nd.screenshot", R"({"height":15})"), "height: expected 16 to 2304 pixels, found 15");

  ada_.clear();
  ada_.call("nd.screenshot", *parse_json("{}"));
  rig_.room.pictures.back().second(fail(ErrorCode::Limit, "too many"));
  rig_.settle();
  EXPECT_EQ(text_at(ada_.take("error.command"), {"payload", "code"}), "command.retryable");
}

}  // namespace
}  // namespace ndcast::session
