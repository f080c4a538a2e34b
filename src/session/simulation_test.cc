// WP7, WP8, WP12, WP13, WP15, WP18, WP24 together: seeded stories of one hub and several clients that move, toggle,
// fork and close views, follow each other, send garbage, stall, drop and come back, while ops open, close and expire.
// Whatever happened, every client that is there at the end shows exactly the ledger, and each of its updates got
// exactly one ack.

#include <map>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "protocol/native.h"
#include "session/testing.h"

namespace ndcast::session {
namespace {

using namespace ::ndcast::session::testing;
using namespace scene;

/// "scope/target/key" → "version:value", of registers that live.
using Picture = std::map<std::string, std::string>;

std::string name_of(const Json& row) {
  return text_at(row, {"scope"}) + "/" + text_at(row, {"target"}) + "/" + text_at(row, {"key"});
}

/// A native client that believes what it is told.
struct Viewer {
  std::optional<Client> client;
  Picture picture;
  std::string history_id;
  std::string view = "main";  ///< that the picture is printed for
  std::optional<std::uint64_t> server_seq;
  int sent = 0;
  int acked = 0;

  void apply(const Json& frame) {
    const std::string type = type_of(frame);
    if (type == "ack.state") ++acked;
    if (type == "session.welcome") history_id = text_at(frame, {"nd", "history_id"});
    if (type == "nd.snapshot") {
      picture.clear();
      view = text_at(frame, {"payload", "view"});
    }
    if (type == "session.reject") {  // the view was closed meanwhile
      EXPECT_EQ(text_at(frame, {"payload", "code"}), "room.not_found");
      server_seq.reset();
      view = "main";
    }
    if (type != "nd.snapshot" && type != "nd.commit") return;
    if (type == "nd.commit") {
      ASSERT_TRUE(server_seq) << "a commit before any state";
      EXPECT_LE(*at(frame, {"payload", "from"}).as_uint64(), *server_seq) << "a gap";
    }
    const Json registers = at(frame, {"payload", "registers"});
    for (const Json& row : registers.array()) {
      if (row.find("gone")) {
        picture.erase(name_of(row));
      } else {
        picture[name_of(row)] = text_at(row, {"version"}) + ":" + to_string(*row.find("value"));
      }
    }
    server_seq = at(frame, {"payload", "server_seq"}).as_uint64();
  }
  void read() {
    if (!client) return;
    for (const Json& frame : client->sink->frames) apply(frame);
    client->clear();
  }
};

class Story {
 public:
  explicit Story(unsigned seed) : random_(seed), viewers_(4) {}

  void play(int steps) {
    for (int i = 0; i < steps; ++i) step();
    finish();
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  void connect(Viewer& viewer) {
    Json nd = native_nd("someone");
    if (pick(4) == 0) {
      viewer.view = "main";
      viewer.server_seq.reset();
    }
    nd.set("view", viewer.view);
    if (viewer.server_seq && pick(4) > 0) {
      nd.set("since", Json::make_object({{"history_id", viewer.history_id}, {"server_seq", *viewer.server_seq}}));
    }
    viewer.client = rig_.connect();
    viewer.client->send(hello(hello_payload(), std::move(nd)));
  }
  void drop(Viewer& viewer) {
    // What was on its way is lost.
    rig_.hub->on_close(viewer.client->id);
    viewer.client.reset();
    viewer.sent = viewer.acked = 0;
  }
  void update(Viewer& viewer) {
    ++viewer.sent;
    switch (pick(6)) {
      case 0:
        return viewer.client->send(viewer.client->update_frame("view", "main", "ndisplay", 2 + pick(2)));
      case 1:
        return viewer.client->send(viewer.client->update_frame("layer", "layer-1", "opacity", 0.01 * pick(100)));
      case 2:
        return viewer.client->send(viewer.client->update_frame("dims", "nowhere", "index", 3));
      case 3:
        return viewer.client->send(viewer.client->update_frame("multiscale", "main", "level", pick(3)));
      default:
        return viewer.client->send(viewer.client->update_frame("dims", pick(2) ? "z" : "t", "index", pick(50)));
    }
  }
  /// Asks for another view in some way; refusals are part of the story.
  void change_view(Viewer& viewer) {
    const auto snapshot = rig_.room.ledger().snapshot();
    const auto any = std::next(snapshot->views.begin(), pick(static_cast<int>(snapshot->views.size())));
    const Viewer& other = viewers_[static_cast<std::size_t>(pick(4))];
    switch (pick(4)) {
      case 0:
        viewer.client->call("nd.view.fork");
        break;
      case 1:
        viewer.client->call("nd.view.close");
        break;
      case 2:
        if (!other.client) break;
        viewer.client->call("nd.view.follow", Json::make_object({{"session", other.client->id.value}}));
        break;
      default:
        viewer.client->call("nd.view.follow", Json::make_object({{"view", any->first.value}}));
    }
  }
  void apply_some() {
    for (const auto& [id, state] : std::map(rig_.room.ledger().snapshot()->views)) {
      if (pick(3) > 0) rig_.apply_all(id);
    }
  }
  void replace_scene() {
    reduce::NewScene next = reduce::testing::small_scene();
    next.source.uri = "mem://" + std::to_string(pick(1000));
    next.layers.resize(static_cast<std::size_t>(1 + pick(2)));
    const auto reduction = reduce::replace_scene(*rig_.room.ledger().snapshot(), kMainView, next, {});
    rig_.room.commit({.changes = reduction.changes, .opens = reduction.opens, .also_in = reduction.also_in});
  }
  void stall(Viewer& viewer) {
    viewer.client->sink->is_stuck = !viewer.client->sink->is_stuck;
    if (viewer.client->sink->is_stuck) return;
    viewer.client->sink->queued = 0;
    rig_.hub->on_writable(viewer.client->id);
  }
  void act(Viewer& viewer) {
    if (viewer.client && viewer.client->sink->close_code) drop(viewer);
    if (!viewer.client) return connect(viewer);
    switch (pick(12)) {
      case 0:
        return drop(viewer);
      case 1:
        return viewer.client->send("{\"type\":\"state.update\",\"payload\":" + std::to_string(pick(10)));
      case 2:
        return stall(viewer);
      case 3:
        return change_view(viewer);
      default:
        return update(viewer);
    }
  }
  void step() {
    switch (pick(10)) {
      case 0:
        apply_some();
        break;
      case 1:
        if (pick(60) == 0) rig_.clock.advance(limits::kViewGrace + 1s);
        rig_.clock.advance(std::chrono::milliseconds(pick(40) == 0 ? 2100 : pick(5)));
        rig_.hub->tick();
        break;
      case 2:
        if (pick(10) == 0) replace_scene();
        break;
      default:
        act(viewers_[static_cast<std::size_t>(pick(4))]);
    }
    for (Viewer& viewer : viewers_) {
      if (!viewer.client || !viewer.client->sink->is_stuck) viewer.read();
    }
  }
  void finish() {
    for (Viewer& viewer : viewers_) {
      if (viewer.client && viewer.client->sink->is_stuck) stall(viewer);
    }
    for (const auto& [id, state] : std::map(rig_.room.ledger().snapshot()->views)) rig_.apply_all(id);
    rig_.settle();
    rig_.settle();
    for (Viewer& viewer : viewers_) {
      if (!viewer.client || viewer.client->sink->close_code) continue;
      viewer.read();
      Picture truth;
      for (const auto& [id, value] : rig_.room.ledger().registers()) {
        const Json row = protocol::register_json(id, value, {.view = viewer.view});
        truth[name_of(row)] = text_at(row, {"version"}) + ":" + to_string(*row.find("value"));
      }
      EXPECT_EQ(viewer.picture, truth);
      EXPECT_EQ(viewer.view, rig_.hub->bound_view(viewer.client->id)->view.value);
      EXPECT_EQ(viewer.acked, viewer.sent);
    }
  }

  std::mt19937 random_;
  Rig rig_;
  std::vector<Viewer> viewers_;
};

TEST(Simulation, EveryClientEndsWithTheLedgersPicture) {
  for (unsigned seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(seed);
    Story(seed).play(400);
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace ndcast::session
