#pragma once
// One viewer's pixel socket: which packets it gets, and when (WP19 – WP22). A state machine without I/O of its own;
// the room gives it a sink (a WebSocket), the packets of its rendition, and somebody to ask for keyframes.
//
//   PixelChannel channel(sink, {.extended = true}, [&](KeyframeReason why) { rendition.owe_keyframe(why); }, clock);
//   channel.start();                        // owes itself the first keyframe
//   channel.push(packet);                   // each packet of the rendition
//   channel.on_writable();                  // the socket's queue is empty again
//   channel.on_text(text);                  // presented, visible
//
// Life of a channel:   Waiting ── keyframe ──► Flowing ── backlog past its limit, or a change of stream ──► Waiting

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "plan/link_estimate.h"
#include "stream/pixel_note.h"
#include "stream/rendition.h"
#include "stream/stage_sink.h"
#include "stream/still.h"

namespace ndcast::stream {

/// Where messages go.
class PixelSink {
 public:
  virtual ~PixelSink() = default;
  virtual void send(std::shared_ptr<const std::vector<std::byte>> message) = 0;
  /// Accepted and not yet handed to the kernel. The channel hands over the next frame only at 0, so that what a slow
  /// socket has not taken can still be thrown away.
  virtual std::size_t queued_bytes() const = 0;
};

struct PixelChannelOptions {
  bool extended = false;  ///< v=2: frames carry the extension; false is the original client's bare frame, H.264 only
  /// What the socket takes (`codecs=`).
  std::vector<PixelCodec> codecs = {PixelCodec::H264};
  /// The highest rate that its link is asked for.
  std::int64_t ceiling_bps = RenditionOptions{}.bitrate_bps;
  /// Told of each frame but strips; null: nobody.
  std::shared_ptr<StageSink> stages = nullptr;
};

struct PixelChannelCounters {
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t keyframes = 0;
  std::uint64_t gated = 0;       ///< deltas not sent because no keyframe preceded them
  std::uint64_t superseded = 0;  ///< in the backlog when a newer keyframe came
  std::uint64_t cleared = 0;     ///< frames thrown away with the backlog
  std::uint64_t clears = 0;
  std::uint64_t strips = 0;         ///< of stills; in `sent` too
  std::uint64_t notes_refused = 0;  ///< malformed, or about a frame never sent
  std::uint64_t notes_skipped = 0;  ///< more often than 10 Hz
};

/// What the viewer said last.
struct ViewerFeedback {
  bool visible = true;
  std::optional<std::uint32_t> presented_seq;
  double decode_ms = 0;
  double present_ms = 0;
};

/// Control thread only.
class PixelChannel {
 public:
  /// `sink` and `clock` outlive the channel. `owe_keyframe` is called when the socket could take a keyframe and is
  /// owed one.
  PixelChannel(PixelSink& sink, PixelChannelOptions options, std::function<void(KeyframeReason)> owe_keyframe,
               const Clock& clock);

  /// The socket is attached to a rendition, for the first time (Join) or to another one (CodecChange): what is not
  /// sent is dropped and the next frame is a keyframe.
  void start(KeyframeReason reason = KeyframeReason::Join);
  /// The viewer asked, or lost something: what is not sent is dropped, and the next frame is a keyframe.
  void request_keyframe(KeyframeReason reason = KeyframeReason::Request);
  /// In the order that the rendition made them. A still or an image goes only to an extended socket that takes it.
  void push(SharedPacket packet);
  void on_writable();
  /// A still of the picture shown. Its strips go out while nothing else does, to an extended socket that takes WebP
  /// and whose viewer looks, kStripsUnderWay at a time; the next picture ends it. Does nothing for the one under way.
  void offer(SharedStill still);
  bool takes_stills() const { return options_.extended && takes(PixelCodec::Webp); }
  /// Of strips that are not with the viewer yet: what moves next waits for no more than the link carries in this time,
  /// or for one strip.
  static constexpr std::chrono::milliseconds kStripsUnderWay{150};
  /// Of the frames from here on (WP32).
  void set_binding(std::uint8_t binding) { binding_ = binding; }
  /// Errors are for the log: a bad note changes nothing.
  Result<void> on_text(std::string_view text);

  bool takes(PixelCodec codec) const;
  bool waiting_for_keyframe() const { return waiting_; }
  std::size_t backlog_frames() const { return backlog_.size(); }
  std::size_t backlog_bytes() const { return backlog_bytes_; }
  bool is_extended() const { return options_.extended; }
  /// It gets frames, and the last one is not with the kernel yet: one more would wait.
  bool is_full() const { return !waiting_ && sink_.queued_bytes() > 0; }
  /// What the connection carries (WP22); never more than the ceiling.
  const plan::LinkEstimate& link() const { return link_; }
  void set_ceiling(std::int64_t bitrate_bps) { link_.set_ceiling(bitrate_bps); }
  const PixelChannelCounters& counters() const { return counters_; }
  const ViewerFeedback& feedback() const { return feedback_; }

 private:
  struct StripUnderWay {
    std::uint32_t seq = 0;
    std::size_t bytes = 0;
  };

  bool takes(const VideoPacket& packet) const;
  void pump_still();
  bool may_send_strip() const;
  void wait_for_keyframe(KeyframeReason reason);
  void ask_if_writable();
  void clear_backlog();
  void pump();
  std::size_t hand_over(const VideoPacket& packet);
  void note_drained();
  Result<void> note_presented(const PresentedNote& note);

  PixelSink& sink_;
  const PixelChannelOptions options_;
  const std::function<void(KeyframeReason)> owe_keyframe_;
  const Clock& clock_;
  std::deque<SharedPacket> backlog_;
  std::size_t backlog_bytes_ = 0;
  bool waiting_ = true;
  std::optional<KeyframeReason> to_ask_;  ///< owed, and not yet asked for because the socket is not writable
  SharedStill still_;
  std::size_t next_strip_ = 0;
  std::deque<StripUnderWay> strips_under_way_;
  std::uint32_t next_seq_ = 0;
  std::uint8_t binding_ = 0;
  plan::LinkEstimate link_;
  std::optional<MonotonicTime> last_note_at_;
  PixelChannelCounters counters_;
  ViewerFeedback feedback_;
};

}  // namespace ndcast::stream
