#include "tests/sim/sim_room.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ndcast::sim {
namespace {

constexpr std::string_view kUndo = "nd.undo";

/// Views whose op the transaction closes, or that it removes.
std::set<scene::ViewId> closed_by(const ledger::Transaction& transaction) {
  std::set<scene::ViewId> views;
  for (const ledger::Change& change : transaction.changes) {
    if (change.id.scope != scene::Scope::Op) continue;
    const auto* op = std::get_if<scene::Op>(&change.value);
    if (!op || op->state != scene::OpState::Open) views.insert(scene::ViewId{change.id.target});
  }
  return views;
}

}  // namespace

ledger::Committed SimRoom::commit(ledger::Transaction transaction) {
  std::optional<ledger::OpenedOp> opened;
  if (transaction.opens) opened = ledger::OpenedOp{transaction.view, *transaction.opens, transaction.also_in};
  const std::set<scene::ViewId> closed = closed_by(transaction);
  note_poses(transaction);
  check_author(transaction);
  if (before_commit) before_commit();
  const ledger::Committed committed = FakeRoom::commit(std::move(transaction));
  placements_.note(committed, opened);
  models_.told.on_commit(committed, opened);
  if (!committed.changed.empty()) {
    disk_.write(committed, ledger());
    models_.record.on_commit(committed, ledger());
    models_.undo.on_commit(committed);
    if (committed.author->intent_id == kUndo) undone_.insert(committed.changed.begin(), committed.changed.end());
  }
  for (const scene::ViewId& view : closed) models_.told.on_closed(view);
  return committed;
}

/// A new scene and a view that goes on from another's place put poses minted elsewhere in place of the newest. A toggle
/// copies what is there already.
void SimRoom::note_poses(const ledger::Transaction& transaction) {
  if (transaction.author.origin == ledger::Origin::Worker || transaction.opens == scene::OpKind::ViewToggle) return;
  for (const ledger::Change& change : transaction.changes) {
    if (change.id.scope != scene::Scope::Camera) continue;
    const scene::ViewId view{change.id.target};
    if (const auto* plane = std::get_if<scene::PlanePose>(&change.value)) stand_.put(view, *plane);
    if (const auto* volume = std::get_if<scene::VolumePose>(&change.value)) stand_.put(view, *volume);
  }
}

/// WP1: a viewer changes nothing that others see.
void SimRoom::check_author(const ledger::Transaction& transaction) {
  const session::SessionId author{transaction.author.session};
  const ViewsModel::Person* person = models_.views.find(author);
  if (!person || person->role != auth::Role::Viewer) return;
  for (const ledger::Change& change : transaction.changes) {
    if (std::holds_alternative<scene::Gone>(change.value)) continue;  // a closed view: judged as the command is
    const scene::ViewId view{std::string(scene::view_of(change.id))};
    const bool is_new = models_.views.views().find(view) == models_.views.views().end();
    if (!view.value.empty() && (is_new || models_.views.lives_alone(author, view))) continue;
    violations_.add(fmt::format("WP1: the viewer {} changed {}/{}/{}", person->actor, to_string(change.id.scope),
                                change.id.target, scene::spec_of(change.id.scope, change.id.key).name));
    return;
  }
}

std::uint64_t SimRoom::queue_camera(const scene::ViewId& view, const scene::CameraVerb& verb,
                                    const ledger::Author& author) {
  const scene::SnapshotPtr snapshot = ledger().snapshot();
  const scene::ViewState* state = snapshot->find_view(view);
  const scene::Mode mode = state->view->mode;
  if (author.intent_id == kUndo) {
    undo_verb_ = verb;
  } else {
    const UndoModel::Pose before =
        mode == scene::Mode::Plane ? UndoModel::Pose(state->camera->plane) : UndoModel::Pose(state->camera->volume);
    models_.undo.on_camera(session::SessionId{author.session}, view, before, author.interaction_id);
  }
  stand_.queue(view, {mode, ++camera_seqs_[view]});
  return camera_seqs_[view];
}

void SimRoom::op_timed_out(const scene::ViewId& view) {
  FakeRoom::op_timed_out(view);
  stand_.restart();
}

void SimRoom::view_removed(const scene::ViewId& view) {
  FakeRoom::view_removed(view);
  watermarks.erase(view);
  placements_.forget(view);
  camera_seqs_.erase(view);
}

void SimRoom::session_closed(const session::SessionId& session) {
  FakeRoom::session_closed(session);
  models_.views.leave(session);
  models_.undo.leave(session);
}

void SimRoom::take(const RenderReport& report) {
  const scene::SnapshotPtr snapshot = ledger().snapshot();
  if (!snapshot->find_view(report.view)) return;
  std::vector<ledger::Change> changes = reduce::applied(*snapshot, placements_, report.view, report.applied);
  if (!changes.empty()) {
    commit({.changes = std::move(changes),
            .author = {.actor = "render", .origin = ledger::Origin::Worker},
            .view = report.view});
  }
  session::Watermark& mark = watermarks[report.view];
  mark.server_seq = std::max(mark.server_seq, report.applied.server_seq);
  mark.camera_seq = std::max(mark.camera_seq, report.camera_seq);
  mark.complete_server_seq = mark.server_seq;
  mark.complete_camera_seq = mark.camera_seq;
  hub->on_watermark(report.view);
}

}  // namespace ndcast::sim
