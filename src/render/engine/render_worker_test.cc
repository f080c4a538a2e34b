#include "render/engine/render_worker.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>

#include "plan/camera.h"
#include "render/engine/test_scene.h"

namespace ndcast::render {
namespace {

using scene::kMainView;
using scene::Mode;
using test::TestImage;
using test::TestScene;
using namespace std::chrono_literals;

constexpr auto kDeadline = 20s;
/// Longer than anything that the worker does on its own at rest.
constexpr auto kQuiet = 400ms;

/// What a FrameInput held when it was rendered.
struct Seen {
  Mode mode = Mode::Plane;
  scene::PlanePose plane;
  int width = 0;
  std::size_t slices = 0;
  std::size_t volumes = 0;
  double sample_step = 1;
};

/// Records inputs; paints one colour; fails or is slow on demand.
class RecordingRenderer final : public Renderer {
 public:
  struct Script {
    std::mutex mutex;
    std::vector<Seen> seen;
    bool fail = false;
    bool raise = false;
    std::function<void(const FrameInput&)> before;
  };
  explicit RecordingRenderer(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  std::string_view name() const override { return "recording"; }
  Result<void> render(const FrameInput& input, Picture& out) override {
    if (script_->before) script_->before(input);
    const std::lock_guard lock(script_->mutex);
    if (script_->raise) throw std::runtime_error("out of crayons");
    if (script_->fail) return fail(ErrorCode::Unsupported, "blending \"none\" is not drawn");
    Seen seen{input.mode, input.plane, input.width, 0, 0, input.sample_step};
    for (const LayerInput& layer : input.layers) {
      seen.slices += layer.slices.size();
      seen.volumes += layer.volumes.size();
    }
    script_->seen.push_back(seen);
    out.resize(input.width, input.height);
    return {};
  }

 private:
  const std::shared_ptr<Script> script_;
};

class RenderWorkerTest : public ::testing::Test {
 protected:
  void start(TestScene& scene) {
    worker_ = std::make_unique<RenderWorker>(
        std::make_unique<RecordingRenderer>(script_), loader_, clock_,
        WorkerCallbacks{.on_applied = [this](AppliedReport report) { note([&] { reports_.push_back(report); }); },
                        .on_frame = [this](RenderedFrame frame) { note([&] { frames_.push_back(frame); }); },
                        .on_failure = [this](std::string what) { note([&] { failures_.push_back(what); }); }});
    images_ = scene.images();
    worker_->set_view_active(kMainView, true);
    worker_->publish(scene.now(), images_);
  }
  void TearDown() override { worker_.reset(); }

  template <class Change>
  void note(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  /// Waits until `holds` of the records; fails after the deadline.
  template <class Holds>
  ::testing::AssertionResult eventually(Holds holds) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kDeadline, holds)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "not within the deadline; " << frames_.size() << " frames, "
                                         << reports_.size() << " reports, " << failures_.size() << " failures";
  }
  bool applied(std::uint64_t server_seq) const {
    return std::ranges::any_of(reports_, [&](const AppliedReport& report) { return report.server_seq >= server_seq; });
  }
  bool complete_frame(std::uint64_t server_seq, std::uint64_t camera_seq = 0) const {
    return !frames_.empty() && frames_.back().state.complete && frames_.back().state.server_seq >= server_seq &&
           frames_.back().state.camera_seq >= camera_seq;
  }
  bool complete_report(std::uint64_t server_seq) const {
    return !reports_.empty() && reports_.back().complete && reports_.back().server_seq >= server_seq;
  }
  std::size_t frame_count() {
    const std::lock_guard lock(mutex_);
    return frames_.size();
  }
  /// No frame comes for kQuiet.
  ::testing::AssertionResult stays_quiet() {
    const std::size_t before = frame_count();
    std::unique_lock lock(mutex_);
    const bool more = changed_.wait_for(lock, kQuiet, [&] { return frames_.size() > before; });
    if (more) return ::testing::AssertionFailure() << "a frame was rendered though nothing changed";
    return ::testing::AssertionSuccess();
  }
  void pan(double dx, std::uint64_t seq, Mode mode = Mode::Plane) {
    worker_->push_camera(kMainView,
                         {.verb = scene::PanVerb{dx, 0}, .mode = mode, .canvas = {64, 48, 1}, .camera_seq = seq},
                         clock_.now());
  }

  /// From a complete picture on, each as soon as the one before is seen, and waits for full quality.
  void pan_and_rest(std::uint64_t times) {
    ASSERT_TRUE(eventually([&] { return complete_frame(1); }));
    for (std::uint64_t i = 1; i <= times; ++i) {
      pan(-1, i);
      ASSERT_TRUE(eventually([&] { return frames_.back().state.camera_seq >= i; }));
    }
    ASSERT_TRUE(eventually([&] { return complete_frame(1, times); }));
  }

  SystemClock clock_;
  std::shared_ptr<image::ChunkLoader> loader_ =
      std::make_shared<image::ChunkLoader>(std::make_shared<image::ChunkCache>(std::size_t{64} << 20), 2);
  std::shared_ptr<RecordingRenderer::Script> script_ = std::make_shared<RecordingRenderer::Script>();
  ImagesPtr images_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<AppliedReport> reports_;
  std::deque<RenderedFrame> frames_;
  std::deque<std::string> failures_;
  std::unique_ptr<RenderWorker> worker_;
};

TestImage small_image() { return TestImage({"z", "y", "x"}, {{{8, 48, 64}, {4, 16, 16}}, {{4, 24, 32}, {4, 16, 16}}}); }

TEST_F(RenderWorkerTest, WP19FirstFrameCompletesAndNamesItsState) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_frame(1) && complete_report(1); }));
  const RenderedFrame& frame = frames_.back();
  EXPECT_EQ(frame.state.server_seq, 1U);
  EXPECT_EQ(frame.state.camera_seq, 0U);
  EXPECT_EQ(frame.state.view_epoch, 0U);
  EXPECT_EQ(frame.state.mode, Mode::Plane);
  EXPECT_EQ(frame.state.plane, scene.state().camera->plane);
  EXPECT_EQ(frame.picture->width, 64);
  EXPECT_TRUE(failures_.empty());
}

TEST_F(RenderWorkerTest, WP13WatermarkIsSetBeforeTheFrameAndNeverWaitsForData) {
  const TestImage image = small_image();
  image.set_open(false);
  TestScene scene({image.image});
  start(scene);
  EXPECT_TRUE(eventually([&] { return applied(1); })) << "apply waited for chunks";
  {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(reports_.front().complete);
  }
  ASSERT_TRUE(eventually([&] { return !frames_.empty(); }));
  {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(frames_.front().state.complete);
  }
  worker_->publish(scene.set_index(0, 3), images_);
  EXPECT_TRUE(eventually([&] { return applied(scene.seq()); }));
  image.set_open(true);
  EXPECT_TRUE(eventually([&] { return complete_frame(scene.seq()); }));
}

TEST_F(RenderWorkerTest, NothingIsRenderedWhileNothingChanges) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  EXPECT_TRUE(stays_quiet());
}

TEST_F(RenderWorkerTest, WP19WatermarkAdvancesWithoutAFrame) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  const std::size_t before = frame_count();
  worker_->publish(scene.edit_layer(0, [](auto& layer) { layer.controls.name = "renamed"; }), images_);
  EXPECT_TRUE(eventually([&] { return complete_report(2); })) << "still complete: the picture shows that state too";
  EXPECT_TRUE(stays_quiet());
  EXPECT_EQ(frame_count(), before);
}

TEST_F(RenderWorkerTest, WP11StaleSnapshotsDoNotMoveTheCamera) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  // Snapshots that still hold the bootstrap pose keep coming while the camera moves.
  for (std::uint64_t i = 1; i <= 40; ++i) {
    pan(-1, i);
    worker_->publish(scene.set_index(0, static_cast<std::int64_t>(i % 8)), images_);
  }
  ASSERT_TRUE(eventually([&] { return complete_frame(scene.seq(), 40); }));
  const std::lock_guard lock(mutex_);
  double last = scene.state().camera->plane.rect[0];
  for (const RenderedFrame& frame : frames_) {
    EXPECT_GE(frame.state.plane.rect[0], last) << "the picture jumped back";
    last = frame.state.plane.rect[0];
  }
  const double world_per_px = scene.state().camera->plane.rect[2] / 64;
  EXPECT_NEAR(last, scene.state().camera->plane.rect[0] + 40 * world_per_px, 1e-9) << "an intent was lost";
}

TEST_F(RenderWorkerTest, WP11LatePoseAfterAToggleLandsInItsOwnMode) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  worker_->publish(scene.set_mode(Mode::Volume), images_);
  ASSERT_TRUE(eventually([&] { return complete_frame(scene.seq()); }));
  pan(5, 1, Mode::Plane);
  ASSERT_TRUE(eventually([&] { return !reports_.empty() && reports_.back().camera_seq == 1; }));
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(reports_.back().plane);
  EXPECT_FALSE(reports_.back().volume);
  EXPECT_TRUE(reports_.back().complete) << "the 3D picture is as good as before";
  EXPECT_EQ(frames_.back().state.mode, Mode::Volume);
  EXPECT_EQ(frames_.back().state.view_epoch, 1U);
}

TEST_F(RenderWorkerTest, WP11CameraIntentsThatComeBeforeTheSceneAreKept) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  worker_ = std::make_unique<RenderWorker>(
      std::make_unique<RecordingRenderer>(script_), loader_, clock_,
      WorkerCallbacks{.on_applied = [this](AppliedReport report) { note([&] { reports_.push_back(report); }); }});
  for (std::uint64_t i = 1; i <= 1000; ++i) pan(-1, i);
  worker_->publish(scene.now(), scene.images());
  ASSERT_TRUE(eventually([&] { return !reports_.empty() && reports_.back().camera_seq == 1000; }));
  const std::lock_guard lock(mutex_);
  ASSERT_TRUE(reports_.back().plane);
  const scene::PlanePose start_pose = scene.state().camera->plane;
  EXPECT_NEAR(reports_.back().plane->rect[0], start_pose.rect[0] + 1000 * start_pose.rect[2] / 64, 1e-6);
  EXPECT_GT(worker_->stats().camera_folds, 0U);
}

TEST_F(RenderWorkerTest, ZoomingInSwitchesTheLevelAndReportsIt) {
  const TestImage image = small_image();
  TestScene scene({image.image}, {32, 24, 1});
  scene.edit(&scene::ViewState::lod, [](auto& lod) { lod.shown.level = lod.shown.wanted = 1; });
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_frame(1); }));
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(frames_.back().state.level_shown, 1);
  }
  worker_->push_camera(
      kMainView, {.verb = scene::ZoomVerb{0.3, {16, 12}}, .mode = Mode::Plane, .canvas = {32, 24, 1}, .camera_seq = 1},
      clock_.now());
  ASSERT_TRUE(eventually([&] { return complete_frame(1, 1) && frames_.back().state.level_shown == 0; }));
  ASSERT_TRUE(eventually([&] {
    return std::ranges::any_of(reports_, [](const AppliedReport& report) {
      return report.level && report.level->second.level == 0 && report.level->second.wanted == 0;
    });
  }));
  const std::lock_guard lock(mutex_);
  const auto decided =
      std::ranges::find_if(reports_, [](const AppliedReport& report) { return report.level.has_value(); });
  EXPECT_EQ(decided->level->first, Mode::Plane);
  EXPECT_EQ(decided->level->second.reason, "zoom-in");
  EXPECT_EQ(decided->level->second.level, 1) << "shown until the finer chunks are in";
}

TEST_F(RenderWorkerTest, LockedLevelIsShown) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  worker_->publish(scene.edit(&scene::ViewState::lod, [](auto& lod) { lod.locked = 1; }), images_);
  ASSERT_TRUE(eventually([&] { return complete_frame(2) && frames_.back().state.level_shown == 1; }));
}

TEST_F(RenderWorkerTest, ABiasLeadsToACoarserOrFinerLevel) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  const int settled = [&] {
    const std::lock_guard lock(mutex_);
    return frames_.back().state.level_shown;
  }();
  worker_->publish(scene.edit(&scene::ViewState::lod, [](auto& lod) { lod.bias = 2; }), images_);
  ASSERT_TRUE(eventually([&] { return complete_frame(2) && frames_.back().state.level_shown > settled; }));
  worker_->publish(scene.edit(&scene::ViewState::lod, [](auto& lod) { lod.bias = 0; }), images_);
  ASSERT_TRUE(eventually([&] { return complete_frame(3) && frames_.back().state.level_shown == settled; }));
}

TEST_F(RenderWorkerTest, WithoutViewersItAppliesAndDoesNotRender) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  worker_->set_view_active(kMainView, false);
  const std::uint64_t loaded = loader_->counters().chunks_loaded;
  const std::size_t before = frame_count();
  worker_->publish(scene.set_index(0, 7), images_);
  ASSERT_TRUE(eventually([&] { return applied(2); }));
  EXPECT_TRUE(stays_quiet());
  EXPECT_EQ(frame_count(), before);
  EXPECT_EQ(loader_->counters().chunks_loaded, loaded);
  worker_->set_view_active(kMainView, true);
  EXPECT_TRUE(eventually([&] { return complete_frame(2); }));
}

TEST_F(RenderWorkerTest, WP21WhoComesRightAfterTheLastViewerLeftGetsAPicture) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(stays_quiet());
    const std::size_t before = frame_count();
    worker_->set_view_active(kMainView, false);
    worker_->set_view_active(kMainView, true);
    ASSERT_TRUE(eventually([&] { return frames_.size() > before; })) << "round " << i;
  }
}

TEST_F(RenderWorkerTest, WP21BusyEncoderDropsFramesBeforeTheyAreMade) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  worker_->set_encoder_busy(kMainView, true);
  const std::size_t before = frame_count();
  for (std::uint64_t i = 1; i <= 20; ++i) pan(-1, i);
  ASSERT_TRUE(eventually([&] { return reports_.back().camera_seq == 20; }));
  EXPECT_TRUE(stays_quiet());
  worker_->set_encoder_busy(kMainView, false);
  ASSERT_TRUE(eventually([&] { return complete_frame(1, 20); }));
  EXPECT_LE(frame_count(), before + 3) << "one newest picture, not a backlog";
}

TEST_F(RenderWorkerTest, FailureIsToldOnceAndTheThreadLivesOn) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  {
    const std::lock_guard lock(script_->mutex);
    script_->fail = true;
  }
  worker_->publish(scene.set_index(0, 1), images_);
  ASSERT_TRUE(eventually([&] { return failures_.size() == 1; }));
  EXPECT_NE(failures_[0].find("not drawn"), std::string::npos);
  EXPECT_TRUE(stays_quiet());
  EXPECT_EQ(failures_.size(), 1U) << "tried again though nothing changed";
  {
    const std::lock_guard lock(script_->mutex);
    script_->fail = false;
    script_->raise = true;
  }
  worker_->publish(scene.set_index(0, 2), images_);
  ASSERT_TRUE(eventually([&] { return failures_.size() == 3; }));
  EXPECT_NE(failures_[1].find("out of crayons"), std::string::npos);
  EXPECT_NE(failures_[2].find("out of crayons"), std::string::npos) << "after an exception all is begun anew";
  EXPECT_EQ(worker_->stats().restarts, 1U);
  EXPECT_TRUE(stays_quiet());
  EXPECT_EQ(failures_.size(), 3U) << "and not over and over";
  {
    const std::lock_guard lock(script_->mutex);
    script_->raise = false;
  }
  worker_->publish(scene.set_index(0, 3), images_);
  EXPECT_TRUE(eventually([&] { return complete_frame(scene.seq()); }));
}

TEST_F(RenderWorkerTest, SlowFramesGetSmallerWhileMovingAndFullAtRest) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  script_->before = [](const FrameInput&) { std::this_thread::sleep_for(60ms); };
  start(scene);
  pan_and_rest(5);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(frames_.back().picture->width, 64);
  const bool smaller = std::ranges::any_of(frames_, [](const RenderedFrame& frame) {
    return frame.picture->width < 64 && !frame.state.complete && frame.canvas.width == 64;
  });
  EXPECT_TRUE(smaller);
}

TEST_F(RenderWorkerTest, APictureThatTakesLongAtRestIsPrecededByOneInBetween) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  script_->before = [](const FrameInput& input) {
    std::this_thread::sleep_for(320ms * input.width * input.width / 64 / 64);
  };
  start(scene);
  pan_and_rest(5);
  const std::lock_guard lock(mutex_);
  ASSERT_GE(frames_.size(), 3U);
  EXPECT_EQ(frames_.back().picture->width, 64);
  const RenderedFrame& between = frames_[frames_.size() - 2];
  EXPECT_EQ(between.picture->width, 32);
  EXPECT_EQ(between.state.camera_seq, 5U);
  EXPECT_FALSE(between.state.complete);
  EXPECT_EQ(frames_[frames_.size() - 3].picture->width, 20) << "while moving";
}

TEST_F(RenderWorkerTest, OlderSnapshotIsIgnored) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  const scene::SnapshotPtr old = scene.now();
  const scene::SnapshotPtr newer = scene.set_index(0, 5);
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(newer->server_seq); }));
  worker_->publish(old, images_);
  EXPECT_TRUE(stays_quiet());
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(reports_.back().server_seq, newer->server_seq);
}

TEST_F(RenderWorkerTest, IntentTimeIsTheOldestThatNoFrameShowed) {
  const TestImage image = small_image();
  TestScene scene({image.image});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  worker_->set_encoder_busy(kMainView, true);
  const MonotonicTime first = clock_.now();
  worker_->push_camera(
      kMainView, {.verb = scene::PanVerb{1, 0}, .mode = Mode::Plane, .canvas = {64, 48, 1}, .camera_seq = 1}, first);
  worker_->push_camera(kMainView,
                       {.verb = scene::PanVerb{1, 0}, .mode = Mode::Plane, .canvas = {64, 48, 1}, .camera_seq = 2},
                       first + 1ms);
  ASSERT_TRUE(eventually([&] { return reports_.back().camera_seq == 2; }));
  worker_->set_encoder_busy(kMainView, false);
  ASSERT_TRUE(eventually([&] { return frames_.back().state.camera_seq == 2; }));
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(frames_.back().intent_time, first);
}

TEST_F(RenderWorkerTest, ImageWithoutACoarseLevelIsShownInPart) {
  const TestImage sparse({"y", "x"}, {{{2'000'000, 2'500'000}, {512, 512}}}, "flat");
  sparse.levels[0].store->set_sparse(true);
  TestScene scene({sparse.image}, {1280, 720, 1});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  EXPECT_LE(worker_->stats().resident_bytes, std::size_t{160} << 20);
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_NE(failures_[0].find("zoom in"), std::string::npos);
}

TEST_F(RenderWorkerTest, OpeningDecodesLittleMoreThanIsVisible) {
  // 10^13 bytes in logic; nothing is stored, so a chunk decodes to a fill chunk and costs nothing.
  const TestImage sparse({"z", "y", "x"},
                         {{{20'000, 20'000, 12'500}, {64, 64, 64}},
                          {{10'000, 10'000, 6'250}, {64, 64, 64}},
                          {{5'000, 5'000, 3'125}, {64, 64, 64}},
                          {{2'500, 2'500, 1'562}, {64, 64, 64}},
                          {{1'250, 1'250, 781}, {64, 64, 64}},
                          {{625, 625, 390}, {64, 64, 64}}},
                         "sparse");
  for (const auto& level : sparse.levels) level.store->set_sparse(true);
  TestScene scene({sparse.image}, {1280, 720, 1});
  start(scene);
  ASSERT_TRUE(eventually([&] { return complete_report(1); }));
  EXPECT_EQ(loader_->counters().bytes_decoded, 0U);
  EXPECT_LE(loader_->counters().chunks_loaded, 3 * worker_->stats().chunks_visible);
  EXPECT_LE(worker_->stats().resident_bytes, std::size_t{32} << 20);
}

}  // namespace
}  // namespace ndcast::render
