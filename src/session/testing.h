#pragma once
// For tests: a room without threads, sockets that are vectors, and clients that speak both dialects over them.
//
//   Rig rig;                                   // a small scene, applied; FakeClock
//   Client ada = rig.native("ada");            // hello → welcome, nd.snapshot
//   const Json ack = ada.update("dims", "z", "index", 7);
//   rig.settle();                              // 4 ms pass
//   ada.take("nd.commit");

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/json.h"
#include "reduce/reduce.h"
#include "reduce/test_scene.h"
#include "session/fake_room.h"
#include "session/session_hub.h"

namespace ndcast::session::testing {

class FakeSink final : public Sink {
 public:
  void send_text(std::shared_ptr<const std::string> text) override {
    EXPECT_FALSE(close_code) << "a frame after close: " << *text;
    bytes += text->size();
    if (is_stuck) queued += text->size();
    Result<Json> json = parse_json(*text);
    ASSERT_TRUE(json) << *text;
    frames.push_back(*std::move(json));
  }
  void close(std::uint16_t code, std::string_view why) override {
    close_code = code;
    reason = why;
  }
  std::size_t queued_bytes() const override { return queued; }

  std::deque<Json> frames;
  std::optional<std::uint16_t> close_code;
  std::string reason;
  std::size_t bytes = 0;
  std::size_t queued = 0;
  bool is_stuck = false;
};

inline std::string type_of(const Json& frame) { return frame.find("type")->string(); }
/// The value at a path of members, e.g. at(frame, {"payload", "status"}); null when there is none.
inline Json at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* here = &json;
  for (const std::string_view member : path) {
    here = here->find(member);
    if (!here) return nullptr;
  }
  return *here;
}
inline std::string text_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json found = at(json, path);
  return found.is_string() ? found.string() : to_string(found);
}
/// The register of a commit's or snapshot's list; null when it is not in it.
inline Json register_of(const Json& frame, std::string_view scope, std::string_view target, std::string_view key) {
  const Json registers = at(frame, {"payload", "registers"});
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const Json& row = registers.array()[i];
    if (text_at(row, {"scope"}) == scope && text_at(row, {"target"}) == target && text_at(row, {"key"}) == key) {
      return row;
    }
  }
  return nullptr;
}

/// One connection as its client sees it.
class Client {
 public:
  Client(SessionHub& hub, ConnectionInfo info) : hub_(&hub), sink(std::make_shared<FakeSink>()) {
    id = hub.open(sink, std::move(info));
  }

  void send(const Json& frame) { hub_->on_text(id, to_string(frame)); }
  void send(const std::string& text) { hub_->on_text(id, text); }
  void send(const char* text) { hub_->on_text(id, text); }

  Json frame(std::string_view type, Json payload) {
    return Json::make_object({{"type", type},
                              {"version", 2},
                              {"session", id.value},
                              {"frame_id", fmt::format("c-{}", ++number_)},
                              {"timestamp", 1.0},
                              {"payload", std::move(payload)}});
  }
  Json update_frame(std::string_view scope, std::string_view target, std::string_view key, Json value) {
    Json out =
        frame("state.update",
              Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", std::move(value)}}));
    out.set("intent_id", fmt::format("intent-{}-{}", id.value.substr(0, 4), number_));
    return out;
  }
  /// Sends a state.update and returns its ack.
  Json update(std::string_view scope, std::string_view target, std::string_view key, Json value) {
    send(update_frame(scope, target, key, std::move(value)));
    return take("ack.state");
  }
  /// Sends a call and returns its frame_id.
  std::string call(std::string_view command, Json kwargs = Json::make_object()) {
    const Json out = frame("call.command", Json::make_object({{"command", command}, {"kwargs", std::move(kwargs)}}));
    send(out);
    return text_at(out, {"frame_id"});
  }

  /// Removes and returns the first frame of the type; fails the test when there is none.
  Json take(std::string_view type) {
    for (auto it = sink->frames.begin(); it != sink->frames.end(); ++it) {
      if (type_of(*it) != type) continue;
      Json found = std::move(*it);
      sink->frames.erase(it);
      return found;
    }
    ADD_FAILURE() << "no " << type << " among " << types();
    return nullptr;
  }
  bool has(std::string_view type) const { return count(type) > 0; }
  std::size_t count(std::string_view type) const {
    std::size_t n = 0;
    for (const Json& frame : sink->frames) n += type_of(frame) == type;
    return n;
  }
  std::string types() const {
    std::string out;
    for (const Json& frame : sink->frames) {
      if (!out.empty()) out += ' ';
      out += type_of(frame);
    }
    return out;
  }
  void clear() { sink->frames.clear(); }

 private:
  SessionHub* hub_;
  int number_ = 0;

 public:
  std::shared_ptr<FakeSink> sink;
  SessionId id;
};

inline Json hello_payload() {
  Json features = Json::make_object();
  for (const char* topic :
       {"notify.scene", "notify.level", "notify.layers", "notify.stream", "notify.dims", "notify.camera"}) {
    features.set(topic, true);
  }
  return Json::make_object(
      {{"protocols", Json::list(std::vector<int>{2})},
       {"client", Json::make_object({{"name", "test-client"}, {"version", "1"}, {"platform", "linux"}})},
       {"features", std::move(features)},
       {"resume_tokens", Json::make_object()}});
}
inline Json hello(Json payload = hello_payload(), Json nd = nullptr) {
  Json out = Json::make_object({{"type", "session.hello"},
                                {"version", 2},
                                {"frame_id", "hello-1"},
                                {"timestamp", 1.0},
                                {"payload", std::move(payload)}});
  if (!nd.is_null()) out.set("nd", std::move(nd));
  return out;
}
inline Json native_nd(std::string_view actor, std::string_view kind = "human") {
  return Json::make_object({{"extensions", 1}, {"actor", Json::make_object({{"name", actor}, {"kind", kind}})}});
}

/// A hub over a FakeRoom with a small scene whose bootstrap was applied.
class Rig {
 public:
  explicit Rig(HubConfig config = {}, bool with_scene = true) : room(clock) {
    if (with_scene) reduce::testing::open_small_scene(room.ledger());
    if (with_scene) close_in_ledger();
    hub = std::make_unique<SessionHub>(room, clock, std::move(config));
    room.hub = hub.get();
  }

  Client connect(ConnectionInfo info = {.authorised = auth::Role::Editor, .remote = "test"}) {
    return Client(*hub, std::move(info));
  }
  Client native(std::string_view actor, auth::Role role = auth::Role::Editor) {
    Client client = connect({.authorised = role, .remote = "test"});
    client.send(hello(hello_payload(), native_nd(actor)));
    return client;
  }
  Client original(auth::Role role = auth::Role::Editor) {
    Client client = connect({.authorised = role, .listener = Listener::OriginalOnly, .remote = "test"});
    client.send(hello());
    return client;
  }
  /// Welcomed, told, and with nothing left to read.
  Client settled(Client client) {
    settle();
    client.clear();
    return client;
  }

  /// Lets a flush interval pass.
  void settle() {
    clock.advance(limits::kFlushInterval);
    hub->tick();
  }
  /// The render thread applied everything up to now.
  void apply_all(const scene::ViewId& view = scene::kMainView) {
    room.watermarks[view].server_seq = room.ledger().server_seq();
    hub->on_watermark(view);
  }
  /// A worker's report.
  void report(std::vector<ledger::Change> changes) {
    room.commit({.changes = std::move(changes), .author = {.actor = "render", .origin = ledger::Origin::Worker}});
  }

  FakeClock clock;
  FakeRoom room;
  std::unique_ptr<SessionHub> hub;

 private:
  void close_in_ledger() {
    room.ledger().commit(
        {.changes = reduce::close_op(*room.ledger().snapshot(), scene::kMainView, scene::OpState::Applied)});
  }
};

}  // namespace ndcast::session::testing
