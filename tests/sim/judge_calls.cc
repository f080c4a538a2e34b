// What a command has to do and to answer.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "protocol/values.h"
#include "session/command_registry.h"
#include "session/testing.h"
#include "tests/sim/judge.h"
#include "tests/sim/names.h"

namespace ndcast::sim {

using scene::kMainView;
using scene::ViewId;
using session::testing::at;
using session::testing::text_at;

namespace {

std::string text_or(const Json& kwargs, std::string_view name, std::string_view fallback) {
  const Json* value = kwargs.find(name);
  return value && value->is_string() ? value->string() : std::string(fallback);
}

const Verdict kInvalid = Verdict::refused("command.invalid");

}  // namespace

Verdict Judge::hear_call(const Heard& heard) {
  const std::string command = text_at(heard.payload, {"command"});
  const session::CommandSpec* spec = session::find_command(command);
  if (!spec || !auth::may_act_as(person(heard).role, spec->role)) {
    run(heard);
    if (spec) ++tally_["role/a command is refused"];
    return Verdict::refused(spec ? "command.forbidden" : "command.not_found");
  }
  return judge_call(heard, command, at(heard.payload, {"kwargs"}));
}

Verdict Judge::judge_call(const Heard& heard, const std::string& command, const Json& kwargs) {
  if (command == "nd.view.fork") return fork(heard, kwargs);
  if (command == "nd.view.follow") return follow(heard, kwargs);
  if (command == "nd.view.close") return close_view(heard, kwargs);
  if (command == "nd.view.list") return list_views(heard);
  if (command == "nd.session.list") return list_sessions(heard);
  if (command == "nd.session.close") return close_session(heard, kwargs);
  if (command == "nd.history") return history(heard, kwargs);
  if (command == "nd.stats") return start_job(heard, kwargs);
  if (command == "nd.movie") return start_movie(heard);
  if (command == "nd.job.cancel") return cancel_job(heard, kwargs);
  if (command == "nd.undo") return undo(heard, UndoModel::Way::Back);
  if (command == "nd.redo") return undo(heard, UndoModel::Way::Forth);
  const bool is_of_layer = command == "nd.histogram" || command == "nd.contrast.auto";
  const bool is_layer =
      is_of_layer && room_.ledger().snapshot()->find_layer(scene::LayerId{text_or(kwargs, "layer", "")}) != nullptr;
  run(heard);
  if (is_of_layer && !is_layer) return kInvalid;
  if (command == "napari.pixel.request_keyframe") return Verdict::accepted();
  if (command == "nd.telemetry" || command == "nd.thumbnails") {
    const Json on = at(kwargs, {"on"});
    return Verdict::accepted(Json::make_object({{"on", on.is_null() ? Json(true) : on}}));
  }
  if (command == "nd.pixel_ticket") {
    const ViewId view = meant_view(text_or(kwargs, "view", ""), person(heard).sees);
    return is_there(view) ? Verdict::accepted() : kInvalid;
  }
  return Verdict::any_but("command.forbidden");
}

Json Judge::where(const Heard& heard) const {
  return Json::make_object({{"view", person(heard).sees.value},
                            {"binding", person(heard).binding},
                            {"server_seq", room_.ledger().server_seq()}});
}

Verdict Judge::fork(const Heard& heard, const Json& kwargs) {
  const ViewId from = meant_view(text_or(kwargs, "from", ""), person(heard).sees);
  const bool may = models_.views.may_fork(heard.id);
  run(heard);
  if (!is_there(from)) return kInvalid;
  if (!may) {
    ++tally_["view/no room for a fork"];
    return Verdict::refused("command.retryable");
  }
  const ViewId born = newborn();
  if (born == kMainView) {
    fail("WP32: a fork made no view");
    return {};
  }
  const std::string name = text_or(kwargs, "name", "");
  models_.views.fork(heard.id, born, name);
  Json result = where(heard);
  result.set("name", name);
  return Verdict::accepted(std::move(result));
}

Verdict Judge::follow(const Heard& heard, const Json& kwargs) {
  const bool names_view = kwargs.find("view") != nullptr;
  const Id other{text_or(kwargs, "session", "")};
  const ViewId view = meant_view(text_or(kwargs, "view", ""), person(heard).sees);
  run(heard);
  if (names_view == !other.value.empty()) return kInvalid;
  if (names_view ? !is_there(view) : other == heard.id || !models_.views.find(other)) return kInvalid;
  if (names_view) {
    models_.views.follow(heard.id, view);
  } else {
    ++tally_["view/goes along with somebody"];
    models_.views.follow(heard.id, other);
  }
  return Verdict::accepted(where(heard));
}

Verdict Judge::close_view(const Heard& heard, const Json& kwargs) {
  const ViewId view = meant_view(text_or(kwargs, "view", ""), person(heard).sees);
  const bool may = person(heard).home == view || person(heard).role == auth::Role::Admin;
  run(heard);
  if (!is_there(view) || view == kMainView) return kInvalid;
  if (!may) return Verdict::refused("command.forbidden");
  const auto is_under = [&](const auto& entry) { return entry.first != heard.id && entry.second.sees == view; };
  if (std::ranges::any_of(models_.views.people(), is_under)) ++tally_["view/closed under somebody"];
  models_.views.close(view);
  Json result = where(heard);
  result.set("closed", view.value);
  return Verdict::accepted(std::move(result));
}

Verdict Judge::list_views(const Heard& heard) {
  run(heard);
  Json::Array views;
  for (const auto& [id, view] : models_.views.views()) {
    Json::Array sessions;
    for (const auto& [session, who] : models_.views.people()) {
      if (who.sees != id) continue;
      sessions.push_back(Json::make_object({{"session", session.value},
                                            {"actor", who.actor},
                                            {"kind", "human"},
                                            {"role", to_string(who.role)},
                                            {"follows", who.goes_along()}}));
    }
    views.push_back(Json::make_object(
        {{"view", id.value}, {"name", view.name}, {"owner", view.owner}, {"sessions", std::move(sessions)}}));
  }
  return Verdict::accepted(Json::make_object({{"views", std::move(views)}}));
}

Verdict Judge::list_sessions(const Heard& heard) {
  run(heard);
  Json::Array sessions;
  for (const auto& [id, who] : models_.views.people()) {
    const std::chrono::duration<double> connected = room_.clock().now() - who.since;
    sessions.push_back(Json::make_object({{"session", id.value},
                                          {"actor", who.actor},
                                          {"kind", "human"},
                                          {"role", to_string(who.role)},
                                          {"view", who.sees.value},
                                          {"remote", "sim"},
                                          {"connected_s", connected.count()}}));
  }
  return Verdict::accepted(Json::make_object({{"sessions", std::move(sessions)}}));
}

Verdict Judge::close_session(const Heard& heard, const Json& kwargs) {
  const Id other{text_or(kwargs, "session", "")};
  const bool may = other != heard.id && models_.views.find(other);
  run(heard);
  if (may && hub_.bound_view(other)) fail("WP1: a session goes on that an admin closed");
  return may ? Verdict::accepted() : kInvalid;
}

Verdict Judge::history(const Heard& heard, const Json& kwargs) {
  const std::string cursor = text_or(kwargs, "cursor", "");
  const std::uint64_t before_seq = cursor.empty() ? UINT64_MAX : std::stoull(cursor);
  const Json limit = at(kwargs, {"limit"});
  Json page = models_.record.page(before_seq, limit.is_null() ? 50 : *limit.as_uint64(), text_or(kwargs, "actor", ""),
                                  person(heard).sees, "process");
  run(heard);
  return Verdict::accepted(std::move(page));
}

// --- jobs (WP35) ----------------------------------------------------------------------------------------------------

Verdict Judge::start_job(const Heard& heard, const Json& kwargs) {
  const scene::LayerId layer{text_or(kwargs, "layer", "")};
  const bool is_layer = room_.ledger().snapshot()->find_layer(layer) != nullptr;
  const bool is_full = room_.jobs.size() >= limits::kJobsRunning;
  const std::size_t before = room_.jobs.size();
  run(heard);
  if (!is_layer) return kInvalid;
  if (is_full) return Verdict::refused("command.retryable");
  if (room_.jobs.size() != before + 1) fail("WP35: nd.stats began no job");
  models_.job_owners[room_.jobs.back().first] = heard.id;
  return Verdict::accepted(Json::make_object({{"job", room_.jobs.back().first}}));
}

Verdict Judge::start_movie(const Heard& heard) {
  const std::size_t before = room_.jobs.size();
  run(heard);
  if (room_.jobs.size() == before) return Verdict::any_but("command.forbidden");
  ++tally_["job/a movie"];
  models_.job_owners[room_.jobs.back().first] = heard.id;
  return Verdict::accepted();
}

Verdict Judge::cancel_job(const Heard& heard, const Json& kwargs) {
  const std::string job = text_or(kwargs, "job", "");
  const auto owner = models_.job_owners.find(job);
  const bool is_running =
      std::ranges::find(room_.jobs, job, [](const auto& one) { return one.first; }) != room_.jobs.end();
  const bool may =
      owner != models_.job_owners.end() && (owner->second == heard.id || person(heard).role == auth::Role::Admin);
  run(heard);
  if (owner == models_.job_owners.end()) return kInvalid;
  if (!may) return is_running ? Verdict::refused("command.forbidden") : Verdict::refused("");
  // One that ended long ago is forgotten.
  if (!is_running) return {};
  return Verdict::accepted(Json::make_object({{"cancelling", true}}));
}

// --- undo -----------------------------------------------------------------------------------------------------------

Verdict Judge::undo(const Heard& heard, UndoModel::Way way) {
  ledger::Ledger& ledger = room_.ledger();
  const bool had_step = models_.undo.steps(heard.id, way) > 0;
  const UndoModel::Foreseen foreseen = models_.undo.foresee(heard.id, way, ledger, [&](const ViewId& view) {
    return person(heard).role != auth::Role::Viewer || models_.views.lives_alone(heard.id, view);
  });
  std::vector<scene::Value> before;
  before.reserve(foreseen.written.size());
  for (const UndoModel::Entry& entry : foreseen.written) before.push_back(ledger.find(entry.id)->value);
  room_.take_undone();
  room_.take_undo_verb();
  run(heard);
  check_undone(foreseen);
  std::optional<UndoModel::CameraMove> camera_before;
  if (foreseen.moved) {
    const scene::SnapshotPtr snapshot = ledger.snapshot();
    const scene::ViewState& view = *snapshot->find_view(foreseen.moved->view);
    camera_before =
        UndoModel::CameraMove{view.id, view.view->mode == scene::Mode::Plane ? UndoModel::Pose(view.camera->plane)
                                                                             : UndoModel::Pose(view.camera->volume)};
  }
  if (had_step) models_.undo.done(heard.id, way, foreseen, before, camera_before, ledger);
  if (!foreseen.written.empty()) {
    ++tally_[way == UndoModel::Way::Back ? "undo/registers come back" : "undo/registers go forth again"];
  }
  if (!foreseen.left.empty()) ++tally_["undo/somebody else's is left"];
  if (foreseen.moved) ++tally_["undo/a camera returns"];
  return Verdict::accepted(undo_result(heard, foreseen));
}

void Judge::check_undone(const UndoModel::Foreseen& foreseen) {
  bool toggles = false;
  for (const UndoModel::Entry& entry : foreseen.written) {
    toggles = toggles || entry.id.key == scene::Key::Ndisplay;
    const ledger::Register* now = room_.ledger().find(entry.id);
    if (now && now->value == entry.value) continue;
    fail(fmt::format("WP27: {} is {} after nd.undo or nd.redo, should be {}", told_name(entry.id, kMainView),
                     now ? to_string(protocol::to_json(now->value)) : "gone",
                     to_string(protocol::to_json(entry.value))));
  }
  for (const scene::RegisterId& id : room_.take_undone()) {
    const bool is_meant = std::ranges::find(foreseen.written, id, &UndoModel::Entry::id) != foreseen.written.end();
    if (is_meant || toggles || id.scope == scene::Scope::Op) continue;
    fail(fmt::format("WP27: nd.undo or nd.redo changed {}", told_name(id, kMainView)));
  }
  const std::optional<scene::CameraVerb> verb = room_.take_undo_verb();
  if (verb.has_value() != foreseen.moved.has_value()) return fail("WP27: a camera was moved that should not, or not");
  if (!verb) return;
  const auto& set = std::get<scene::SetPoseVerb>(*verb);
  const auto* plane = std::get_if<scene::PlanePose>(&foreseen.moved->pose);
  const bool is_same =
      plane ? set.rect == plane->rect : set.distance == std::get<scene::VolumePose>(foreseen.moved->pose).distance;
  if (!is_same) fail("WP27: a camera was sent to another pose than the one before");
}

Json Judge::undo_result(const Heard& heard, const UndoModel::Foreseen& foreseen) const {
  const ledger::Ledger& ledger = room_.ledger();
  const ViewId& sees = person(heard).sees;
  const auto name = [&](const scene::RegisterId& id) {
    return Json::make_object({{"scope", to_string(id.scope)},
                              {"target", told_target(id, sees)},
                              {"key", scene::spec_of(id.scope, id.key).name}});
  };
  Json::Array changed;
  for (const UndoModel::Entry& entry : foreseen.written) {
    const ledger::Register* now = ledger.find(entry.id);
    Json row = name(entry.id);
    row.set("value", protocol::to_json(now->value));
    row.set("version", now->version);
    changed.push_back(std::move(row));
  }
  Json::Array left;
  for (const scene::RegisterId& id : foreseen.left) {
    const ledger::Register* now = ledger.find(id);
    Json row = name(id);
    if (now) row.set("actor", now->author->actor);
    left.push_back(std::move(row));
  }
  if (foreseen.not_moved) {
    const bool is_plane = std::holds_alternative<scene::PlanePose>(foreseen.not_moved->pose);
    left.push_back(Json::make_object({{"scope", "camera"},
                                      {"target", told_view(foreseen.not_moved->view, sees)},
                                      {"key", is_plane ? "plane" : "volume"}}));
  }
  Json result = Json::make_object({{"changed", std::move(changed)},
                                   {"left", std::move(left)},
                                   {"server_seq", ledger.server_seq()},
                                   {"undo_steps", models_.undo.steps(heard.id, UndoModel::Way::Back)},
                                   {"redo_steps", models_.undo.steps(heard.id, UndoModel::Way::Forth)}});
  if (foreseen.moved) result.set("camera_seq", room_.camera_seq(foreseen.moved->view));
  return result;
}

}  // namespace ndcast::sim
