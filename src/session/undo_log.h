#pragma once
// What one session did, so that it can take it back and do it again (WP27). Pure bookkeeping: which registers to write
// with which values; nd.undo and nd.redo (undo_commands.cc) write them.
//
//   log.note(committed);                                       // after each of the session's own commits
//   if (auto step = log.take(UndoLog::Way::Back)) …            // commit what of it may be written
//   log.done(UndoLog::Way::Back, written, before, {}, ledger);
//
// A register that somebody else changed since is not the session's to take back. Its version says so: an entry names
// the version that its change made, and after an undo every older entry for the version that came back is given the new
// one.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/ledger.h"
#include "scene/snapshot.h"

namespace ndcast::session {

/// Intent of what nd.undo and nd.redo write.
inline constexpr std::string_view kUndoIntent = "nd.undo";

/// A pose that a view is to return to, as it was minted.
struct CameraStep {
  scene::ViewId view;
  std::variant<scene::PlanePose, scene::VolumePose> pose;
};

struct UndoEntry {
  scene::RegisterId id;
  scene::Value value;                ///< to be written
  std::uint64_t version = 0;         ///< that the register has while nobody else has changed it
  std::uint64_t before_version = 0;  ///< that it had with `value`
};

/// One step: an interaction, or a single change.
struct UndoStep {
  std::string interaction_id;
  std::vector<UndoEntry> entries;
  std::optional<CameraStep> camera;
};

class UndoLog {
 public:
  enum class Way { Back, Forth };

  /// A commit of the session's own. Registers that no client edits, canvases, and what a toggle brings along are left
  /// out.
  void note(const ledger::Committed& committed);
  /// An accepted camera verb, with the pose before it.
  void note_camera(CameraStep before, const std::string& interaction_id);
  /// The scene is another one.
  void clear();

  /// The newest step of that way, no longer in the log.
  std::optional<UndoStep> take(Way way);
  /// `written` are those entries of a taken step that were written, by a commit after which the ledger is as it is;
  /// they can be reversed. `camera` is the pose that a camera step left. `before[i]` is what the register of
  /// `written[i]` held.
  void done(Way way, const std::vector<UndoEntry>& written, const std::vector<scene::Value>& before,
            std::optional<CameraStep> camera, const ledger::Ledger& ledger);

  std::size_t size(Way way) const { return way == Way::Back ? back_.size() : forth_.size(); }

 private:
  UndoStep& step_for(const std::string& interaction_id);
  void rename(const scene::RegisterId& id, std::uint64_t from, std::uint64_t to);

  std::deque<UndoStep> back_;
  std::deque<UndoStep> forth_;
};

}  // namespace ndcast::session
