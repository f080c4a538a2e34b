#include "room/room.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "image/discover.h"
#include "reduce/reduce.h"
#include "room/open_scene.h"
#include "room/state_socket.h"
#include "stream/encoder.h"

namespace ndcast::room {
namespace {

/// Longer than ten writers' frames take to be read and applied; a sixteenth of a 60 Hz picture.
constexpr auto kGathering = std::chrono::milliseconds(1);
/// How often the render thread is told while nobody looks at its pictures: once a 60 Hz picture.
constexpr auto kUnwatchedPublishing = std::chrono::milliseconds(16);

ledger::Author worker_author(ledger::Origin origin) { return {.actor = "render", .origin = origin}; }

}  // namespace

template <class Function>
auto Room::posting(Function function) {
  return [&loop = surroundings_.loop, weak = std::weak_ptr(self_), function = std::move(function)](auto... arguments) {
    loop.post([weak, function, ... arguments = std::move(arguments)]() mutable {
      if (const auto self = weak.lock()) function(**self, std::move(arguments)...);
    });
  };
}

Result<std::unique_ptr<Room>> Room::make(const Surroundings& surroundings, RoomConfig config) {
  ND_ASSIGN(auto renderer, render::make_renderer(config.renderer));
  return std::unique_ptr<Room>(new Room(surroundings, std::move(config), std::move(renderer)));
}

Room::Room(const Surroundings& surroundings, RoomConfig config, std::unique_ptr<render::Renderer> renderer)
    : surroundings_(surroundings),
      config_(std::move(config)),
      ledger_(surroundings.clock),
      tickets_(surroundings.clock),
      self_(std::make_shared<Room*>(this)) {
  session::HubConfig hub_config;
  hub_config.room = config_.name;
  hub_config.authenticate = config_.authenticate;
  hub_config.max_sessions = config_.max_sessions;
  hub_config.flushes_on_tick = true;
  hub_ = std::make_unique<session::SessionHub>(*this, surroundings.clock, std::move(hub_config));
  start_worker(std::move(renderer));
}

Room::~Room() {
  self_.reset();
  worker_.reset();  // before the streams that it submits to
}

void Room::start_worker(std::unique_ptr<render::Renderer> renderer) {
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
  callbacks.on_failure = [](const std::string& message) { log().error("renderer: {}", message); };
  worker_ = std::make_unique<render::RenderWorker>(std::move(renderer), surroundings_.loader, surroundings_.clock,
                                                   std::move(callbacks));
}

ViewStream& Room::stream_of(const scene::ViewId& id) {
  View& view = views_[id];
  if (!view.stream) {
    ViewStream::Callbacks callbacks;
    callbacks.on_config = [this, id](const stream::StreamConfig& config) {
      scene::StreamConfig value{std::string(to_string(config.codec)), config.width, config.height, 60.0,
                                base64_encode(config.description)};
      if (!ledger_.snapshot()->find_view(id)) return;
      commit(
          {.changes = reduce::stream_config(id, value), .author = worker_author(ledger::Origin::System), .view = id});
      settle();
    };
    callbacks.on_viewers = [this, id](bool any) {
      watched_views_ += any ? 1 : -1;
      if (unpublished_) publish({});
      worker_->set_view_active(id, any);
    };
    callbacks.on_busy = [this, id](bool busy) { worker_->set_encoder_busy(id, busy); };
    view.stream =
        std::make_unique<ViewStream>(surroundings_.loop, surroundings_.clock,
                                     stream::RenditionOptions{.encoder = config_.encoder}, std::move(callbacks));
    const std::lock_guard lock(streams_mutex_);
    streams_[id] = view.stream.get();
  }
  return *view.stream;
}

// --- opening images
// ---------------------------------------------------------------------------------------------------

void Room::open(std::string uri, std::function<void(Result<void>)> done) {
  load_in_background(std::move(uri), false, {.actor = "operator", .origin = ledger::Origin::System},
                     [done = std::move(done)](session::LoadOutcome outcome) {
                       if (const auto* error = std::get_if<Error>(&outcome)) return done(std::unexpected(*error));
                       if (const auto* several = std::get_if<session::Ambiguous>(&outcome)) {
                         return done(fail(ErrorCode::Invalid, "{} holds {} images; name one of them: {}", several->path,
                                          several->options.size(), fmt::join(several->options, ", ")));
                       }
                       done({});
                     });
}

void Room::load_zarr(std::string path, ledger::Author author, std::function<void(session::LoadOutcome)> done) {
  load_in_background(std::move(path), true, std::move(author), std::move(done));
}

namespace {

struct Opened {
  std::shared_ptr<const image::Image> image;
  reduce::NewScene scene;
};
using OpenOutcome = std::variant<Opened, session::Ambiguous, Error>;

/// Blocks: finds the one image that `path` means and looks at it.
OpenOutcome open_blocking(const std::string& path, bool confined, const DataRoots& roots, const scene::Canvas& canvas,
                          image::ChunkLoader& loader) {
  std::string place = path;
  if (confined) {
    Result<std::filesystem::path> resolved = roots.resolve(path);
    if (!resolved) return resolved.error();
    place = resolved->string();
  }
  const image::Jail jail = confined ? roots.roots() : image::Jail{};
  const Result<image::Discovery> found = image::find_images(place, jail);
  if (!found) return found.error();
  if (found->options.size() > 1) {
    session::Ambiguous several{path, {}};
    for (const std::string& option : found->options) {
      several.options.push_back(std::filesystem::path(option).lexically_relative(place).string());
    }
    return several;
  }
  // Nothing found: opening it says why.
  const std::string target = found->options.empty() ? place : found->options.front();
  Result<std::shared_ptr<const image::Image>> image = image::open_image(target, jail);
  if (!image) return image.error();
  Result<reduce::NewScene> scene = describe_scene(**image, canvas, loader);
  if (!scene) return scene.error();
  return Opened{*image, std::move(*scene)};
}

}  // namespace

void Room::load_in_background(std::string path, bool confined, ledger::Author author,
                              std::function<void(session::LoadOutcome)> done) {
  const std::uint64_t number = ++load_number_;
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  const scene::Canvas canvas = view ? view->view->canvas : config_.canvas;
  auto finish = posting([number, author, done](Room& self, OpenOutcome outcome) {
    if (auto* error = std::get_if<Error>(&outcome)) return done(std::move(*error));
    if (auto* several = std::get_if<session::Ambiguous>(&outcome)) return done(std::move(*several));
    if (number != self.load_number_) {
      return done(Error{ErrorCode::Cancelled, "another image was asked for before this one was open"});
    }
    const Opened& opened = std::get<Opened>(outcome);
    self.show(opened.image, opened.scene, author);
    done(session::Loaded{});
    self.settle();
  });
  const bool posted = surroundings_.files.post(
      [path, confined, canvas, finish, &roots = surroundings_.roots, loader = surroundings_.loader] {
        finish(open_blocking(path, confined, roots, canvas, *loader));
      });
  if (!posted) done(Error{ErrorCode::Limit, "too many files are being opened; try again in a moment"});
}

void Room::show(const std::shared_ptr<const image::Image>& image, const reduce::NewScene& scene,
                ledger::Author author) {
  for (const std::string& warning : image->warnings) log().warn("{}: {}", image->uri, warning);
  images_ = std::make_shared<const render::Images>(render::Images{{image->uri, image}});
  const auto snapshot = ledger_.snapshot();
  const scene::ViewState* view = snapshot->find_view(scene::kMainView);
  reduce::Reduction reduction =
      reduce::replace_scene(*snapshot, scene::kMainView, scene, view ? view->view->canvas : config_.canvas);
  commit({.changes = std::move(reduction.changes), .author = std::move(author), .opens = reduction.opens});
  log().info("room {}: shows {} ({} layers, {} levels)", config_.name, image->uri, scene.layers.size(),
             image->levels.size());
}

// --- the ledger and the render thread
// -----------------------------------------------------------------------------------

ledger::Committed Room::commit(ledger::Transaction transaction) {
  std::optional<session::OpenedOp> opened;
  if (transaction.opens) opened = session::OpenedOp{transaction.view, *transaction.opens};
  const bool from_worker = transaction.author.origin == ledger::Origin::Worker;
  ledger::Committed committed = ledger_.commit(std::move(transaction));
  if (!committed.changed.empty()) {
    const bool is_awaited = watched_views_ > 0 || opened.has_value();
    if (is_awaited || surroundings_.clock.now() - published_at_ >= kUnwatchedPublishing) {
      publish(from_worker ? MonotonicTime{} : intent_time_);
    } else {
      unpublished_ = true;
    }
    hub_->on_commit(committed, opened);
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
  std::vector<ledger::Change> changes;
  const auto append = [&](std::vector<ledger::Change> more) { std::ranges::move(more, std::back_inserter(changes)); };
  if (report.level) append(reduce::applied_level(*snapshot, report.view, report.level->first, report.level->second));
  if (report.plane) append(reduce::applied_pose(*snapshot, report.view, *report.plane));
  if (report.volume) append(reduce::applied_pose(*snapshot, report.view, *report.volume));
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

void Room::settle() {
  hub_->tick();
  std::optional<MonotonicTime> deadline = hub_->next_deadline();
  if (unpublished_) {
    const MonotonicTime at = published_at_ + kUnwatchedPublishing;
    if (surroundings_.clock.now() >= at) {
      publish({});
    } else {
      deadline = deadline ? std::min(*deadline, at) : at;
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
      StateSocket::Around{.before = [this] { intent_time_ = surroundings_.clock.now(); },
                          .after =
                              [this] {
                                intent_time_ = {};
                                settle_soon();
                              }});
}

Result<std::shared_ptr<transport::WebSocketHandler>> Room::make_pixel_socket(std::string_view ticket,
                                                                             stream::PixelChannelOptions options) {
  const std::optional<Ticket> redeemed = tickets_.redeem(ticket);
  if (!redeemed || !hub_->contains(redeemed->session)) {
    return fail(ErrorCode::Forbidden,
                "the pixel ticket is unknown, used or too old; ask for another with nd.pixel_ticket");
  }
  return stream_of(redeemed->view).make_socket(redeemed->session, std::move(options));
}

void Room::request_keyframe(const session::SessionId& session) {
  for (const auto& [id, view] : views_) {
    if (view.stream) view.stream->request_keyframe(session);
  }
}

std::string Room::mint_pixel_ticket(const session::SessionId& session, const scene::ViewId& view) {
  return tickets_.mint(session, view);
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

session::Watermark Room::watermark(const scene::ViewId& view) {
  const auto it = views_.find(view);
  return it == views_.end() ? session::Watermark{} : it->second.watermark;
}

std::vector<std::string> Room::encoders() {
  std::vector<std::string> names;
  for (const stream::EncoderKind& kind : stream::encoder_kinds()) names.emplace_back(kind.name);
  return names;
}

void Room::op_timed_out(const scene::ViewId& view) {
  log().error("room {}: an op of view {} was not applied in time", config_.name, view.value);
}

}  // namespace ndcast::room
