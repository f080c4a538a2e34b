#include "stream/rendition.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/thread_pool.h"

namespace ndcast::stream {
namespace {

/// An encoder that cannot be made at all (no memory, no driver) is tried every 3.2 s in the end.
constexpr int kMaxRetryDoublings = 5;

std::string next_thread_name() {
  static std::atomic<unsigned> number{0};
  return fmt::format("encode-{}", ++number);
}

/// A paced picture may be this much early: who submits at the same rate does so with some jitter.
constexpr double kPaceSlack = 0.9;

struct CanvasSize {
  int width = 0;
  int height = 0;
};

CanvasSize canvas_of(const Submission& submission) {
  return {submission.width > 0 ? submission.width : submission.picture.view.width,
          submission.height > 0 ? submission.height : submission.picture.view.height};
}

/// What one turn of the worker is to do.
struct Job {
  Submission submission;
  FrameKind kind = FrameKind::Delta;
  MonotonicTime begun_at{};
  bool is_refinement = false;
};

}  // namespace

// Shared with the thread, so that a hung encoder can be left behind. `mutex` guards what both sides touch; the encoder
// and what follows it are the worker's alone.
struct Rendition::State {
  State(RenditionOptions o, RenditionOutput out, const Clock& c)
      : options(std::move(o)),
        clock(c),
        rate{.bitrate_bps = options.bitrate_bps, .fps = options.fps},
        output(std::move(out)) {}

  bool step();
  void work();
  std::optional<Job> next_job();
  std::optional<MonotonicTime> next_deadline() const;
  MonotonicTime next_picture_at() const;
  bool prepare_encoder(const Submission& submission);
  bool encode(const Job& job);
  void failed(const Error& error);
  void emit(const Job& job, EncodedFrame frame);
  void finish(const Job& job, bool keyframe, double quantiser);
  void plan_refinement(const Job& job, bool keyframe, double quantiser);

  const RenditionOptions options;
  const Clock& clock;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable ended;
  std::optional<Submission> slot;
  std::optional<Submission> retained;  // the last one given to the encoder
  KeyframeDebt debt;
  std::optional<MonotonicTime> not_before;  // after a failure, and between attempts to get a keyframe
  int failures_in_a_row = 0;
  std::optional<MonotonicTime> refine_at;  // when to encode the retained picture again, for a better quality
  int refinements_left = 0;
  bool refines = true;
  plan::VideoRate rate;
  bool rate_changed = false;
  bool held = false;
  std::optional<MonotonicTime> last_picture_at;  // when a new picture was taken last
  RenditionCounters counters;
  std::optional<MonotonicTime> busy_since;
  bool stopping = false;
  bool has_ended = false;

  // Taken around each callback: once the destructor has emptied `output` under it, a thread left behind stays silent.
  std::mutex output_mutex;
  RenditionOutput output;

  std::unique_ptr<Encoder> encoder;
  std::optional<StreamConfig> announced;
  std::uint32_t config_number = 0;

  std::thread thread;
};

std::optional<Job> Rendition::State::next_job() {
  const std::lock_guard lock(mutex);
  const MonotonicTime now = clock.now();
  if (stopping || (not_before && now < *not_before)) return std::nullopt;
  bool is_refinement = false;
  bool is_again = false;
  const bool owes = debt.due(now);
  if (slot && (owes || (!held && now >= next_picture_at()))) {
    retained = std::exchange(slot, std::nullopt);
    last_picture_at = now;
  } else if (retained && owes) {
    is_again = true;
    ++counters.repeated;
  } else if (!slot && !held && retained && refine_at && now >= *refine_at) {
    is_refinement = is_again = true;
    ++counters.refined;
    --refinements_left;
  } else {
    return std::nullopt;
  }
  busy_since = now;
  const FrameKind kind = owes ? FrameKind::Key : is_refinement ? FrameKind::Refine : FrameKind::Delta;
  Job job{*retained, kind, now, is_refinement};
  if (is_again) job.submission.intent_at = {};  // a picture that is encoded again was asked for once
  return job;
}

std::optional<MonotonicTime> Rendition::State::next_deadline() const {
  std::optional<MonotonicTime> at;
  const auto by = [&](MonotonicTime time) { at = at ? std::min(*at, time) : time; };
  if (const auto pay_at = debt.pay_at(); pay_at && (slot || retained)) by(*pay_at);
  if (slot && !held) by(next_picture_at());
  if (!slot && !held && retained && refine_at) by(*refine_at);
  if (at && not_before) at = std::max(*at, *not_before);
  return at;
}

// `mutex` is held. Long past when nothing keeps it back.
MonotonicTime Rendition::State::next_picture_at() const {
  if (!rate.is_paced || !last_picture_at) return {};
  return *last_picture_at + std::chrono::nanoseconds(static_cast<std::int64_t>(kPaceSlack * 1e9 / rate.fps));
}

bool Rendition::State::prepare_encoder(const Submission& submission) {
  const auto coded = [&](int side) { return std::max(side / options.divisor & ~1, limits::kCanvasMin); };
  const CanvasSize canvas = canvas_of(submission);
  const int width = options.divisor == 1 ? canvas.width : coded(canvas.width);
  const int height = options.divisor == 1 ? canvas.height : coded(canvas.height);
  EncoderSettings settings{.width = width, .height = height};
  bool change_rate = false;
  {
    const std::lock_guard lock(mutex);
    settings.fps = rate.fps;
    settings.bitrate_bps = rate.bitrate_bps;
    change_rate = std::exchange(rate_changed, false);
  }
  if (encoder && encoder->config().width == width && encoder->config().height == height) {
    if (!change_rate) return true;
    if (const auto changed = encoder->reconfigure(settings.bitrate_bps, settings.fps); !changed) {
      failed(changed.error());
      return false;
    }
    return true;
  }
  encoder.reset();
  auto made = options.factory ? options.factory(settings) : make_encoder(options.encoder, settings);
  if (!made) {
    failed(made.error());
    return false;
  }
  encoder = std::move(*made);
  if (announced == encoder->config()) return true;
  announced = encoder->config();
  ++config_number;
  const std::lock_guard lock(output_mutex);
  if (output.on_config) output.on_config(*announced, config_number);
  return true;
}

void Rendition::State::failed(const Error& error) {
  encoder.reset();
  {
    const std::lock_guard lock(mutex);
    ++counters.restarts;
    debt.owe(clock.now());  // the picture that got lost is owed to everybody
    debt.restarted(clock.now());
    refine_at.reset();
    not_before = clock.now() + kRetry * (1 << std::min(failures_in_a_row++, kMaxRetryDoublings));
  }
  const std::lock_guard lock(output_mutex);
  if (output.on_failure) output.on_failure(error);
}

bool Rendition::State::encode(const Job& job) {
  if (!prepare_encoder(job.submission)) return false;
  auto frame = encoder->encode(job.submission.picture.view, job.kind);
  if (!frame) {
    failed(frame.error());
    return false;
  }
  const bool keyframe = frame->keyframe;
  const double quantiser = frame->quantiser;
  emit(job, std::move(*frame));
  finish(job, keyframe, quantiser);
  return true;
}

void Rendition::State::emit(const Job& job, EncodedFrame frame) {
  auto packet = std::make_shared<VideoPacket>();
  packet->codec = announced->codec;
  const CanvasSize canvas = canvas_of(job.submission);
  packet->width = canvas.width;
  packet->height = canvas.height;
  packet->keyframe = frame.keyframe;
  packet->payload = std::move(frame.payload);
  packet->state = job.submission.state;
  packet->state.times.convert_ms += static_cast<float>(frame.convert_ms);  // the renderer's read-back is in it already
  packet->state.times.encode_ms = static_cast<float>(frame.encode_ms);
  packet->intent_at = job.submission.intent_at;
  packet->encoded_at = clock.now();
  packet->config_number = config_number;
  {
    const std::lock_guard lock(mutex);
    ++counters.encoded;
    counters.keyframes += frame.keyframe ? 1 : 0;
    counters.bytes += packet->payload.size();
  }
  const std::lock_guard lock(output_mutex);
  if (output.on_packet) output.on_packet(std::move(packet));
}

// `mutex` is held.
void Rendition::State::plan_refinement(const Job& job, bool keyframe, double quantiser) {
  const bool fresh = !job.is_refinement || keyframe;
  if (fresh) refinements_left = options.refinements;
  refine_at.reset();
  if (!refines || quantiser <= options.fine_quantiser || refinements_left <= 0) return;
  const auto frame_time = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / rate.fps));
  refine_at = job.begun_at + (fresh ? std::max<std::chrono::nanoseconds>(kRefineAfter, frame_time) : frame_time);
}

void Rendition::State::finish(const Job& job, bool keyframe, double quantiser) {
  {
    const std::lock_guard lock(mutex);
    not_before.reset();
    failures_in_a_row = 0;
    plan_refinement(job, keyframe, quantiser);
    if (keyframe) return debt.paid(job.begun_at);
    if (job.kind != FrameKind::Key) return;
    if (!debt.overdue(clock.now())) {
      not_before = clock.now() + kRetry;
      return;
    }
    debt.restarted(clock.now());
    ++counters.restarts;
  }
  encoder.reset();
  const std::lock_guard lock(output_mutex);
  if (output.on_failure) {
    output.on_failure({ErrorCode::Internal, "the encoder made no keyframe for 1 s; it is started anew"});
  }
}

bool Rendition::State::step() {
  const auto job = next_job();
  if (!job) return false;
  encode(*job);
  const std::lock_guard lock(mutex);
  busy_since.reset();
  return true;
}

void Rendition::State::work() {
  set_thread_name(next_thread_name());
  for (;;) {
    if (step()) continue;
    std::unique_lock lock(mutex);
    if (stopping) break;
    const auto at = next_deadline();
    // Woken without need it just looks again, so a notification between step() and here costs nothing but is not lost:
    // next_deadline() has seen its cause.
    if (!at) {
      wake.wait(lock);
    } else if (const auto left = *at - clock.now(); left > std::chrono::nanoseconds(0)) {
      wake.wait_for(lock, left);
    }
  }
  encoder.reset();
  const std::lock_guard lock(mutex);
  has_ended = true;
  ended.notify_all();
}

Rendition::Rendition(RenditionOptions options, RenditionOutput output, const Clock& clock)
    : state_(std::make_shared<State>(std::move(options), std::move(output), clock)) {
  if (state_->options.threaded) state_->thread = std::thread([state = state_] { state->work(); });
}

Rendition::~Rendition() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (!state_->thread.joinable()) return;
  std::unique_lock lock(state_->mutex);
  const bool ended = state_->ended.wait_for(lock, kStopTimeout, [&] { return state_->has_ended; });
  lock.unlock();
  if (ended) {
    state_->thread.join();
    return;
  }
  log().error("an encoder has not returned for {} s; its thread is left behind", kStopTimeout.count());
  state_->thread.detach();
  const std::lock_guard silence(state_->output_mutex);
  state_->output = {};
}

void Rendition::submit(Submission submission) {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->counters.submitted;
    if (state_->slot) ++state_->counters.dropped;
    state_->slot = std::move(submission);
  }
  state_->wake.notify_one();
}

void Rendition::restamp(std::uint64_t server_seq, std::uint64_t camera_seq) {
  const std::lock_guard lock(state_->mutex);
  std::optional<Submission>& last = state_->slot ? state_->slot : state_->retained;
  if (!last) return;
  last->state.server_seq = std::max(last->state.server_seq, server_seq);
  last->state.camera_seq = std::max(last->state.camera_seq, camera_seq);
}

void Rendition::forget_picture() {
  const std::lock_guard lock(state_->mutex);
  state_->slot.reset();
  state_->retained.reset();
  state_->refine_at.reset();
}

void Rendition::owe_keyframe(KeyframeReason reason) {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->counters.owed[static_cast<std::size_t>(reason)];
    state_->debt.owe(state_->clock.now());
  }
  state_->wake.notify_one();
}

void Rendition::reconfigure(const plan::VideoRate& rate) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->rate == rate) return;
    state_->rate = rate;
    state_->rate_changed = true;
  }
  state_->wake.notify_one();  // the next picture may be due earlier
}

void Rendition::hold(bool held) {
  {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->held, held) == held || held) return;
  }
  state_->wake.notify_one();
}

void Rendition::set_refining(bool refines) {
  const std::lock_guard lock(state_->mutex);
  state_->refines = refines;
  if (!refines) state_->refine_at.reset();
}

bool Rendition::picture_waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->slot.has_value() && state_->busy_since.has_value();
}

RenditionCounters Rendition::counters() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counters;
}

std::chrono::nanoseconds Rendition::busy_for() const {
  const std::lock_guard lock(state_->mutex);
  return state_->busy_since ? state_->clock.now() - *state_->busy_since : std::chrono::nanoseconds(0);
}

bool Rendition::run_once() { return state_->step(); }

}  // namespace ndcast::stream
