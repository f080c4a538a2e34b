#include "room/view_stream.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"

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

/// Picture numbers count up and wrap.
bool is_newer(std::uint32_t picture, std::uint32_t than) { return static_cast<std::int32_t>(picture - than) > 0; }

}  // namespace

ViewStream::ViewStream(transport::EventLoop& loop, const Clock& clock, stream::RenditionOptions options,
                       Callbacks callbacks)
    : loop_(loop), clock_(clock), callbacks_(std::move(callbacks)), self_(std::make_shared<ViewStream*>(this)) {
  rung(Kind::Video).rendition = make_rendition(std::move(options), Kind::Video);
  const auto on_still = [&loop, weak = std::weak_ptr(self_)](stream::SharedStill still) {
    loop.post([weak, still = std::move(still)] {
      if (const auto self = weak.lock()) (*self)->on_still(still);
    });
  };
  stills_ = std::make_shared<stream::StillMaker>(stream::StillOptions{}, on_still, clock);
}

ViewStream::~ViewStream() { self_.reset(); }

std::shared_ptr<stream::Rendition> ViewStream::make_rendition(stream::RenditionOptions options, Kind kind) {
  // What the encode thread says is posted; a posted function does nothing once this stream is gone.
  const auto post = [&loop = loop_, weak = std::weak_ptr(self_)](auto function) {
    loop.post([weak, function = std::move(function)] {
      if (const auto self = weak.lock()) function(**self);
    });
  };
  stream::RenditionOutput output;
  // Images need no configuration, and the original client, for whom it is told, takes none.
  if (kind == Kind::Video) {
    output.on_config = [post](const stream::StreamConfig& config, std::uint32_t) {
      post([config](ViewStream& self) { self.callbacks_.on_config(config); });
    };
  }
  output.on_packet = [post](stream::SharedPacket packet) {
    post([packet = std::move(packet)](ViewStream& self) { self.on_packet(packet); });
  };
  output.on_failure = [post](const Error& error) {
    log().error("encoder: {}", error.message);
    post([](ViewStream& self) { self.update_busy(); });
  };
  return std::make_shared<stream::Rendition>(std::move(options), std::move(output), clock_);
}

std::shared_ptr<const void> ViewStream::retire() {
  self_.reset();
  const std::lock_guard lock(rungs_mutex_);
  return std::make_shared<std::pair<std::shared_ptr<stream::StillMaker>, std::array<Rung, 2>>>(
      std::exchange(stills_, nullptr), std::exchange(rungs_, {}));
}

std::vector<std::shared_ptr<stream::Rendition>> ViewStream::watched() const {
  std::vector<std::shared_ptr<stream::Rendition>> out;
  for (const Rung& each : rungs_) {
    if (each.viewers > 0) out.push_back(each.rendition);
  }
  if (out.empty() && rungs_.front().rendition) out.push_back(rungs_.front().rendition);
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
    for (const auto& rendition : watched()) rendition->submit(submission);
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
  for (const auto& rendition : watched()) rendition->restamp(server_seq, camera_seq);
}

stream::RenditionCounters ViewStream::counters() const {
  const std::lock_guard lock(rungs_mutex_);
  stream::RenditionCounters sum = rungs_.front().rendition->counters();
  if (const auto& images = rungs_.back().rendition) {
    const stream::RenditionCounters more = images->counters();
    sum.submitted += more.submitted;
    sum.dropped += more.dropped;
    sum.encoded += more.encoded;
    sum.keyframes += more.keyframes;
    sum.restarts += more.restarts;
    sum.bytes += more.bytes;
  }
  return sum;
}

void ViewStream::update_busy() {
  const std::lock_guard lock(busy_mutex_);
  const auto is_waiting = [&] {
    const std::lock_guard rungs_lock(rungs_mutex_);
    return std::ranges::any_of(watched(), [](const auto& rendition) { return rendition->picture_waiting(); });
  };
  callbacks_.on_busy(is_waiting());
}

void ViewStream::on_packet(const stream::SharedPacket& packet) {
  newest_times_ = packet->state.times;
  update_busy();
  // Two renditions are not at the same picture.
  if (is_newer(packet->state.picture, picture_sent_)) picture_sent_ = packet->state.picture;
  if (still_ && is_newer(picture_sent_, still_->picture)) still_.reset();
  for (const auto& socket : sockets_) socket->channel().push(packet);
  // Who waited for the keyframe has none yet; nobody has one that was made sooner than the video.
  offer_still();
}

void ViewStream::on_still(stream::SharedStill still) {
  if (is_newer(picture_sent_, still->picture)) return;
  still_ = std::move(still);
  offer_still();
}

void ViewStream::offer_still() {
  if (!still_ || still_->picture != picture_sent_) return;
  for (const auto& socket : sockets_) socket->channel().offer(still_);
}

void ViewStream::update_stills_wanted() {
  stills_->set_wanted(
      refines_ && std::ranges::any_of(sockets_, [](const auto& socket) { return socket->channel().takes_stills(); }));
}

ViewStream::Kind ViewStream::kind_of(const stream::PixelChannel& channel) {
  return channel.takes(stream::PixelCodec::Jpeg) ? Kind::Images : Kind::Video;
}

void ViewStream::joined(const std::shared_ptr<PixelSocket>& socket) {
  const Kind kind = kind_of(socket->channel());
  sockets_.push_back(socket);
  update_stills_wanted();
  {
    const std::lock_guard lock(rungs_mutex_);
    Rung& of = rung(kind);
    if (!of.rendition) {
      of.rendition = make_rendition({.encoder = "jpeg", .bitrate_bps = bitrate_bps_, .fps = fps_}, kind);
    }
    if (of.viewers++ > 0) return;
    // What was shown to the last viewer may be of long ago: the first one gets a picture made for it.
    of.rendition->forget_picture();
    if (sockets_.size() == 1) newest_.reset();
    if (newest_) of.rendition->submit(*newest_);
  }
  update_busy();
  if (sockets_.size() > 1) return;
  stills_->forget();
  callbacks_.on_viewers(true);
}

void ViewStream::left(const PixelSocket& socket) {
  if (std::erase_if(sockets_, [&](const auto& each) { return each.get() == &socket; }) == 0) return;
  {
    const std::lock_guard lock(rungs_mutex_);
    --rung(kind_of(socket.channel())).viewers;
  }
  update_stills_wanted();
  if (sockets_.empty()) callbacks_.on_viewers(false);
}

PixelSocket::Callbacks ViewStream::socket_callbacks(Kind kind) {
  PixelSocket::Callbacks callbacks;
  const std::weak_ptr<ViewStream*> weak = self_;
  callbacks.on_join = [weak](const std::shared_ptr<PixelSocket>& socket) {
    if (const auto self = weak.lock()) (*self)->joined(socket);
  };
  callbacks.on_leave = [weak](const PixelSocket& socket) {
    if (const auto self = weak.lock()) (*self)->left(socket);
  };
  callbacks.owe_keyframe = [weak, kind](stream::KeyframeReason reason) {
    const auto self = weak.lock();
    if (!self) return;
    if (const auto& rendition = (*self)->rung(kind).rendition) rendition->owe_keyframe(reason);
  };
  return callbacks;
}

std::shared_ptr<transport::WebSocketHandler> ViewStream::make_socket(const Ticket& ticket, std::uint8_t binding,
                                                                     stream::PixelChannelOptions options) {
  // Who takes video gets no images: they are for those who cannot.
  if (std::ranges::find(options.codecs, stream::PixelCodec::H264) != options.codecs.end()) {
    std::erase(options.codecs, stream::PixelCodec::Jpeg);
  }
  const Kind kind =
      std::ranges::find(options.codecs, stream::PixelCodec::Jpeg) != options.codecs.end() ? Kind::Images : Kind::Video;
  auto socket =
      std::make_shared<PixelSocket>(ticket.session, ticket.bound, std::move(options), socket_callbacks(kind), clock_);
  socket->set_self(socket);
  socket->channel().set_binding(binding);
  return socket;
}

void ViewStream::move_session(const session::SessionId& session, std::uint8_t binding, ViewStream& other) {
  for (const auto& socket : std::vector(sockets_)) {
    if (socket->session() != session || socket->bound() != PixelSocket::Bound::ToSession) continue;
    socket->change_over(other.socket_callbacks(kind_of(socket->channel())), binding);
  }
}

bool ViewStream::request_keyframe(const session::SessionId& session) {
  bool found = false;
  for (const auto& socket : sockets_) {
    if (socket->session() != session) continue;
    socket->channel().request_keyframe();
    found = true;
  }
  return found;
}

void ViewStream::configure(const scene::Settings& settings) {
  // A frame gets a frame's share of the bit rate; pictures faster than 30 a second are not to be coarser for it.
  bitrate_bps_ = settings.bitrate;
  fps_ = std::min(settings.fps_target, stream::RenditionOptions{}.fps);
  for (const Rung& each : rungs_) {
    if (!each.rendition) continue;
    each.rendition->reconfigure(bitrate_bps_, fps_);
    each.rendition->set_refining(settings.refine_still);
  }
  refines_ = settings.refine_still;
  update_stills_wanted();
}

void ViewStream::close_session(const session::SessionId& session) {
  for (const auto& socket : std::vector(sockets_)) {
    if (socket->session() == session) socket->close(transport::close_code::kGoingAway, "the session ended");
  }
}

void ViewStream::close_all(std::uint16_t code, std::string_view reason) {
  for (const auto& socket : std::vector(sockets_)) socket->close(code, reason);
}

}  // namespace ndcast::room
