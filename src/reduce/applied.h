#pragma once
// What one apply of the render thread decided, and what of it may still become true. The thread is behind the ledger:
// what it decided about a place from which the view was taken meanwhile is no news.
//
//   placements.note(committed, opened);                                          // after every commit
//   commit({.changes = applied(*ledger.snapshot(), placements, view, report)});  // when the thread reports

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/flush.h"
#include "ledger/ledger.h"

namespace ndcast::reduce {

/// When each view was last put elsewhere, poses and all: by another scene, or because it goes on from another view's
/// place. Not by a toggle, which returns to what is the view's own. Control thread only.
class Placements {
 public:
  void note(const ledger::Committed& committed, const std::optional<ledger::OpenedOp>& opened);
  /// Whether what was decided over the snapshot of `server_seq` is about the place where the view is now.
  bool holds(const scene::ViewId& view, std::uint64_t server_seq) const;
  void forget(const scene::ViewId& view) { placed_.erase(view); }

 private:
  std::map<scene::ViewId, std::uint64_t> placed_;
};

struct Applied {
  std::uint64_t server_seq = 0;  ///< of the snapshot that it was decided over
  std::optional<scene::PlanePose> plane;
  std::optional<scene::VolumePose> volume;
  std::optional<std::pair<scene::Mode, scene::LodShown>> level;
};

/// The report as one transaction's changes, as applied_level() and applied_pose() say; none when it no longer holds.
std::vector<ledger::Change> applied(const scene::SceneSnapshot& snapshot, const Placements& placements,
                                    const scene::ViewId& view, const Applied& report);

}  // namespace ndcast::reduce
