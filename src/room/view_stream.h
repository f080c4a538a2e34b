#pragma once
// One view's pixels between the render thread and the sockets that watch it.
//
//   render thread ─ submit() ─► Renditions (encode threads) ─ post ─► control: PixelChannels of the joined sockets
//
// Three renditions (WP20): the video, the same in half size for viewers whose connections cannot follow, and JPEG
// pictures for sockets that take no video. Each is fed while somebody watches it, at the rates that plan_rungs() gives
// it.

#include <array>
#include <functional>
#include <limits>
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
    /// Control thread: nobody can be sent more frames a second; infinite when somebody can.
    std::function<void(double)> on_fps_limit;
  };

  /// Of the options, the encoder and the rates count.
  ViewStream(transport::EventLoop& loop, const Clock& clock, const stream::RenditionOptions& options,
             Callbacks callbacks);
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

  std::size_t sockets() const { return members_.size(); }
  /// That of a session's first socket; all zero when it has none here.
  protocol::ConnectionTelemetry connection_of(const session::SessionId& session) const;
  /// Of all renditions together.
  stream::RenditionCounters counters() const;
  /// Of the newest frame; zeros before the first. Queue and total are each socket's own and not in it.
  const stream::StageTimes& newest_times() const { return newest_times_; }

 private:
  enum class Kind : std::uint8_t { Video, HalfVideo, Images };
  /// A rendition and who watches it.
  struct Rung {
    std::shared_ptr<stream::Rendition> rendition;
    std::size_t viewers = 0;
    bool held = false;  ///< none of its viewers' sockets takes a frame now
    plan::VideoRate rate;
  };
  struct Member {
    std::shared_ptr<PixelSocket> socket;
    Kind kind;
  };
  static Kind kind_of(const stream::PixelChannel& channel);
  Rung& rung(Kind kind) { return rungs_[static_cast<std::size_t>(kind)]; }
  stream::RenditionOptions options_of(Kind kind) const;
  std::shared_ptr<stream::Rendition> make_rendition(Kind kind);
  PixelSocket::Callbacks socket_callbacks();
  void joined(const std::shared_ptr<PixelSocket>& socket);
  void left(const PixelSocket& socket);
  /// Null when it is none here.
  Member* find(const PixelSocket& socket);
  void watch(Kind kind);
  void unwatch(Kind kind);
  void owe_keyframe(const PixelSocket& socket, stream::KeyframeReason reason);
  /// The rungs that somebody watches; that of the video when nobody does. `rungs_mutex_` is held.
  std::vector<const Rung*> watched() const;
  void on_packet(Kind kind, const stream::SharedPacket& packet);
  void on_traffic();
  void update_holds();
  void plan_rungs();
  void move(Member& member, Kind kind);
  void set_rate(Kind kind, const plan::VideoRate& rate);
  void update_fps_limit();
  scene::Canvas canvas() const;
  std::vector<std::shared_ptr<PixelSocket>> sockets_of(const session::SessionId& session) const;
  void on_still(stream::SharedStill still);
  void offer_still();
  void update_stills_wanted();
  void update_busy();

  transport::EventLoop& loop_;
  const Clock& clock_;
  Callbacks callbacks_;
  const std::string encoder_;
  std::vector<Member> members_;
  bool refines_ = true;
  plan::VideoRate most_;  ///< that the settings allow
  MonotonicTime planned_at_{};
  double fps_limit_ = std::numeric_limits<double>::infinity();  ///< as told last
  std::uint32_t picture_sent_ = 0;
  stream::SharedStill still_;  ///< of the newest picture sent or of one to be sent
  stream::StageTimes newest_times_;
  /// Outlived by nothing that was posted: posted functions hold it weakly.
  std::shared_ptr<ViewStream*> self_;
  std::mutex busy_mutex_;  ///< makes looking at the encoder and saying so one step
  std::shared_ptr<stream::StillMaker> stills_;
  mutable std::mutex rungs_mutex_;            ///< guards the two below
  std::array<Rung, 3> rungs_;                 ///< by Kind; all but the video's are made for the first who needs them
  std::optional<stream::Submission> newest_;  ///< for a rendition that is watched later than another
};

}  // namespace ndcast::room
