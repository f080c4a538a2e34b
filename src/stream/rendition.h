#pragma once
// One encoded stream of one view: pictures in, packets out, on a thread of its own ("encode-<n>").
//
//   render thread ──submit()──► slot of one, latest wins ──► encoder ──on_packet()──► (post to control) ──►
//   PixelChannels
//
//   Rendition rendition({.encoder = "x264"}, {.on_config = …, .on_packet = …, .on_failure = …});
//   rendition.submit({picture, {}, {}, state});     // render thread
//   rendition.owe_keyframe(KeyframeReason::Join);   // control thread, when somebody joined

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plan/rungs.h"
#include "stream/encoder.h"
#include "stream/frame_state.h"
#include "stream/keyframe_debt.h"
#include "stream/picture.h"

namespace ndcast::stream {

/// Why a keyframe is owed; for counting and the log.
enum class KeyframeReason { Join, Gap, Clear, Request, CodecChange };
inline constexpr std::size_t kKeyframeReasons = 5;

/// One frame as every socket of a rendition gets it; a PixelChannel adds the header.
struct VideoPacket {
  PixelCodec codec = PixelCodec::H264;
  int width = 0;  ///< of the canvas; the coded size may be a part of it (RenditionOptions::divisor)
  int height = 0;
  bool keyframe = false;
  bool still = false;
  std::vector<std::byte> payload;
  FrameState state;                 ///< convert and encode times filled in; queue and total are the channel's
  MonotonicTime intent_at{};        ///< of the submission
  MonotonicTime encoded_at{};       ///< when the packet was finished
  std::uint32_t config_number = 0;  ///< rises with every on_config(); a packet belongs to the last one announced
};
using SharedPacket = std::shared_ptr<const VideoPacket>;

struct Submission {
  SharedPicture picture;
  int width = 0;  ///< of the canvas, even; a smaller picture is scaled up. 0: the picture's own
  int height = 0;
  FrameState state;
  MonotonicTime intent_at{};  ///< when the newest intent that the picture shows came, or its rendering began; the
                              ///< epoch: unknown, and the total time stays 0
};

struct RenditionOptions {
  std::string encoder = "x264";
  std::int64_t bitrate_bps = 8'000'000;
  double fps = 30;
  /// Each side of the coded size is this part of the canvas', made even.
  int divisor = 1;
  /// A picture at rest is encoded again, at most this many times, at the frame rate, until its quantiser is fine: what
  /// did not fit into one frame's share of the bit rate follows. 0: never.
  int refinements = 10;
  double fine_quantiser = 20;  ///< H.264: about 44 dB
  /// Makes the encoders instead of the registry; for tests.
  EncoderFactory factory;
  /// False: no thread; whoever made it calls run_once(). For tests and simulations.
  bool threaded = true;
};

/// Called on the encode thread, in this order for one packet: on_config (when it is the first of a new configuration),
/// then on_packet. Must not wait for the rendition.
struct RenditionOutput {
  std::function<void(const StreamConfig&, std::uint32_t config_number)> on_config;
  std::function<void(SharedPacket)> on_packet;
  /// The encoder failed, or did not pay a keyframe; it will be made anew. For the log and for the clients.
  std::function<void(const Error&)> on_failure;
};

struct RenditionCounters {
  std::uint64_t submitted = 0;
  std::uint64_t dropped = 0;  ///< replaced in the slot before they were encoded
  std::uint64_t encoded = 0;
  std::uint64_t keyframes = 0;
  std::uint64_t repeated = 0;  ///< encodings of the retained picture as a keyframe
  std::uint64_t refined = 0;   ///< and for its quality
  std::uint64_t restarts = 0;  ///< encoders thrown away because they failed or did not pay
  std::uint64_t bytes = 0;
  std::array<std::uint64_t, kKeyframeReasons> owed{};  ///< by KeyframeReason
};

/// All calls thread-safe. A picture at rest is encoded until it is fine (RenditionOptions::refinements); after that,
/// nothing is encoded while nothing is submitted and no keyframe is owed.
class Rendition {
 public:
  Rendition(RenditionOptions options, RenditionOutput output, const Clock& clock);
  /// Waits for the encoding in progress, at most kStopTimeout; an encoder that hangs longer is left behind with its
  /// thread.
  ~Rendition();
  Rendition(const Rendition&) = delete;
  Rendition& operator=(const Rendition&) = delete;
  static constexpr std::chrono::seconds kStopTimeout{2};
  /// Without a new picture for so long, the view is at rest. With ten frames at 30 a second, refining ends within the
  /// 500 ms that a view has to reach its full quality.
  static constexpr std::chrono::milliseconds kRefineAfter{150};

  /// Never waits. Replaces a picture that is not being encoded yet.
  void submit(Submission submission);
  /// The last picture submitted turned out to show a newer state too (a commit that changes no pixel), so that a later
  /// encoding of it says so (WP19).
  void restamp(std::uint64_t server_seq, std::uint64_t camera_seq);
  /// The retained picture is out of date: a keyframe that is owed waits for the next one.
  void forget_picture();
  /// The next picture is coded as a keyframe; when none comes, the last one again.
  void owe_keyframe(KeyframeReason reason);
  /// From the next frame on; no keyframe.
  void reconfigure(const plan::VideoRate& rate);
  /// While held, no picture is encoded but for a keyframe that is owed: nobody could take it. The newest one submitted
  /// is encoded when that ends.
  void hold(bool held);
  /// Whether a picture at rest is encoded again until it is fine (RenditionOptions::refinements times at most).
  void set_refining(bool refines);
  RenditionCounters counters() const;
  /// The encoder is at work and another picture waits for it already: one more would be rendered for nothing.
  bool picture_waiting() const;
  /// How long the encoding in progress has taken; zero when none is. Long means hung: make another rendition.
  std::chrono::nanoseconds busy_for() const;

  /// Without a thread: encodes what is due now, at most one frame. False when there was nothing to do.
  bool run_once();
  /// When a keyframe that did not come is asked for again, and a failed encoder tried again: that is doubled at each
  /// failure in a row, up to 3.2 s.
  static constexpr std::chrono::milliseconds kRetry{100};

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ndcast::stream
