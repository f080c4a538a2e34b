// Whole sessions of both dialects: the input is a story of connections, frames made of what the protocol knows (and of
// what it does not), time, slow readers, reports of the render thread and late answers. Whatever comes, no check of
// ours breaks, every frame out is JSON, and nothing is sent behind a close.

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"
#include "protocol/key_forms.h"
#include "reduce/test_scene.h"
#include "session/command_registry.h"
#include "session/fake_room.h"

namespace {

using namespace ndcast;
using session::SessionId;

/// Takes numbers off the front of the input; zeros when there is no more.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  bool empty() const { return rest_.empty(); }
  unsigned pick(unsigned n) {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte % n;
  }
  template <class List>
  const auto& of(const List& list) {
    return list[pick(static_cast<unsigned>(std::size(list)))];
  }
  std::string text() {
    const std::string_view taken = rest_.substr(0, pick(48));
    rest_.remove_prefix(std::min(taken.size(), rest_.size()));
    return std::string(taken);
  }

 private:
  std::string_view rest_;
};

class Pipe final : public session::Sink {
 public:
  void send_text(std::shared_ptr<const std::string> text) override {
    if (is_closed || !parse_json(*text)) std::abort();
    if (is_stuck) queued += text->size();
    const std::size_t at = text->find("\"session\":\"");
    if (at != std::string::npos) session = text->substr(at + 11, 36);
  }
  void close(std::uint16_t, std::string_view) override { is_closed = true; }
  std::size_t queued_bytes() const override { return queued; }

  std::string session;
  std::size_t queued = 0;
  bool is_stuck = false;
  bool is_closed = false;
};

constexpr std::array<std::string_view, 16> kValues = {"0",
                                                      "1",
                                                      "-1",
                                                      "3",
                                                      "1e308",
                                                      "0.5",
                                                      "null",
                                                      "true",
                                                      "\"mip\"",
                                                      "\"\"",
                                                      "[0,1]",
                                                      "[2,1,0,3]",
                                                      "{}",
                                                      "[[0,0],[1,1]]",
                                                      "{\"factor\":2,\"anchor_px\":[1,2]}",
                                                      "{\"width\":640,\"height\":480,\"dpr\":1}"};
constexpr std::array<std::string_view, 10> kTargets = {"main", "z", "layer-0", "layer-1",  "room",
                                                       "",     "t", "9",       "view-x/z", "room/z"};
constexpr std::array<std::string_view, 8> kMore = {"",
                                                   ",\"phase\":\"start\",\"interaction_id\":\"d\"",
                                                   ",\"phase\":\"update\",\"interaction_id\":\"d\"",
                                                   ",\"phase\":\"commit\",\"interaction_id\":\"d\"",
                                                   ",\"base_version\":2",
                                                   ",\"client_seq\":1",
                                                   ",\"client_seq\":9",
                                                   ",\"unknown\":1"};

class Story {
 public:
  explicit Story(Input input) : input_(input), room_(clock_), hub_((open_scene(), room_), clock_, {}) {
    room_.hub = &hub_;
  }

  void play() {
    for (int step = 0; step < 400 && !input_.empty(); ++step) act();
    clock_.advance(std::chrono::seconds(60));
    hub_.tick();
  }

 private:
  struct Peer {
    SessionId id;
    std::shared_ptr<Pipe> pipe;
  };

  void open_scene() { reduce::testing::open_small_scene(room_.ledger()); }

  void act() {
    if (peers_.empty() || input_.pick(12) == 0) return connect();
    Peer& peer = peers_[input_.pick(static_cast<unsigned>(peers_.size()))];
    switch (input_.pick(16)) {
      case 0:
        return say(peer, input_.text());
      case 1:
        return hello(peer);
      case 2:
      case 3:
      case 4:
      case 5:
        return update(peer);
      case 6:
      case 7:
      case 8:
        return call(peer);
      case 9:
        return say(peer,
                   fmt::format(
                       R"({{"type":"nd.presence","version":2,"session":"{}","timestamp":1,"payload":{{"cursor":{}}}}})",
                       peer.pipe->session, input_.of(kValues)));
      case 10:
        return say(peer, last_);
      case 11:
        peer.pipe->is_stuck = !peer.pipe->is_stuck;
        if (!peer.pipe->is_stuck) peer.pipe->queued = 0;
        hub_.on_writable(peer.id);
        return;
      case 12:
        hub_.on_close(peer.id);
        peers_.erase(peers_.begin() + (&peer - peers_.data()));
        return;
      case 13:
        return report();
      case 14:
        return answer_late();
      default:
        clock_.advance(std::chrono::milliseconds(1U << input_.pick(16)));
        hub_.tick();
    }
  }

  void connect() {
    if (peers_.size() >= 6) return;
    Peer peer{{}, std::make_shared<Pipe>()};
    session::ConnectionInfo info{.remote = "fuzz"};
    constexpr std::array kRoles = {auth::Role::Viewer, auth::Role::Editor, auth::Role::Admin};
    info.authorised = input_.of(kRoles);
    if (input_.pick(3) == 0) info.listener = session::Listener::OriginalOnly;
    peer.id = hub_.open(peer.pipe, std::move(info));
    peers_.push_back(peer);
    hello(peers_.back());
  }

  void say(Peer& peer, std::string text) {
    hub_.on_text(peer.id, text);
    last_ = std::move(text);
  }

  void hello(Peer& peer) {
    const bool is_native = input_.pick(2) == 0;
    const std::string since =
        fmt::format(R"(,"since":{{"history_id":"{}","server_seq":{}}})", room_.ledger().history_id(), input_.pick(40));
    const std::string nd =
        fmt::format(R"(,"nd":{{"extensions":1,"actor":{{"name":"a","kind":"human"}}{}{}}})",
                    input_.pick(2) == 0 ? since : "", input_.pick(8) == 0 ? R"(,"view":"view-x")" : "");
    std::string features = "{";
    for (const char* topic :
         {"notify.scene", "notify.level", "notify.layers", "notify.stream", "notify.dims", "notify.camera"}) {
      features += fmt::format("{}\"{}\":true", features.size() > 1 ? "," : "", topic);
    }
    say(peer,
        fmt::format(
            R"({{"type":"session.hello","version":2,"frame_id":"h","timestamp":1,"payload":{{"protocols":[2],"client":{{"name":"c","version":"1","platform":"x"}},"features":{}}},"resume_tokens":{{}}}}{}}})",
            features, is_native ? nd : ""));
  }

  void update(Peer& peer) {
    static const std::vector<protocol::KeyForm> kForms = protocol::key_forms();
    const protocol::KeyForm& form = input_.of(kForms);
    const unsigned frame = input_.pick(3) == 0 ? input_.pick(8) : ++number_;
    say(peer,
        fmt::format(
            R"({{"type":"state.update","version":2,"session":"{}","frame_id":"f{}","timestamp":1,"intent_id":"i{}","payload":{{"scope":"{}","target":"{}","key":"{}","value":{}{}}}}})",
            peer.pipe->session, frame, frame, form.scope, input_.of(kTargets), form.key, input_.of(kValues),
            input_.of(kMore)));
  }

  void call(Peer& peer) {
    static const std::vector<std::string> kCommands = session::command_names(auth::Role::Admin);
    constexpr std::array<std::string_view, 10> kArguments = {"path", "server_seq", "timeout_ms", "view",  "session",
                                                             "name", "from",       "on",         "limit", "cursor"};
    say(peer,
        fmt::format(
            R"({{"type":"call.command","version":2,"session":"{}","frame_id":"c{}","timestamp":1,"payload":{{"command":"{}","args":[],"kwargs":{{"{}":{}}}}}}})",
            peer.pipe->session, ++number_, input_.of(kCommands), input_.of(kArguments),
            input_.pick(4) == 0 ? fmt::format("\"{}\"", peer.pipe->session) : std::string(input_.of(kValues))));
  }

  /// The render thread applied everything in a view, or a part, and minted a pose.
  void report() {
    const scene::SnapshotPtr snapshot = room_.ledger().snapshot();
    auto it = snapshot->views.begin();
    std::advance(it, input_.pick(static_cast<unsigned>(snapshot->views.size())));
    const scene::ViewId view = it->first;
    if (input_.pick(2) == 0) {
      scene::PlanePose pose = it->second.camera->plane;
      pose.rect[2] += 1;
      room_.commit({.changes = reduce::applied_pose(*snapshot, view, pose),
                    .author = {.actor = "render", .origin = ledger::Origin::Worker},
                    .view = view});
    }
    session::Watermark& mark = room_.watermarks[view];
    mark.server_seq =
        room_.ledger().server_seq() - std::min<std::uint64_t>(input_.pick(3), room_.ledger().server_seq());
    hub_.on_watermark(view);
  }

  void answer_late() {
    if (!room_.loads.empty()) {
      auto load = std::move(room_.loads.back());
      room_.loads.pop_back();
      if (input_.pick(2) == 0) return load.done(Error{ErrorCode::NotFound, "none"});
      auto reduction = reduce::replace_scene(*room_.ledger().snapshot(), scene::kMainView,
                                             reduce::testing::small_scene(), scene::Canvas{});
      room_.commit({.changes = std::move(reduction.changes),
                    .author = load.author,
                    .opens = reduction.opens,
                    .also_in = std::move(reduction.also_in)});
      return load.done(session::Loaded{});
    }
    if (room_.listings.empty()) return;
    auto listing = std::move(room_.listings.back());
    room_.listings.pop_back();
    listing.second(session::DirectoryPage{.path = "/", .entries = {}, .next_cursor = {}});
  }

  Input input_;
  FakeClock clock_;
  session::testing::FakeRoom room_;
  session::SessionHub hub_;
  std::vector<Peer> peers_;
  std::string last_ = "{}";
  unsigned number_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(set_log_level("off"));
  Story(Input(data, size)).play();
  return 0;
}
