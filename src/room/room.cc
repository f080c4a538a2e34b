#include "room/room.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "reduce/applied.h"
#include "reduce/reduce.h"
#include "room/state_socket.h"
#include "stream/encoder.h"

namespace ndcast::room {
namespace {

/// The session that sockets of the original client's pixel port are booked under; no session has this id.
const session::SessionId kOriginalPixels{"original"};

/// Longer than ten writers' frames take to be read and applied; a sixteenth of a 60 Hz picture.
constexpr auto kGathering = std::chrono::milliseconds(1);
/// How often the render thread is told while nobody looks at its pictures: once a 60 Hz picture.
constexpr auto kUnwatchedPublishing = std::chrono::milliseconds(16);

ledger::Author worker_author(ledger::Origin origin) { return {.actor = "render", .origin = origin}; }

}  // namespace

Result<std::unique_ptr<Room>> Room::make(const Surroundings& surroundings, RoomConfig config) {
  Surroundings own = surroundings;
  if (!own.device) {
    ND_ASSIGN(auto renderer, render::make_renderer(config.renderer));
    own.device = std::make_shared<render::RenderDevice>(std::move(renderer), own.loader, own.clock);
  }
  if (!own.images) own.images = std::make_shared<SharedImages>();
  if (!own.remote_files) own.remote_files = std::make_shared<Background>("remote-files");
  if (!own.blobs) own.blobs = std::make_shared<BlobShelf>(own.clock);
  if (!own.thumbnails) own.thumbnails = std::make_shared<Background>("thumbnails");
  if (!own.readings) own.readings = std::make_shared<Background>("readings");
  if (!own.remote_readings) own.remote_readings = std::make_shared<Background>("remote-readings");
  if (!own.farewells) own.farewells = std::make_shared<Background>("farewells");
  return std::unique_ptr<Room>(new Room(std::move(own), std::move(config)));
}

Room::Room(Surroundings surroundings, RoomConfig config)
    : surroundings_(std::move(surroundings)),
      config_(std::move(config)),
      journal_(config_.journal ? config_.journal
                               : RoomJournal::open(nullptr, config_.name, surroundings_.loop, surroundings_.clock)),
      ledger_(surroundings_.clock),
      tickets_(surroundings_.clock),
      self_(std::make_shared<Room*>(this)) {
  ledger_.continue_history(journal_->stored().history_id, journal_->stored().first_seq);
  session::HubConfig hub_config;
  hub_config.room = config_.name;
  hub_config.authenticate = config_.authenticate;
  hub_config.rates = config_.rates;
  hub_config.max_sessions = config_.max_sessions;
  hub_config.seats = config_.seats;
  hub_config.flushes_on_tick = true;
  hub_ = std::make_unique<session::SessionHub>(*this, surroundings_.clock, std::move(hub_config));
  attach_journal();
  make_work();
  start_worker();
}

Room::~Room() {
  self_.reset();
  end_work();
  journal_->detach();
  // The worker and the streams call each other from their threads: first nothing is submitted any more, then nothing is
  // encoded, and only then the worker goes.
  worker_->stop();
  views_.clear();
}

void Room::start_worker() {
  stream_of(scene::kMainView);
  render::WorkerCallbacks callbacks;
  // Reports and frames come from one thread in order, so a complete report speaks of the last frame submitted.
  callbacks.on_applied = [this, post = posting([](Room& self, const render::AppliedReport& report) {
                                  self.on_applied(report);
                                })](const render::AppliedReport& report) {
    {
      const std::lock_guard lock(streams_mutex_);
      const auto it = streams_.find(report.view);
      if (report.complete && it != streams_.end()) it->second->restamp(report.server_seq, report.camera_seq);
    }
    post(report);
  };
  callbacks.on_frame = [this](const render::RenderedFrame& frame) {
    const std::lock_guard lock(streams_mutex_);
    if (const auto it = streams_.find(frame.view); it != streams_.end()) it->second->submit(frame);
  };
  callbacks.on_failure = posting([](Room& self, const std::string& trouble) { self.hub_->on_render_trouble(trouble); });
  worker_ = std::make_unique<render::RenderWorker>(surroundings_.device, std::move(callbacks));
}

ViewStream& Room::stream_of(const scene::ViewId& id) {
  View& view = views_[id];
  if (!view.stream) {
    ViewStream::Callbacks callbacks;
    callbacks.on_config = [this, id](const stream::StreamConfig& config) {
      scene::StreamConfig value{std::string(to_string(config.codec)), config.width, config.height,
                                ledger_.snapshot()->settings->fps_target, base64_encode(config.description)};
      if (!ledger_.snapshot()->find_view(id)) return;
      commit(
          {.changes = reduce::stream_config(id, value), .author = worker_author(ledger::Origin::System), .view = id});
      settle();
    };
    callbacks.on_viewers = [this, id](bool any) {
      any ? void(watched_.insert(id)) : void(watched_.erase(id));
      if (unpublished_) publish({});
      worker_->set_view_active(id, any);
    };
    callbacks.on_busy = [this, id](bool busy) { worker_->set_encoder_busy(id, busy); };
    callbacks.on_fps_limit = [this, id](double fps) { worker_->set_fps_limit(id, fps); };
    view.stream =
        std::make_unique<ViewStream>(surroundings_.loop, surroundings_.clock,
                                     stream::RenditionOptions{.encoder = config_.encoder}, std::move(callbacks));
    view.stream->configure(*ledger_.snapshot()->settings);
    const std::lock_guard lock(streams_mutex_);
    streams_[id] = view.stream.get();
  }
  return *view.stream;
}

void Room::attach_journal() {
  RoomJournal::Callbacks callbacks;
  callbacks.on_told = [this] {
    hub_->on_durable();
    settle();
  };
  callbacks.on_history_renewed = [this] { hub_->on_history_renewed(); };
  callbacks.on_degraded = [this](const std::optional<Error>& error) {
    hub_->on_durability(error ? std::optional(error->message) : std::nullopt);
  };
  journal_->attach(ledger_, std::move(callbacks));
}

// --- the ledger and the render thread
// -----------------------------------------------------------------------------------

ledger::Committed Room::commit(ledger::Transaction transaction) {
  std::optional<session::OpenedOp> opened;
  if (transaction.opens) {
    opened = session::OpenedOp{transaction.view, *transaction.opens, transaction.also_in};
  }
  const bool from_worker = transaction.author.origin == ledger::Origin::Worker;
  journal_->before_commit();
  ledger::Committed committed = ledger_.commit(std::move(transaction));
  placements_.note(committed, opened);
  if (!committed.changed.empty()) {
    journal_->note(committed, opened.has_value());
    if (!watched_.empty() || opened) {
      publish(from_worker ? MonotonicTime{} : intent_time_);
    } else {
      unpublished_ = true;  // people are told first: see settle()
    }
    hub_->on_commit(committed, opened);
    player_.note(*ledger_.snapshot(), surroundings_.clock.now());
    thumbnailer_->note(ledger_.snapshot(), images_);
    configure_streams();
  }
  return committed;
}

void Room::publish(MonotonicTime intent_time) {
  unpublished_ = false;
  published_at_ = surroundings_.clock.now();
  worker_->publish(ledger_.snapshot(), images_, intent_time);
}

std::uint64_t Room::queue_camera(const scene::ViewId& view, const scene::CameraVerb& verb, const ledger::Author&) {
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* state = snapshot->find_view(view);
  ND_CHECK(state, "a camera verb for a view that does not exist");
  if (unpublished_) publish(intent_time_);
  View& own = views_[view];
  scene::CameraIntent intent{verb, state->view->mode, 0, state->view->canvas, ++own.camera_seq};
  worker_->push_camera(view, std::move(intent), surroundings_.clock.now());
  return own.camera_seq;
}

void Room::on_applied(const render::AppliedReport& report) {
  const auto snapshot = ledger_.snapshot();
  if (!snapshot->find_view(report.view)) return;
  std::vector<ledger::Change> changes = reduce::applied(
      *snapshot, placements_, report.view,
      {.server_seq = report.server_seq, .plane = report.plane, .volume = report.volume, .level = report.level});
  if (!changes.empty()) {
    commit({.changes = std::move(changes), .author = worker_author(ledger::Origin::Worker), .view = report.view});
  }
  session::Watermark& mark = views_[report.view].watermark;
  mark.server_seq = std::max(mark.server_seq, report.server_seq);
  mark.camera_seq = std::max(mark.camera_seq, report.camera_seq);
  if (report.complete) {
    mark.complete_server_seq = mark.server_seq;
    mark.complete_camera_seq = mark.camera_seq;
  }
  hub_->on_watermark(report.view);
  settle();
}

void Room::configure_streams() {
  const auto settings = ledger_.snapshot()->settings;
  if (settings == settings_) return;
  settings_ = settings;
  for (const auto& [id, view] : views_) {
    if (view.stream) view.stream->configure(*settings);
  }
}

std::optional<MonotonicTime> Room::play() {
  // Nobody watches: the film waits.
  if (hub_->stats().sessions == 0) return std::nullopt;
  const auto applied = [this](const scene::ViewId& view) { return watermark(view).server_seq; };
  for (ledger::Transaction& step : player_.due(*ledger_.snapshot(), applied, surroundings_.clock.now())) {
    commit(std::move(step));
  }
  return player_.next_deadline(applied);
}

void Room::settle() {
  std::optional<MonotonicTime> deadline = play();
  hub_->tick();
  const auto consider = [&](std::optional<MonotonicTime> at) {
    if (at && (!deadline || *at < *deadline)) deadline = at;
  };
  consider(hub_->next_deadline());
  consider(thumbnailer_->run(surroundings_.clock.now()));
  if (unpublished_) {
    const MonotonicTime at = published_at_ + kUnwatchedPublishing;
    if (surroundings_.clock.now() >= at) {
      publish({});
    } else {
      consider(at);
    }
  }
  if (!deadline) {
    timer_.cancel();
    return;
  }
  // A timer that is early only finds nothing to do; setting another one for each frame costs more.
  if (timer_.pending() && timer_at_ <= *deadline) return;
  timer_at_ = *deadline;
  const auto wait = std::max(std::chrono::nanoseconds(0), *deadline - surroundings_.clock.now());
  timer_ = surroundings_.loop.run_after(wait, [this] { settle(); });
}

// Writers that move at the same moment (screens tick together) arrive within some ten microseconds of each other, and
// telling one change to everybody takes longer than reading the next; so sockets are looked at once more before
// telling.
void Room::settle_soon() {
  ++frames_heard_;
  if (std::exchange(settling_soon_, true)) return;
  post_settling(frames_heard_, surroundings_.clock.now());
}

void Room::post_settling(std::uint64_t heard, MonotonicTime since) {
  posting([heard, since](Room& self) {
    const bool more_came = self.frames_heard_ != heard;
    if (more_came && self.surroundings_.clock.now() - since < kGathering) {
      return self.post_settling(self.frames_heard_, since);
    }
    self.settling_soon_ = false;
    self.settle();
  })();
}

// --- sockets
// ------------------------------------------------------------------------------------------------------------

std::shared_ptr<transport::WebSocketHandler> Room::make_state_socket(session::ConnectionInfo info) {
  return std::make_shared<StateSocket>(
      *hub_, std::move(info),
      StateSocket::Around{.presence = presence_,
                          .before = [this] { intent_time_ = surroundings_.clock.now(); },
                          .after =
                              [this] {
                                intent_time_ = {};
                                settle_soon();
                              }});
}

Result<std::shared_ptr<transport::WebSocketHandler>> Room::make_pixel_socket(std::string_view ticket,
                                                                             stream::PixelChannelOptions options) {
  const std::optional<Ticket> redeemed = tickets_.redeem(ticket);
  const auto bound = redeemed ? hub_->bound_view(redeemed->session) : std::nullopt;
  if (!bound) {
    return fail(ErrorCode::Forbidden,
                "the pixel ticket is unknown, used or too old; ask for another with nd.pixel_ticket");
  }
  // The session may have gone to another view since, and that of the ticket may be gone.
  const bool goes_along = redeemed->bound == PixelSocket::Bound::ToSession;
  const scene::ViewId& view = goes_along ? bound->view : redeemed->view;
  if (view != scene::kMainView && !ledger_.snapshot()->find_view(view)) {
    return fail(ErrorCode::Forbidden, "view {} is closed; ask for another ticket with nd.pixel_ticket", view.value);
  }
  options.stages = surroundings_.stages;
  return stream_of(view).make_socket(*redeemed, bound->binding, std::move(options));
}

void Room::session_moved(const session::SessionId& session, const scene::ViewId& view, std::uint8_t binding) {
  ViewStream& stream = stream_of(view);
  for (const auto& [id, other] : views_) {
    if (other.stream && other.stream.get() != &stream) other.stream->move_session(session, binding, stream);
  }
}

void Room::view_removed(const scene::ViewId& view) {
  watched_.erase(view);
  placements_.forget(view);
  auto removed = views_.extract(view);
  if (removed.empty()) return;
  ViewStream* const stream = removed.mapped().stream.get();
  if (!stream) return;
  {
    const std::lock_guard lock(streams_mutex_);
    streams_.erase(view);
  }
  stream->close_all(transport::close_code::kGoingAway, "the view is closed");
  // Its encoder may be at work for a moment; the control thread does not wait for it.
  surroundings_.farewells->post([encoders = stream->retire()]() mutable { encoders.reset(); });
}

std::shared_ptr<transport::WebSocketHandler> Room::make_original_pixel_socket() {
  return stream_of(scene::kMainView)
      .make_socket({kOriginalPixels, scene::kMainView, PixelSocket::Bound::ToView}, 0,
                   {.extended = false, .codecs = {stream::PixelCodec::H264}, .stages = surroundings_.stages});
}

void Room::request_keyframe(const session::SessionId& session) {
  bool has_sockets = false;
  for (const auto& [id, view] : views_) {
    if (view.stream) has_sockets = view.stream->request_keyframe(session) || has_sockets;
  }
  // The original's pixel sockets name no session, so they belong to whoever has none.
  if (!has_sockets) stream_of(scene::kMainView).request_keyframe(kOriginalPixels);
}

std::string Room::mint_pixel_ticket(const session::SessionId& session, const scene::ViewId& view) {
  const auto bound = hub_->bound_view(session);
  const bool goes_along = bound && bound->view == view;
  return tickets_.mint({session, view, goes_along ? PixelSocket::Bound::ToSession : PixelSocket::Bound::ToView});
}

void Room::session_closed(const session::SessionId& session) {
  tickets_.drop_session(session);
  for (const auto& [id, view] : views_) {
    if (view.stream) view.stream->close_session(session);
  }
}

void Room::shut_down(std::string_view reason) {
  hub_->shut_down(reason);
  for (const auto& [id, view] : views_) {
    if (view.stream) view.stream->close_all(transport::close_code::kGoingAway, reason);
  }
}

// --- the rest of what sessions ask
// ----------------------------------------------------------------------------------------

void Room::list_directory(session::ListDirectory request, std::function<void(Result<session::DirectoryPage>)> done) {
  auto finish = posting([done](Room& self, Result<session::DirectoryPage> page) {
    done(std::move(page));
    self.settle();
  });
  const bool posted = surroundings_.files.post(
      [request = std::move(request), finish, &roots = surroundings_.roots] { finish(roots.list(request)); });
  if (!posted) done(fail(ErrorCode::Limit, "too many directories are being read; try again in a moment"));
}

void Room::read_history(ledger::HistoryRequest request,
                        std::function<void(Result<std::vector<ledger::JournalRow>>)> done) {
  journal_->read_history(std::move(request), [this, done = std::move(done)](auto rows) {
    done(std::move(rows));
    settle();
  });
}

session::Watermark Room::watermark(const scene::ViewId& view) {
  const auto it = views_.find(view);
  return it == views_.end() ? session::Watermark{} : it->second.watermark;
}

session::Measurements Room::measure(const session::SessionId& session, const scene::ViewId& view) {
  session::Measurements out;
  if (const auto it = views_.find(view); it != views_.end() && it->second.stream) {
    const stream::RenditionCounters counters = it->second.stream->counters();
    const stream::StageTimes& times = it->second.stream->newest_times();
    out.frames = counters.encoded;
    out.bytes = counters.bytes;
    out.stages_ms = {times.intent_to_render_ms, times.render_ms, times.convert_ms, times.encode_ms};
    out.connection = it->second.stream->connection_of(session);
  }
  const render::RenderWorker::Stats rendering = worker_->stats();
  out.chunks_wanted = rendering.chunks_wanted;
  out.chunks_visible = rendering.chunks_visible;
  out.resident_bytes = rendering.resident_bytes;
  const image::ChunkLoader::Counters loading = surroundings_.loader->counters();
  out.chunks_loaded = loading.chunks_loaded;
  out.chunks_failed = loading.chunks_failed;
  out.cache_bytes = surroundings_.loader->cache().bytes();
  out.cache_limit_bytes = surroundings_.loader->cache().budget_bytes();
  return out;
}

std::vector<std::string> Room::encoders() {
  std::vector<std::string> names;
  for (const stream::EncoderKind& kind : stream::encoder_kinds()) names.emplace_back(kind.name);
  return names;
}

void Room::op_timed_out(const scene::ViewId& view) {
  log().error("room {}: an op of view {} was not applied in time; its views begin anew", config_.name, view.value);
  worker_->restart();
}

}  // namespace ndcast::room
