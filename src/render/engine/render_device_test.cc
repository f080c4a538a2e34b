// One render thread for the views of several rooms: none starves, none hears of another's, one that nobody watches
// costs nothing, and a room goes while its pictures are being drawn.

#include "render/engine/render_device.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "render/engine/test_scene.h"

namespace ndcast::render {
namespace {

using namespace ndcast::render::test;
using scene::kMainView;

const scene::ViewId kFork{"view-1"};
constexpr std::chrono::seconds kDeadline{20};

/// Takes its time, so that frames are the bottleneck.
class SlowRenderer final : public Renderer {
 public:
  explicit SlowRenderer(std::chrono::microseconds frame_time) : frame_time_(frame_time) {}
  std::string_view name() const override { return "slow"; }
  Result<void> render(const FrameInput& input, Picture& out) override {
    out.resize(input.width, input.height);
    std::this_thread::sleep_for(frame_time_);
    return {};
  }

 private:
  const std::chrono::microseconds frame_time_;
};

/// A snapshot of two views.
scene::SnapshotPtr with_fork(const TestScene& scene) {
  auto snapshot = std::make_shared<scene::SceneSnapshot>(*scene.now());
  scene::ViewState fork = *snapshot->find_view(kMainView);
  fork.id = kFork;
  snapshot->views[kFork] = fork;
  return snapshot;
}

class RenderDeviceTest : public ::testing::Test {
 protected:
  struct Seen {
    std::map<scene::ViewId, int> frames;
    std::map<scene::ViewId, std::uint64_t> applied;
  };

  std::unique_ptr<RenderWorker> open(Seen& seen) {
    return std::make_unique<RenderWorker>(
        device_,
        WorkerCallbacks{
            .on_applied =
                [this, &seen](const AppliedReport& report) {
                  note([&] { seen.applied[report.view] = report.server_seq; });
                },
            .on_frame = [this, &seen](const RenderedFrame& frame) { note([&] { ++seen.frames[frame.view]; }); },
            .on_failure = {}});
  }
  template <class Change>
  void note(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  template <class Holds>
  bool eventually(Holds holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline, holds);
  }
  void move(RenderWorker& worker, const scene::ViewId& view, std::uint64_t seq) {
    worker.push_camera(view, {.verb = scene::PanVerb{1, 0}, .canvas = {64, 48, 1}, .camera_seq = seq}, clock_.now());
  }

  SystemClock clock_;
  std::shared_ptr<image::ChunkLoader> loader_ =
      std::make_shared<image::ChunkLoader>(std::make_shared<image::ChunkCache>(std::size_t{64} << 20), 2);
  std::shared_ptr<RenderDevice> device_ =
      std::make_shared<RenderDevice>(std::make_unique<SlowRenderer>(10ms), loader_, clock_);
  TestImage image_{{"z", "y", "x"}, {{{8, 48, 64}, {1, 16, 16}}}};
  TestScene scene_{{image_.image}};
  std::mutex mutex_;
  std::condition_variable changed_;
};

TEST_F(RenderDeviceTest, FourMovingViewsOfTwoRoomsGetTheSameShare) {
  Seen seen_a;
  Seen seen_b;
  const auto a = open(seen_a);
  const auto b = open(seen_b);
  for (RenderWorker* worker : {a.get(), b.get()}) {
    for (const scene::ViewId& view : {kMainView, kFork}) worker->set_view_active(view, true);
    worker->publish(with_fork(scene_), scene_.images());
  }
  ASSERT_TRUE(eventually([&] { return seen_a.frames.size() == 2 && seen_b.frames.size() == 2; }));
  std::atomic<bool> moving{true};
  // Everybody drags at 250 Hz: 10 ms a frame serve 100 frames a second, and each view wants 60.
  std::thread hand([&] {
    for (std::uint64_t seq = 1; moving; ++seq) {
      for (RenderWorker* worker : {a.get(), b.get()}) {
        for (const scene::ViewId& view : {kMainView, kFork}) move(*worker, view, seq);
      }
      std::this_thread::sleep_for(4ms);
    }
  });
  const auto counts = [&] {
    return std::vector<int>{seen_a.frames[kMainView], seen_a.frames[kFork], seen_b.frames[kMainView],
                            seen_b.frames[kFork]};
  };
  std::vector<int> start;
  ASSERT_TRUE(eventually([&] {
    start = counts();
    return true;
  }));
  const auto drawn = [&] {
    std::vector<int> now = counts();
    for (std::size_t i = 0; i < now.size(); ++i) now[i] -= start[i];
    return now;
  };
  EXPECT_TRUE(eventually([&] {
    const std::vector<int> now = drawn();
    return std::accumulate(now.begin(), now.end(), 0) >= 120;
  }));
  std::vector<int> shares;
  ASSERT_TRUE(eventually([&] {
    shares = drawn();
    return true;
  }));
  moving = false;
  hand.join();
  for (const int share : shares) {
    EXPECT_GE(share, 25) << fmt::format("of 120 frames: {}", fmt::join(shares, ", "));
    EXPECT_LE(share, 36) << fmt::format("of 120 frames: {}", fmt::join(shares, ", "));
  }
}

TEST_F(RenderDeviceTest, AViewThatNobodyWatchesIsAppliedAndNotDrawn) {
  Seen seen;
  const auto worker = open(seen);
  worker->set_view_active(kMainView, true);
  worker->publish(with_fork(scene_), scene_.images());
  ASSERT_TRUE(eventually([&] { return seen.applied[kFork] == 1 && seen.frames[kMainView] > 0; }));
  move(*worker, kFork, 1);
  move(*worker, kMainView, 1);
  const int before = seen.frames[kMainView];
  ASSERT_TRUE(eventually([&] { return seen.frames[kMainView] > before; }));
  EXPECT_EQ(seen.frames[kFork], 0);
}

TEST_F(RenderDeviceTest, WP13_ARestartedSceneAppliesAndDrawsAgainAndCountsOn) {
  Seen seen;
  std::uint64_t camera_seq = 0;
  std::uint32_t epoch = 0;
  RenderWorker worker(device_,
                      {.on_applied =
                           [&](const AppliedReport& report) {
                             note([&] {
                               seen.applied[report.view] = report.server_seq;
                               camera_seq = report.camera_seq;
                               epoch = report.view_epoch;
                             });
                           },
                       .on_frame = [&](const RenderedFrame& frame) { note([&] { ++seen.frames[frame.view]; }); },
                       .on_failure = {}});
  worker.set_view_active(kMainView, true);
  worker.publish(scene_.now(), scene_.images());
  move(worker, kMainView, 7);
  ASSERT_TRUE(eventually([&] { return camera_seq == 7 && seen.frames[kMainView] > 0; }));
  note([&] { seen = {}, camera_seq = 0; });
  const std::uint32_t before = epoch;
  worker.restart();
  EXPECT_TRUE(eventually([&] { return seen.applied[kMainView] > 0 && seen.frames[kMainView] > 0; }));
  EXPECT_EQ(camera_seq, 7U) << "who waits for it does not wait for ever";
  EXPECT_GT(epoch, before);
  EXPECT_EQ(worker.stats().restarts, 1U);
}

TEST_F(RenderDeviceTest, ARoomGoesWhileItsPicturesAreDrawnAndTheOtherGoesOn) {
  Seen stays;
  const auto other = open(stays);
  other->set_view_active(kMainView, true);
  other->publish(scene_.now(), scene_.images());
  for (int i = 0; i < 20; ++i) {
    Seen gone;
    auto worker = open(gone);
    worker->set_view_active(kMainView, true);
    worker->publish(scene_.now(), scene_.images());
    if (i % 2 == 0) {
      ASSERT_TRUE(eventually([&] { return gone.applied.contains(kMainView); }));
    }
    worker.reset();  // and `gone`, which no callback may touch any more
  }
  const auto before = [&] {
    const std::lock_guard lock(mutex_);
    return stays.frames[kMainView];
  }();
  move(*other, kMainView, 1);
  EXPECT_TRUE(eventually([&] { return stays.frames[kMainView] > before; }));
}

/// Slow, so that moving pictures are small ones; the first picture that may be given up takes until it is.
class Perfectionist final : public Renderer {
 public:
  std::string_view name() const override { return "perfectionist"; }
  Result<void> render(const FrameInput& input, Picture& out) override {
    out.resize(input.width, input.height);
    if (input.cancelled && !std::exchange(was_asked_, true)) {
      waits_ = true;
      for (int i = 0; i < 10'000 && !is_cancelled(input); ++i) std::this_thread::sleep_for(1ms);
      if (is_cancelled(input)) return fail(ErrorCode::Cancelled, "for somebody");
    }
    if (!input.cancelled) std::this_thread::sleep_for(60ms);
    return {};
  }
  const std::atomic<bool>& waits() const { return waits_; }

 private:
  bool was_asked_ = false;
  std::atomic<bool> waits_{false};
};

TEST_F(RenderDeviceTest, APictureOfFullQualityIsGivenUpForTheNextInput) {
  auto renderer = std::make_unique<Perfectionist>();
  const std::atomic<bool>& waits = renderer->waits();
  device_ = std::make_shared<RenderDevice>(std::move(renderer), loader_, clock_);
  std::vector<FrameState> frames;
  RenderWorker worker(device_,
                      {.on_applied = {},
                       .on_frame = [&](const RenderedFrame& frame) { note([&] { frames.push_back(frame.state); }); },
                       .on_failure = {}});
  worker.set_view_active(kMainView, true);
  worker.publish(scene_.now(), scene_.images());
  for (std::uint64_t seq = 1; !waits && seq < 1000; ++seq) {
    if (seq < 6) move(worker, kMainView, seq);
    std::this_thread::sleep_for(80ms);
  }
  ASSERT_TRUE(waits) << "no picture of full quality was asked for";
  move(worker, kMainView, 5000);
  ASSERT_TRUE(eventually([&] { return !frames.empty() && frames.back().camera_seq == 5000; }));
  EXPECT_EQ(worker.stats().cancelled, 1U);
  ASSERT_TRUE(eventually([&] { return frames.back().complete; })) << "and made at the next rest";
}

/// The first one does not come back before it is let go; those after it draw.
class Hanging {
 public:
  Result<std::unique_ptr<Renderer>> make() {
    class Stuck final : public Renderer {
     public:
      explicit Stuck(Hanging& of) : of_(of) {}
      std::string_view name() const override { return "stuck"; }
      Result<void> render(const FrameInput& input, Picture& out) override {
        out.resize(input.width, input.height);
        std::unique_lock lock(of_.mutex_);
        of_.let_go_.wait(lock, [this] { return of_.free_; });
        of_.returned_ = true;
        of_.let_go_.notify_all();
        return {};
      }

     private:
      Hanging& of_;
    };
    if (made_++ == 0) return std::make_unique<Stuck>(*this);
    return std::make_unique<SlowRenderer>(1ms);
  }
  void let_go() {
    std::unique_lock lock(mutex_);
    free_ = true;
    let_go_.notify_all();
    let_go_.wait_for(lock, kDeadline, [this] { return returned_; });
  }
  int made() const { return made_; }

 private:
  std::atomic<int> made_{0};
  std::mutex mutex_;
  std::condition_variable let_go_;
  bool free_ = false;
  bool returned_ = false;
};

TEST_F(RenderDeviceTest, WP37_ARendererThatHangsIsReplacedAndAllScenesGoOn) {
  Hanging hanging;
  device_ = std::make_shared<RenderDevice>(*hanging.make(), loader_, clock_, [&] { return hanging.make(); }, 300ms);
  Seen seen_a;
  Seen seen_b;
  std::string trouble;
  std::uint64_t camera_seq = 0;
  std::uint32_t epoch = 0;
  RenderWorker a(device_, {.on_applied =
                               [&](const AppliedReport& report) {
                                 note([&] {
                                   seen_a.applied[report.view] = report.server_seq;
                                   camera_seq = report.camera_seq;
                                   epoch = report.view_epoch;
                                 });
                               },
                           .on_frame = [&](const RenderedFrame& frame) { note([&] { ++seen_a.frames[frame.view]; }); },
                           .on_failure = [&](std::string what) { note([&] { trouble = std::move(what); }); }});
  const auto b = open(seen_b);
  a.publish(scene_.now(), scene_.images());
  move(a, kMainView, 7);
  ASSERT_TRUE(eventually([&] { return camera_seq == 7; }));
  std::uint32_t before = 0;
  note([&] { before = std::exchange(epoch, 0), seen_a = {}; });
  b->set_view_active(kMainView, true);
  b->publish(scene_.now(), scene_.images());
  ASSERT_TRUE(eventually([&] { return seen_b.frames[kMainView] > 0; }));
  EXPECT_EQ(hanging.made(), 2);
  ASSERT_TRUE(eventually([&] { return !trouble.empty() && seen_a.applied[kMainView] > 0; })) << "who did not hang too";
  EXPECT_NE(trouble.find("took over 0.3 s"), std::string::npos) << trouble;
  EXPECT_EQ(camera_seq, 7U);
  EXPECT_GT(epoch, before);
  a.set_view_active(kMainView, true);
  ASSERT_TRUE(eventually([&] { return seen_a.frames[kMainView] > 0; }));

  // What comes back at last is not heard any more.
  const auto frames = [&] {
    const std::lock_guard lock(mutex_);
    return seen_b.frames[kMainView];
  };
  const int drawn = frames();
  hanging.let_go();
  move(*b, kMainView, 1);
  ASSERT_TRUE(eventually([&] { return seen_b.frames[kMainView] > drawn; }));
  EXPECT_EQ(hanging.made(), 2);
}

}  // namespace
}  // namespace ndcast::render
