#pragma once
// A native client that believes what it is told, checks that it may (order, gaps, halves, acks), and sends intents.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/json.h"
#include "tests/sim/told_model.h"
#include "tests/sim/violations.h"

namespace ndcast::sim {

class NativePlayer {
 public:
  /// "scope/target/key" → "version:value" of the registers that live.
  using Picture = std::map<std::string, std::string>;

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

  bool is_live() const { return live_; }
  const Picture& picture() const { return picture_; }
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
  void on_ack(const Json& payload);
  void on_answer(const Json& payload);
  void on_state(const Json& payload, bool is_snapshot, const ToldModel& model);
  void take_registers(const Json& registers, bool is_snapshot);

  const std::string name_;
  Violations& violations_;
  std::string session_;
  std::string history_id_;
  std::uint64_t server_seq_ = 0;
  bool knows_state_ = false;
  bool live_ = false;         ///< welcomed
  bool first_state_ = false;  ///< the next state frame is what the connection begins with
  Picture picture_;
  std::map<std::string, std::uint64_t> versions_;  ///< of every register ever told in this history, removed ones too
  std::map<std::string, Sent> sent_;               ///< by frame_id, not answered yet, in order
  std::set<std::string> calls_;
  std::uint64_t number_ = 0;
};

}  // namespace ndcast::sim
