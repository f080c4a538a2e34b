#pragma once
// One view's pixels between the render thread and the sockets that watch it.
//
//   render thread ─ submit() ─► Rendition (encode thread) ─ post ─► control: PixelChannels of the joined sockets

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "render/engine/render_worker.h"
#include "room/pixel_socket.h"
#include "room/tickets.h"
#include "stream/rendition.h"
#include "stream/still.h"
#include "transport/event_loop.h"

namespace ndcast::room {

/// submit() and restamp() belong to the render thread, everything else to the control thread.
class ViewStream {
 public:
  struct Callbacks {
    std::function<void(const stream::StreamConfig&)>
        on_config;                         ///< control thread, before the first packet that needs it
    std::function<void(bool)> on_viewers;  ///< control thread: somebody watches, or nobody any more
    /// Render thread (from submit()) or control thread: a picture waits for the encoder (true), or one would be taken.
    std::function<void(bool)> on_busy;
  };

  ViewStream(transport::EventLoop& loop, const Clock& clock, stream::RenditionOptions options, Callbacks callbacks);
  /// After it returns no callback runs.
  ~ViewStream();
  ViewStream(const ViewStream&) = delete;
  ViewStream& operator=(const ViewStream&) = delete;

  void submit(const render::RenderedFrame& frame);
  /// The last picture is complete for this state too.
  void restamp(std::uint64_t server_seq, std::uint64_t camera_seq) { rendition_->restamp(server_seq, camera_seq); }

  /// The handler of a new pixel socket; it joins when it opens.
  std::shared_ptr<transport::WebSocketHandler> make_socket(const Ticket& ticket, std::uint8_t binding,
                                                           stream::PixelChannelOptions options);
  /// The session's sockets that are bound to it go over to `other`.
  void move_session(const session::SessionId& session, std::uint8_t binding, ViewStream& other);
  /// Nothing is heard of the stream any more. The encoders may be at work for a moment yet, so what comes back is to be
  /// destroyed where waiting is allowed.
  std::shared_ptr<const void> retire();
  /// False when the session has no socket here.
  bool request_keyframe(const session::SessionId& session);
  /// From the next frame on.
  void configure(const scene::Settings& settings);
  void close_session(const session::SessionId& session);
  void close_all(std::uint16_t code, std::string_view reason);

  std::size_t sockets() const { return sockets_.size(); }
  stream::RenditionCounters counters() const { return rendition_->counters(); }
  /// Of the newest frame; zeros before the first. Queue and total are each socket's own and not in it.
  const stream::StageTimes& newest_times() const { return newest_times_; }

 private:
  PixelSocket::Callbacks socket_callbacks();
  void on_packet(const stream::SharedPacket& packet);
  void on_still(stream::SharedStill still);
  void offer_still();
  void update_stills_wanted();
  void update_busy();

  transport::EventLoop& loop_;
  const Clock& clock_;
  Callbacks callbacks_;
  std::vector<std::shared_ptr<PixelSocket>> sockets_;
  bool refines_ = true;
  std::uint32_t picture_sent_ = 0;
  stream::SharedStill still_;  ///< of the newest picture sent or of one to be sent
  stream::StageTimes newest_times_;
  /// Outlived by nothing that was posted: posted functions hold it weakly.
  std::shared_ptr<ViewStream*> self_;
  std::mutex busy_mutex_;  ///< makes looking at the encoder and saying so one step
  std::shared_ptr<stream::StillMaker> stills_;
  std::shared_ptr<stream::Rendition> rendition_;
};

}  // namespace ndcast::room
