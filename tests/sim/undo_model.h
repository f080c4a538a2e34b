#pragma once
// What nd.undo and nd.redo have to do (WP27), worked out a second time: steps of each session, and who wrote which
// register when. A step's register may be taken back while nothing but that session's own steps wrote it since.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/ledger.h"
#include "scene/snapshot.h"
#include "session/room_services.h"

namespace ndcast::sim {

class UndoModel {
 public:
  using Id = session::SessionId;
  enum class Way { Back, Forth };
  using Pose = std::variant<scene::PlanePose, scene::VolumePose>;

  struct Entry {
    scene::RegisterId id;
    scene::Value value;     ///< to come back
    std::uint64_t seq = 0;  ///< of the step's own write
  };
  struct CameraMove {
    scene::ViewId view;
    Pose pose;  ///< to come back
  };
  /// What the next step of that way does.
  struct Foreseen {
    std::vector<Entry> written;
    std::vector<scene::RegisterId> left;
    std::optional<CameraMove> moved;
    std::optional<CameraMove> not_moved;
  };
  /// Whether the session may write in the view now.
  using MayMove = std::function<bool(const scene::ViewId&)>;

  void forget() { *this = UndoModel(); }
  void leave(const Id& id) { logs_.erase(id); }

  /// Every commit of the room.
  void on_commit(const ledger::Committed& committed);
  /// A camera verb of a client's, and the pose in its mode before it.
  void on_camera(const Id& id, const scene::ViewId& view, const Pose& before, const std::string& interaction);

  Foreseen foresee(const Id& id, Way way, const ledger::Ledger& ledger, const MayMove& may_move) const;
  /// It was done.
  void done(const Id& id, Way way, const Foreseen& foreseen, const std::vector<scene::Value>& before,
            std::optional<CameraMove> camera_before, const ledger::Ledger& ledger);

  std::size_t steps(const Id& id, Way way) const;

 private:
  struct Step {
    std::string interaction;
    std::vector<Entry> entries;
    std::optional<CameraMove> camera;
    bool is_toggle() const;
  };
  struct Log {
    std::deque<Step> back;
    std::deque<Step> forth;
    std::deque<Step>& of(Way way) { return way == Way::Back ? back : forth; }
  };
  struct Write {
    std::uint64_t seq = 0;
    Id by;  ///< whose step it is part of; empty: no one's
  };

  Step& step_for(const Id& id, const std::string& interaction, bool is_toggle);
  bool only_by(const Id& id, const scene::RegisterId& what, std::uint64_t after, std::uint64_t before) const;
  void note_step(const Id& id, const ledger::Committed& committed, const std::vector<Entry>& entries);

  std::map<Id, Log> logs_;
  std::map<scene::RegisterId, std::vector<Write>> writes_;
  std::map<scene::ViewId, Id> movers_;  ///< who moved the view's camera last
};

}  // namespace ndcast::sim
