#include "tests/sim/story.h"

#include <memory>
#include <optional>
#include <random>
#include <set>

#include <fmt/format.h>

#include "protocol/native.h"
#include "protocol/original.h"
#include "room/restore.h"
#include "session/testing.h"
#include "tests/sim/intents.h"
#include "tests/sim/link.h"
#include "tests/sim/native_player.h"
#include "tests/sim/original_player.h"
#include "tests/sim/sim_room.h"

namespace ndcast::sim {
namespace {

using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

/// One person's program and its connection, of whichever dialect.
struct Seat {
  std::optional<NativePlayer> native;
  std::optional<OriginalPlayer> original;
  std::shared_ptr<Link> link;
  session::SessionId id;
  std::optional<std::string> last_update;  ///< as sent, for a repetition right after it
  std::shared_ptr<const std::string> delayed_ack;
  int frames = 0;

  bool connected() const { return link != nullptr; }
  bool is_live() const { return connected() && (native ? native->is_live() : original->is_live()); }
  const std::string& session() const { return native ? native->session() : original->session(); }
};

class Story {
 public:
  Story(const StoryOptions& options, Tally& tally)
      : options_(options), tally_(tally), random_(options.seed), pick_([this](int n) { return pick(n); }) {
    disk_starts_empty();
    const int seats = 1 + pick(16);
    for (int i = 0; i < seats; ++i) {
      Seat seat;
      const std::string name = fmt::format("p{}", i);
      if (i == 0 || pick(3) > 0) {
        seat.native.emplace(name, violations_);
      } else {
        seat.original.emplace(name, violations_);
      }
      seats_.push_back(std::move(seat));
    }
  }

  std::vector<std::string> play() {
    for (int i = 0; i < options_.steps && !violations_.any(); ++i) {
      step();
      if (i % 200 == 199) come_to_rest();
    }
    if (!violations_.any()) come_to_rest();
    return violations_.list();
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  Seat& any_seat() { return seats_[static_cast<std::size_t>(pick(static_cast<int>(seats_.size())))]; }
  void count(const std::string& what) { ++tally_[what]; }

  // --- the server ---

  void start_server() {
    hub_.reset();
    room_ = std::make_unique<SimRoom>(clock_, model_, stand_, disk_);
    flushes_ = 0;
  }
  void open_hub() {
    hub_ = std::make_unique<session::SessionHub>(*room_, clock_, session::HubConfig{});
    room_->hub = hub_.get();
    told_ = room_->ledger().server_seq();
  }

  void disk_starts_empty() {
    start_server();
    const reduce::NewScene scene = reduce::testing::small_scene();
    images_[scene.source.uri] = scene;
    auto opened = reduce::replace_scene(*room_->ledger().snapshot(), scene::kMainView, scene, scene::Canvas{});
    room_->commit({.changes = std::move(opened.changes), .author = {.actor = "operator"}, .opens = opened.opens});
    room_->commit(
        {.changes = reduce::close_op(*room_->ledger().snapshot(), scene::kMainView, scene::OpState::Applied)});
    model_.forget();
    open_hub();
    keep();
  }

  /// The disk catches up.
  void keep() {
    const std::uint64_t newest = room_->ledger().server_seq();
    if (newest > room_->durable) room_->keep_up_to(newest);
  }
  void keep_some() {
    const std::uint64_t newest = room_->ledger().server_seq();
    if (newest <= room_->durable) return;
    const auto behind = static_cast<int>(std::min<std::uint64_t>(newest - room_->durable, 1000));
    with_hub(
        [&](session::SessionHub&) { room_->keep_up_to(room_->durable + 1 + static_cast<unsigned>(pick(behind))); });
  }

  /// kill -9 and a start from the journal. What was acknowledged is there, numbers go on behind all that were used.
  void restart_server() {
    count("fault/restart");
    const auto before = room_->ledger().registers();
    const std::uint64_t used = room_->ledger().server_seq();
    const ledger::StoredRoom& stored = disk_.crash(room_->durable);
    const std::uint64_t last_kept = disk_.last_row();
    if (last_kept < used) count("fault/rows lost");
    for (Seat& seat : seats_) {
      seat.link.reset();
      if (seat.native) seat.native->server_lost_behind(last_kept);
    }
    stand_.begin_again();
    last_report_.reset();
    model_.forget();
    start_server();
    const auto image = images_.find(room::stored_uri(stored));
    if (image == images_.end()) return violations_.add("WP17: the journal names no image that was shown");
    const auto restored = room::restore("sim", stored, image->second, scene::Canvas{}, clock_);
    if (!restored) return violations_.add("WP17: the room was not brought back");
    if (restored->refused > 0) violations_.add("WP17: rows of this server's own were refused");
    const bool reuses = options_.planted == Planted::ReusedSeq;
    room_->ledger().continue_history(stored.history_id, reuses ? last_kept : stored.first_seq);
    room_->ledger().adopt(restored->registers);
    if (last_kept == used) check_came_back(before);
    disk_.begin_with(room_->ledger(), clock_.unix_seconds());
    open_hub();
    with_hub([&](session::SessionHub&) {
      room_->commit({.author = {.actor = "ndcast", .intent_id = "restart"}, .opens = scene::OpKind::Bootstrap});
    });
    if (room_->ledger().server_seq() <= used) {
      violations_.add(fmt::format("WP17: {} was given out before the restart and is given out again",
                                  room_->ledger().server_seq()));
    }
    keep();
  }

  void check_came_back(const std::map<scene::RegisterId, ledger::Register>& before) {
    const auto& now = room_->ledger().registers();
    for (const auto& [id, held] : before) {
      const auto it = now.find(id);
      if (it == now.end() || it->second.value != held.value || it->second.version != held.version) {
        violations_.add(fmt::format("WP17: {}/{}/{} did not come back", scene::to_string(id.scope), id.target,
                                    scene::spec_of(id.scope, id.key).name));
      }
    }
    if (now.size() != before.size()) violations_.add("WP17: registers came back that were not there");
  }

  /// After every call of the hub: what it flushed is what the model says it flushes.
  void note_flushes() {
    while (flushes_ < hub_->stats().flushes) {
      ++flushes_;
      model_.on_flush(told_, room_->ledger().server_seq());
      told_ = room_->ledger().server_seq();
    }
  }
  template <class Call>
  void with_hub(Call&& call) {
    call(*hub_);
    note_flushes();
  }

  // --- clients ---

  void connect(Seat& seat) {
    const bool resumes = pick(4) > 0;
    count(resumes ? "fault/resume" : "fault/fresh");
    seat.link = std::make_shared<Link>(violations_);
    session::ConnectionInfo info{.authorised = auth::Role::Editor, .remote = "sim"};
    if (seat.original) info.listener = session::Listener::OriginalOnly;
    with_hub([&](session::SessionHub& hub) { seat.id = hub.open(seat.link, std::move(info)); });
    seat.last_update.reset();
    seat.delayed_ack.reset();
    seat.link->client_sends(to_string(seat.native ? seat.native->hello(resumes) : seat.original->hello(resumes)));
  }

  /// The socket breaks; what is on its way is lost.
  void drop(Seat& seat) {
    count("fault/drop");
    with_hub([&](session::SessionHub& hub) { hub.on_close(seat.id); });
    seat.link.reset();
  }

  void wish(Seat& seat) {
    const Wish wish = draw_wish(pick_);
    count("key/" + wish.scope + "/" + wish.key);
    if (seat.original) {
      seat.link->client_sends(to_string(seat.original->update(wish.scope, wish.target, wish.key, wish.value)));
      return;
    }
    Json extra = Json::make_object();
    if (pick(3) == 0) {
      static constexpr std::array kPhases = {"start", "update", "commit"};
      extra.set("phase", kPhases[static_cast<std::size_t>(pick(3))]);
      extra.set("interaction_id", fmt::format("drag-{}", pick(4)));
    }
    if (pick(10) == 0)
      extra.set("base_version",
                room_->ledger().server_seq() -
                    std::min<std::uint64_t>(room_->ledger().server_seq(), static_cast<std::uint64_t>(pick(30))));
    seat.last_update = to_string(seat.native->update(wish.scope, wish.target, wish.key, wish.value, std::move(extra)));
    seat.link->client_sends(*seat.last_update);
    if (pick(12) == 0) {
      count("fault/sent twice");
      seat.native->update_again();
      seat.link->client_sends(*seat.last_update);
    }
  }

  void call(Seat& seat) {
    if (!seat.native) return wish(seat);
    static const std::vector<std::string> kCommands = {"fs.listdir",      "napari.load_zarr",
                                                       "nd.pixel_ticket", "napari.pixel.request_keyframe",
                                                       "nd.wait_until",   "nd.nothing"};
    const std::string& command = kCommands[static_cast<std::size_t>(pick(static_cast<int>(kCommands.size())))];
    count("command/" + command);
    Json kwargs = Json::make_object();
    if (command == "fs.listdir" || command == "napari.load_zarr") kwargs.set("path", "/data/x.zarr");
    if (command == "nd.wait_until") {
      kwargs.set("server_seq", room_->ledger().server_seq());
      kwargs.set("timeout_ms", 100 + pick(400));
    }
    seat.link->client_sends(to_string(seat.native->call(command, std::move(kwargs))));
  }

  void act(Seat& seat) {
    if (!seat.connected()) return connect(seat);
    if (seat.link->close_code() && seat.link->is_idle()) return drop(seat);
    if (!seat.is_live()) return;
    switch (pick(40)) {
      case 0:
        return drop(seat);
      case 1:
        count("fault/garbage");
        return seat.link->client_sends(fmt::format("{{\"type\":\"state.update\",\"payload\":{}", pick(10)));
      case 2:
      case 3:
        return stall(seat);
      case 4:
      case 5:
      case 6:
        return call(seat);
      default:
        return wish(seat);
    }
  }

  void stall(Seat& seat) {
    count(seat.link->stalled ? "fault/unstall" : "fault/stall");
    seat.link->stalled = !seat.link->stalled;
    if (!seat.link->stalled) with_hub([&](session::SessionHub& hub) { hub.on_writable(seat.id); });
  }

  // --- what is on its way ---

  bool deliver_to_server(Seat& seat) {
    if (!seat.connected()) return false;
    const auto text = seat.link->take_for_server();
    if (!text) return false;
    with_hub([&](session::SessionHub& hub) { hub.on_text(seat.id, *text); });
    return true;
  }

  bool deliver_to_client(Seat& seat) {
    if (!seat.connected()) return false;
    auto text = seat.link->take_for_client();
    if (!text) return false;
    for (const auto& piece : tampered(seat, std::move(text))) receive(seat, *piece);
    return true;
  }

  void receive(Seat& seat, const std::string& text) {
    const Result<Json> frame = parse_json(text);
    if (!frame) return violations_.add("a frame that is no JSON: " + text.substr(0, 200));
    if (seat.native) {
      seat.native->on_frame(*frame, model_);
    } else {
      seat.original->on_frame(*frame);
    }
    if (type_of(*frame) != "session.heartbeat") return;
    seat.link->client_sends(to_string(Json::make_object({{"type", "session.ack"},
                                                         {"version", 2},
                                                         {"session", seat.session()},
                                                         {"frame_id", fmt::format("ack-{}", ++seat.frames)},
                                                         {"timestamp", 1.0},
                                                         {"payload", Json::make_object()}})));
  }

  /// The planted bugs of the wire; without one, the frame as it is.
  std::vector<std::shared_ptr<const std::string>> tampered(Seat& seat, std::shared_ptr<const std::string> text) {
    const bool is_commit = text->starts_with("{\"type\":\"nd.commit\"");
    if (options_.planted == Planted::LostCommit && is_commit && pick(50) == 0) return {};
    if (options_.planted == Planted::SwappedAck) {
      if (text->starts_with("{\"type\":\"ack.state\"") && !seat.delayed_ack) {
        seat.delayed_ack = std::move(text);
        return {};
      }
      if (seat.delayed_ack) return {std::move(text), std::exchange(seat.delayed_ack, nullptr)};
    }
    if (options_.planted == Planted::HalfTransaction && is_commit) return halves(text);
    return {std::move(text)};
  }

  static std::vector<std::shared_ptr<const std::string>> halves(const std::shared_ptr<const std::string>& text) {
    Json frame = *parse_json(*text);
    const Json payload = at(frame, {"payload"});
    const Json::Array& rows = payload.find("registers")->array();
    const std::uint64_t from = *at(payload, {"from"}).as_uint64();
    const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
    if (rows.size() < 2) return {text};
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    const auto piece = [&](std::uint64_t begin, std::uint64_t end, Json::Array part) {
      frame.set("payload", protocol::commit_payload(begin, end, std::move(part)));
      return std::make_shared<const std::string>(to_string(frame));
    };
    return {piece(from, to, {rows.begin(), middle}), piece(to, to, {middle, rows.end()})};
  }

  // --- the render thread ---

  void render() { stand_.apply(*room_->ledger().snapshot(), scene::kMainView, pick_); }

  bool report() {
    auto report = stand_.take_report();
    if (!report) return false;
    if (options_.planted == Planted::StalePose && last_report_ && pick(4) == 0) {
      report->plane = last_report_->plane;
      report->volume = last_report_->volume;
    }
    if (report->plane || report->volume) last_report_ = *report;
    with_hub([&](session::SessionHub&) { room_->take(*report, scene::kMainView); });
    return true;
  }

  // --- what the room's services answer late ---

  bool answer_service() {
    if (!room_->listings.empty()) {
      auto listing = std::move(room_->listings.front());
      room_->listings.erase(room_->listings.begin());
      with_hub([&](session::SessionHub&) {
        listing.second(session::DirectoryPage{.path = "/data", .entries = {}, .next_cursor = {}});
      });
      return true;
    }
    if (room_->loads.empty()) return false;
    auto load = std::move(room_->loads.front());
    room_->loads.erase(room_->loads.begin());
    if (pick(3) == 0) {
      with_hub([&](session::SessionHub&) { load.done(Error{ErrorCode::NotFound, "there is no such image"}); });
      return true;
    }
    replace_scene(load.author);
    with_hub([&](session::SessionHub&) { load.done(session::Loaded{}); });
    return true;
  }

  void replace_scene(const ledger::Author& author) {
    count("fault/scene replaced");
    reduce::NewScene next = reduce::testing::small_scene();
    next.source.uri = fmt::format("mem://{}", images_.size());
    next.layers.resize(static_cast<std::size_t>(pick(2)) + 1);
    images_[next.source.uri] = next;
    auto reduction = reduce::replace_scene(*room_->ledger().snapshot(), scene::kMainView, next, scene::Canvas{});
    with_hub([&](session::SessionHub& hub) {
      room_->commit({.changes = std::move(reduction.changes), .author = author, .opens = reduction.opens});
      hub.tick();
    });
    stand_.forget();
    last_report_.reset();
  }

  void advance(std::chrono::nanoseconds by) {
    clock_.advance(by);
    with_hub([](session::SessionHub& hub) { hub.tick(); });
  }

  void fault() {
    switch (pick(7)) {
      case 6:
        return restart_server();
      case 0:
        count("fault/render stuck");
        stand_.stuck = true;
        return;
      case 1:
        count("fault/render restarted");
        stand_.restart();
        return;
      case 2:
        count("fault/long pause");
        return advance(2100ms);
      case 3:
        count("fault/very long pause");
        return advance(16s);
      case 4:
        return replace_scene({.actor = "operator", .origin = ledger::Origin::System});
      default:
        stand_.stuck = false;
    }
  }

  void step() {
    switch (pick(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return act(any_seat());
      case 4:
      case 5:
      case 6:
        deliver_to_server(any_seat());
        return;
      case 7:
      case 8:
      case 9:
      case 10:
        deliver_to_client(any_seat());
        return;
      case 11:
        return advance(std::chrono::microseconds(pick(6000)));
      case 12:
        return render();
      case 13:
        report();
        return;
      case 14:
        if (pick(2) == 0) return keep_some();
        answer_service();
        return;
      default:
        if (pick(6) == 0) fault();
    }
  }

  // --- rest ---

  /// Heals everything and lets everything arrive.
  void come_to_rest() {
    count("fault/rest");
    stand_.stuck = false;
    for (Seat& seat : seats_) {
      if (!seat.connected()) connect(seat);
      if (seat.link->stalled) stall(seat);
    }
    for (int quiet = 0; quiet < 4 && !violations_.any();) {
      bool moved = answer_service();
      with_hub([&](session::SessionHub&) { keep(); });
      for (Seat& seat : seats_) {
        while (deliver_to_server(seat)) moved = true;
        while (deliver_to_client(seat)) moved = true;
        if (seat.connected() && seat.link->close_code()) {
          drop(seat);
          connect(seat);
          moved = true;
        }
      }
      // Level decisions come to rest too: this dice never draws one.
      stand_.apply(*room_->ledger().snapshot(), scene::kMainView, [](int) { return 1; });
      while (report()) {
      }
      // Waits of clients end by themselves after at most half a second.
      advance(quiet < 2 ? 20ms : 600ms);
      quiet = moved ? 0 : quiet + 1;
    }
    for (Seat& seat : seats_) {
      if (seat.delayed_ack) receive(seat, *std::exchange(seat.delayed_ack, nullptr));
    }
    if (!violations_.any()) check();
  }

  void check() {
    check_poses();
    for (const Seat& seat : seats_) {
      if (!seat.is_live()) {
        violations_.add("a client that could connect is not live at rest");
      } else if (seat.native) {
        check(*seat.native);
      } else {
        check(*seat.original);
      }
    }
  }

  void check_poses() {
    const scene::SnapshotPtr snapshot = room_->ledger().snapshot();
    const scene::CameraBlock& camera = *snapshot->find_view(scene::kMainView)->camera;
    if (stand_.newest_plane && camera.plane != *stand_.newest_plane)
      violations_.add("WP11: the ledger's plane pose is not the newest minted");
    if (stand_.newest_volume && camera.volume != *stand_.newest_volume)
      violations_.add("WP11: the ledger's volume pose is not the newest minted");
  }

  void check(const NativePlayer& player) {
    NativePlayer::Picture truth;
    for (const auto& [id, value] : room_->ledger().registers()) {
      const Json row = protocol::register_json(id, value, {});
      truth[text_at(row, {"scope"}) + "/" + text_at(row, {"target"}) + "/" + text_at(row, {"key"})] =
          text_at(row, {"version"}) + ":" + to_string(*row.find("value"));
    }
    for (const auto& [name, value] : truth) {
      const auto shown = player.picture().find(name);
      if (shown == player.picture().end() || shown->second != value) {
        violations_.add(fmt::format("at rest {} is {} for a client, {} in the ledger", name,
                                    shown == player.picture().end() ? "absent" : shown->second, value));
      }
    }
    if (player.picture().size() != truth.size())
      violations_.add("at rest a client knows registers that the ledger does not");
    if (player.unanswered() > 0)
      violations_.add(fmt::format("WP8: {} frames of a client were never answered", player.unanswered()));
  }

  void check(const OriginalPlayer& player) {
    const scene::SnapshotPtr snapshot = room_->ledger().snapshot();
    const auto versions = [](const scene::LayerId&, scene::Key) { return std::uint64_t{0}; };
    const auto differ = [&](std::string_view what, const Json& shown, const Json& truth) {
      if (shown != truth)
        violations_.add(fmt::format("at rest an original client's {} is {}, should be {}", what,
                                    to_string(shown).substr(0, 300), to_string(truth).substr(0, 300)));
    };
    differ("dims", player.dims(), protocol::dims_payload(*snapshot, scene::kMainView));
    differ("level", player.level(), protocol::level_payload(*snapshot, scene::kMainView));
    differ("pose", player.pose(), protocol::camera_pose_payload(*snapshot->find_view(scene::kMainView)));
    if (player.unanswered() > 0) violations_.add("WP8: an original client's update was never answered");
    for (const auto& layer : snapshot->layers) {
      const Json payload = protocol::layers_payload(*snapshot, scene::kMainView, *layer, versions);
      const auto shown = player.layers().find(layer->id.value);
      const Json controls = at(payload, {"layer", "controls"});
      for (const auto& [key, value] : controls.object()) {
        const bool same =
            shown != player.layers().end() && shown->second.contains(key) && shown->second.at(key) == to_string(value);
        if (!same)
          violations_.add(
              fmt::format("at rest an original client's {} {} is not {}", layer->id.value, key, to_string(value)));
      }
    }
  }

  const StoryOptions options_;
  Tally& tally_;
  std::mt19937 random_;
  const Dice pick_;
  Violations violations_;
  FakeClock clock_;
  ToldModel model_;
  RenderStand stand_;
  Disk disk_;
  std::map<std::string, reduce::NewScene> images_;  ///< ever shown, by uri
  std::unique_ptr<SimRoom> room_;
  std::unique_ptr<session::SessionHub> hub_;
  std::uint64_t told_ = 0;
  std::uint64_t flushes_ = 0;
  std::optional<RenderReport> last_report_;
  std::vector<Seat> seats_;
};

}  // namespace

std::vector<std::string> play(const StoryOptions& options, Tally& tally) { return Story(options, tally).play(); }

}  // namespace ndcast::sim
