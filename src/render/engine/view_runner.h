#pragma once
// One view on the render thread: its applied state, its voxels, when its next frame is due and how good it may be. The
// worker feeds inputs in and calls, in this order each tick: apply(), plan(), take_report(), load(), and render() once
// next_frame() is due. So the applied watermark always leaves before the picture.

#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "plan/frame_pacing.h"
#include "render/engine/camera_queue.h"
#include "render/engine/level_chooser.h"
#include "render/engine/render_worker.h"
#include "render/engine/view_scene.h"
#include "render/picture_pool.h"
#include "render/render_txn.h"

namespace ndcast::render {

/// Belongs to the render thread, the flag that the loader sets excepted.
class ViewRunner {
 public:
  /// `wake` is called on a load thread when chunks have come; `txn` may count on where a failed runner stopped.
  ViewRunner(scene::ViewId id, std::shared_ptr<image::ChunkLoader> loader, ThreadPool& pool, std::function<void()> wake,
             RenderTxn txn = {});
  ~ViewRunner();
  ViewRunner(const ViewRunner&) = delete;
  ViewRunner& operator=(const ViewRunner&) = delete;

  void apply(const scene::SceneSnapshot& snapshot, const scene::ViewState& state, const ImagesPtr& images,
             MonotonicTime intent_time, MonotonicTime now);
  void apply(const std::vector<QueuedIntent>& intents, MonotonicTime now);
  /// A view that becomes active gets a picture, whether or not its state is that of the last one: each time that it
  /// does, which `activations` counts. One that nobody watches any more lets go of its voxels after kRelease.
  void set_active(bool active, std::uint64_t activations, MonotonicTime now);
  void set_busy(bool busy) { busy_ = busy; }
  void set_fps_limit(double fps) { fps_limit_ = fps; }

  /// Decides the level and points the voxel sources at the applied state.
  void plan(MonotonicTime now);
  /// What was applied, minted, decided or completed since the last report.
  std::optional<AppliedReport> take_report();
  /// Copies resident chunks, asks the loader for the missing ones. Never waits.
  void load(MonotonicTime now);

  /// When a frame is due; nothing while the picture is what it should be, nobody watches or the encoder is busy.
  std::optional<MonotonicTime> next_frame() const;
  /// When plan() or load() has something to do again.
  std::optional<MonotonicTime> next_work() const;
  MonotonicTime last_frame() const { return last_start_; }

  /// A picture of full quality ends with Cancelled once `has_news`, and is due again; others are finished.
  Result<RenderedFrame> render(Renderer& renderer, PicturePool& pictures, const Clock& clock,
                               const std::atomic<bool>& has_news);
  /// After an error: nothing is tried again before something changes.
  void give_up();
  /// Why a part of the scene cannot be shown, once a reason.
  std::optional<std::string> take_obstacle();

  std::uint32_t view_epoch() const { return txn_.view().view_epoch; }
  std::size_t bytes() const { return scene_.bytes(); }
  std::size_t visible_chunks() const { return scene_.visible_chunks(); }
  std::size_t wanted_chunks() const { return wanted_chunks_; }

  /// While chunks arrive, a better picture of the same state this often.
  static constexpr std::chrono::milliseconds kProgressInterval{30};
  /// Resident chunks are looked for this often at most; each look costs up to a millisecond.
  static constexpr std::chrono::milliseconds kLoadInterval{8};
  /// No input for this long is rest: the picture is brought to full quality.
  static constexpr std::chrono::milliseconds kRest{100};
  /// Other voxels than before (a slider moved) are waited for this long before a coarser picture is shown.
  static constexpr std::chrono::milliseconds kGrace{25};

  /// A page that is loaded again is back within seconds; its voxels need not be assembled anew.
  static constexpr std::chrono::seconds kRelease{10};

 private:
  void release_if_due(MonotonicTime now);
  void note_input(const TxnChanges& changes, MonotonicTime intent_time, MonotonicTime now);
  void want(std::vector<image::ChunkRequest> requests);
  /// Between two frames, at least.
  std::chrono::nanoseconds frame_interval() const;
  bool is_complete() const { return picture_complete_ && !dirty_ && !fresh_; }
  plan::Quality choose_quality(const plan::PixelCost& cost, bool moving) const;
  FrameState frame_state(bool full) const;

  const scene::ViewId id_;
  const std::shared_ptr<image::ChunkLoader> loader_;
  std::atomic<bool> chunks_came_{false};
  image::ChunkLoader::OwnerId owner_;
  RenderTxn txn_;
  LevelChooser chooser_;
  ViewScene scene_;
  ImagesPtr images_;
  scene::Settings settings_;
  plan::PixelCost plane_cost_ = plan::PixelCost::of(scene::Mode::Plane);
  plan::PixelCost volume_cost_ = plan::PixelCost::of(scene::Mode::Volume);

  bool active_ = false;
  std::uint64_t activations_ = 0;
  bool busy_ = false;
  double fps_limit_ = std::numeric_limits<double>::infinity();
  TxnChanges changes_;         ///< since the last plan()
  bool unplanned_ = false;     ///< changes_ or a new image set wait for plan()
  bool has_level_ = false;     ///< chooser_ has decided
  bool unreported_ = false;    ///< the watermark rose
  bool dirty_ = false;         ///< the state is not the last picture's
  bool fresh_ = false;         ///< voxels came that the last picture lacks
  bool unlooked_ = false;      ///< aimed since the last load()
  bool more_to_copy_ = false;  ///< load() stopped at its byte limit
  bool picture_complete_ = false;
  bool reported_complete_ = false;
  /// Of the last picture, once there is one; after an error full, so that nothing better is due.
  std::optional<plan::Quality> shown_;
  std::size_t wanted_chunks_ = 0;
  std::string obstacle_;
  bool obstacle_told_ = true;

  MonotonicTime oldest_intent_{};  ///< that no picture shows yet; zero when none
  MonotonicTime last_input_{};
  std::optional<MonotonicTime> given_up_for_;  ///< last_input_ when a picture was cancelled, until the next one
  MonotonicTime last_start_{};
  MonotonicTime next_look_{};
  MonotonicTime grace_until_{};
  std::optional<MonotonicTime> release_at_;
};

}  // namespace ndcast::render
