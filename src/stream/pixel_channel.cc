#include "stream/pixel_channel.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace ndcast::stream {
namespace {

constexpr std::chrono::milliseconds kNoteInterval{100};  // WP22: at most 10 Hz
/// Notes come jittered: one this much early still counts as 10 Hz.
constexpr std::chrono::milliseconds kNoteSlack{20};

}  // namespace

PixelChannel::PixelChannel(PixelSink& sink, PixelChannelOptions options,
                           std::function<void(KeyframeReason)> owe_keyframe, const Clock& clock)
    : sink_(sink),
      options_(std::move(options)),
      owe_keyframe_(std::move(owe_keyframe)),
      clock_(clock),
      link_(options_.ceiling_bps) {}

void PixelChannel::start(KeyframeReason reason) { wait_for_keyframe(reason); }

void PixelChannel::request_keyframe(KeyframeReason reason) { wait_for_keyframe(reason); }

bool PixelChannel::takes(const VideoPacket& packet) const {
  if (!options_.extended && (packet.still || is_image_codec(packet.codec))) return false;
  return takes(packet.codec);
}

bool PixelChannel::takes(PixelCodec codec) const {
  return std::ranges::find(options_.codecs, codec) != options_.codecs.end();
}

void PixelChannel::offer(SharedStill still) {
  if (!takes_stills() || waiting_ || still == still_) return;
  still_ = std::move(still);
  next_strip_ = 0;
  pump_still();
}

void PixelChannel::push(SharedPacket packet) {
  if (!takes(*packet)) return;
  if (still_ && still_->picture != packet->state.picture) still_.reset();
  if (packet->keyframe && !packet->still) {
    // Whatever has not left is older than a picture that needs none of it.
    counters_.superseded += backlog_.size();
    clear_backlog();
    waiting_ = false;
    to_ask_.reset();
  } else if (waiting_) {
    ++counters_.gated;
    return;
  }
  backlog_bytes_ += packet->payload.size();
  backlog_.push_back(std::move(packet));
  pump();
  const bool over = backlog_.size() > limits::kPixelBacklogFrames || backlog_bytes_ > limits::kPixelBacklogBytes;
  // A single frame may be larger than the limit: dropping it would never end.
  if (!over || backlog_.size() == 1) return;
  counters_.cleared += backlog_.size();
  ++counters_.clears;
  wait_for_keyframe(KeyframeReason::Clear);
}

void PixelChannel::on_writable() {
  note_drained();
  pump();
  ask_if_writable();
}

void PixelChannel::wait_for_keyframe(KeyframeReason reason) {
  clear_backlog();
  still_.reset();
  waiting_ = true;
  to_ask_ = reason;
  ask_if_writable();
}

// A keyframe for a socket that takes nothing would only be cleared again, and every other viewer would pay for it with
// a coarser picture; so it is asked for when the socket has taken what it was given.
void PixelChannel::ask_if_writable() {
  if (!to_ask_ || sink_.queued_bytes() > 0) return;
  const KeyframeReason reason = *std::exchange(to_ask_, std::nullopt);
  owe_keyframe_(reason);
}

void PixelChannel::clear_backlog() {
  backlog_.clear();
  backlog_bytes_ = 0;
}

void PixelChannel::pump() {
  while (!backlog_.empty() && sink_.queued_bytes() == 0) {
    const SharedPacket packet = std::move(backlog_.front());
    backlog_.pop_front();
    backlog_bytes_ -= packet->payload.size();
    hand_over(*packet);
  }
  pump_still();
}

void PixelChannel::pump_still() {
  if (!still_ || !feedback_.visible) return;
  while (next_strip_ < still_->strips.size() && backlog_.empty() && sink_.queued_bytes() == 0 && may_send_strip()) {
    const std::uint32_t seq = next_seq_;
    ++counters_.strips;
    strips_under_way_.push_back({seq, hand_over(*still_->strips[next_strip_++])});
  }
}

bool PixelChannel::may_send_strip() const {
  if (strips_under_way_.empty()) return true;
  std::size_t bytes = still_->strips[next_strip_]->payload.size();
  for (const StripUnderWay& strip : strips_under_way_) bytes += strip.bytes;
  const double carried =
      static_cast<double>(link_.rate_bps()) / 8 * std::chrono::duration<double>(kStripsUnderWay).count();
  return static_cast<double>(bytes) <= carried;
}

void PixelChannel::note_drained() {
  if (sink_.queued_bytes() == 0) link_.on_drained(clock_.now());
}

/// Bytes of the message.
std::size_t PixelChannel::hand_over(const VideoPacket& packet) {
  const MonotonicTime now = clock_.now();
  const PixelHeader header{.seq = next_seq_++,
                           .timestamp = clock_.unix_seconds(),
                           .width = static_cast<std::uint32_t>(packet.width),
                           .height = static_cast<std::uint32_t>(packet.height),
                           .codec = packet.codec,
                           .keyframe = packet.keyframe,
                           .still = packet.still};
  FrameState state = packet.state;
  state.binding = binding_;
  state.times.queue_ms = static_cast<float>(milliseconds(now - packet.encoded_at));
  if (packet.intent_at != MonotonicTime{}) {
    state.times.total_ms = static_cast<float>(milliseconds(now - packet.intent_at));
  }
  auto message = std::make_shared<const std::vector<std::byte>>(
      pack_pixel_frame(header, options_.extended ? &state : nullptr, packet.payload));
  ++counters_.sent;
  counters_.sent_bytes += message->size();
  counters_.keyframes += packet.keyframe ? 1 : 0;
  const std::size_t bytes = message->size();
  using enum plan::LinkEstimate::Kind;
  link_.on_sent(header.seq, bytes, packet.still ? Bulk : Frame, now);
  sink_.send(std::move(message));
  note_drained();
  if (options_.stages && !packet.still) options_.stages->on_sent(state.times, bytes);
  return bytes;
}

Result<void> PixelChannel::on_text(std::string_view text) {
  auto note = parse_pixel_note(text);
  if (!note) {
    ++counters_.notes_refused;
    return std::unexpected(std::move(note).error());
  }
  if (const auto* visible = std::get_if<VisibleNote>(&*note)) {
    feedback_.visible = visible->visible;
    pump_still();
    return {};
  }
  if (const auto* strip = std::get_if<StripNote>(&*note)) {
    const auto arrived = std::ranges::find(strips_under_way_, strip->seq, &StripUnderWay::seq);
    if (arrived == strips_under_way_.end()) {
      ++counters_.notes_refused;
      return fail(ErrorCode::Invalid, "strip.seq {} is not under way", strip->seq);
    }
    strips_under_way_.erase(strips_under_way_.begin(), arrived + 1);  // they arrive in order
    link_.on_arrived(strip->seq, {}, clock_.now());
    pump_still();
    return {};
  }
  return note_presented(std::get<PresentedNote>(*note));
}

Result<void> PixelChannel::note_presented(const PresentedNote& note) {
  const MonotonicTime now = clock_.now();
  // Numbers wrap, so "sent already" is a distance: at most what was ever sent, and at most half the circle.
  const std::uint32_t age = next_seq_ - 1 - note.seq;
  if (age >= std::min<std::uint64_t>(counters_.sent, std::uint64_t{1} << 31)) {
    ++counters_.notes_refused;
    return fail(ErrorCode::Invalid, "presented.seq {} was not sent (the newest is {} of {})", note.seq,
                static_cast<std::uint32_t>(next_seq_ - 1), counters_.sent);
  }
  if (last_note_at_ && now - *last_note_at_ < kNoteInterval - kNoteSlack) {
    ++counters_.notes_skipped;
    return {};
  }
  last_note_at_ = now;
  feedback_.presented_seq = note.seq;
  feedback_.decode_ms = note.decode_ms;
  feedback_.present_ms = note.present_ms;
  const std::chrono::duration<double, std::milli> held(note.decode_ms + note.present_ms);
  link_.on_arrived(note.seq, std::chrono::duration_cast<std::chrono::nanoseconds>(held), now);
  if (options_.stages) options_.stages->on_presented(note, link_.round_trip());
  return {};
}

}  // namespace ndcast::stream
