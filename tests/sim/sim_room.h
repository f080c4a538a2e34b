#pragma once
// The room of a story: a ledger whose commits the model sees too, and the render stand in place of a render thread.

#include <algorithm>
#include <set>

#include "session/testing.h"
#include "tests/sim/disk.h"
#include "tests/sim/render_stand.h"
#include "tests/sim/told_model.h"

namespace ndcast::sim {

class SimRoom final : public session::testing::FakeRoom {
 public:
  SimRoom(const Clock& clock, ToldModel& model, RenderStand& stand, Disk& disk)
      : FakeRoom(clock), model_(model), stand_(stand), disk_(disk) {
    has_slow_disk = true;
  }

  ledger::Committed commit(ledger::Transaction transaction) override {
    std::optional<ledger::OpenedOp> opened;
    if (transaction.opens) opened = ledger::OpenedOp{transaction.view, *transaction.opens, transaction.also_in};
    const std::set<scene::ViewId> closed = closed_by(transaction);
    if (copies_a_pose(transaction)) stand_.forget();
    const ledger::Committed committed = FakeRoom::commit(std::move(transaction));
    model_.on_commit(committed, opened);
    if (!committed.changed.empty()) disk_.write(committed, ledger());
    for (const scene::ViewId& view : closed) model_.on_closed(view);
    return committed;
  }

  std::uint64_t queue_camera(const scene::ViewId& view, const scene::CameraVerb&, const ledger::Author&) override {
    const scene::SnapshotPtr snapshot = ledger().snapshot();
    const scene::ViewState* state = snapshot->find_view(view);
    stand_.queue({state->view->mode, ++camera_seq_});
    return camera_seq_;
  }

  void op_timed_out(const scene::ViewId& view) override {
    FakeRoom::op_timed_out(view);
    stand_.restart();
  }

  /// What Room does with a worker's report: its changes first, then the watermark, then the hub hears.
  void take(const RenderReport& report, const scene::ViewId& view) {
    const scene::SnapshotPtr snapshot = ledger().snapshot();
    std::vector<ledger::Change> changes;
    const auto append = [&](std::vector<ledger::Change> more) {
      for (ledger::Change& change : more) changes.push_back(std::move(change));
    };
    if (report.level) append(reduce::applied_level(*snapshot, view, report.level->first, report.level->second));
    if (report.plane) append(reduce::applied_pose(*snapshot, view, *report.plane));
    if (report.volume) append(reduce::applied_pose(*snapshot, view, *report.volume));
    if (!changes.empty()) {
      commit({.changes = std::move(changes),
              .author = {.actor = "render", .origin = ledger::Origin::Worker},
              .view = view});
    }
    session::Watermark& mark = watermarks[view];
    mark.server_seq = std::max(mark.server_seq, report.server_seq);
    mark.camera_seq = std::max(mark.camera_seq, report.camera_seq);
    mark.complete_server_seq = mark.server_seq;
    mark.complete_camera_seq = mark.camera_seq;
    hub->on_watermark(view);
  }

 private:
  /// Undo and a new scene put poses minted earlier in place of the newest.
  static bool copies_a_pose(const ledger::Transaction& transaction) {
    if (transaction.author.origin == ledger::Origin::Worker || transaction.opens == scene::OpKind::ViewToggle)
      return false;
    return std::ranges::any_of(transaction.changes,
                               [](const ledger::Change& change) { return change.id.scope == scene::Scope::Camera; });
  }
  static std::set<scene::ViewId> closed_by(const ledger::Transaction& transaction) {
    std::set<scene::ViewId> views;
    for (const ledger::Change& change : transaction.changes) {
      const auto* op = std::get_if<scene::Op>(&change.value);
      if (op && op->state != scene::OpState::Open) views.insert(scene::ViewId{change.id.target});
    }
    return views;
  }

  ToldModel& model_;
  RenderStand& stand_;
  Disk& disk_;
  std::uint64_t camera_seq_ = 0;
};

}  // namespace ndcast::sim
