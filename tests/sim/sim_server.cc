#include "tests/sim/sim_server.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "room/restore.h"

namespace ndcast::sim {

using scene::kMainView;
using scene::ViewId;

SimServer::SimServer(const Story& story) : story_(story), ids_(story.options.seed + 1'000'000) { open_first_scene(); }

// --- beginnings -----------------------------------------------------------------------------------------------------

std::string SimServer::foreseen_hex(std::size_t bytes) {
  std::string hex;
  for (std::size_t i = 0; i < bytes; ++i) hex += fmt::format("{:02x}", ids_() & 0xffU);
  return hex;
}

void SimServer::make_room() {
  hub_.reset();
  room_ = std::make_unique<SimRoom>(clock_, models_, stand_, disk_, story_.violations);
  flushes_ = 0;
}

void SimServer::open_hub() {
  session::HubConfig config;
  config.make_session_id = [this] {
    const std::string hex = foreseen_hex(16);
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                       hex.substr(20));
  };
  config.make_view_number = [this] { return foreseen_hex(4); };
  hub_ = std::make_unique<session::SessionHub>(*room_, clock_, std::move(config));
  room_->hub = hub_.get();
  room_->before_commit = [this] { note_flushes(); };
  told_ = ledger().server_seq();
  std::map<ViewId, ViewsModel::View> views;
  for (const auto& [id, view] : ledger().snapshot()->views) {
    views[id] = {.name = view.meta->name, .owner = view.meta->owner, .forked_by = {}, .unused_since = {}};
  }
  models_.views.begin_with(views);
}

void SimServer::open_first_scene() {
  make_room();
  ledger().continue_history("story", 0);
  const reduce::NewScene scene = reduce::testing::small_scene();
  images_[scene.source.uri] = scene;
  auto opened = reduce::replace_scene(*ledger().snapshot(), kMainView, scene, scene::Canvas{});
  room_->commit({.changes = std::move(opened.changes), .author = {.actor = "operator"}, .opens = opened.opens});
  room_->commit({.changes = reduce::close_op(*ledger().snapshot(), kMainView, scene::OpState::Applied)});
  models_.told.forget();
  open_hub();
  keep();
}

// --- calls of the hub -----------------------------------------------------------------------------------------------

/// What the hub flushed is what the model says it flushes.
void SimServer::note_flushes() {
  while (flushes_ < hub_->stats().flushes) {
    ++flushes_;
    models_.told.on_flush(told_, ledger().server_seq());
    told_ = ledger().server_seq();
  }
}

/// As a room does it, the hub looks at the time after whatever happened; twice, for what the first look ended.
template <class Call>
void SimServer::with_hub(Call&& call) {
  call(*hub_);
  hub_->tick();
  hub_->tick();
  note_flushes();
  const ViewsModel& views = models_.views;
  models_.views.note_unused(clock_.now());
  views.compare(*hub_, ledger().snapshot()->views, story_.violations);
}

SimServer::Id SimServer::open(std::shared_ptr<Link> link, session::ConnectionInfo info) {
  Id id;
  with_hub([&](session::SessionHub& hub) { id = hub.open(std::move(link), std::move(info)); });
  return id;
}

Verdict SimServer::hear(const Id& id, const std::string& text, const Newcomer& newcomer) {
  Verdict verdict;
  with_hub([&](session::SessionHub& hub) {
    verdict = Judge(hub, *room_, models_, story_.tally, story_.violations).hear(id, text, newcomer);
  });
  return verdict;
}

void SimServer::on_writable(const Id& id) {
  with_hub([&](session::SessionHub& hub) { hub.on_writable(id); });
}

void SimServer::on_close(const Id& id) {
  with_hub([&](session::SessionHub& hub) { hub.on_close(id); });
}

void SimServer::advance(std::chrono::nanoseconds by) {
  clock_.advance(by);
  story_.tally["view/forgotten when unused"] += models_.views.close_unused(clock_.now()).size();
  with_hub([](session::SessionHub&) {});
}

// --- the disk -------------------------------------------------------------------------------------------------------

void SimServer::keep() {
  const std::uint64_t newest = ledger().server_seq();
  if (newest > room_->durable) with_hub([&](session::SessionHub&) { room_->keep_up_to(newest); });
}

void SimServer::keep_some() {
  const std::uint64_t newest = ledger().server_seq();
  if (newest <= room_->durable) return;
  const auto behind = static_cast<int>(std::min<std::uint64_t>(newest - room_->durable, 1000));
  with_hub([&](session::SessionHub&) {
    room_->keep_up_to(room_->durable + 1 + static_cast<unsigned>(story_.pick(behind)));
  });
}

std::uint64_t SimServer::restart() {
  ++story_.tally["fault/restart"];
  const auto before = ledger().registers();
  const std::uint64_t used = ledger().server_seq();
  const std::uint64_t durable = room_->durable;
  const ledger::StoredRoom stored = disk_.crash(durable);
  const std::uint64_t last_kept = disk_.last_row();
  if (last_kept < used) ++story_.tally["fault/rows lost"];
  stand_.begin_again();
  last_reports_.clear();
  models_.told.forget();
  models_.undo.forget();
  models_.record.lose_behind(durable);
  models_.last_update.clear();
  models_.job_owners.clear();
  make_room();
  const auto image = images_.find(room::stored_uri(stored));
  if (image == images_.end()) {
    story_.violations.add("WP17: the journal names no image that was shown");
    return last_kept;
  }
  const auto restored = room::restore("sim", stored, image->second, scene::Canvas{}, clock_);
  if (!restored) {
    story_.violations.add("WP17: the room was not brought back");
    return last_kept;
  }
  if (restored->refused > 0) story_.violations.add("WP17: rows of this server's own were refused");
  const bool reuses = story_.options.planted == Planted::ReusedSeq;
  ledger().continue_history(stored.history_id, reuses ? last_kept : stored.first_seq);
  ledger().adopt(restored->registers);
  if (last_kept == used) check_came_back(before);
  disk_.begin_with(ledger(), clock_.unix_seconds());
  open_hub();
  if (models_.views.views().size() > 1) ++story_.tally["view/came back from the journal"];
  with_hub([&](session::SessionHub&) {
    ledger::Transaction opening{.author = {.actor = "ndcast", .intent_id = "restart"},
                                .opens = scene::OpKind::Bootstrap};
    for (const auto& [id, view] : ledger().snapshot()->views) {
      if (id == kMainView) continue;
      std::ranges::move(reduce::close_op(*ledger().snapshot(), id, scene::OpState::Applied),
                        std::back_inserter(opening.changes));
    }
    room_->commit(std::move(opening));
  });
  if (ledger().server_seq() <= used) {
    story_.violations.add(
        fmt::format("WP17: {} was given out before the restart and is given out again", ledger().server_seq()));
  }
  keep();
  return last_kept;
}

void SimServer::check_came_back(const std::map<scene::RegisterId, ledger::Register>& before) {
  const auto& now = ledger().registers();
  for (const auto& [id, held] : before) {
    const auto it = now.find(id);
    if (it == now.end() || it->second.value != held.value || it->second.version != held.version) {
      story_.violations.add(fmt::format("WP17: {}/{}/{} did not come back", scene::to_string(id.scope), id.target,
                                        scene::spec_of(id.scope, id.key).name));
    }
  }
  if (now.size() != before.size()) story_.violations.add("WP17: registers came back that were not there");
}

// --- the render thread ----------------------------------------------------------------------------------------------

ViewId SimServer::any_view() {
  const auto& views = ledger().snapshot()->views;
  return std::next(views.begin(), story_.pick(static_cast<int>(views.size())))->first;
}

bool SimServer::report() {
  auto report = stand_.take_report();
  if (!report) return false;
  const auto last = last_reports_.find(report->view);
  if (story_.options.planted == Planted::StalePose && last != last_reports_.end() && story_.pick(4) == 0) {
    report->applied.plane = last->second.applied.plane;
    report->applied.volume = last->second.applied.volume;
  }
  if (report->applied.plane || report->applied.volume) last_reports_[report->view] = *report;
  with_hub([&](session::SessionHub&) { room_->take(*report); });
  return true;
}

// --- what the room's services answer late ---------------------------------------------------------------------------

bool SimServer::answer_service() {
  if (!room_->listings.empty()) {
    auto listing = std::move(room_->listings.front());
    room_->listings.erase(room_->listings.begin());
    with_hub([&](session::SessionHub&) {
      listing.second(session::DirectoryPage{.path = "/data", .entries = {}, .next_cursor = {}});
    });
    return true;
  }
  if (!room_->counts.empty()) {
    auto count = std::move(room_->counts.front());
    room_->counts.erase(room_->counts.begin());
    const double low = story_.pick(50);
    session::LayerHistogram seen{.extremes = {low, low + 100}, .counts = {1}, .voxels = 1};
    for (const double percent : count.first.percentiles) seen.percentiles.push_back(low + percent);
    with_hub([&](session::SessionHub&) { count.second(seen); });
    return true;
  }
  if (!room_->probes.empty()) {
    auto probe = std::move(room_->probes.front());
    room_->probes.erase(room_->probes.begin());
    const session::Probe seen{.layers = {{scene::LayerId{"layer-0"}, {1, 2}, Json(7)}}, .server_seq = 1};
    with_hub([&](session::SessionHub&) { probe.second(seen); });
    return true;
  }
  if (!room_->pictures.empty()) {
    auto picture = std::move(room_->pictures.front());
    room_->pictures.erase(room_->pictures.begin());
    const session::TakenPicture taken{.url = "api/v1/blob/1?room=main", .width = picture.first.width};
    with_hub([&](session::SessionHub&) { picture.second(taken); });
    return true;
  }
  if (!room_->profiles.empty()) {
    auto profile = std::move(room_->profiles.front());
    room_->profiles.erase(room_->profiles.begin());
    const session::Profile seen{.length = 3, .samples = 2, .layers = {}, .server_seq = 1};
    with_hub([&](session::SessionHub&) { profile.second(seen); });
    return true;
  }
  if (!room_->regions.empty()) {
    auto region = std::move(room_->regions.front());
    room_->regions.erase(room_->regions.begin());
    with_hub([&](session::SessionHub&) { region.second(session::Region{.layers = {}, .server_seq = 1}); });
    return true;
  }
  if (!room_->additions.empty()) return answer_addition();
  if (room_->loads.empty()) return work_on_job();
  auto load = std::move(room_->loads.front());
  room_->loads.erase(room_->loads.begin());
  if (story_.pick(3) == 0) {
    with_hub([&](session::SessionHub&) { load.done(Error{ErrorCode::NotFound, "there is no such image"}); });
    return true;
  }
  replace_scene(load.author);
  with_hub([&](session::SessionHub&) { load.done(session::Loaded{}); });
  return true;
}

bool SimServer::answer_addition() {
  auto addition = std::move(room_->additions.front());
  room_->additions.erase(room_->additions.begin());
  const auto snapshot = room_->ledger().snapshot();
  if (story_.pick(3) == 0 || snapshot->layers.empty() || snapshot->layers.size() == limits::kLayers) {
    with_hub([&](session::SessionHub&) { addition.done(Error{ErrorCode::NotFound, "there is no such image"}); });
    return true;
  }
  std::vector<reduce::NewLayer> layers{{.id = {},
                                        .meta = snapshot->layers[0]->meta,
                                        .controls = reduce::testing::small_scene().layers.front().controls}};
  with_hub([&](session::SessionHub&) {
    room_->commit({.changes = reduce::add_layers(*snapshot, layers), .author = addition.author});
    addition.done(session::AddedLayers{{layers[0].id}});
  });
  return true;
}

bool SimServer::work_on_job() {
  if (room_->jobs.empty()) return false;
  const std::string job = room_->jobs.front().first;
  const auto with_job = [&](auto&& tell) { with_hub([&](session::SessionHub& hub) { tell(hub, job); }); };
  const bool is_cancelled = std::ranges::find(room_->cancelled_jobs, job) != room_->cancelled_jobs.end();
  const int what = is_cancelled ? 2 : story_.pick(4);
  if (what == 3) {
    with_job([](auto& hub, auto& name) { hub.on_job_progress(name, {.done = 1, .total = 2, .message = {}}); });
    return true;
  }
  room_->jobs.erase(room_->jobs.begin());
  with_job([&](auto& hub, auto& name) {
    if (what == 2) {
      hub.on_job_ended(name, session::JobCancelled{});
    } else if (what == 1) {
      hub.on_job_ended(name, Error{ErrorCode::Invalid, "a chunk could not be read"});
    } else {
      hub.on_job_ended(name, Json::make_object({{"mean", 1.5}}));
    }
  });
  return true;
}

void SimServer::draw_thumbnail() {
  if (!room_->thumbnails_wanted) return;
  with_hub([&](session::SessionHub& hub) {
    hub.on_thumbnail({.layer_id = "layer-0",
                      .server_seq = static_cast<std::int64_t>(ledger().server_seq()),
                      .width = 1,
                      .height = 1,
                      .png = "AAAA"});
  });
}

void SimServer::replace_scene(const ledger::Author& author) {
  ++story_.tally["fault/scene replaced"];
  reduce::NewScene next = reduce::testing::small_scene();
  next.source.uri = fmt::format("mem://{}", images_.size());
  next.layers.resize(static_cast<std::size_t>(story_.pick(2)) + 1);
  const auto levels = static_cast<std::size_t>(story_.pick(3)) + 1;
  for (reduce::NewLayer& layer : next.layers) layer.meta.levels.resize(levels);
  next.plane_level = next.volume_level = static_cast<int>(levels) - 1;
  images_[next.source.uri] = next;
  reduce::NewScene fitted = next;
  for (const auto& [id, view] : ledger().snapshot()->views) {
    fitted.others[id] = {next.plane, next.volume};
    fitted.others[id].plane.zoom = 1.0 + story_.pick(3);
  }
  auto reduction = reduce::replace_scene(*ledger().snapshot(), kMainView, fitted, scene::Canvas{});
  with_hub([&](session::SessionHub&) {
    room_->commit({.changes = std::move(reduction.changes),
                   .author = author,
                   .opens = reduction.opens,
                   .also_in = std::move(reduction.also_in)});
  });
  last_reports_.clear();
}

}  // namespace ndcast::sim
