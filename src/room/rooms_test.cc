// WP23: several rooms in one process.

#include "room/rooms.h"

#include <gtest/gtest.h>

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
  Room& enter(Rooms& rooms, std::string_view name) {
    const auto room = rooms.enter(name, Role::Editor);
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
  EXPECT_EQ(rooms->enter("lab", Role::Viewer).error().code, ErrorCode::NotFound);
  EXPECT_FALSE(rooms->find("lab"));
  ASSERT_TRUE(rooms->enter("lab", Role::Editor));
  EXPECT_EQ(*rooms->enter("lab", Role::Viewer), rooms->find("lab")) << "to one that is there";
  ASSERT_TRUE(rooms->enter("Lab-2.b_c", Role::Admin));
  EXPECT_EQ(rooms->enter("one-too-many", Role::Admin).error().code, ErrorCode::Limit);
  for (const std::string& name : {std::string(), std::string("a/b"), std::string("a b"), std::string(65, 'x'),
                                  std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_room_name(name)) << name;
    EXPECT_EQ(rooms->enter(name, Role::Admin).error().code, ErrorCode::NotFound) << name;
  }
  EXPECT_TRUE(is_room_name(std::string(64, 'x')));
  EXPECT_FALSE(Rooms::make(house_.surroundings(), {.room = {.name = "no spaces"}}));
}

TEST_F(RoomsTest, WP23_ARoomThatNobodyIsInIsUnloadedAndTheMainOneStays) {
  std::vector<std::string> saved;
  std::vector<std::string> loaded;
  const auto rooms = make({.image = kSample.string(),
                           .idle = std::chrono::nanoseconds(0),
                           .after_load =
                               [&](Room& room) {
                                 loaded.push_back(room.name());
                                 return false;
                               },
                           .before_unload = [&](Room& room) { saved.push_back(room.name()); }});
  std::optional<LoopbackClient> ada;
  ada.emplace(house_, "ada", Role::Editor, &enter(*rooms, "lab"));
  ada->join();
  rooms->unload_idle();
  rooms->unload_idle();
  EXPECT_TRUE(rooms->find("lab")) << "somebody is there";
  ada.reset();
  house_.loop.run_for(5ms);
  rooms->unload_idle();
  rooms->unload_idle();
  EXPECT_FALSE(rooms->find("lab"));
  EXPECT_TRUE(rooms->find("main"));
  EXPECT_EQ(saved, std::vector<std::string>{"lab"});
  EXPECT_EQ(loaded, std::vector<std::string>{"lab"});
  LoopbackClient bob(house_, "bob", Role::Editor, &enter(*rooms, "lab"));
  bob.join();
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
  EXPECT_EQ(rooms->sessions(), 1U);
}

}  // namespace
}  // namespace ndcast::room
