// WP23: several rooms in one process.

#include "room/rooms.h"

#include <gtest/gtest.h>

#include "ledger/memory_journal.h"
#include "room/loopback_client.h"

namespace ndcast::room {
namespace {

namespace fs = std::filesystem;
using auth::Role;

const fs::path kSample = fs::path(NDCAST_SOURCE_DIR) / "samples" / "mri-stack.ome.zarr";

class RoomsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Rooms> make(RoomsConfig config = {}) {
    auto rooms = Rooms::make(house_.surroundings(), std::move(config));
    if (!rooms) throw std::runtime_error(rooms.error().message);
    return std::move(*rooms);
  }
  /// Served until the room's journal is read.
  Result<Room*> try_enter(Rooms& rooms, std::string_view name, Role role) {
    std::optional<Result<Room*>> entered;
    rooms.enter(name, role, [&](Result<Room*> room) { entered = std::move(room); });
    while (!entered) house_.serve();
    return *entered;
  }
  Room& enter(Rooms& rooms, std::string_view name) {
    const auto room = try_enter(rooms, name, Role::Editor);
    if (!room) throw std::runtime_error(room.error().message);
    return **room;
  }

  LoopbackRoom house_;
};

TEST_F(RoomsTest, WP23_ACommitInOneRoomIsNeverInAnother) {
  const auto rooms = make({.image = kSample.string()});
  Room& one = enter(*rooms, "one");
  Room& two = enter(*rooms, "two");
  LoopbackClient ada(house_, "ada", Role::Editor, &one);
  LoopbackClient bob(house_, "bob", Role::Editor, &two);
  ada.join();
  bob.join();
  const std::int64_t z = *bob.value("dims", "z", "index").as_int64();
  const std::uint64_t moved = ada.update("dims", "z", "index", 3);
  ada.update("layer", "layer-0", "gamma", 0.5);
  ada.wait("ada's slice", [&] {
    bob.pump();
    return ada.shown().server_seq >= moved && ada.shown().complete;
  });
  const std::uint64_t own = bob.update("dims", "z", "index", 20);
  bob.wait("bob's slice", [&] { return bob.shown().server_seq >= own && bob.shown().complete; });
  EXPECT_NE(z, 3);
  EXPECT_EQ(ada.value("dims", "z", "index").as_int64(), 3);
  EXPECT_EQ(bob.value("dims", "z", "index").as_int64(), 20);
  EXPECT_EQ(bob.value("layer", "layer-0", "gamma").as_double(), 1.0);
  EXPECT_NE(one.snapshot()->history_id, two.snapshot()->history_id);
  const std::string ticket = ada.call("nd.pixel_ticket", Json::make_object()).find("result")->find("ticket")->string();
  EXPECT_FALSE(two.make_pixel_socket(ticket, {})) << "a ticket is of one room";
  EXPECT_TRUE(rooms->make_pixel_socket(ticket, {}));
}

TEST_F(RoomsTest, WP23_RoomsShareAnImageAndItsChunks) {
  const auto rooms = make({.image = kSample.string()});
  LoopbackClient ada(house_, "ada", Role::Editor, &enter(*rooms, "one"));
  ada.join();
  const auto loaded = house_.loader->counters().chunks_loaded;
  LoopbackClient bob(house_, "bob", Role::Editor, &enter(*rooms, "two"));
  bob.join();
  EXPECT_EQ(house_.loader->counters().chunks_loaded, loaded) << "the same picture again needs no chunk";
}

TEST_F(RoomsTest, WP23_EditorsMakeRoomsAndViewersDoNot) {
  const auto rooms = make({.max_rooms = 3});
  EXPECT_EQ(try_enter(*rooms, "lab", Role::Viewer).error().code, ErrorCode::NotFound);
  EXPECT_FALSE(rooms->find("lab"));
  ASSERT_TRUE(try_enter(*rooms, "lab", Role::Editor));
  EXPECT_EQ(*try_enter(*rooms, "lab", Role::Viewer), rooms->find("lab")) << "to one that is there";
  ASSERT_TRUE(try_enter(*rooms, "Lab-2.b_c", Role::Admin));
  EXPECT_EQ(try_enter(*rooms, "one-too-many", Role::Admin).error().code, ErrorCode::Limit);
  for (const std::string& name : {std::string(), std::string("a/b"), std::string("a b"), std::string(65, 'x'),
                                  std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_room_name(name)) << name;
    EXPECT_EQ(try_enter(*rooms, name, Role::Admin).error().code, ErrorCode::NotFound) << name;
  }
  EXPECT_TRUE(is_room_name(std::string(64, 'x')));
  EXPECT_FALSE(Rooms::make(house_.surroundings(), {.room = {.name = "no spaces"}}));
}

TEST_F(RoomsTest, WP23_ARoomThatNobodyIsInIsUnloadedAndTheMainOneStays) {
  const auto rooms = make({.image = kSample.string(), .idle = std::chrono::nanoseconds(0)});
  std::optional<LoopbackClient> ada;
  ada.emplace(house_, "ada", Role::Editor, &enter(*rooms, "lab"));
  ada->join();
  ada->update("dims", "z", "index", 3);
  rooms->unload_idle();
  rooms->unload_idle();
  EXPECT_TRUE(rooms->find("lab")) << "somebody is there";
  ada.reset();
  house_.loop.run_for(5ms);
  rooms->unload_idle();
  rooms->unload_idle();
  EXPECT_FALSE(rooms->find("lab"));
  EXPECT_TRUE(rooms->find("main"));
  LoopbackClient bob(house_, "bob", Role::Editor, &enter(*rooms, "lab"));
  bob.join();
  EXPECT_NE(bob.value("dims", "z", "index").as_int64(), 3) << "nothing was kept";
}

TEST_F(RoomsTest, WP23_AnUnloadedRoomComesBackFromTheJournalWithItsViewsAndHigherNumbers) {
  const auto rooms = make({.image = kSample.string(),
                           .idle = std::chrono::nanoseconds(0),
                           .journal = std::make_shared<ledger::MemoryJournal>()});
  std::optional<LoopbackClient> ada;
  ada.emplace(house_, "ada", Role::Editor, &enter(*rooms, "lab"));
  ada->join();
  ada->update("dims", "z", "index", 3);
  ada->update("layer", "layer-0", "gamma", 0.5);
  const std::string fork = ada->call("nd.view.fork", Json::make_object()).find("result")->find("view")->string();
  const std::uint64_t seq = ada->update("dims", "z", "index", 20);
  const std::string history = rooms->find("lab")->snapshot()->history_id;
  ada.reset();
  house_.loop.run_for(5ms);
  rooms->unload_idle();
  rooms->unload_idle();
  ASSERT_FALSE(rooms->find("lab"));
  Room& lab = enter(*rooms, "lab");
  LoopbackClient bob(house_, "bob", Role::Editor, &lab);
  bob.join();
  EXPECT_EQ(bob.value("dims", "z", "index").as_int64(), 3);
  EXPECT_EQ(bob.value("layer", "layer-0", "gamma").as_double(), 0.5);
  EXPECT_EQ(lab.snapshot()->history_id, history);
  EXPECT_GT(lab.snapshot()->server_seq, seq);
  const scene::ViewState* view = lab.snapshot()->find_view(scene::ViewId{fork});
  ASSERT_TRUE(view) << fork;
  EXPECT_EQ(view->index->value[0], 20);
  EXPECT_EQ(view->meta->owner, "ada");
}

TEST_F(RoomsTest, WP23_AnUnloadedRoomComesBackWithTheImageThatItShowedNotWithTheServers) {
  const std::string other = (fs::path(NDCAST_SOURCE_DIR) / "samples" / "blastocyst.ome.zarr").string();
  const auto rooms = make({.image = kSample.string(),
                           .idle = std::chrono::nanoseconds(0),
                           .journal = std::make_shared<ledger::MemoryJournal>()});
  bool is_open = false;
  enter(*rooms, "lab").open(other, [&](const Result<void>& opened) { is_open = opened.has_value(); });
  while (!is_open) house_.serve();
  rooms->unload_idle();
  rooms->unload_idle();
  ASSERT_FALSE(rooms->find("lab"));
  LoopbackClient bob(house_, "bob", Role::Editor, &enter(*rooms, "lab"));
  bob.join();
  EXPECT_EQ(rooms->find("lab")->snapshot()->source->uri, other);
}

TEST_F(RoomsTest, WP23_RoomsAreListed) {
  const auto rooms = make({.image = kSample.string()});
  LoopbackClient ada(house_, "ada", Role::Editor, &enter(*rooms, "lab"));
  ada.join();
  ada.call("nd.view.fork", Json::make_object());
  const auto list = rooms->list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "lab");
  EXPECT_EQ(list[0].sessions, 1);
  EXPECT_EQ(list[0].views, 2);
  EXPECT_EQ(list[0].image, kSample.string());
  EXPECT_EQ(list[1].name, "main");
  EXPECT_EQ(list[1].sessions, 0);
  EXPECT_EQ(to_string(protocol::rooms_to_json(std::vector<protocol::RoomEntry>{{"main", 0, 0, ""}})),
            R"({"rooms":[{"name":"main","sessions":0,"views":0,"image":""}]})");
}

}  // namespace
}  // namespace ndcast::room
