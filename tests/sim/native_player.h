#pragma once
// A native client that believes what it is told, checks that it may (order, gaps, halves, acks, whose view is called
// what), and sends intents.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/json.h"
#include "scene/register.h"
#include "tests/sim/calls.h"
#include "tests/sim/told_model.h"
#include "tests/sim/violations.h"

namespace ndcast::sim {

class NativePlayer {
 public:
  /// "scope/target/key", as it was told, → "version:value" of the registers that live.
  using Picture = std::map<std::string, std::string>;
  /// Who is here, by session; each as it was told last.
  using People = std::map<std::string, Json>;

  NativePlayer(std::string name, Violations& violations) : name_(std::move(name)), violations_(violations) {}

  /// The hello of a new connection; knowledge stays, acks that did not come will not come any more.
  Json hello(bool resumes);
  void on_frame(const Json& frame, const ToldModel& model);

  /// The server came back with what it had up to `seq`: drags behind it are lost, and with them their versions (WP17).
  void server_lost_behind(std::uint64_t seq);

  /// A state.update; remembered until its ack.
  Json update(std::string_view scope, std::string_view target, std::string_view key, Json value, Json extra);
  /// The last update is sent a second time (WP8): it is answered twice and done once.
  void update_again() { ++sent_.rbegin()->second.copies; }
  Json call(std::string_view command, Json kwargs);
  /// nd.presence: what it points at.
  Json point(Json cursor) const;
  Json goodbye();
  /// What it knows that it may name in a call.
  Acquaintance acquaintance() const;

  bool is_live() const { return live_; }
  const Picture& picture() const { return picture_; }
  const People& people() const { return people_; }
  /// What its picture was printed for.
  const scene::ViewId& view() const { return view_; }
  std::uint8_t binding() const { return binding_; }
  const std::string& session() const { return session_; }
  std::size_t unanswered() const { return sent_.size() + calls_.size(); }
  std::uint64_t server_seq() const { return server_seq_; }

 private:
  struct Sent {
    std::string intent_id;
    int copies = 1;  ///< that are still to be answered
    bool answered = false;
  };

  void fail(const std::string& what) { violations_.add(name_ + ": " + what); }
  void on_welcome(const Json& frame);
  void on_reject(const Json& payload);
  void on_ack(const Json& payload);
  void on_answer(const Json& payload);
  void on_presence(const Json& payload);
  /// A frame that only those get who called `command`.
  void on_asked_for(const std::string& command);
  void on_job(const Json& payload);
  void on_snapshot(const Json& payload);
  void on_commit(const Json& payload, const ToldModel& model);
  void check_carried(const Json& payload, const ToldModel& model);
  void end_state(const Json& payload);
  void take_registers(const Json& registers, bool is_snapshot);
  void take_register(const Json& row, bool is_snapshot);

  const std::string name_;
  Violations& violations_;
  std::string session_;
  std::string history_id_;
  std::uint64_t server_seq_ = 0;
  bool knows_state_ = false;
  bool live_ = false;         ///< welcomed
  bool first_state_ = false;  ///< the next state frame is what the connection begins with
  Picture picture_;
  /// By true name, of every register ever told in this history, removed ones too.
  std::map<std::string, std::uint64_t> versions_;
  std::map<std::string, Sent> sent_;          ///< by frame_id, not answered yet, in order
  std::map<std::string, std::string> calls_;  ///< frame_id → command, not answered yet
  std::uint64_t number_ = 0;

  scene::ViewId view_ = scene::kMainView;
  scene::ViewId asked_view_ = scene::kMainView;  ///< in the hello
  std::uint8_t binding_ = 0;                     ///< of what it sees
  std::uint8_t announced_ = 0;                   ///< of what it will see, as a reply said
  bool state_is_fresh_ = false;                  ///< no commit since the state that it was given
  /// Other views' registers of the state that it was given, by their true names: one that an op of that view held is in
  /// the flush that carries it too.
  std::set<std::string> may_be_told_again_;
  People people_;
  bool knows_people_ = false;
  std::set<std::string> wanted_;             ///< commands that it called with on=true
  std::map<std::string, std::string> jobs_;  ///< state of each, as told last
  std::set<std::string> own_jobs_;           ///< that it began
  std::string history_cursor_;
};

}  // namespace ndcast::sim
