#include "room/view_stream.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/log.h"
#include "stream/encoder_choice.h"

namespace ndcast::room {
namespace {

stream::FrameState frame_state(const render::RenderedFrame& frame) {
  const render::FrameState& from = frame.state;
  stream::FrameState state;
  state.server_seq = from.server_seq;
  state.camera_seq = from.camera_seq;
  state.view_epoch = from.view_epoch;
  state.level_shown = static_cast<std::int8_t>(std::clamp(from.level_shown, 0, 127));
  state.complete = from.complete;
  state.ndisplay = static_cast<std::uint8_t>(scene::ndisplay_of(from.mode));
  if (from.mode == scene::Mode::Plane) {
    std::ranges::copy(from.plane.rect, state.pose.begin());
  } else {
    std::ranges::copy(from.volume.center, state.pose.begin());
    std::ranges::copy(from.volume.angles, state.pose.begin() + 3);
    state.pose[6] = from.volume.distance;
    state.pose[7] = from.volume.fov;
  }
  state.times.intent_to_render_ms = static_cast<float>(milliseconds(frame.render_start - frame.intent_time));
  state.times.render_ms = static_cast<float>(milliseconds(frame.render_end - frame.render_start));
  return state;
}

/// A link's estimate is a matter of some 400 ms.
constexpr std::chrono::milliseconds kPlanInterval{100};
/// Of a bit rate: what changes less is not worth an encoder's while.
constexpr double kLeastChange = 0.05;

/// Picture numbers count up and wrap.
bool is_newer(std::uint32_t picture, std::uint32_t than) { return static_cast<std::int32_t>(picture - than) > 0; }

}  // namespace

ViewStream::ViewStream(transport::EventLoop& loop, const Clock& clock, const stream::RenditionOptions& options,
                       Callbacks callbacks)
    : loop_(loop),
      clock_(clock),
      callbacks_(std::move(callbacks)),
      encoder_(options.encoder),
      most_{.bitrate_bps = options.bitrate_bps, .fps = options.fps},
      self_(std::make_shared<ViewStream*>(this)) {
  rung(Kind::Video).rendition = make_rendition(Kind::Video);
  const auto on_still = [&loop, weak = std::weak_ptr(self_)](stream::SharedStill still) {
    loop.post([weak, still = std::move(still)] {
      if (const auto self = weak.lock()) (*self)->on_still(still);
    });
  };
  stills_ = std::make_shared<stream::StillMaker>(stream::StillOptions{}, on_still, clock);
}

ViewStream::~ViewStream() { self_.reset(); }

stream::RenditionOptions ViewStream::options_of(Kind kind) const {
  return {.encoder = kind == Kind::Images ? "jpeg" : encoder_,
          .bitrate_bps = most_.bitrate_bps,
          .fps = most_.fps,
          .divisor = kind == Kind::HalfVideo ? 2 : 1};
}

std::shared_ptr<stream::Rendition> ViewStream::make_rendition(Kind kind) {
  // What the encode thread says is posted; a posted function does nothing once this stream is gone.
  const auto post = [&loop = loop_, weak = std::weak_ptr(self_)](auto function) {
    loop.post([weak, function = std::move(function)] {
      if (const auto self = weak.lock()) function(**self);
    });
  };
  stream::RenditionOutput output;
  // It is told for the original client, which gets the whole video alone.
  if (kind == Kind::Video) {
    output.on_config = [post](const stream::StreamConfig& config, std::uint32_t) {
      post([config](ViewStream& self) { self.callbacks_.on_config(config); });
    };
  }
  output.on_packet = [post, kind](stream::SharedPacket packet) {
    post([kind, packet = std::move(packet)](ViewStream& self) { self.on_packet(kind, packet); });
  };
  output.on_failure = [post](const Error& error) {
    log().error("encoder: {}", error.message);
    post([](ViewStream& self) { self.update_busy(); });
  };
  rung(kind).rate = most_;
  auto rendition = std::make_shared<stream::Rendition>(options_of(kind), std::move(output), clock_);
  rendition->set_refining(refines_);
  return rendition;
}

std::shared_ptr<const void> ViewStream::retire() {
  self_.reset();
  const std::lock_guard lock(rungs_mutex_);
  return std::make_shared<std::pair<std::shared_ptr<stream::StillMaker>, std::array<Rung, 3>>>(
      std::exchange(stills_, nullptr), std::exchange(rungs_, {}));
}

std::vector<const ViewStream::Rung*> ViewStream::watched() const {
  std::vector<const Rung*> out;
  for (const Rung& each : rungs_) {
    if (each.viewers > 0) out.push_back(&each);
  }
  if (out.empty() && rungs_.front().rendition) out.push_back(&rungs_.front());
  return out;
}

void ViewStream::submit(const render::RenderedFrame& frame) {
  const stream::RgbaView pixels{frame.picture->rgba.data(), frame.picture->width, frame.picture->height,
                                static_cast<std::size_t>(frame.picture->width) * 4};
  stream::Submission submission{.picture = {pixels, frame.picture},
                                .width = frame.canvas.width,
                                .height = frame.canvas.height,
                                .state = frame_state(frame),
                                .intent_at = frame.intent_time};
  // Of all views together: a viewer that goes over to another view meets none of its numbers again.
  static std::atomic<std::uint32_t> pictures{0};
  submission.state.picture = ++pictures;
  stills_->offer(submission);
  {
    // One step, so that a rendition that is joined meanwhile does not get the picture before this one after it.
    const std::lock_guard lock(rungs_mutex_);
    for (const Rung* each : watched()) each->rendition->submit(submission);
    newest_ = std::move(submission);
  }
  update_busy();
}

void ViewStream::restamp(std::uint64_t server_seq, std::uint64_t camera_seq) {
  const std::lock_guard lock(rungs_mutex_);
  if (newest_) {
    newest_->state.server_seq = std::max(newest_->state.server_seq, server_seq);
    newest_->state.camera_seq = std::max(newest_->state.camera_seq, camera_seq);
  }
  for (const Rung* each : watched()) each->rendition->restamp(server_seq, camera_seq);
}

stream::RenditionCounters ViewStream::counters() const {
  const std::lock_guard lock(rungs_mutex_);
  stream::RenditionCounters sum;
  for (const Rung& each : rungs_) {
    if (!each.rendition) continue;
    const stream::RenditionCounters more = each.rendition->counters();
    sum.submitted += more.submitted;
    sum.dropped += more.dropped;
    sum.encoded += more.encoded;
    sum.keyframes += more.keyframes;
    sum.restarts += more.restarts;
    sum.bytes += more.bytes;
  }
  return sum;
}

protocol::ConnectionTelemetry ViewStream::connection_of(const session::SessionId& session) const {
  const auto member = std::ranges::find(members_, session, [](const Member& each) { return each.socket->session(); });
  if (member == members_.end()) return {};
  const stream::PixelChannel& channel = member->socket->channel();
  const auto round_trip = channel.link().round_trip();
  return {.carries = channel.link().rate_bps(),
          .round_trip_ms = round_trip ? milliseconds(*round_trip) : 0,
          .decode_ms = channel.feedback().decode_ms,
          .present_ms = channel.feedback().present_ms,
          .half_size = member->kind == Kind::HalfVideo};
}

void ViewStream::update_busy() {
  const std::lock_guard lock(busy_mutex_);
  const auto is_busy = [&] {
    const std::lock_guard rungs_lock(rungs_mutex_);
    const auto rungs = watched();
    // A connection that is full holds up no other; an encoder that is late is late for all: they share the cores.
    return std::ranges::all_of(rungs, &Rung::held) || std::ranges::any_of(rungs, [](const Rung* each) {
             return !each->held && each->rendition->picture_waiting();
           });
  };
  callbacks_.on_busy(is_busy());
}

void ViewStream::on_packet(Kind kind, const stream::SharedPacket& packet) {
  newest_times_ = packet->state.times;
  // Renditions are not at the same picture.
  if (is_newer(packet->state.picture, picture_sent_)) picture_sent_ = packet->state.picture;
  if (still_ && is_newer(picture_sent_, still_->picture)) still_.reset();
  for (const Member& member : members_) {
    if (member.kind == kind) member.socket->channel().push(packet);
  }
  update_holds();
  // Who waited for the keyframe has none yet; nobody has one that was made sooner than the video.
  offer_still();
}

void ViewStream::on_traffic() {
  plan_rungs();
  update_holds();
}

void ViewStream::update_holds() {
  {
    const std::lock_guard lock(rungs_mutex_);
    for (std::size_t i = 0; i < rungs_.size(); ++i) {
      if (!rungs_[i].rendition) continue;
      const auto is_here = [&](const Member& member) {
        return static_cast<std::size_t>(member.kind) == i && !member.socket->channel().waiting_for_keyframe();
      };
      const auto is_full = [&](const Member& member) { return !is_here(member) || member.socket->channel().is_full(); };
      rungs_[i].held = std::ranges::any_of(members_, is_here) && std::ranges::all_of(members_, is_full);
      rungs_[i].rendition->hold(rungs_[i].held);
    }
  }
  update_busy();
}

void ViewStream::plan_rungs() {
  const MonotonicTime now = clock_.now();
  if (now - planned_at_ < kPlanInterval) return;
  planned_at_ = now;
  std::vector<plan::Watcher> watchers;
  std::vector<Member*> of_watcher;
  plan::VideoRate images = most_;
  for (Member& member : members_) {
    const stream::PixelChannel& channel = member.socket->channel();
    if (member.kind == Kind::Images) {
      images.bitrate_bps = std::min(images.bitrate_bps, channel.link().rate_bps());
      continue;
    }
    watchers.push_back({channel.link().rate_bps(), channel.is_extended(), member.kind == Kind::HalfVideo});
    of_watcher.push_back(&member);
  }
  const plan::Rungs rungs = plan::plan_rungs(watchers, most_, canvas());
  for (std::size_t i = 0; i < of_watcher.size(); ++i) {
    move(*of_watcher[i], rungs.half[i] ? Kind::HalfVideo : Kind::Video);
  }
  set_rate(Kind::Video, rungs.full_rate);
  set_rate(Kind::HalfVideo, rungs.half_rate);
  // Of pictures that stand alone each is as coarse as it may be before there are fewer: held back, they come as the
  // connection takes them.
  set_rate(Kind::Images, images);
  update_fps_limit();
}

scene::Canvas ViewStream::canvas() const {
  const std::lock_guard lock(rungs_mutex_);
  return newest_ ? scene::Canvas{.width = newest_->width, .height = newest_->height} : scene::Canvas{};
}

void ViewStream::move(Member& member, Kind kind) {
  if (member.kind == kind) return;
  const plan::LinkEstimate& link = member.socket->channel().link();
  log().info("session {}: {} video, its connection carries {} kbit/s", member.socket->session().value,
             kind == Kind::HalfVideo ? "half-size" : "full-size", link.rate_bps() / 1000);
  unwatch(member.kind);
  member.kind = kind;
  watch(kind);
  // The picture that the viewer has stands until the keyframe.
  member.socket->channel().start(stream::KeyframeReason::CodecChange);
}

void ViewStream::set_rate(Kind kind, const plan::VideoRate& rate) {
  const std::lock_guard lock(rungs_mutex_);
  Rung& of = rung(kind);
  if (!of.rendition) return;
  const double change = static_cast<double>(rate.bitrate_bps) / static_cast<double>(of.rate.bitrate_bps);
  const bool is_alike = std::abs(change - 1) < kLeastChange && std::abs(rate.fps / of.rate.fps - 1) < kLeastChange &&
                        rate.is_paced == of.rate.is_paced && rate != most_;
  if (is_alike) return;
  of.rate = rate;
  of.rendition->reconfigure(rate);
}

void ViewStream::update_fps_limit() {
  double limit = 0;
  {
    const std::lock_guard lock(rungs_mutex_);
    for (const Rung* each : watched()) {
      limit = std::max(limit, each->rate.is_paced ? each->rate.fps : std::numeric_limits<double>::infinity());
    }
  }
  if (std::exchange(fps_limit_, limit) != limit) callbacks_.on_fps_limit(limit);
}

void ViewStream::on_still(stream::SharedStill still) {
  if (is_newer(picture_sent_, still->picture)) return;
  still_ = std::move(still);
  offer_still();
}

void ViewStream::offer_still() {
  if (!still_ || still_->picture != picture_sent_) return;
  for (const Member& member : members_) member.socket->channel().offer(still_);
}

void ViewStream::update_stills_wanted() {
  const auto takes_stills = [](const Member& member) { return member.socket->channel().takes_stills(); };
  stills_->set_wanted(refines_ && std::ranges::any_of(members_, takes_stills));
}

ViewStream::Kind ViewStream::kind_of(const stream::PixelChannel& channel) {
  return channel.takes(stream::PixelCodec::Jpeg) ? Kind::Images : Kind::Video;
}

void ViewStream::joined(const std::shared_ptr<PixelSocket>& socket) {
  const Kind kind = kind_of(socket->channel());
  members_.push_back({socket, kind});
  socket->channel().set_ceiling(most_.bitrate_bps);
  update_stills_wanted();
  if (members_.size() == 1) {
    const std::lock_guard lock(rungs_mutex_);
    newest_.reset();
  }
  watch(kind);
  update_holds();
  if (members_.size() > 1) return;
  stills_->forget();
  callbacks_.on_viewers(true);
}

void ViewStream::left(const PixelSocket& socket) {
  const Member* const member = find(socket);
  if (!member) return;
  unwatch(member->kind);
  members_.erase(members_.begin() + (member - members_.data()));
  update_stills_wanted();
  update_holds();
  update_fps_limit();
  if (members_.empty()) callbacks_.on_viewers(false);
}

ViewStream::Member* ViewStream::find(const PixelSocket& socket) {
  const auto member = std::ranges::find(members_, &socket, [](const Member& each) { return each.socket.get(); });
  return member == members_.end() ? nullptr : &*member;
}

void ViewStream::watch(Kind kind) {
  const std::lock_guard lock(rungs_mutex_);
  Rung& of = rung(kind);
  if (!of.rendition) of.rendition = make_rendition(kind);
  if (of.viewers++ > 0) return;
  // What was shown to the last viewer may be of long ago: the first one gets a picture made for it.
  of.rendition->forget_picture();
  if (newest_) of.rendition->submit(*newest_);
}

void ViewStream::unwatch(Kind kind) {
  const std::lock_guard lock(rungs_mutex_);
  --rung(kind).viewers;
}

void ViewStream::owe_keyframe(const PixelSocket& socket, stream::KeyframeReason reason) {
  const Member* const member = find(socket);
  if (!member) return;
  if (const auto& rendition = rung(member->kind).rendition) rendition->owe_keyframe(reason);
}

PixelSocket::Callbacks ViewStream::socket_callbacks() {
  const std::weak_ptr<ViewStream*> weak = self_;
  return {.on_join =
              [weak](const std::shared_ptr<PixelSocket>& socket) {
                if (const auto self = weak.lock()) (*self)->joined(socket);
              },
          .on_leave =
              [weak](const PixelSocket& socket) {
                if (const auto self = weak.lock()) (*self)->left(socket);
              },
          .owe_keyframe =
              [weak](const PixelSocket& socket, stream::KeyframeReason reason) {
                if (const auto self = weak.lock()) (*self)->owe_keyframe(socket, reason);
              },
          .on_traffic =
              [weak] {
                if (const auto self = weak.lock()) (*self)->on_traffic();
              }};
}

std::shared_ptr<transport::WebSocketHandler> ViewStream::make_socket(const Ticket& ticket, std::uint8_t binding,
                                                                     stream::PixelChannelOptions options) {
  // Who takes video gets no images, as long as there is a video: they are for those who cannot.
  if (stream::makes_video(encoder_)) {
    const bool takes_video = std::ranges::find(options.codecs, stream::PixelCodec::H264) != options.codecs.end();
    if (takes_video) std::erase(options.codecs, stream::PixelCodec::Jpeg);
  } else {
    std::erase(options.codecs, stream::PixelCodec::H264);
  }
  options.ceiling_bps = most_.bitrate_bps;
  auto socket =
      std::make_shared<PixelSocket>(ticket.session, ticket.bound, std::move(options), socket_callbacks(), clock_);
  socket->set_self(socket);
  socket->channel().set_binding(binding);
  return socket;
}

std::vector<std::shared_ptr<PixelSocket>> ViewStream::sockets_of(const session::SessionId& session) const {
  std::vector<std::shared_ptr<PixelSocket>> out;
  for (const Member& member : members_) {
    if (member.socket->session() == session) out.push_back(member.socket);
  }
  return out;
}

void ViewStream::move_session(const session::SessionId& session, std::uint8_t binding, ViewStream& other) {
  for (const auto& socket : sockets_of(session)) {
    if (socket->bound() == PixelSocket::Bound::ToSession) socket->change_over(other.socket_callbacks(), binding);
  }
}

bool ViewStream::request_keyframe(const session::SessionId& session) {
  const auto sockets = sockets_of(session);
  for (const auto& socket : sockets) socket->channel().request_keyframe();
  return !sockets.empty();
}

void ViewStream::configure(const scene::Settings& settings) {
  // A frame gets a frame's share of the bit rate; pictures faster than 30 a second are not to be coarser for it.
  most_ = {.bitrate_bps = settings.bitrate, .fps = std::min(settings.fps_target, stream::RenditionOptions{}.fps)};
  refines_ = settings.refine_still;
  for (const Rung& each : rungs_) {
    if (each.rendition) each.rendition->set_refining(refines_);
  }
  for (const Member& member : members_) member.socket->channel().set_ceiling(most_.bitrate_bps);
  planned_at_ = {};
  plan_rungs();
  update_stills_wanted();
}

void ViewStream::close_session(const session::SessionId& session) {
  for (const auto& socket : sockets_of(session)) socket->close(transport::close_code::kGoingAway, "the session ended");
}

void ViewStream::close_all(std::uint16_t code, std::string_view reason) {
  for (const Member& member : std::vector(members_)) member.socket->close(code, reason);
}

}  // namespace ndcast::room
