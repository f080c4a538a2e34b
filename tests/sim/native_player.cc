#include "tests/sim/native_player.h"

#include <utility>

#include <fmt/format.h>

#include "session/testing.h"

namespace ndcast::sim {

using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

namespace {

std::string name_of(const Json& row) {
  return text_at(row, {"scope"}) + "/" + text_at(row, {"target"}) + "/" + text_at(row, {"key"});
}

/// The name that a register of the ledger has in the frames of a session of the main view.
std::string name_of(const scene::RegisterId& id) {
  std::string target = id.target;
  if (id.scope == scene::Scope::Dims && id.view != scene::kMainView.value) target = id.view + "/" + id.target;
  return fmt::format("{}/{}/{}", scene::to_string(id.scope), target, scene::spec_of(id.scope, id.key).name);
}

}  // namespace

Json NativePlayer::hello(bool resumes) {
  Json nd = session::testing::native_nd(name_);
  if (resumes && knows_state_) {
    nd.set("since", Json::make_object({{"history_id", history_id_}, {"server_seq", server_seq_}}));
  }
  live_ = false;
  sent_.clear();
  calls_.clear();
  return session::testing::hello(session::testing::hello_payload(), std::move(nd));
}

void NativePlayer::server_lost_behind(std::uint64_t seq) {
  std::erase_if(versions_, [&](const auto& entry) { return entry.second > seq; });
}

Json NativePlayer::update(std::string_view scope, std::string_view target, std::string_view key, Json value,
                          Json extra) {
  Json payload = Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", std::move(value)}});
  for (const auto& [member, content] : extra.object()) payload.set(member, content);
  const std::string frame_id = fmt::format("f-{:08}", ++number_);
  const std::string intent_id = fmt::format("i-{}-{}", name_, number_);
  sent_.emplace(frame_id, Sent{intent_id});
  return Json::make_object({{"type", "state.update"},
                            {"version", 2},
                            {"session", session_},
                            {"frame_id", frame_id},
                            {"intent_id", intent_id},
                            {"timestamp", 1.0},
                            {"payload", std::move(payload)}});
}

Json NativePlayer::call(std::string_view command, Json kwargs) {
  const std::string frame_id = fmt::format("c-{:08}", ++number_);
  calls_.insert(frame_id);
  return Json::make_object(
      {{"type", "call.command"},
       {"version", 2},
       {"session", session_},
       {"frame_id", frame_id},
       {"timestamp", 1.0},
       {"payload",
        Json::make_object({{"command", command}, {"args", Json::make_array()}, {"kwargs", std::move(kwargs)}})}});
}

void NativePlayer::on_frame(const Json& frame, const ToldModel& model) {
  const std::string type = type_of(frame);
  const Json payload = at(frame, {"payload"});
  if (type == "session.welcome") return on_welcome(frame);
  if (type == "ack.state") return on_ack(payload);
  if (type == "reply.command" || type == "error.command") return on_answer(payload);
  if (type == "nd.snapshot" || type == "nd.commit") return on_state(payload, type == "nd.snapshot", model);
}

void NativePlayer::on_welcome(const Json& frame) {
  const std::string history_id = text_at(frame, {"nd", "history_id"});
  if (history_id != history_id_) {
    history_id_ = history_id;
    versions_.clear();
    knows_state_ = false;
    server_seq_ = 0;
  }
  session_ = text_at(frame, {"payload", "session", "id"});
  live_ = true;
  first_state_ = true;
}

void NativePlayer::on_ack(const Json& payload) {
  const std::string answered = text_at(payload, {"in_reply_to"});
  if (sent_.empty() || sent_.begin()->first != answered) {
    const std::string expected = sent_.empty() ? "none" : sent_.begin()->first;
    return fail(fmt::format("WP8: an ack of {}, the oldest unanswered is {}", answered, expected));
  }
  if (text_at(payload, {"intent_id"}) != sent_.begin()->second.intent_id) fail("WP8: an ack with another intent_id");
  sent_.begin()->second.answered = true;
  if (--sent_.begin()->second.copies == 0) sent_.erase(sent_.begin());
}

void NativePlayer::on_answer(const Json& payload) {
  if (calls_.erase(text_at(payload, {"in_reply_to"})) == 0) fail("an answer to no call, or a second one");
}

void NativePlayer::on_state(const Json& payload, bool is_snapshot, const ToldModel& model) {
  const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
  const Json registers = at(payload, {"registers"});
  if (is_snapshot) {
    picture_.clear();
  } else {
    const std::uint64_t from = *at(payload, {"from"}).as_uint64();
    if (!knows_state_) fail("WP15: a commit before any state");
    if (from != server_seq_)
      fail(fmt::format("WP15: a gap, or a repetition: at {}, told {} to {}", server_seq_, from, to));
    if (!first_state_) {
      const ToldModel::Registers* carried = model.carried(from, to);
      if (!carried) {
        fail(fmt::format("WP12: no flush goes from {} to {}", from, to));
      } else {
        std::set<std::string> expected;
        for (const scene::RegisterId& id : *carried) expected.insert(name_of(id));
        std::set<std::string> told;
        for (const Json& row : registers.array()) told.insert(name_of(row));
        if (told != expected) {
          fail(fmt::format("WP12: the commit {} to {} carries {} registers, expected {}", from, to, told.size(),
                           expected.size()));
        }
      }
    }
  }
  if (to < server_seq_) fail(fmt::format("WP12: server_seq went back from {} to {}", server_seq_, to));
  take_registers(registers, is_snapshot);
  server_seq_ = to;
  knows_state_ = true;
  first_state_ = false;
}

void NativePlayer::take_registers(const Json& registers, bool is_snapshot) {
  for (const Json& row : registers.array()) {
    const std::string name = name_of(row);
    const std::uint64_t version = *at(row, {"version"}).as_uint64();
    const auto known = versions_.find(name);
    if (known != versions_.end() && (is_snapshot ? version < known->second : version <= known->second)) {
      fail(fmt::format("{} was told at version {} after {}", name, version, known->second));
    }
    versions_[name] = version;
    if (row.find("gone")) {
      picture_.erase(name);
    } else {
      picture_[name] = fmt::format("{}:{}", version, to_string(*row.find("value")));
    }
    if (const Json* intent = row.find("intent_id")) {
      for (const auto& [frame_id, pending] : sent_) {
        if (pending.intent_id == intent->string() && !pending.answered)
          fail(fmt::format("WP8: {} was told before its ack", name));
      }
    }
  }
}

}  // namespace ndcast::sim
