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
#include <set>
#include <string>

#include "base/clock.h"
#include "base/limits.h"
#include "image/chunk_loader.h"
#include "ledger/ledger.h"
#include "protocol/scene_file.h"
#include "reduce/applied.h"
#include "reduce/reduce.h"
#include "render/engine/render_device.h"
#include "render/engine/render_worker.h"
#include "room/background.h"
#include "room/blob_shelf.h"
#include "room/data_roots.h"
#include "room/job_runner.h"
#include "room/layer_place.h"
#include "room/player.h"
#include "room/room_journal.h"
#include "room/scene_images.h"
#include "room/shared_images.h"
#include "room/thumbnailer.h"
#include "room/tickets.h"
#include "room/view_stream.h"
#include "session/session_hub.h"
#include "transport/event_loop.h"
#include "transport/http.h"

namespace ndcast::room {

struct Studio;

/// A result that was made to be fetched.
struct FetchedBlob {
  BlobLabel label;
  std::shared_ptr<const std::string> bytes;
};

/// What a room borrows from the process; all outlive it.
struct Surroundings {
  transport::EventLoop& loop;
  const Clock& clock;
  std::shared_ptr<image::ChunkLoader> loader;
  const DataRoots& roots;
  Background& files;
  /// Where the room's views are drawn, beside those of other rooms. Null: a render thread of the room's own.
  std::shared_ptr<render::RenderDevice> device = nullptr;
  /// Images that other rooms may have open too. Null: the room shares none.
  std::shared_ptr<SharedImages> images = nullptr;
  /// What `files` is, for images on servers: one that does not answer keeps nobody from opening local ones. Null: the
  /// room's own.
  std::shared_ptr<Background> remote_files = nullptr;
  /// Where thumbnails are made, those of other rooms too. Null: a thread of the room's own.
  std::shared_ptr<Background> thumbnails = nullptr;
  /// Where voxels are read for whoever asks (WP36, WP39, WP41, WP42), of local images and of those on servers; a
  /// question that takes a while keeps no directory waiting. Null: threads of the room's own.
  std::shared_ptr<Background> readings = nullptr;
  std::shared_ptr<Background> remote_readings = nullptr;
  /// Where what must be waited for when a room or a view goes is waited for. Null: a thread of the room's own.
  std::shared_ptr<Background> farewells = nullptr;
  /// Hears where the time of frames goes. Null: nobody does.
  std::shared_ptr<stream::StageSink> stages = nullptr;
  /// Movies and pictures that wait to be fetched. Null: a shelf of the room's own.
  std::shared_ptr<BlobShelf> blobs = nullptr;
};

struct RoomConfig {
  std::string name = "main";
  std::string renderer = "cpu";
  std::string encoder = "x264";
  scene::Canvas canvas;  ///< until a client asks for another
  std::function<std::expected<auth::Grant, auth::Denied>(std::string_view token)> authenticate;
  session::SessionRates rates;
  std::size_t max_sessions = limits::kSessionsPerRoom;
  std::shared_ptr<session::Seats> seats;  ///< shared by all rooms of the process; null: not counted
  std::shared_ptr<RoomJournal> journal;   ///< its own; null: nothing is kept
};

/// Control thread only.
class Room final : public session::RoomServices {
 public:
  /// Errors: NotFound (no such renderer).
  static Result<std::unique_ptr<Room>> make(const Surroundings& surroundings, RoomConfig config);
  ~Room() override;

  /// Opens an image that the operator named (not confined to the data roots) and replaces the scene with it.
  void open(const std::string& uri, std::function<void(Result<void>)> done);

  /// Whether the journal knows of an image that the room showed when it was last alive.
  bool remembers_image() const;
  /// Opens that image; `done` at once when the journal knows of none.
  void reopen(std::function<void(Result<void>)> done);

  /// Looks whether the image that is shown was written anew or grew, on the files thread, and shows it as it is now:
  /// the scene stays as people left it, with longer axes. An image that is being written and cannot be read yet stays
  /// as it was until it can.
  void look_for_changes();
  /// Reads what nd.movie or nd.screenshot made (WP43), on the files thread. Errors: NotFound (not in this room, or too
  /// old), Limit (too much is under way).
  void fetch_blob(const std::string& id, std::function<void(Result<FetchedBlob>)> done);

  /// The image is on a server: looking costs requests.
  bool shows_remote() const;

  /// Opens the image of a scene file, from the data roots, and shows it as the file says (WP33), but for the size of
  /// the canvas, which is the viewers'. `done` with the server_seq. Errors: Invalid (no image, one with other axes,
  /// registers that do not fit), and those of opening.
  void import_scene(protocol::SceneRegisters file, const ledger::Author& author,
                    std::function<void(Result<std::uint64_t>)> done);

  /// The handler of a new state socket.
  std::shared_ptr<transport::WebSocketHandler> make_state_socket(session::ConnectionInfo info);
  /// True for a ticket of this room that was not used yet.
  bool has_ticket(std::string_view ticket) const { return tickets_.contains(ticket); }
  /// The handler of a new pixel socket, if the ticket is good.
  Result<std::shared_ptr<transport::WebSocketHandler>> make_pixel_socket(std::string_view ticket,
                                                                         stream::PixelChannelOptions options);

  const std::map<scene::RegisterId, ledger::Register>& registers() const { return ledger_.registers(); }
  scene::SnapshotPtr snapshot() const { return ledger_.snapshot(); }
  /// State sockets that are open, welcomed or not: while there is one, the room may not go.
  std::size_t state_sockets() const { return static_cast<std::size_t>(presence_.use_count()) - 1; }
  const std::string& name() const { return config_.name; }
  session::HubStats hub_stats() const { return hub_->stats(); }
  /// "process", "disk", "relaxed", "degraded" or "none" (WP24, WP28).
  std::string durability() const override { return std::string(journal_->state()); }
  render::RenderWorker::Stats render_stats() const { return worker_->stats(); }
  /// The handler of a pixel socket of the original client's port: H.264 in version 1 of the frame, of the main view,
  /// bound to no session.
  std::shared_ptr<transport::WebSocketHandler> make_original_pixel_socket();

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
  void add_layers(std::string path, ledger::Author author, std::function<void(session::AddOutcome)> done) override;
  void let_go_of_images() override;
  session::Watermark watermark(const scene::ViewId& view) override;
  session::Measurements measure(const session::SessionId& session, const scene::ViewId& view) override;
  void session_moved(const session::SessionId& session, const scene::ViewId& view, std::uint8_t binding) override;
  void view_removed(const scene::ViewId& view) override;
  std::vector<std::string> encoders() override;
  std::uint64_t awaited_seq() const override { return journal_->awaited_seq(); }
  std::uint64_t durable_seq() const override { return journal_->durable_seq(); }
  void stop_waiting(const std::string& why) override { journal_->stop_waiting(why); }
  void read_history(ledger::HistoryRequest request,
                    std::function<void(Result<std::vector<ledger::JournalRow>>)> done) override;
  void session_closed(const session::SessionId& session) override;
  void op_timed_out(const scene::ViewId& view) override;
  void want_thumbnails(bool wanted) override;
  void count_values(session::HistogramQuery query, std::function<void(Result<session::LayerHistogram>)> done) override;
  void probe(session::ProbeQuery query, std::function<void(Result<session::Probe>)> done) override;
  void take_picture(session::PictureQuery query, std::function<void(Result<session::TakenPicture>)> done) override;
  void profile(session::ProfileQuery query, std::function<void(Result<session::Profile>)> done) override;
  void summarise(session::RegionQuery query, std::function<void(Result<session::Region>)> done) override;
  Result<void> start_job(const std::string& job, session::JobRequest request) override;
  void cancel_job(const std::string& job) override;

 private:
  /// What the control thread knows of one view beyond the ledger.
  struct View {
    std::uint64_t camera_seq = 0;
    session::Watermark watermark;
    std::unique_ptr<ViewStream> stream;
  };

  Room(Surroundings surroundings, RoomConfig config);

  void start_worker();
  /// Errors: NotFound (no such layer, or its image is not open).
  Result<LayerPlace> place_of(const scene::LayerId& id) const;
  Studio studio() const;
  Result<void> start_movie(const std::string& job, session::MovieJob movie);
  /// The layer where its scale and translate put it; nothing while its image is not open.
  std::optional<PlacedLayer> placed_layer(const scene::LayerId& id) const;
  std::vector<PlacedLayer> visible_layers() const;  ///< topmost first
  /// Reads one layer or the visible ones on another thread, with the answer's server_seq set.
  template <class Answer>
  void read_layers(const std::optional<scene::LayerId>& only, std::function<void(Result<Answer>)> done,
                   std::function<Result<Answer>(const std::vector<PlacedLayer>&, image::ChunkLoader&)> read);
  void make_work();
  void end_work();
  void on_applied(const render::AppliedReport& report);
  void set_images(SceneImages images);
  /// Errors: Invalid, for a scene file that does not fit the image. Nothing has changed then.
  Result<void> show(const SceneImages& images, const reduce::NewScene& scene, ledger::Author author,
                    const protocol::SceneRegisters* file);
  /// Adds what the file says to the transaction that replaces the scene. Errors: see show().
  Result<void> add_scene_file(const protocol::SceneRegisters& file, const reduce::NewScene& described,
                              ledger::Transaction& transaction) const;
  /// The room as its journal left it, over this image; false when there is nothing to bring back.
  bool bring_back(const std::string& uri, const reduce::NewScene& scene);
  Background& files_for(bool remote) const;
  Background& readings() const;
  void tell_unreadable(const Error& error);
  /// The images, opened anew, in place of what is shown of them.
  void take_over(const SceneImages& images, const reduce::NewScene& scene);
  void attach_journal();
  void open_as_operator(const std::string& uri, bool confined, std::function<void(Result<void>)> done);
  /// `file`: what is shown of the image; null: as it is opened for the first time.
  void load_in_background(const std::string& path, bool confined, const ledger::Author& author,
                          const std::function<void(session::LoadOutcome)>& done,
                          std::shared_ptr<const protocol::SceneRegisters> file = nullptr);
  /// On the thread for its files; `finish` hears what came of it, `done` that there is no room for it.
  template <class Request, class Finish, class Done>
  void open_later(Request request, Finish finish, const Done& done);
  /// Errors: Unsupported, Limit, Invalid as of add_layers(). Nothing has changed then.
  Result<std::vector<scene::LayerId>> add(const SceneImages& images, const reduce::NewScene& scene,
                                          const ledger::Author& author);
  ViewStream& stream_of(const scene::ViewId& id);
  /// Runs `function` on the control thread if the room is still there.
  template <class Function>
  auto posting(Function function);
  /// After anything that may have changed what the hub has to say.
  void settle();
  /// Commits the steps of playing sliders that are due; the time of the next ones.
  std::optional<MonotonicTime> play();
  void configure_streams();
  /// The same once the sockets have been looked at again: frames that come together are told together.
  void settle_soon();
  void post_settling(std::uint64_t heard, MonotonicTime since);
  /// Shows the ledger to the render thread.
  void publish(MonotonicTime intent_time);

  const Surroundings surroundings_;
  const RoomConfig config_;
  const std::shared_ptr<RoomJournal> journal_;
  ledger::Ledger ledger_;
  reduce::Placements placements_;
  Tickets tickets_;
  std::unique_ptr<session::SessionHub> hub_;
  SceneImages shown_;
  std::string unreadable_;  ///< why they cannot be read as they are now; empty when they can
  render::ImagesPtr images_ = std::make_shared<const render::Images>();  ///< those of shown_, for other threads
  std::map<scene::ViewId, View> views_;
  std::mutex streams_mutex_;  ///< guards streams_, which the render thread looks into
  std::map<scene::ViewId, ViewStream*> streams_;
  Player player_;
  std::unique_ptr<Thumbnailer> thumbnailer_;
  std::unique_ptr<JobRunner> jobs_;
  std::shared_ptr<Background> pictures_;             ///< where they are taken, from the first one on
  std::shared_ptr<const scene::Settings> settings_;  ///< that the streams have
  bool image_confined_ = false;                      ///< the image was opened inside the data roots
  bool looking_for_changes_ = false;
  std::uint64_t load_number_ = 0;  ///< rises with each load asked for: the last one asked for wins
  transport::TimerHandle timer_;
  MonotonicTime timer_at_{};  ///< when timer_ ends
  std::uint64_t frames_heard_ = 0;
  bool settling_soon_ = false;
  std::set<scene::ViewId> watched_;  ///< views with pixel sockets
  bool unpublished_ = false;         ///< commits that the render thread has not been shown
  MonotonicTime published_at_{};
  std::shared_ptr<const char> presence_ = std::make_shared<const char>();  ///< shared by every state socket
  MonotonicTime intent_time_{};                                            ///< of the client frame that is being served
  std::shared_ptr<Room*> self_;                                            ///< held weakly by what was posted
  std::unique_ptr<render::RenderWorker> worker_;
};

template <class Function>
auto Room::posting(Function function) {
  return [&loop = surroundings_.loop, weak = std::weak_ptr(self_), function = std::move(function)](auto... arguments) {
    loop.post([weak, function, ... arguments = std::move(arguments)]() mutable {
      if (const auto self = weak.lock()) function(**self, std::move(arguments)...);
    });
  };
}

}  // namespace ndcast::room
