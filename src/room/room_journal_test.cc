// What becomes a row and when; what the room does while the disk does not take them; and the way back.

#include "room/room_journal.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/ids.h"
#include "ledger/memory_journal.h"
#include "ledger/sqlite_journal.h"
#include "protocol/journal_row.h"
#include "reduce/test_scene.h"
#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
const fs::path kSamples = fs::path(NDCAST_SOURCE_DIR) / "samples";

/// A ledger and its journal, without the rest of a room.
class Rig {
 public:
  Rig() : journal(RoomJournal::open(disk, "main", loop, clock)) {
    ledger.continue_history(journal->stored().history_id, journal->stored().first_seq);
    journal->attach(
        ledger, {.on_told = [this] { ++told; },
                 .on_history_renewed = [this] { ++renewed; },
                 .on_degraded =
                     [this](const std::optional<Error>& error) { troubles.push_back(error ? error->message : ""); }});
    const auto opened = reduce::replace_scene(*ledger.snapshot(), scene::kMainView, reduce::testing::small_scene(), {});
    commit({.changes = opened.changes, .author = {.actor = "operator"}, .opens = opened.opens});
  }
  ~Rig() { journal->detach(); }

  std::uint64_t commit(ledger::Transaction transaction) {
    const bool opens = transaction.opens.has_value();
    journal->before_commit();
    const ledger::Committed committed = ledger.commit(std::move(transaction));
    journal->note(committed, opens);
    return committed.server_seq;
  }
  std::uint64_t set_z(std::int64_t z, std::string phase = "") {
    return commit({.changes = {{{scope::Dims, "z", scene::Key::Index, "main"}, z}},
                   .author = {.actor = "ada", .origin = ledger::Origin::Client, .phase = std::move(phase)}});
  }
  std::uint64_t set_gamma(double gamma) {
    return commit({.changes = {{{scope::Layer, "layer-0", scene::Key::Gamma, ""}, gamma}},
                   .author = {.actor = "bob", .origin = ledger::Origin::Client}});
  }
  std::uint64_t set_pose(double left) {
    scene::PlanePose pose = ledger.snapshot()->find_view(scene::kMainView)->camera->plane;
    pose.rect[0] = left;
    return commit({.changes = reduce::applied_pose(*ledger.snapshot(), scene::kMainView, pose),
                   .author = {.actor = "render", .origin = ledger::Origin::Worker}});
  }
  template <class F>
  bool serve_until(F condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) loop.run_for(500us);
    return condition();
  }
  const std::map<std::uint64_t, ledger::JournalRow>& rows() { return disk->rows("main"); }

  using scope = scene::Scope;
  SystemClock clock;
  transport::EventLoop loop;
  std::shared_ptr<ledger::MemoryJournal> disk = std::make_shared<ledger::MemoryJournal>();
  ledger::Ledger ledger{clock};
  int told = 0;
  int renewed = 0;
  std::vector<std::string> troubles;
  std::shared_ptr<RoomJournal> journal;
};

TEST(RoomJournal, WP26_ACommitIsAwaitedUntilItsRowIsKept) {
  Rig rig;
  rig.disk->hold();
  const std::uint64_t seq = rig.set_gamma(0.5);
  EXPECT_EQ(rig.journal->awaited_seq(), seq);
  rig.loop.poll();
  EXPECT_LT(rig.journal->durable_seq(), seq);
  rig.disk->release();
  EXPECT_TRUE(rig.serve_until([&] { return rig.journal->durable_seq() >= seq; }));
  EXPECT_GT(rig.told, 0);
}

TEST(RoomJournal, WP24_RelaxedAwaitsNothing) {
  Rig rig;
  rig.disk->set_durability(ledger::Durability::Relaxed);
  rig.serve_until([&] { return rig.journal->durable_seq() >= rig.journal->awaited_seq(); });
  rig.disk->hold();
  const std::uint64_t before = rig.journal->awaited_seq();
  rig.set_gamma(0.5);
  EXPECT_EQ(rig.journal->awaited_seq(), before);
}

TEST(RoomJournal, WP25_ADragIsOneRowEachQuarterSecondAndOneAtItsEnd) {
  Rig rig;
  const std::size_t before = rig.rows().size();
  const std::uint64_t awaited = rig.journal->awaited_seq();
  rig.set_z(1, "start");
  for (std::int64_t z = 2; z < 20; ++z) rig.set_z(z, "update");
  EXPECT_EQ(rig.rows().size(), before) << "no update has a row of its own";
  EXPECT_EQ(rig.journal->awaited_seq(), awaited) << "nor waits for one";
  ASSERT_TRUE(rig.serve_until([&] { return rig.rows().size() == before + 1; }));
  const auto first = protocol::changes_from_text(rig.rows().rbegin()->second.changes);
  ASSERT_TRUE(first && first->size() == 1);
  EXPECT_EQ(std::get<std::int64_t>(first->front().before), 25);
  EXPECT_EQ(std::get<std::int64_t>(first->front().after), 19);
  rig.set_z(30, "update");
  const std::uint64_t end = rig.set_z(31, "commit");
  EXPECT_EQ(rig.journal->awaited_seq(), end);
  const auto last = protocol::changes_from_text(rig.rows().at(end).changes);
  EXPECT_EQ(std::get<std::int64_t>(last->front().before), 19) << "old is what the row before said";
  EXPECT_EQ(std::get<std::int64_t>(last->front().after), 31);
}

TEST(RoomJournal, WP25_ADragsValueIsKeptBeforeWhatFollowsIt) {
  Rig rig;
  const std::uint64_t drag = rig.set_z(3, "update");
  const std::uint64_t other = rig.set_gamma(0.5);
  ASSERT_TRUE(rig.rows().contains(drag));
  ASSERT_TRUE(rig.rows().contains(other));
}

TEST(RoomJournal, WP25_APoseIsARowWhenItRests) {
  Rig rig;
  const std::size_t before = rig.rows().size();
  std::uint64_t last = 0;
  for (int i = 1; i < 50; ++i) last = rig.set_pose(i);
  const std::uint64_t other = rig.set_gamma(0.5);
  EXPECT_EQ(rig.rows().size(), before + 1) << "the pose is not a row yet";
  ASSERT_TRUE(rig.serve_until([&] { return rig.rows().contains(last); }));
  EXPECT_LT(last, other) << "it keeps its own number";
  EXPECT_EQ(rig.rows().size(), before + 2);
}

TEST(RoomJournal, ACheckpointHoldsEverythingAndComesBeforeTooManyRows) {
  Rig rig;
  for (std::size_t i = 0; i < limits::kCheckpointRows + 10; ++i) {
    rig.set_gamma(i % 2 ? 0.5 : 0.6);
    rig.loop.poll();
  }
  EXPECT_EQ(rig.renewed, 0) << "numbers are reserved in time";
  const auto& checkpoint = rig.disk->last_checkpoint("main");
  ASSERT_TRUE(checkpoint);
  const auto registers = protocol::registers_from_text(checkpoint->registers);
  ASSERT_TRUE(registers);
  EXPECT_EQ(registers->size(), rig.ledger.registers().size());
}

TEST(RoomJournal, WP28_AFullDiskIsToldAndTheWayBackToo) {
  Rig rig;
  rig.disk->fail_with(Error{ErrorCode::Io, "disk full"});
  rig.set_gamma(0.5);
  ASSERT_TRUE(rig.serve_until([&] { return rig.troubles.size() == 1; }));
  EXPECT_EQ(rig.troubles.front(), "disk full");
  EXPECT_EQ(rig.journal->state(), "degraded");
  EXPECT_EQ(rig.journal->awaited_seq(), 0U) << "nobody waits for a disk that does not take it";
  for (int i = 0; i < 100; ++i) rig.set_gamma(i % 2 ? 0.5 : 0.6);
  rig.disk->fail_with(std::nullopt);
  ASSERT_TRUE(rig.serve_until([&] { return !rig.journal->is_degraded(); }));
  EXPECT_EQ(rig.troubles, (std::vector<std::string>{"disk full", ""}));
  const auto& checkpoint = rig.disk->last_checkpoint("main");
  ASSERT_TRUE(checkpoint);
  EXPECT_TRUE(checkpoint->after_gap);
  EXPECT_EQ(checkpoint->server_seq, rig.ledger.server_seq());
  const std::uint64_t seq = rig.set_gamma(0.9);
  EXPECT_TRUE(rig.serve_until([&] { return rig.journal->durable_seq() >= seq; }));
  EXPECT_EQ(rig.renewed, 0) << "the numbers reserved have sufficed";
}

TEST(RoomJournal, WP28_AHangingDiskHoldsNobodyForLong) {
  Rig rig;
  rig.disk->hold();
  rig.set_gamma(0.5);
  ASSERT_TRUE(rig.serve_until([&] { return rig.journal->is_degraded(); }));
  EXPECT_EQ(rig.journal->awaited_seq(), 0U);
  rig.disk->release();
  EXPECT_TRUE(rig.serve_until([&] { return !rig.journal->is_degraded(); }));
}

TEST(RoomJournal, WP17_NumbersThatNobodyReservedBelongToANewHistory) {
  Rig rig;
  const std::string history = rig.ledger.history_id();
  rig.disk->fail_with(Error{ErrorCode::Io, "disk full"});
  for (std::uint64_t i = 0; i < limits::kReserveAhead + 2 * limits::kReservedSeqs; ++i) {
    rig.set_gamma(i % 2 ? 0.5 : 0.6);
    if (i % 1000 == 0) rig.loop.poll();
  }
  rig.loop.poll();
  EXPECT_EQ(rig.renewed, 1);
  EXPECT_NE(rig.ledger.history_id(), history);
  // Killed now, the next process goes on with the old history, whose numbers above the block were never given out.
  auto killed = std::make_shared<ledger::MemoryJournal>(rig.disk->reborn());
  const auto stored = open_room_blocking(*killed, "main", "fresh", {});
  EXPECT_EQ(stored->history_id, history);
  // Kept again, it goes on with the new one, above everything.
  rig.disk->fail_with(std::nullopt);
  ASSERT_TRUE(rig.serve_until([&] { return !rig.journal->is_degraded(); }));
  const std::uint64_t last = rig.set_gamma(0.7);
  auto after = std::make_shared<ledger::MemoryJournal>(rig.disk->reborn());
  const auto again = open_room_blocking(*after, "main", "fresh", {});
  EXPECT_EQ(again->history_id, rig.ledger.history_id());
  EXPECT_GE(again->first_seq, last);
}

// --- rooms ----------------------------------------------------------------------------------------------------------

/// Registers that a restart brings back as they were; ops, streams and levels are decided anew.
std::map<scene::RegisterId, scene::Value> kept_registers(const Room& room) {
  std::map<scene::RegisterId, scene::Value> out;
  for (const auto& [id, held] : room.registers()) {
    const bool is_decided = id.scope == scene::Scope::Op || id.scope == scene::Scope::Stream ||
                            id.scope == scene::Scope::Lod || id.scope == scene::Scope::RestoreCache;
    if (!is_decided) out.emplace(id, held.value);
  }
  return out;
}

TEST(RoomRestart, WP17_AKilledRoomComesBackAsItWas) {
  auto disk = std::make_shared<ledger::MemoryJournal>();
  std::map<scene::RegisterId, scene::Value> before;
  std::string history;
  std::uint64_t newest = 0;
  std::uint64_t gamma_version = 0;
  std::shared_ptr<ledger::MemoryJournal> left;
  {
    LoopbackRoom house({}, {}, disk);
    ASSERT_TRUE(house.open((kSamples / "blastocyst.ome.zarr").string()));
    LoopbackClient ada(house, "ada");
    ada.join();
    gamma_version = ada.update("layer", "layer-1", "gamma", 0.7);
    ada.update("dims", "z", "index", 3);
    ada.update("camera", "main", "zoom",
               Json::make_object({{"factor", 0.5}, {"anchor_px", Json::make_array({300.0, 200.0})}}));
    ada.wait("the zoom", [&] { return ada.shown().camera_seq >= 1 && ada.shown().complete; });
    ada.wait("the pose at rest", [&] {
      const auto* pose = house.room->ledger().find({scene::Scope::Camera, "main", scene::Key::Plane, ""});
      return disk->rows("main").contains(pose->version);
    });
    before = kept_registers(*house.room);
    history = house.room->ledger().history_id();
    newest = house.room->ledger().server_seq();
    left = std::make_shared<ledger::MemoryJournal>(disk->reborn());  // kill -9: what is on disk at this moment
  }
  LoopbackRoom house({}, {}, left);
  ASSERT_TRUE(house.reopen());
  LoopbackClient ada(house, "ada");
  ada.join();
  EXPECT_EQ(kept_registers(*house.room), before);
  EXPECT_EQ(house.room->ledger().history_id(), history);
  EXPECT_GT(house.room->ledger().server_seq(), newest);
  const ledger::Register* gamma = house.room->ledger().find({scene::Scope::Layer, "layer-1", scene::Key::Gamma, ""});
  EXPECT_EQ(gamma->version, gamma_version);
  EXPECT_EQ(gamma->author->actor, "ada");
  EXPECT_GT(ada.update("dims", "z", "index", 4), newest) << "no number is used twice";
}

TEST(RoomRestart, WP17_AnotherImageReplacesTheSceneOnTopOfTheHistory) {
  auto disk = std::make_shared<ledger::MemoryJournal>();
  std::string history;
  std::uint64_t newest = 0;
  {
    LoopbackRoom house({}, {}, disk);
    ASSERT_TRUE(house.open((kSamples / "blastocyst.ome.zarr").string()));
    history = house.room->ledger().history_id();
    newest = house.room->ledger().server_seq();
  }
  auto left = std::make_shared<ledger::MemoryJournal>(disk->reborn());
  LoopbackRoom house({}, {}, left);
  ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
  EXPECT_EQ(house.room->ledger().history_id(), history);
  EXPECT_GT(house.room->ledger().server_seq(), newest);
  EXPECT_NE(house.room->ledger().snapshot()->source->uri.find("mri-stack"), std::string::npos);
  LoopbackClient ada(house, "ada");
  ada.join();
  const Json page = ada.call("nd.history", Json::make_object({{"limit", 200}}));
  EXPECT_GE(page.find("result")->find("entries")->size(), 2U) << "the rows of the old scene are still told";
}

TEST(RoomRestart, WP28_ARoomWithoutAWritablePlaceServes) {
  const fs::path file = fs::temp_directory_path() / ("ndcast-room-journal-" + random_hex(6));
  {
    std::ofstream(file) << "not a directory";
  }
  {
    LoopbackRoom house({}, {}, ledger::open_sqlite_journal(file, {}).value());
    ASSERT_TRUE(house.open((kSamples / "mri-stack.ome.zarr").string()));
    LoopbackClient ada(house, "ada");
    ada.join();
    ada.update("dims", "z", "index", 3);
    EXPECT_EQ(house.room->durability(), "degraded");
    fs::remove(file);
    ada.wait("a healthy journal", [&] { return house.room->durability() == "process"; });
    ada.update("dims", "z", "index", 4);
  }
  LoopbackRoom house({}, {}, ledger::open_sqlite_journal(file, {}).value());
  ASSERT_TRUE(house.reopen());
  const auto* z = house.room->ledger().find({scene::Scope::Dims, "z", scene::Key::Index, "main"});
  ASSERT_TRUE(z);
  EXPECT_EQ(std::get<std::int64_t>(z->value), 4);
  fs::remove_all(file);
}

}  // namespace
}  // namespace ndcast::room
