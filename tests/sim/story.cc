#include "tests/sim/story.h"

#include <array>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "session/testing.h"
#include "tests/sim/calls.h"
#include "tests/sim/intents.h"
#include "tests/sim/rest_checks.h"
#include "tests/sim/seat.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/tampering.h"

namespace ndcast::sim {
namespace {

using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

class Story {
 public:
  Story(const StoryOptions& options, Tally& tally)
      : options_(options),
        tally_(tally),
        random_(options.seed),
        pick_([this](int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }),
        server_({options_, pick_, tally_, violations_}) {
    const int seats = 1 + pick_(16);
    for (int i = 0; i < seats; ++i) add_seat(i);
  }

  std::vector<std::string> play() {
    for (int i = 0; i < options_.steps && !violations_.any(); ++i) {
      step();
      if (i % 200 == 199) come_to_rest();
    }
    if (!violations_.any()) come_to_rest();
    if (options_.digest) *options_.digest = digest_;
    return violations_.list();
  }

 private:
  Seat& any_seat() { return seats_[static_cast<std::size_t>(pick_(static_cast<int>(seats_.size())))]; }
  void count(const std::string& what) { ++tally_[what]; }

  void add_seat(int number) {
    Seat seat;
    seat.name = fmt::format("p{}", number);
    const bool is_native = number == 0 || pick_(4) > 0;
    if (is_native) {
      seat.native.emplace(seat.name, violations_);
    } else {
      seat.original.emplace(seat.name, violations_);
    }
    static constexpr std::array kRoles = {auth::Role::Viewer, auth::Role::Admin, auth::Role::Editor};
    seat.role = kRoles[static_cast<std::size_t>(std::min(pick_(6), 2))];
    seats_.push_back(std::move(seat));
  }

  // --- what clients do ---

  void connect(Seat& seat) {
    const bool resumes = pick_(4) > 0;
    count(resumes ? "fault/resume" : "fault/fresh");
    seat.unplug();
    seat.link = std::make_shared<Link>(violations_);
    seat.since = server_.clock().now();
    session::ConnectionInfo info{.authorised = seat.role, .remote = "sim"};
    if (seat.original) info.listener = session::Listener::OriginalOnly;
    seat.id = server_.open(seat.link, std::move(info));
    seat.link->client_sends(to_string(seat.native ? seat.native->hello(resumes) : seat.original->hello(resumes)));
  }

  /// The socket breaks; what is on its way is lost.
  void drop(Seat& seat) {
    count("fault/drop");
    server_.on_close(seat.id);
    seat.unplug();
  }

  void wish(Seat& seat) {
    std::vector<std::string> others;
    if (seat.native) others = seat.native->acquaintance().views;
    const Wish wish = draw_wish(others, pick_);
    count("key/" + wish.scope + "/" + wish.key);
    if (seat.original) {
      seat.link->client_sends(to_string(seat.original->update(wish.scope, wish.target, wish.key, wish.value)));
      return;
    }
    seat.last_update =
        to_string(seat.native->update(wish.scope, wish.target, wish.key, wish.value, draw_circumstances()));
    seat.link->client_sends(*seat.last_update);
    if (pick_(12) == 0) {
      count("fault/sent twice");
      seat.native->update_again();
      seat.link->client_sends(*seat.last_update);
    }
  }

  /// Of an update: the drag that it is part of, and the state that it was made in.
  Json draw_circumstances() {
    Json extra = Json::make_object();
    if (pick_(3) == 0) {
      static constexpr std::array kPhases = {"start", "update", "commit"};
      extra.set("phase", kPhases[static_cast<std::size_t>(pick_(3))]);
      extra.set("interaction_id", fmt::format("drag-{}", pick_(4)));
    }
    if (pick_(10) == 0) {
      const std::uint64_t now = server_.ledger().server_seq();
      extra.set("base_version", now - std::min<std::uint64_t>(now, static_cast<std::uint64_t>(pick_(30))));
    }
    return extra;
  }

  void call(Seat& seat) {
    if (!seat.native) return wish(seat);
    const Call call = draw_call(seat.native->acquaintance(), pick_);
    // Now and then more views at once than one may have.
    const bool is_greedy = call.command == "nd.view.fork" && pick_(8) == 0;
    for (std::size_t i = is_greedy ? limits::kViewsPerSession + 1 : 1; i > 0; --i) send_call(seat, call);
    if (call.command == "nd.undo" && pick_(4) == 0) send_call(seat, {"nd.redo", Json::make_object()});
  }

  void send_call(Seat& seat, const Call& call) {
    count("command/" + call.command);
    const Json frame = seat.native->call(call.command, call.kwargs);
    seat.calls[text_at(frame, {"frame_id"})] = call.command;
    seat.link->client_sends(to_string(frame));
  }

  void point(Seat& seat) {
    if (!seat.native) return wish(seat);
    Json cursor = Json::make_array();
    const int numbers = std::array{0, 2, 4, 4, 4, 4}[static_cast<std::size_t>(pick_(6))];
    for (int i = 0; i < numbers; ++i) cursor.push_back(pick_(60));
    seat.link->client_sends(to_string(seat.native->point(std::move(cursor))));
  }

  void act(Seat& seat) {
    if (!seat.connected()) return connect(seat);
    if (seat.link->close_code() && seat.link->is_idle()) return drop(seat);
    if (!seat.is_live()) return;
    const int what = pick_(48);
    if (what == 0) return drop(seat);
    if (what == 1) return send_garbage(seat);
    if (what < 4) return stall(seat);
    if (what == 4) return point(seat);
    if (what == 5 && pick_(4) == 0) return say_goodbye(seat);
    if (what < 16) return call(seat);
    wish(seat);
  }

  void send_garbage(Seat& seat) {
    count("fault/garbage");
    seat.link->client_sends(fmt::format("{{\"type\":\"state.update\",\"payload\":{}", pick_(10)));
  }

  void say_goodbye(Seat& seat) {
    if (!seat.native) return;
    count("fault/goodbye");
    seat.link->client_sends(to_string(seat.native->goodbye()));
  }

  void stall(Seat& seat) {
    count(seat.link->stalled ? "fault/unstall" : "fault/stall");
    seat.link->stalled = !seat.link->stalled;
    if (!seat.link->stalled) server_.on_writable(seat.id);
  }

  // --- what is on its way ---

  bool deliver_to_server(Seat& seat) {
    if (!seat.connected()) return false;
    const auto text = seat.link->take_for_server();
    if (!text) return false;
    // What still comes from a socket that the server has closed is nobody's.
    if (seat.link->close_code()) return true;
    Verdict verdict = server_.hear(seat.id, *text, {seat.actor(), seat.role, seat.since});
    if (verdict.kind == Verdict::Kind::Any && verdict.not_code.empty()) return true;
    seat.verdicts[text_at(*parse_json(*text), {"frame_id"})] = std::move(verdict);
    return true;
  }

  bool deliver_to_client(Seat& seat) {
    if (!seat.connected()) return false;
    auto text = seat.link->take_for_client();
    if (!text) return false;
    for (const auto& piece : tampered(options_.planted, seat, std::move(text), pick_)) receive(seat, *piece);
    return true;
  }

  void receive(Seat& seat, const std::string& text) {
    // The original dialect's resume tokens are random.
    if (options_.digest && seat.native) digest_ = digest_ * 1'099'511'628'211ULL + std::hash<std::string>()(text);
    const Result<Json> frame = parse_json(text);
    if (!frame) return violations_.add("a frame that is no JSON: " + text.substr(0, 200));
    if (seat.native) {
      seat.native->on_frame(*frame, server_.models().told);
    } else {
      seat.original->on_frame(*frame);
    }
    const std::string type = type_of(*frame);
    if (type == "session.heartbeat") acknowledge_heartbeat(seat);
    if (type == "ack.state" || type == "reply.command" || type == "error.command") judge_answer(seat, *frame);
    if (type == "nd.presence" || type == "nd.telemetry" || type == "nd.job" || type == "nd.thumbnail")
      count("frame/" + type);
  }

  void judge_answer(Seat& seat, const Json& frame) {
    const std::string frame_id = text_at(frame, {"payload", "in_reply_to"});
    const Json code = at(frame, {"payload", "error", "code"});
    const std::string ack_code = code.is_string() ? code.string() : "";
    const bool is_error = type_of(frame) == "error.command";
    const std::string refusal = is_error ? text_at(frame, {"payload", "code"}) : ack_code;
    const auto command = seat.calls.find(frame_id);
    if (command != seat.calls.end() && refusal.empty()) count("done/" + command->second);
    const auto verdict = seat.verdicts.find(frame_id);
    if (verdict == seat.verdicts.end()) return;
    const std::string wrong = contradiction(verdict->second, refusal, at(frame, {"payload", "result"}));
    if (wrong.empty()) return;
    violations_.add(
        fmt::format("{}: {} was {}", seat.name, command == seat.calls.end() ? "an update" : command->second, wrong));
  }

  void acknowledge_heartbeat(Seat& seat) {
    seat.link->client_sends(to_string(Json::make_object({{"type", "session.ack"},
                                                         {"version", 2},
                                                         {"session", seat.session()},
                                                         {"frame_id", fmt::format("ack-{}", ++seat.frames)},
                                                         {"timestamp", 1.0},
                                                         {"payload", Json::make_object()}})));
  }

  // --- what happens to the server ---

  void restart_server() {
    const std::uint64_t last_kept = server_.restart();
    for (Seat& seat : seats_) {
      seat.unplug();
      if (seat.native) seat.native->server_lost_behind(last_kept);
    }
  }

  /// One leaves, those who are here stay; a view that nobody is in is forgotten.
  void long_absence() {
    count("fault/long absence");
    if (Seat& seat = any_seat(); seat.connected()) drop(seat);
    for (int i = 0; i < 13; ++i) {
      for (Seat& seat : seats_) {
        while (deliver_to_server(seat)) {
        }
        while (deliver_to_client(seat)) {
        }
      }
      server_.advance(5s);
    }
  }

  void fault() {
    switch (pick_(9)) {
      case 0:
      case 1:
        count("fault/render stuck");
        return server_.hang(server_.any_view());
      case 2:
        count("fault/render restarted");
        return server_.restart_worker();
      case 3:
        count("fault/long pause");
        return server_.advance(2100ms);
      case 4:
        count("fault/very long pause");
        return server_.advance(16s);
      case 5:
        return server_.replace_scene({.actor = "operator", .origin = ledger::Origin::System});
      case 6:
        return restart_server();
      case 7:
        return long_absence();
      default:
        server_.heal();
    }
  }

  void step() {
    const int what = pick_(16);
    if (what < 4) {
      act(any_seat());
    } else if (what < 7) {
      deliver_to_server(any_seat());
    } else if (what < 11) {
      deliver_to_client(any_seat());
    } else if (what == 11) {
      server_.advance(std::chrono::microseconds(pick_(6000)));
    } else if (what == 12) {
      if (pick_(4) == 0) server_.draw_thumbnail();
      for (int i = 1 + pick_(3); i > 0; --i) server_.render(server_.any_view(), pick_);
    } else if (what == 13) {
      for (int i = 1 + pick_(3); i > 0; --i) server_.report();
    } else if (what == 14) {
      pick_(2) == 0 ? server_.keep_some() : void(server_.answer_service());
    } else if (pick_(6) == 0) {
      fault();
    }
  }

  // --- rest ---

  /// Heals everything and lets everything arrive.
  void come_to_rest() {
    count("fault/rest");
    server_.heal();
    for (Seat& seat : seats_) {
      if (!seat.connected()) connect(seat);
      if (seat.link->stalled) stall(seat);
    }
    for (int quiet = 0; quiet < 4 && !violations_.any();) {
      const std::uint64_t before = server_.ledger().server_seq();
      const bool arrived = let_all_arrive();
      // Level decisions come to rest too: this dice never draws one.
      for (const auto& [id, view] : server_.ledger().snapshot()->views) {
        server_.render(id, [](int) { return 1; });
      }
      while (server_.report()) {
      }
      // Waits of clients end by themselves after at most half a second.
      server_.advance(quiet < 2 ? 20ms : 600ms);
      // As time passes a view may be forgotten.
      quiet = arrived || server_.ledger().server_seq() != before ? 0 : quiet + 1;
    }
    for (Seat& seat : seats_) {
      if (seat.delayed_ack) receive(seat, *std::exchange(seat.delayed_ack, nullptr));
    }
    if (!violations_.any()) check_at_rest(server_, seats_, violations_);
  }

  /// True when anything was on its way.
  bool let_all_arrive() {
    bool moved = server_.answer_service();
    server_.keep();
    for (Seat& seat : seats_) {
      while (deliver_to_server(seat)) moved = true;
      while (deliver_to_client(seat)) moved = true;
      if (!seat.connected() || seat.link->close_code()) {
        if (seat.connected()) drop(seat);
        connect(seat);
        moved = true;
      }
    }
    return moved;
  }

  const StoryOptions options_;
  Tally& tally_;
  std::mt19937 random_;
  const Dice pick_;
  Violations violations_;
  SimServer server_;
  std::vector<Seat> seats_;
  std::uint64_t digest_ = 0;
};

}  // namespace

std::vector<std::string> play(const StoryOptions& options, Tally& tally) { return Story(options, tally).play(); }

}  // namespace ndcast::sim
