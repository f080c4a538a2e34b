#pragma once
// One scene alive: its ledger, the sessions in it, the render thread that shows it and the streams that carry the
// pictures. Everything a client does meets here; what takes time is handed on.
//
//   sockets ─► SessionHub ─► reduce ─► commit() ─► Ledger ─► RenderWorker ─► ViewStream ─► pixel sockets
//                  ▲                                              │
//                  └────────── commit() ◄── on_applied() ◄────────┘   poses, levels, watermarks
//
//   Room room({.loop = loop, .clock = clock, .loader = loader, .roots = roots, .files = files}, {.renderer = "cpu"});
//   room.open("/data/embryo.ome.zarr", …);

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "ledger/ledger.h"
#include "reduce/reduce.h"
#include "render/render_worker.h"
#include "room/background.h"
#include "room/data_roots.h"
#include "room/tickets.h"
#include "room/view_stream.h"
#include "session/session_hub.h"
#include "transport/event_loop.h"
#include "transport/http.h"

namespace ndcast::room {

/// What a room borrows from the process; all outlive it.
struct Surroundings {
  transport::EventLoop& loop;
  const Clock& clock;
  std::shared_ptr<image::ChunkLoader> loader;
  const DataRoots& roots;
  Background& files;
};

struct RoomConfig {
  std::string name = "main";
  std::string renderer = "cpu";
  std::string encoder = "x264";
  scene::Canvas canvas;  ///< until a client asks for another
  std::size_t max_sessions = limits::kSessionsPerRoom;
  std::function<std::optional<auth::Role>(std::string_view token)> authenticate;
};

/// Control thread only.
class Room final : public session::RoomServices {
 public:
  /// Errors: NotFound (no such renderer).
  static Result<std::unique_ptr<Room>> make(const Surroundings& surroundings, RoomConfig config);
  ~Room() override;

  /// Opens an image that the operator named (not confined to the data roots) and replaces the scene with it.
  void open(std::string uri, std::function<void(Result<void>)> done);

  /// The handler of a new state socket.
  std::shared_ptr<transport::WebSocketHandler> make_state_socket(session::ConnectionInfo info);
  /// The handler of a new pixel socket, if the ticket is good.
  Result<std::shared_ptr<transport::WebSocketHandler>> make_pixel_socket(std::string_view ticket,
                                                                         stream::PixelChannelOptions options);

  const std::map<scene::RegisterId, ledger::Register>& registers() const { return ledger_.registers(); }
  session::HubStats hub_stats() const { return hub_->stats(); }
  render::RenderWorker::Stats render_stats() const { return worker_->stats(); }
  /// Says goodbye to everybody.
  void shut_down(std::string_view reason);

  // session::RoomServices
  ledger::Ledger& ledger() override { return ledger_; }
  ledger::Committed commit(ledger::Transaction transaction) override;
  std::uint64_t queue_camera(const scene::ViewId& view, const scene::CameraVerb& verb,
                             const ledger::Author& author) override;
  void request_keyframe(const session::SessionId& session) override;
  std::string mint_pixel_ticket(const session::SessionId& session, const scene::ViewId& view) override;
  void list_directory(session::ListDirectory request,
                      std::function<void(Result<session::DirectoryPage>)> done) override;
  void load_zarr(std::string path, ledger::Author author, std::function<void(session::LoadOutcome)> done) override;
  session::Watermark watermark(const scene::ViewId& view) override;
  std::vector<std::string> encoders() override;
  void session_closed(const session::SessionId& session) override;
  void op_timed_out(const scene::ViewId& view) override;

 private:
  /// What the control thread knows of one view beyond the ledger.
  struct View {
    std::uint64_t camera_seq = 0;
    session::Watermark watermark;
    std::unique_ptr<ViewStream> stream;
  };

  Room(const Surroundings& surroundings, RoomConfig config, std::unique_ptr<render::Renderer> renderer);

  void start_worker(std::unique_ptr<render::Renderer> renderer);
  void on_applied(const render::AppliedReport& report);
  void show(const std::shared_ptr<const image::Image>& image, const reduce::NewScene& scene, ledger::Author author);
  void load_in_background(std::string path, bool confined, ledger::Author author,
                          std::function<void(session::LoadOutcome)> done);
  ViewStream& stream_of(const scene::ViewId& id);
  /// Runs `function` on the control thread if the room is still there.
  template <class Function>
  auto posting(Function function);
  /// After anything that may have changed what the hub has to say.
  void settle();
  /// The same once the sockets have been looked at again: frames that come together are told together.
  void settle_soon();
  void post_settling(std::uint64_t heard, MonotonicTime since);
  /// Shows the ledger to the render thread.
  void publish(MonotonicTime intent_time);

  const Surroundings surroundings_;
  const RoomConfig config_;
  ledger::Ledger ledger_;
  Tickets tickets_;
  std::unique_ptr<session::SessionHub> hub_;
  render::ImagesPtr images_ = std::make_shared<const render::Images>();
  std::map<scene::ViewId, View> views_;
  std::mutex streams_mutex_;  ///< guards streams_, which the render thread looks into
  std::map<scene::ViewId, ViewStream*> streams_;
  std::uint64_t load_number_ = 0;  ///< rises with each load asked for: the last one asked for wins
  transport::TimerHandle timer_;
  MonotonicTime timer_at_{};  ///< when timer_ ends
  std::uint64_t frames_heard_ = 0;
  bool settling_soon_ = false;
  int watched_views_ = 0;     ///< views with pixel sockets
  bool unpublished_ = false;  ///< commits that the render thread has not been shown
  MonotonicTime published_at_{};
  MonotonicTime intent_time_{};  ///< of the client frame that is being served
  std::shared_ptr<Room*> self_;  ///< held weakly by what was posted
  std::unique_ptr<render::RenderWorker> worker_;
};

}  // namespace ndcast::room
