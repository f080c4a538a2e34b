// WP14: who is here, where they look and what they point at.

#include <gtest/gtest.h>

#include "session/presence_board.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

class PresenceTest : public ::testing::Test {
 protected:
  /// The entry of a session in the newest nd.presence that tells of it; null when none does.
  static Json entry_of(Client& client, const Client& whom) {
    Json found;
    while (client.has("nd.presence")) {
      const Json here = at(client.take("nd.presence"), {"payload", "here"});
      for (const Json& entry : here.array()) {
        if (text_at(entry, {"session"}) == whom.id.value) found = entry;
      }
    }
    return found;
  }
  void point(Client& client, Json cursor) {
    client.send(client.frame("nd.presence", Json::make_object({{"cursor", std::move(cursor)}})));
  }
  void wait() {
    rig_.clock.advance(PresenceBoard::kInterval);
    rig_.hub->tick();
  }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
};

TEST_F(PresenceTest, WP14_ANewcomerHearsOfEverybodyAndEverybodyOfIt) {
  wait();
  ada_.clear();
  Client bob = rig_.native("bob", auth::Role::Viewer);
  wait();
  const Json whole = bob.take("nd.presence");
  EXPECT_EQ(at(whole, {"payload", "whole"}), Json(true));
  EXPECT_EQ(at(whole, {"payload", "here"}).size(), 2U);
  EXPECT_EQ(at(whole, {"payload", "sessions"}), Json(2));
  const Json seen = entry_of(ada_, bob);
  EXPECT_EQ(text_at(seen, {"actor"}), "bob");
  EXPECT_EQ(text_at(seen, {"role"}), "viewer");
  EXPECT_EQ(text_at(seen, {"kind"}), "human");
  EXPECT_EQ(text_at(seen, {"view"}), "main");
  EXPECT_EQ(text_at(seen, {"color"}).size(), 7U);
  EXPECT_NE(text_at(seen, {"color"}), text_at(at(whole, {"payload", "here"}).array()[0], {"color"}));
}

TEST_F(PresenceTest, WP14_CursorsAreToldAtMostTwentyTimesASecondTheLatestOnly) {
  Client bob = rig_.settled(rig_.native("bob"));
  wait();
  wait();
  ada_.clear();
  for (int i = 0; i < 100; ++i) {
    point(bob, Json::make_array({0, 0, i, 2.5}));
    rig_.clock.advance(2ms);
    rig_.hub->tick();
  }
  EXPECT_LE(ada_.count("nd.presence"), 5U);
  EXPECT_GE(ada_.count("nd.presence"), 3U);
  wait();
  EXPECT_EQ(to_string(at(entry_of(ada_, bob), {"cursor"})), "[0.0,0.0,99.0,2.5]");
  point(bob, nullptr);
  wait();
  EXPECT_FALSE(entry_of(ada_, bob).find("cursor"));
}

TEST_F(PresenceTest, WP14_PointingIsNoChangeOfTheScene) {
  const std::uint64_t before = rig_.room.ledger().server_seq();
  Client eve = rig_.settled(rig_.native("eve", auth::Role::Viewer));
  point(eve, Json::make_array({0, 0, 1, 2}));
  wait();
  EXPECT_EQ(rig_.room.ledger().server_seq(), before);
  EXPECT_FALSE(entry_of(ada_, eve).is_null()) << "who only looks may point";
}

TEST_F(PresenceTest, WP14_AViewThatIsForkedAndASessionThatGoesAreTold) {
  Client bob = rig_.settled(rig_.native("bob"));
  bob.call("nd.view.fork");
  const std::string view = text_at(bob.take("reply.command"), {"payload", "result", "view"});
  wait();
  EXPECT_EQ(text_at(entry_of(ada_, bob), {"view"}), view);
  rig_.hub->on_close(bob.id);
  wait();
  const Json notice = ada_.take("nd.presence");
  EXPECT_EQ(text_at(at(notice, {"payload", "gone"}).array()[0], {}), bob.id.value);
  EXPECT_EQ(at(notice, {"payload", "sessions"}), Json(1));
}

TEST_F(PresenceTest, WP18_WhoLagsHearsTheLatestOnceItKeepsUp) {
  Client bob = rig_.settled(rig_.native("bob"));
  wait();
  ada_.sink->is_stuck = true;
  point(bob, Json::make_array({0, 0, 1, 1}));
  wait();
  rig_.clock.advance(2s);
  ada_.clear();
  point(bob, Json::make_array({0, 0, 2, 2}));
  wait();
  EXPECT_FALSE(ada_.has("nd.presence"));
  ada_.sink->is_stuck = false;
  ada_.sink->queued = 0;
  rig_.hub->on_writable(ada_.id);
  wait();
  const Json whole = ada_.take("nd.presence");
  EXPECT_EQ(at(whole, {"payload", "whole"}), Json(true));
  EXPECT_NE(to_string(whole).find("[0.0,0.0,2.0,2.0]"), std::string::npos);
}

TEST_F(PresenceTest, WP7_ACursorThatIsNoneIsRefusedAndNothingElseHappens) {
  for (const Json& cursor : {Json("here"), Json::make_array({1, 2}), Json::make_array({1, 2, 3, "x"})}) {
    ada_.clear();
    point(ada_, cursor);
    EXPECT_EQ(text_at(ada_.take("notify.error"), {"payload", "code"}), "invalid_payload") << to_string(cursor);
  }
  EXPECT_EQ(text_at(ada_.update("dims", "z", "index", 3), {"payload", "status"}), "accepted");
}

TEST(PresenceBoard, WP14_AFullHouseShowsThoseWhoCameFirstAndCountsAll) {
  PresenceBoard board;
  const std::size_t all = PresenceBoard::kPeopleShown + 2;
  for (std::size_t i = 0; i < all; ++i) board.note({.session = fmt::format("s{}", i), .actor = "a", .view = "main"});
  const protocol::PresenceNotice whole = board.whole();
  EXPECT_EQ(whole.here.size(), PresenceBoard::kPeopleShown);
  EXPECT_EQ(whole.sessions, std::ssize(std::vector<int>(all)));
  MonotonicTime now{};
  EXPECT_EQ(board.take(now)->here.size(), PresenceBoard::kPeopleShown);
  board.point(SessionId{fmt::format("s{}", all - 1)}, std::vector<double>{1.0});
  now += 1s;
  EXPECT_FALSE(board.take(now)) << "who is not shown moves nothing";
  board.drop(SessionId{"s3"});
  now += 1s;
  const auto notice = board.take(now);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->gone, std::vector<std::string>{"s3"});
  ASSERT_EQ(notice->here.size(), 1U);
  EXPECT_EQ(notice->here[0].session, fmt::format("s{}", PresenceBoard::kPeopleShown)) << "the next one takes the place";
}

}  // namespace
}  // namespace ndcast::session
