#pragma once
// Playing sliders (dims AXIS play): moves the index of every playing axis by the room's clock. The room commits what
// due() gives; renderer and clients see a register like any other, of origin `policy` and actor "play".
//
//   player.note(*ledger.snapshot(), clock.now());                        // after every commit
//   for (auto& transaction : player.due(*ledger.snapshot(), applied, clock.now())) room.commit(std::move(transaction));
//   arm_timer(player.next_deadline());
//
// A step waits until the render thread has applied the one before, so a slow renderer makes a slow film and never a
// queue. Somebody's own index wins: playing goes on from there, a full period later. An axis that is displayed pauses.
//
// Control thread only; no clock and no ledger of its own.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "scene/snapshot.h"

namespace ndcast::room {

class Player {
 public:
  /// Learns what plays and where the indexes stand.
  void note(const scene::SceneSnapshot& snapshot, MonotonicTime now);

  /// The newest server_seq that a view's render thread has applied.
  using Applied = std::function<std::uint64_t(const scene::ViewId&)>;
  /// The steps that are due, one transaction a view that has any, each axis at most one step. A playing axis that ends
  /// (loop once) carries its null in the transaction of its last step.
  std::vector<ledger::Transaction> due(const scene::SceneSnapshot& snapshot, const Applied& applied, MonotonicTime now);

  /// When due() may have something, paused axes and unapplied steps aside (those wait for a commit or a watermark).
  std::optional<MonotonicTime> next_deadline(const Applied& applied) const;

 private:
  struct Playing {
    scene::Play play;
    MonotonicTime next_at{};
    std::int64_t index = 0;                ///< as noted last
    std::optional<std::int64_t> expected;  ///< of our own step that is being committed
    std::uint64_t awaited = 0;             ///< server_seq that must be applied before the next step
    int direction = 1;
    bool stepped = false;
    bool paused = false;  ///< its axis is displayed
    std::size_t axis = 0;
  };
  using Name = std::pair<scene::ViewId, std::string>;

  void note_axis(const scene::SceneSnapshot& snapshot, const scene::ViewState& view, std::size_t axis,
                 MonotonicTime now);
  static void step(Playing& playing, const Name& name, std::int64_t size, std::vector<ledger::Change>& changes);

  std::map<Name, Playing> playing_;
};

}  // namespace ndcast::room
