#include "render/engine/view_runner.h"

#include <algorithm>
#include <utility>

namespace ndcast::render {
namespace {

const Images kNoImages;

bool same_images(const ImagesPtr& a, const ImagesPtr& b) { return a == b || (a && b && *a == *b); }

}  // namespace

ViewRunner::ViewRunner(scene::ViewId id, std::shared_ptr<image::ChunkLoader> loader, ThreadPool& pool,
                       std::function<void()> wake, RenderTxn txn)
    : id_(std::move(id)),
      loader_(std::move(loader)),
      owner_(loader_->add_owner([this, wake = std::move(wake)] {
        chunks_came_ = true;
        wake();
      })),
      txn_(std::move(txn)),
      scene_(pool) {}

ViewRunner::~ViewRunner() { loader_->remove_owner(owner_); }

void ViewRunner::note_input(const TxnChanges& changes, MonotonicTime intent_time, MonotonicTime now) {
  changes_ |= changes;
  unplanned_ = true;
  unreported_ = true;
  if (!changes.picture) return;
  if (changes.place && !dirty_) grace_until_ = now + kGrace;
  dirty_ = true;
  last_input_ = now;
  if (intent_time != MonotonicTime{} && (oldest_intent_ == MonotonicTime{} || intent_time < oldest_intent_)) {
    oldest_intent_ = intent_time;
  }
}

void ViewRunner::apply(const scene::SceneSnapshot& snapshot, const scene::ViewState& state, const ImagesPtr& images,
                       MonotonicTime intent_time, MonotonicTime now) {
  TxnChanges changes = txn_.apply(snapshot, state);
  changes.picture = changes.picture || !same_images(images, images_);
  images_ = images;
  settings_ = *snapshot.settings;
  note_input(changes, intent_time, now);
}

void ViewRunner::apply(const std::vector<QueuedIntent>& intents, MonotonicTime now) {
  for (const QueuedIntent& queued : intents) {
    note_input(txn_.apply(queued.intent), queued.time, now);
    const auto* zoom = std::get_if<scene::ZoomVerb>(&queued.intent.verb);
    if (zoom && queued.intent.mode == scene::Mode::Plane) chooser_.note_zoom(zoom->factor, now);
  }
}

void ViewRunner::set_active(bool active, std::uint64_t activations, MonotonicTime now) {
  if (active == active_ && activations == activations_) return;
  active_ = active;
  activations_ = activations;
  if (!active) {
    release_at_ = now + kRelease;
    return;
  }
  release_at_.reset();
  dirty_ = true;
  unplanned_ = true;
}

void ViewRunner::release_if_due(MonotonicTime now) {
  if (!release_at_ || now < *release_at_) return;
  release_at_.reset();
  scene_.release();
  dirty_ = true;
  picture_complete_ = false;
}

void ViewRunner::plan(MonotonicTime now) {
  release_if_due(now);
  const bool retry = chooser_.retry_at() && *chooser_.retry_at() <= now;
  if (!txn_.has_view() || (!unplanned_ && !retry)) return;
  const TxnChanges changes = std::exchange(changes_, {});
  unplanned_ = false;
  const AppliedView& view = txn_.view();
  const Images& images = images_ ? *images_ : kNoImages;
  const std::optional<LayerTarget> first = ViewScene::first_target(view, images);
  if (first && (changes.picture || changes.lod_foreign || changes.lock || retry || !has_level_)) {
    const int before = chooser_.level();
    const bool was_held_back = chooser_.retry_at().has_value();
    chooser_.decide(view, *first, ViewScene::visible_layers(view), changes.lod_foreign || !has_level_, now);
    // A picture made while a switch was held back was not complete; when nothing comes of the switch, one has to say
    // so.
    dirty_ = dirty_ || chooser_.level() != before || (was_held_back && !chooser_.retry_at());
    has_level_ = true;
  } else if (!first) {
    chooser_.forget_retry();
  }
  if (!dirty_ || !active_) return;
  scene_.aim(view, images, chooser_.level());
  unlooked_ = true;
  if (std::string obstacle = scene_.obstacle(); obstacle != obstacle_) {
    obstacle_ = std::move(obstacle);
    obstacle_told_ = obstacle_.empty();
  }
}

std::optional<AppliedReport> ViewRunner::take_report() {
  if (!txn_.has_view()) return std::nullopt;
  AppliedReport report;
  report.view = id_;
  report.server_seq = txn_.view().server_seq;
  report.camera_seq = txn_.view().camera_seq;
  report.view_epoch = txn_.view().view_epoch;
  report.plane = txn_.take_minted_plane();
  report.volume = txn_.take_minted_volume();
  if (has_level_) {
    if (const auto shown = chooser_.take_report(txn_.view())) {
      txn_.note_level(*shown);
      report.level = {txn_.view().mode(), *shown};
    }
  }
  report.complete = is_complete();
  const bool news =
      unreported_ || report.plane || report.volume || report.level || report.complete != reported_complete_;
  if (!news) return std::nullopt;
  unreported_ = false;
  reported_complete_ = report.complete;
  return report;
}

void ViewRunner::want(std::vector<image::ChunkRequest> requests) {
  const std::size_t count = requests.size();
  if (count == 0 && wanted_chunks_ == 0) return;
  wanted_chunks_ = count;
  // Chunks that came between looking and asking announce themselves no more.
  if (loader_->set_wanted(owner_, std::move(requests)) > 0) chunks_came_ = true;
}

void ViewRunner::load(MonotonicTime now) {
  if (!txn_.has_view()) return;
  if (!active_) {
    want({});
    unlooked_ = true;
    return;
  }
  const bool came = chunks_came_.load() && now >= next_look_;
  if (!unlooked_ && !more_to_copy_ && !came) return;
  unlooked_ = false;
  // Cleared before looking: a chunk that comes meanwhile brings us here again.
  chunks_came_ = false;
  next_look_ = now + kLoadInterval;
  const SourceProgress progress =
      scene_.fetch([this](const image::ZarrArray& array, std::span<const std::int64_t> chunk) {  //
        return loader_->find(array, chunk);
      });
  fresh_ = fresh_ || progress.changed;
  more_to_copy_ = progress.stopped;
  want(scene_.missing());
}

std::chrono::nanoseconds ViewRunner::frame_interval() const {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / std::min(settings_.fps_target, fps_limit_)));
}

std::optional<MonotonicTime> ViewRunner::next_frame() const {
  if (!active_ || busy_ || !txn_.has_view()) return std::nullopt;
  const MonotonicTime soonest = last_start_ + frame_interval();
  if (dirty_) return scene_.complete() ? soonest : std::max(soonest, grace_until_);
  if (fresh_) return scene_.complete() ? soonest : last_start_ + kProgressInterval;
  // With voxels still to come the picture gets better with them; only when they let wait, without.
  const MonotonicTime settled = scene_.complete() ? last_input_ : std::max(last_input_, last_start_);
  if (shown_ && !shown_->is_full()) return std::max(soonest, settled + kRest);
  return std::nullopt;
}

std::optional<MonotonicTime> ViewRunner::next_work() const {
  std::optional<MonotonicTime> next = chooser_.retry_at();
  if (release_at_) next = next ? std::min(*next, *release_at_) : *release_at_;
  if (active_ && (more_to_copy_ || unlooked_)) return MonotonicTime{};
  if (active_ && chunks_came_.load()) next = next ? std::min(*next, next_look_) : next_look_;
  return next;
}

FrameState ViewRunner::frame_state(bool full) const {
  const AppliedView& view = txn_.view();
  FrameState state;
  state.server_seq = view.server_seq;
  state.camera_seq = view.camera_seq;
  state.view_epoch = view.view_epoch;
  state.level_shown = scene_.level_shown();
  state.complete = full && scene_.complete() && !chooser_.retry_at();
  state.mode = view.mode();
  state.plane = view.plane;
  state.volume = view.volume;
  return state;
}

plan::Quality ViewRunner::choose_quality(const plan::PixelCost& cost, bool moving) const {
  const AppliedView& view = txn_.view();
  const scene::Canvas& canvas = view.view->canvas;
  if (moving) {
    return plan::choose_quality(cost, view.mode(), canvas, plan::moving_budget_ms(settings_.fps_target),
                                settings_.quality);
  }
  const bool loading = fresh_ && !scene_.complete();
  return plan::choose_quality_at_rest(cost, view.mode(), canvas, dirty_ ? std::nullopt : shown_, loading);
}

Result<RenderedFrame> ViewRunner::render(Renderer& renderer, PicturePool& pictures, const Clock& clock,
                                         const std::atomic<bool>& has_news) {
  const AppliedView& view = txn_.view();
  RenderedFrame frame;
  frame.view = id_;
  frame.canvas = view.view->canvas;
  frame.render_start = clock.now();
  last_start_ = frame.render_start;
  const bool moving = frame.render_start - last_input_ < kRest;
  plan::PixelCost& cost = view.mode() == scene::Mode::Plane ? plane_cost_ : volume_cost_;
  cost.set_work(scene_.work());
  const plan::Quality quality = choose_quality(cost, moving);
  const std::shared_ptr<Picture> picture = pictures.take();
  FrameInput input = scene_.input(view, quality);
  // What made it end the last time and was nothing to this view does not do so again.
  if (!moving && given_up_for_ != last_input_) input.cancelled = &has_news;
  given_up_for_.reset();
  const Result<void> drawn = renderer.render(input, *picture);
  if (!drawn && drawn.error().code == ErrorCode::Cancelled) given_up_for_ = last_input_;
  ND_TRY(drawn);
  frame.render_end = clock.now();
  cost.note(quality, frame.canvas, milliseconds(frame.render_end - frame.render_start));
  frame.picture = picture;
  frame.state = frame_state(quality.is_full());
  frame.intent_time = oldest_intent_ == MonotonicTime{} ? frame.render_start : oldest_intent_;

  oldest_intent_ = {};
  dirty_ = fresh_ = false;
  shown_ = quality;
  picture_complete_ = frame.state.complete;
  if (scene_.complete()) chooser_.note_complete();
  return frame;
}

void ViewRunner::give_up() {
  dirty_ = fresh_ = picture_complete_ = more_to_copy_ = unlooked_ = false;
  shown_ = plan::Quality{};
  oldest_intent_ = {};
}

std::optional<std::string> ViewRunner::take_obstacle() {
  if (std::exchange(obstacle_told_, true)) return std::nullopt;
  return "view \"" + id_.value + "\": " + obstacle_;
}

}  // namespace ndcast::render
