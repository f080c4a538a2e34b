#include "stream/still.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <webp/encode.h>

#include "base/log.h"
#include "base/thread_pool.h"

namespace ndcast::stream {
namespace {

/// libwebp's least effort, which a view at rest has time for; more takes three times as long for a tenth of the bytes.
constexpr int kLosslessLevel = 0;

std::string next_thread_name() {
  static std::atomic<unsigned> number{0};
  return fmt::format("still-{}", ++number);
}

/// Owns what libwebp allocates for a picture.
struct WebpPicture {
  WebPPicture picture{};
  WebPMemoryWriter writer{};
  bool ready = WebPPictureInit(&picture) != 0;

  WebpPicture() {
    WebPMemoryWriterInit(&writer);
    picture.use_argb = 1;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
  }
  ~WebpPicture() {
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&writer);
  }
  WebpPicture(const WebpPicture&) = delete;
  WebpPicture& operator=(const WebpPicture&) = delete;
};

bool has_coded_size(const Submission& of) {
  const RgbaView& view = of.picture.view;
  return (of.width == 0 || of.width == view.width) && (of.height == 0 || of.height == view.height);
}

}  // namespace

Result<std::vector<std::byte>> encode_webp(const RgbaView& picture, int top, int rows) {
  if (top < 0 || rows <= 0 || top + rows > picture.height || picture.width <= 0 || picture.width > WEBP_MAX_DIMENSION ||
      rows > WEBP_MAX_DIMENSION) {
    return fail(ErrorCode::Invalid, "rows {} to {} of a picture of {} x {} (sides of 1 to {} expected)", top,
                top + rows, picture.width, picture.height, WEBP_MAX_DIMENSION);
  }
  WebPConfig config;
  WebpPicture webp;
  if (!webp.ready || WebPConfigInit(&config) == 0 || WebPConfigLosslessPreset(&config, kLosslessLevel) == 0) {
    return fail(ErrorCode::Internal, "libwebp does not fit the version ndcast was built with");
  }
  webp.picture.width = picture.width;
  webp.picture.height = rows;
  const std::uint8_t* const first = picture.data + static_cast<std::size_t>(top) * picture.stride_bytes;
  if (WebPPictureImportRGBX(&webp.picture, first, static_cast<int>(picture.stride_bytes)) == 0 ||
      WebPEncode(&config, &webp.picture) == 0) {
    return fail(ErrorCode::Internal, "libwebp: error {}", static_cast<int>(webp.picture.error_code));
  }
  const auto* const bytes = reinterpret_cast<const std::byte*>(webp.writer.mem);
  return std::vector<std::byte>(bytes, bytes + webp.writer.size);
}

// `mutex` guards all but `newest`, which the thread reads between strips.
struct StillMaker::State {
  State(StillOptions o, std::function<void(SharedStill)> out, const Clock& c)
      : options(o), clock(c), on_still(std::move(out)) {}

  bool step();
  void work();
  /// Nothing when it was given up, or failed.
  SharedStill make(const Submission& of, std::uint64_t number) const;

  const StillOptions options;
  const Clock& clock;
  const std::function<void(SharedStill)> on_still;

  std::mutex mutex;
  std::condition_variable wake;
  std::optional<Submission> offered;
  std::optional<MonotonicTime> due;  // when `offered` is to be made
  std::atomic<std::uint64_t> newest{0};
  bool wanted = false;
  bool stopping = false;
  std::thread thread;
};

SharedStill StillMaker::State::make(const Submission& of, std::uint64_t number) const {
  auto still = std::make_shared<Still>();
  still->picture = of.state.picture;
  const RgbaView& view = of.picture.view;
  for (int top = 0; top < view.height; top += options.rows) {
    if (newest != number) return nullptr;
    const MonotonicTime begin = clock.now();
    auto payload = encode_webp(view, top, std::min(options.rows, view.height - top));
    if (!payload) {
      log().error("a still: {}", payload.error().message);
      return nullptr;
    }
    auto strip = std::make_shared<VideoPacket>();
    strip->codec = PixelCodec::Webp;
    strip->width = view.width;
    strip->height = view.height;
    strip->still = true;
    strip->payload = std::move(*payload);
    strip->state = of.state;
    strip->state.strip_top = static_cast<std::uint32_t>(top);
    strip->encoded_at = clock.now();
    strip->state.times.encode_ms = static_cast<float>(milliseconds(strip->encoded_at - begin));
    still->strips.push_back(std::move(strip));
  }
  return still;
}

bool StillMaker::State::step() {
  Submission submission;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex);
    if (stopping || !wanted || !due || clock.now() < *due) return false;
    due.reset();
    submission = *offered;
    number = newest;
  }
  if (SharedStill still = make(submission, number)) on_still(std::move(still));
  return true;
}

void StillMaker::State::work() {
  set_thread_name(next_thread_name());
  yield_to_others();
  for (;;) {
    if (step()) continue;
    std::unique_lock lock(mutex);
    if (stopping) return;
    if (!wanted || !due) {
      wake.wait(lock);
    } else if (const auto left = *due - clock.now(); left > std::chrono::nanoseconds(0)) {
      wake.wait_for(lock, left);
    }
  }
}

StillMaker::StillMaker(StillOptions options, std::function<void(SharedStill)> on_still, const Clock& clock)
    : state_(std::make_shared<State>(options, std::move(on_still), clock)) {
  if (options.threaded) state_->thread = std::thread([state = state_] { state->work(); });
}

StillMaker::~StillMaker() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    ++state_->newest;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void StillMaker::offer(Submission submission) {
  if (!submission.state.complete || !has_coded_size(submission)) return forget();
  bool wake = false;
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->newest;
    // A thread that waits for a time already wakes too early and looks again: not woken for every picture.
    wake = !state_->due && state_->wanted;
    state_->offered = std::move(submission);
    state_->due = state_->clock.now() + state_->options.after;
  }
  if (wake) state_->wake.notify_one();
}

void StillMaker::forget() {
  const std::lock_guard lock(state_->mutex);
  ++state_->newest;
  state_->offered.reset();
  state_->due.reset();
}

void StillMaker::set_wanted(bool wanted) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->wanted == wanted) return;
    state_->wanted = wanted;
    if (wanted && state_->offered && !state_->due) state_->due = state_->clock.now() + state_->options.after;
  }
  state_->wake.notify_one();
}

bool StillMaker::run_once() { return state_->step(); }

}  // namespace ndcast::stream
