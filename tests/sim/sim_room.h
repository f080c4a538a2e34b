#pragma once
// The room of a story: a ledger whose commits the models see too, and the render stand in place of a render thread.

#include <functional>
#include <set>
#include <vector>

#include "session/fake_room.h"
#include "tests/sim/disk.h"
#include "tests/sim/record.h"
#include "tests/sim/render_stand.h"
#include "tests/sim/told_model.h"
#include "tests/sim/undo_model.h"
#include "tests/sim/views_model.h"

namespace ndcast::sim {

/// What a story knows by itself of what a server does. All of it outlives its servers but for what forget() says.
struct Models {
  ToldModel told;
  ViewsModel views;
  UndoModel undo;
  Record record;
  std::map<std::string, session::SessionId> job_owners;  ///< of this server's jobs
  /// frame_id of each session's last update: sent again, it is answered again and not done again (WP8).
  std::map<session::SessionId, std::string> last_update;
};

class SimRoom final : public session::testing::FakeRoom {
 public:
  SimRoom(const Clock& clock, Models& models, RenderStand& stand, Disk& disk, Violations& violations)
      : FakeRoom(clock), clock_(clock), models_(models), stand_(stand), disk_(disk), violations_(violations) {
    has_slow_disk = true;
  }

  ledger::Committed commit(ledger::Transaction transaction) override;
  std::uint64_t queue_camera(const scene::ViewId& view, const scene::CameraVerb& verb,
                             const ledger::Author& author) override;
  void read_history(ledger::HistoryRequest request,
                    std::function<void(Result<std::vector<ledger::JournalRow>>)> done) override {
    done(disk_.read(request));
  }
  void op_timed_out(const scene::ViewId& view) override;
  void view_removed(const scene::ViewId& view) override;
  void session_closed(const session::SessionId& session) override;

  /// Flushes that left before this commit carry nothing of it.
  std::function<void()> before_commit;
  /// What Room does with a worker's report: its changes first, then the watermark, then the hub hears.
  void take(const RenderReport& report);

  const Clock& clock() const { return clock_; }
  std::uint64_t camera_seq(const scene::ViewId& view) const { return camera_seqs_.at(view); }
  /// The verb that nd.undo or nd.redo queued since the last call.
  std::optional<scene::CameraVerb> take_undo_verb() { return std::exchange(undo_verb_, std::nullopt); }
  /// Registers that transactions of nd.undo and nd.redo changed since the last call.
  std::set<scene::RegisterId> take_undone() { return std::exchange(undone_, {}); }

 private:
  void note_poses(const ledger::Transaction& transaction);
  void check_author(const ledger::Transaction& transaction);

  const Clock& clock_;
  Models& models_;
  RenderStand& stand_;
  Disk& disk_;
  Violations& violations_;
  reduce::Placements placements_;
  std::map<scene::ViewId, std::uint64_t> camera_seqs_;
  std::optional<scene::CameraVerb> undo_verb_;
  std::set<scene::RegisterId> undone_;
};

}  // namespace ndcast::sim
