// WP34: thumbnails for who asked. WP35: jobs, their progress, and ending one early.

#include <gtest/gtest.h>

#include "base/limits.h"
#include "session/job_desk.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace testing;

protocol::ThumbnailNotice small(std::string layer, std::int64_t server_seq) {
  return {.layer_id = std::move(layer), .server_seq = server_seq, .width = 4, .height = 2, .png = "AAAA"};
}

class NewsTest : public ::testing::Test {
 protected:
  void pass(std::chrono::milliseconds time) {
    rig_.clock.advance(time);
    rig_.hub->tick();
  }
  Json result(Client& client) { return at(client.take("reply.command"), {"payload", "result"}); }
  std::string refusal(Client& client) { return text_at(client.take("error.command"), {"payload", "code"}); }

  Rig rig_;
  Client ada_ = rig_.settled(rig_.native("ada"));
  Client bob_ = rig_.settled(rig_.native("bob"));
};

TEST_F(NewsTest, WP34_WhoAskedIsShownEachLayerAndWhateverIsNewer) {
  EXPECT_FALSE(rig_.room.thumbnails_wanted);
  ada_.call("nd.thumbnails");
  EXPECT_EQ(result(ada_), Json::make_object({{"on", true}}));
  EXPECT_TRUE(rig_.room.thumbnails_wanted);
  rig_.hub->on_thumbnail(small("layer-0", 5));
  const Json shown = ada_.take("nd.thumbnail");
  EXPECT_EQ(text_at(shown, {"payload", "layer_id"}), "layer-0");
  EXPECT_EQ(text_at(shown, {"payload", "server_seq"}), "5");
  EXPECT_EQ(text_at(shown, {"payload", "png"}), "AAAA");
  EXPECT_FALSE(bob_.has("nd.thumbnail")) << "did not ask";
  pass(1s);
  EXPECT_FALSE(ada_.has("nd.thumbnail")) << "once";

  bob_.call("nd.thumbnails");
  pass(10ms);
  EXPECT_EQ(bob_.count("nd.thumbnail"), 1U) << "the newest that there is, at once";
}

TEST_F(NewsTest, WP34_WhoLagsIsShownTheLatestAlone) {
  ada_.call("nd.thumbnails");
  ada_.sink->is_stuck = true;
  rig_.hub->on_thumbnail(small("layer-0", 1));
  rig_.clock.advance(limits::kSendLag);
  rig_.hub->tick();
  ada_.clear();
  for (int i = 0; i < 5; ++i) rig_.hub->on_thumbnail(small("layer-0", 10 + i));
  EXPECT_FALSE(ada_.has("nd.thumbnail"));
  ada_.sink->is_stuck = false;
  ada_.sink->queued = 0;
  rig_.hub->on_writable(ada_.id);
  pass(10ms);
  EXPECT_EQ(ada_.count("nd.thumbnail"), 1U);
  EXPECT_EQ(text_at(ada_.take("nd.thumbnail"), {"payload", "server_seq"}), "14");
}

TEST_F(NewsTest, WP34_NoneOfALayerThatIsGoneAndNoneWhenNobodyWants) {
  ada_.call("nd.thumbnails");
  rig_.hub->on_thumbnail(small("no such layer", 5));
  EXPECT_FALSE(ada_.has("nd.thumbnail"));
  ada_.call("nd.thumbnails", Json::make_object({{"on", false}}));
  EXPECT_FALSE(rig_.room.thumbnails_wanted);
  ada_.call("nd.thumbnails");
  rig_.hub->on_close(ada_.id);
  EXPECT_FALSE(rig_.room.thumbnails_wanted) << "the last who wanted them left";
}

TEST_F(NewsTest, WP34_NotForTheOriginalDialect) {
  Client old = rig_.settled(rig_.original());
  old.call("nd.thumbnails");
  EXPECT_EQ(refusal(old), "command.invalid");
}

TEST_F(NewsTest, WP35_EverybodyHearsOfAJobAtMostTwiceASecondAndOfItsEnd) {
  ada_.call("nd.stats", Json::make_object({{"layer", "layer-0"}}));
  const std::string job = text_at(result(ada_), {"job"});
  ASSERT_EQ(rig_.room.jobs.size(), 1U);
  EXPECT_EQ(rig_.room.jobs[0].first, job);
  pass(0ms);
  const Json begun = bob_.take("nd.job");
  EXPECT_EQ(text_at(begun, {"payload", "kind"}), "stats");
  EXPECT_EQ(text_at(begun, {"payload", "actor"}), "ada");
  EXPECT_EQ(text_at(begun, {"payload", "state"}), "running");
  for (int i = 1; i <= 100; ++i) {
    rig_.hub->on_job_progress(job, {.done = static_cast<std::uint64_t>(i), .total = 100, .message = {}});
    pass(20ms);
  }
  EXPECT_GE(bob_.count("nd.job"), 3U);
  EXPECT_LE(bob_.count("nd.job"), 4U);
  bob_.clear();
  rig_.hub->on_job_ended(job, Json::make_object({{"max", 7}}));
  const Json end = bob_.take("nd.job");
  EXPECT_EQ(text_at(end, {"payload", "state"}), "done");
  EXPECT_EQ(text_at(end, {"payload", "done"}), "100");
  EXPECT_EQ(text_at(end, {"payload", "result", "max"}), "7");
  rig_.hub->on_job_progress(job, {.done = 1, .total = 100, .message = {}});
  pass(2s);
  EXPECT_FALSE(bob_.has("nd.job")) << "after its end";
}

TEST_F(NewsTest, WP35_AJobOutlivesItsSessionAndIsListed) {
  ada_.call("nd.stats", Json::make_object({{"layer", "layer-0"}}));
  const std::string job = text_at(result(ada_), {"job"});
  rig_.hub->on_close(ada_.id);
  rig_.hub->on_job_ended(job, Error{ErrorCode::Corrupt, "c/0/0 does not decode"});
  bob_.call("nd.job.list");
  const Json jobs = *result(bob_).find("jobs");
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(text_at(jobs.array()[0], {"state"}), "failed");
  EXPECT_EQ(text_at(jobs.array()[0], {"message"}), "c/0/0 does not decode");
}

TEST_F(NewsTest, WP35_WhoStartedItOrAnAdminEndsIt) {
  ada_.call("nd.stats", Json::make_object({{"layer", "layer-0"}}));
  const std::string job = text_at(result(ada_), {"job"});
  const Json which = Json::make_object({{"job", job}});
  bob_.call("nd.job.cancel", which);
  EXPECT_EQ(refusal(bob_), "command.forbidden");
  EXPECT_TRUE(rig_.room.cancelled_jobs.empty());
  Client root = rig_.settled(rig_.native("root", auth::Role::Admin));
  root.call("nd.job.cancel", which);
  EXPECT_EQ(result(root), Json::make_object({{"cancelling", true}}));
  ada_.call("nd.job.cancel", which);
  EXPECT_EQ(result(ada_), Json::make_object({{"cancelling", true}}));
  EXPECT_EQ(rig_.room.cancelled_jobs, (std::vector<std::string>{job, job}));
  rig_.hub->on_job_ended(job, JobCancelled{});
  EXPECT_EQ(text_at(bob_.take("nd.job"), {"payload", "state"}), "running");
  EXPECT_EQ(text_at(bob_.take("nd.job"), {"payload", "state"}), "cancelled");
  ada_.call("nd.job.cancel", which);
  EXPECT_EQ(result(ada_), Json::make_object({{"cancelling", false}}));
  ada_.call("nd.job.cancel", Json::make_object({{"job", "job-x"}}));
  EXPECT_EQ(refusal(ada_), "command.invalid");
}

TEST_F(NewsTest, WP35_WhatCannotBeginIsRefusedAndLeavesNoTrace) {
  ada_.call("nd.stats", Json::make_object({{"layer", "layer-9"}}));
  EXPECT_EQ(refusal(ada_), "command.invalid");
  rig_.room.refuses_jobs = true;
  ada_.call("nd.stats", Json::make_object({{"layer", "layer-0"}}));
  EXPECT_EQ(refusal(ada_), "command.retryable");
  ada_.call("nd.job.list");
  EXPECT_EQ(result(ada_).find("jobs")->size(), 0U);
  pass(1s);
  EXPECT_FALSE(bob_.has("nd.job"));
}

TEST(JobDesk, WP35_SoManyAtOnceAndSoManyRemembered) {
  JobDesk desk;
  MonotonicTime now{};
  for (std::size_t i = 0; i < limits::kJobsRunning; ++i) {
    ASSERT_TRUE(desk.begin(fmt::format("job-{}", i), "stats", "ada", SessionId{"s"}));
  }
  EXPECT_EQ(desk.begin("job-x", "stats", "ada", SessionId{"s"}).error().code, ErrorCode::Limit);
  for (std::size_t i = 0; i < limits::kJobsRunning; ++i) desk.end(fmt::format("job-{}", i), JobCancelled{});
  for (std::size_t i = 0; i < 2 * limits::kJobsEnded; ++i) {
    const std::string job = fmt::format("late-{}", i);
    ASSERT_TRUE(desk.begin(job, "stats", "ada", SessionId{"s"}));
    desk.end(job, JobCancelled{});
    EXPECT_FALSE(desk.take(now).empty()) << "each end is told";
    now += 1s;
  }
  EXPECT_EQ(desk.jobs().size(), limits::kJobsEnded);
  EXPECT_EQ(desk.jobs().back().now.job, fmt::format("late-{}", 2 * limits::kJobsEnded - 1));
  EXPECT_EQ(desk.next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace ndcast::session
