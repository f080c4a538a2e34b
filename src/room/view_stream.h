#pragma once
// One view's pixels between the render thread and the sockets that watch it.
//
//   render thread ─ submit() ─► Renditions (encode threads) ─ post ─► control: PixelChannels of the joined sockets
//
// Two renditions (WP20): the video, and JPEG pictures for sockets that take no video. Each is fed while somebody
// watches it.

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
  void restamp(std::uint64_t server_seq, std::uint64_t camera_seq);

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
  /// Of both renditions together.
  stream::RenditionCounters counters() const;
  /// Of the newest frame; zeros before the first. Queue and total are each socket's own and not in it.
  const stream::StageTimes& newest_times() const { return newest_times_; }

 private:
  enum class Kind : std::uint8_t { Video, Images };
  /// A rendition and who watches it.
  struct Rung {
    std::shared_ptr<stream::Rendition> rendition;
    std::size_t viewers = 0;
  };
  static Kind kind_of(const stream::PixelChannel& channel);
  Rung& rung(Kind kind) { return rungs_[static_cast<std::size_t>(kind)]; }
  std::shared_ptr<stream::Rendition> make_rendition(stream::RenditionOptions options, Kind kind);
  PixelSocket::Callbacks socket_callbacks(Kind kind);
  void joined(const std::shared_ptr<PixelSocket>& socket);
  void left(const PixelSocket& socket);
  /// The renditions that somebody watches; the video when nobody does. `rungs_mutex_` is held.
  std::vector<std::shared_ptr<stream::Rendition>> watched() const;
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
  mutable std::mutex rungs_mutex_;            ///< guards the two below
  std::array<Rung, 2> rungs_;                 ///< by Kind; that of images is made for the first who needs it
  std::optional<stream::Submission> newest_;  ///< for a rendition that is watched later than another
  std::int64_t bitrate_bps_ = stream::RenditionOptions{}.bitrate_bps;
  double fps_ = stream::RenditionOptions{}.fps;
};

}  // namespace ndcast::room
