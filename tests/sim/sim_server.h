#pragma once
// The server of a story: a hub over a SimRoom, its disk, its render thread and its clock, and what kills it and brings
// it back. After every call the models are told what happened, and what the hub did is compared with them.

#include <map>
#include <memory>
#include <random>
#include <string>

#include "reduce/test_scene.h"
#include "tests/sim/intents.h"
#include "tests/sim/judge.h"
#include "tests/sim/link.h"
#include "tests/sim/sim_room.h"
#include "tests/sim/story.h"

namespace ndcast::sim {

class SimServer {
 public:
  using Id = session::SessionId;
  /// The story's: they outlive the server.
  struct Story {
    const StoryOptions& options;
    const Dice& pick;
    Tally& tally;
    Violations& violations;
  };

  explicit SimServer(const Story& story);

  const FakeClock& clock() const { return clock_; }
  ledger::Ledger& ledger() { return room_->ledger(); }
  const Models& models() const { return models_; }
  const RenderStand& stand() const { return stand_; }

  // --- clients ---
  Id open(std::shared_ptr<Link> link, session::ConnectionInfo info);
  Verdict hear(const Id& id, const std::string& text, const Newcomer& newcomer);
  void on_writable(const Id& id);
  void on_close(const Id& id);

  // --- time, the disk, and what answers late ---
  void advance(std::chrono::nanoseconds by);
  void keep();
  void keep_some();
  bool answer_service();
  bool answer_addition();
  bool work_on_job();
  /// A layer looks otherwise in small.
  void draw_thumbnail();
  void replace_scene(const ledger::Author& author);

  // --- the render thread ---
  void render(const scene::ViewId& view, const Dice& pick) { stand_.apply(*ledger().snapshot(), view, pick); }
  bool report();
  scene::ViewId any_view();
  void hang(const scene::ViewId& view) { stand_.hang(view); }
  void heal() { stand_.heal(); }
  void restart_worker() { stand_.restart(); }

  /// kill -9 and a start from the journal. What was acknowledged is there, numbers go on behind all that were used.
  /// Every socket is broken. The newest number that was kept.
  std::uint64_t restart();

 private:
  void make_room();
  void open_hub();
  void open_first_scene();
  void bring_back(std::uint64_t last_kept);
  void check_came_back(const std::map<scene::RegisterId, ledger::Register>& before);
  template <class Call>
  void with_hub(Call&& call);
  void note_flushes();
  std::string foreseen_hex(std::size_t bytes);

  const Story story_;
  std::mt19937 ids_;
  FakeClock clock_;
  Models models_;
  RenderStand stand_;
  Disk disk_;
  std::map<std::string, reduce::NewScene> images_;  ///< ever shown, by uri
  std::unique_ptr<SimRoom> room_;
  std::unique_ptr<session::SessionHub> hub_;
  std::uint64_t told_ = 0;
  std::uint64_t flushes_ = 0;
  std::map<scene::ViewId, RenderReport> last_reports_;
};

}  // namespace ndcast::sim
