#pragma once
// One scene's door to a render thread, which takes what control published (latest wins) and the camera intents (folded,
// none lost), applies both, says what it applied, then draws each view that somebody watches from what is resident. It
// never waits for data: chunks arrive through the loader and wake it again. Scenes share a device: one thread draws the
// views of all of them, the one that has waited longest first.
//
//   control ──publish()──► snapshot cell ─┐                            ┌─ on_applied ─► control (ledger, op fence)
//   control ──push_camera()► CameraQueue ─┴► RenderTxn ► Renderer ─────┴─ on_frame ───► encoder
//
//   const auto device = std::make_shared<RenderDevice>(std::move(renderer), loader, clock);
//   RenderWorker worker(device, {.on_applied = …, .on_frame = …, .on_failure = …});
//   worker.publish(ledger.snapshot(), images);
//   worker.set_view_active(kMainView, true);

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "image/image.h"
#include "render/renderer.h"
#include "render/sources/layer_target.h"
#include "scene/intent.h"
#include "scene/snapshot.h"

namespace ndcast::render {

/// Opened images by uri. A layer whose image is not in the map is not drawn.
using ImagesPtr = std::shared_ptr<const Images>;

/// What a picture shows (WP19).
struct FrameState {
  std::uint64_t server_seq = 0;  ///< newest commit whose effects are entirely in the picture
  std::uint64_t camera_seq = 0;  ///< newest camera intent that is
  /// Rises by one each time the worker applies a snapshot in which the view's mode or canvas differs; 0 at first.
  std::uint32_t view_epoch = 0;
  int level_shown = 0;  ///< coarsest level that is visible anywhere in the first layer; 0 is the finest
  /// Every visible chunk at the wanted level is in it, and it was rendered at full quality.
  bool complete = false;
  scene::Mode mode = scene::Mode::Plane;
  scene::PlanePose plane;
  scene::VolumePose volume;
};

/// What the worker did with what it was given; the only source of applied values.
struct AppliedReport {
  scene::ViewId view;
  std::uint64_t server_seq = 0;  ///< applied watermark: every commit up to here is applied in this view
  std::uint64_t camera_seq = 0;  ///< every camera intent up to here is applied
  std::uint32_t view_epoch = 0;
  /// Newly minted; empty when the pose did not change.
  std::optional<scene::PlanePose> plane;
  std::optional<scene::VolumePose> volume;
  /// A new level decision, tagged with the mode that it belongs to.
  std::optional<std::pair<scene::Mode, scene::LodShown>> level;
  /// The last rendered picture holds every visible chunk at full quality for this server_seq and camera_seq.
  bool complete = false;
};

struct RenderedFrame {
  scene::ViewId view;
  /// Smaller than the canvas while moving, of the same aspect within a pixel; the encoder's side scales it.
  std::shared_ptr<const Picture> picture;
  scene::Canvas canvas;  ///< that the picture stands for
  FrameState state;
  MonotonicTime intent_time;  ///< of the oldest input that no earlier frame showed; render_start when there was none
  MonotonicTime render_start;
  MonotonicTime render_end;
};

/// Called on the render thread; they must be cheap and may not call the worker's destructor. Empty ones are skipped.
struct WorkerCallbacks {
  std::function<void(AppliedReport)> on_applied;
  std::function<void(RenderedFrame)> on_frame;
  std::function<void(std::string)> on_failure;  ///< a sentence; the last good picture stands and the thread lives on
};

class RenderDevice;
struct DeviceScene;

/// All calls are thread-safe and never wait for the render thread.
class RenderWorker {
 public:
  RenderWorker(std::shared_ptr<RenderDevice> device, WorkerCallbacks callbacks);
  /// With a device of its own.
  RenderWorker(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader, const Clock& clock,
               WorkerCallbacks callbacks);
  /// stop().
  ~RenderWorker();
  RenderWorker(const RenderWorker&) = delete;
  RenderWorker& operator=(const RenderWorker&) = delete;

  /// No callback runs after it returns. Waits for one in progress, not for the frame in progress. For an owner whose
  /// callbacks come back to this worker, which a destructor alone would find half gone. Again: nothing.
  void stop();

  /// The newest state; one not yet taken is replaced. A snapshot older than one already applied (by server_seq, same
  /// history_id) is ignored. `intent_time` is when the change's author sent it, zero when there was none.
  void publish(scene::SnapshotPtr snapshot, ImagesPtr images, MonotonicTime intent_time = {});

  /// Queues a verb for the view; folds when the queue is full. Intents of a view that no snapshot has shown yet wait
  /// for it.
  void push_camera(const scene::ViewId& view, scene::CameraIntent intent, MonotonicTime intent_time);

  /// What the views applied, decided and hold is forgotten: they begin anew from the newest snapshot, for an owner
  /// whose change was not applied in time (WP13). Poses that were minted and not reported are lost; counts go on.
  void restart();

  /// Without viewers (the initial state) a view is applied and reported, not rendered.
  void set_view_active(const scene::ViewId& view, bool has_viewers);

  /// While true the view is not rendered: frames are dropped before they are made.
  void set_encoder_busy(const scene::ViewId& view, bool busy);

  /// Frames a second that the view's viewers can be sent: more are not rendered, whatever the settings allow.
  void set_fps_limit(const scene::ViewId& view, double fps);

  /// Of this scene alone, but for the first.
  struct Stats {
    std::uint64_t ticks = 0;           ///< times the thread woke and looked
    std::uint64_t snapshots = 0;       ///< applied
    std::uint64_t camera_intents = 0;  ///< applied, after folding
    std::uint64_t camera_folds = 0;    ///< intents merged because a queue was full
    std::uint64_t frames = 0;
    std::uint64_t cancelled = 0;  ///< pictures of full quality that were given up for an input
    std::uint64_t failures = 0;
    std::uint64_t restarts = 0;
    double last_render_ms = 0;
    double last_assemble_ms = 0;       ///< slices and volumes brought up to date
    std::uint64_t resident_bytes = 0;  ///< slices and volumes held for rendering
    std::uint64_t chunks_wanted = 0;   ///< of all views, not yet loaded
    std::uint64_t chunks_visible = 0;  ///< of all views
  };
  Stats stats() const;

 private:
  std::shared_ptr<RenderDevice> device_;
  std::shared_ptr<DeviceScene> scene_;
  bool stopped_ = false;
};

}  // namespace ndcast::render
