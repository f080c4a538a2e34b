#include "session/undo_commands.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocol/native.h"
#include "protocol/values.h"
#include "reduce/reduce.h"
#include "session/command_registry.h"
#include "session/views.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;
using Way = UndoLog::Way;

Json name_of(const scene::RegisterId& id, const Session& session) {
  return Json::make_object({{"scope", to_string(id.scope)},
                            {"target", protocol::wire_target(id, session.view.value)},
                            {"key", scene::spec_of(id.scope, id.key).name}});
}

/// The verb that takes a camera to a minted pose; the render thread, which alone mints, copies it.
scene::CameraVerb verb_to(const CameraStep& step) {
  scene::SetPoseVerb verb;
  if (const auto* plane = std::get_if<scene::PlanePose>(&step.pose)) {
    verb.rect = plane->rect;
  } else {
    const auto& volume = std::get<scene::VolumePose>(step.pose);
    verb.center = {volume.center.begin(), volume.center.end()};
    verb.angles = {volume.angles.begin(), volume.angles.end()};
    verb.distance = volume.distance;
    verb.fov = volume.fov;
  }
  return verb;
}

/// One step on its way.
class Walk {
 public:
  Walk(HubCore& hub, Session& session, Way way) : hub_(hub), session_(session), way_(way) {}

  Result<Json> run() {
    if (std::optional<UndoStep> step = session_.undo.take(way_)) {
      ND_TRY(write_registers(*step));
      move_camera(*step);
      session_.undo.done(way_, written_, before_, std::move(camera_before_), ledger());
    }
    Json result = Json::make_object({{"changed", std::move(changed_)},
                                     {"left", std::move(left_)},
                                     {"server_seq", ledger().server_seq()},
                                     {"undo_steps", session_.undo.size(Way::Back)},
                                     {"redo_steps", session_.undo.size(Way::Forth)}});
    if (camera_seq_) result.set("camera_seq", *camera_seq_);
    return result;
  }

 private:
  ledger::Ledger& ledger() { return hub_.services().ledger(); }

  /// WP1: what a viewer did where it lived alone is not taken back once others live there.
  bool may_write(const scene::RegisterId& id) const {
    const std::string_view view = scene::view_of(id);
    return view.empty() || may_move(scene::ViewId{std::string(view)});
  }
  bool may_move(const scene::ViewId& view) const {
    return auth::may_act_as(session_.role, auth::Role::Editor) || lives_alone(hub_, session_, view);
  }

  Result<void> write_registers(const UndoStep& step) {
    ledger::Transaction transaction{.author = session_.author(), .view = session_.view};
    transaction.author.intent_id = kUndoIntent;
    for (const UndoEntry& entry : step.entries) {
      const ledger::Register* now = ledger().find(entry.id);
      if (!now || now->version != entry.version || !may_write(entry.id)) {
        leave(entry.id, now);
        continue;
      }
      before_.push_back(now->value);
      written_.push_back(entry);
      add(entry, transaction);
    }
    if (transaction.changes.empty()) return {};
    if (const auto broken = ledger().violation(transaction)) {
      return fail(ErrorCode::Invalid, "it no longer fits the scene: {}", *broken);
    }
    hub_.services().commit(std::move(transaction));
    for (const UndoEntry& entry : written_) {
      const ledger::Register* now = ledger().find(entry.id);
      Json row = name_of(entry.id, session_);
      row.set("value", protocol::to_json(now->value));
      row.set("version", now->version);
      changed_.push_back(std::move(row));
    }
    return {};
  }

  /// A toggle brings its mode's cache along and opens an op, as it did the first time.
  void add(const UndoEntry& entry, ledger::Transaction& transaction) {
    if (entry.id.key == scene::Key::Ndisplay) {
      const scene::ViewId view{entry.id.target};
      const auto ndisplay = static_cast<int>(std::get<std::int64_t>(entry.value));
      auto reduction = reduce::reduce(*ledger().snapshot(), view, scene::SetNdisplay{ndisplay});
      if (reduction) {
        transaction.changes = std::move(reduction->changes);
        transaction.opens = reduction->opens;
        transaction.view = view;
      }
      return;
    }
    if (entry.id.scope == scene::Scope::Multiscale) {
      transaction.opens = scene::OpKind::LevelUpdate;
      transaction.view = scene::ViewId{entry.id.target};
    }
    transaction.changes.push_back({entry.id, entry.value});
  }

  void leave(const scene::RegisterId& id, const ledger::Register* now) {
    Json row = name_of(id, session_);
    if (now && now->author) row.set("actor", now->author->actor);
    left_.push_back(std::move(row));
  }

  void move_camera(const UndoStep& step) {
    if (!step.camera) return;
    const CameraStep& camera = *step.camera;
    const scene::SnapshotPtr snapshot = ledger().snapshot();
    const scene::ViewState* view = snapshot->find_view(camera.view);
    const SessionId* mover = hub_.camera_mover(camera.view);
    const bool is_own = mover && *mover == session_.id;
    const bool is_plane = std::holds_alternative<scene::PlanePose>(camera.pose);
    if (!view || !is_own || !may_move(camera.view) || (view->view->mode == scene::Mode::Plane) != is_plane) {
      left_.push_back(Json::make_object({{"scope", "camera"},
                                         {"target", protocol::wire_view(camera.view.value, session_.view.value)},
                                         {"key", is_plane ? "plane" : "volume"}}));
      return;
    }
    camera_before_ = camera_step(*view);
    ledger::Author author = session_.author();
    author.intent_id = kUndoIntent;
    camera_seq_ = hub_.services().queue_camera(camera.view, verb_to(camera), author);
  }

  HubCore& hub_;
  Session& session_;
  const Way way_;
  std::vector<UndoEntry> written_;
  std::vector<scene::Value> before_;
  std::optional<CameraStep> camera_before_;
  std::optional<std::uint64_t> camera_seq_;
  Json::Array changed_;
  Json::Array left_;
};

void walk(const CommandContext& context, Way way) {
  Result<Json> result = Walk(context.hub, context.session, way).run();
  if (!result) return context.responder.fail({CommandCode::Invalid, result.error().message, {}});
  context.responder.reply(std::move(*result));
}

}  // namespace

CameraStep camera_step(const scene::ViewState& view) {
  if (view.view->mode == scene::Mode::Plane) return {view.id, view.camera->plane};
  return {view.id, view.camera->volume};
}

void call_undo(const CommandContext& context) { walk(context, Way::Back); }
void call_redo(const CommandContext& context) { walk(context, Way::Forth); }

}  // namespace ndcast::session
