#include "tests/sim/native_player.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "session/testing.h"
#include "tests/sim/names.h"

namespace ndcast::sim {

using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

namespace {

std::string name_of(const Json& row) {
  return text_at(row, {"scope"}) + "/" + text_at(row, {"target"}) + "/" + text_at(row, {"key"});
}

}  // namespace

Json NativePlayer::hello(bool resumes) {
  Json nd = session::testing::native_nd(name_);
  resumes = resumes && knows_state_;
  if (resumes) {
    nd.set("since", Json::make_object({{"history_id", history_id_}, {"server_seq", server_seq_}}));
  }
  asked_view_ = resumes ? view_ : scene::kMainView;
  if (asked_view_ != scene::kMainView) nd.set("view", asked_view_.value);
  live_ = false;
  sent_.clear();
  calls_.clear();
  people_.clear();
  knows_people_ = false;
  wanted_.clear();
  jobs_.clear();
  own_jobs_.clear();
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
  calls_.emplace(frame_id, command);
  return Json::make_object(
      {{"type", "call.command"},
       {"version", 2},
       {"session", session_},
       {"frame_id", frame_id},
       {"timestamp", 1.0},
       {"payload",
        Json::make_object({{"command", command}, {"args", Json::make_array()}, {"kwargs", std::move(kwargs)}})}});
}

Json NativePlayer::point(Json cursor) const {
  return Json::make_object({{"type", "nd.presence"},
                            {"version", 2},
                            {"session", session_},
                            {"timestamp", 1.0},
                            {"payload", Json::make_object({{"cursor", std::move(cursor)}})}});
}

Json NativePlayer::goodbye() {
  live_ = false;
  return Json::make_object({{"type", "session.goodbye"},
                            {"version", 2},
                            {"session", session_},
                            {"frame_id", fmt::format("g-{}", ++number_)},
                            {"timestamp", 1.0},
                            {"payload", Json::make_object()}});
}

Acquaintance NativePlayer::acquaintance() const {
  Acquaintance known{.views = {},
                     .sessions = {},
                     .actors = {"operator", "render"},
                     .jobs = {},
                     .history_cursor = history_cursor_,
                     .server_seq = server_seq_};
  for (const auto& [name, value] : picture_) {
    const bool is_view = name.starts_with("view/") && name.ends_with("/meta") && name != "view/main/meta";
    if (is_view) known.views.push_back(name.substr(5, name.size() - 10));
  }
  for (const std::string& job : own_jobs_) {
    const auto told = jobs_.find(job);
    if (told == jobs_.end() || told->second == "running") known.jobs.push_back(job);
  }
  if (known.jobs.empty()) {
    for (const auto& [job, state] : jobs_) known.jobs.push_back(job);
  }
  for (const auto& [session, who] : people_) {
    if (session != session_) known.sessions.push_back(session);
    known.actors.push_back(text_at(who, {"actor"}));
  }
  return known;
}

void NativePlayer::on_frame(const Json& frame, const ToldModel& model) {
  const std::string type = type_of(frame);
  const Json payload = at(frame, {"payload"});
  if (type.starts_with("notify.") && type != "notify.error")
    return fail("WP3: a frame of the original dialect: " + type);
  if (type == "session.welcome") return on_welcome(frame);
  if (type == "session.reject") return on_reject(payload);
  if (type == "ack.state") return on_ack(payload);
  if (type == "reply.command" || type == "error.command") return on_answer(payload);
  if (type == "nd.presence") return on_presence(payload);
  if (type == "nd.telemetry") return on_asked_for(type);
  if (type == "nd.thumbnail") return on_asked_for("nd.thumbnails");
  if (type == "nd.job") return on_job(payload);
  if (type == "nd.snapshot") return on_snapshot(payload);
  if (type == "nd.commit") return on_commit(payload, model);
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
  // What it knows was printed for another view: no `since` goes with it from here on.
  if (view_ != asked_view_) knows_state_ = false;
  view_ = asked_view_;
  binding_ = announced_ = 0;
  if (text_at(frame, {"nd", "view"}) != view_.value) fail("WP5: welcomed to another view than it asked for");
}

/// Its view is gone: it comes back to the room's first, and knows nothing of it.
void NativePlayer::on_reject(const Json& payload) {
  const std::string code = text_at(payload, {"code"});
  if (code == "timeout") return;  // its hello was on its way for too long
  if (code != "room.not_found" || asked_view_ == scene::kMainView) return fail("WP4: rejected with " + code);
  view_ = scene::kMainView;
  knows_state_ = false;
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
  const auto call = calls_.extract(text_at(payload, {"in_reply_to"}));
  if (call.empty()) return fail("an answer to no call, or a second one");
  const std::string& command = call.mapped();
  const Json result = at(payload, {"result"});
  if (result.is_null()) return;
  if (command == "nd.stats" || command == "nd.movie") own_jobs_.insert(text_at(result, {"job"}));
  if (const Json* on = result.find("on")) on->boolean() ? void(wanted_.insert(command)) : void(wanted_.erase(command));
  if (command == "nd.history") history_cursor_ = result.find("next_cursor") ? text_at(result, {"next_cursor"}) : "";
  const auto binding = at(result, {"binding"}).as_uint64();
  if (binding) announced_ = static_cast<std::uint8_t>(*binding);
}

void NativePlayer::on_presence(const Json& payload) {
  const bool is_whole = at(payload, {"whole"}).boolean();
  if (!is_whole && !knows_people_) fail("WP14: told what changed before it was told who is here");
  knows_people_ = true;
  if (is_whole) people_.clear();
  for (const Json& gone : payload.find("gone")->array()) people_.erase(gone.string());
  for (const Json& who : payload.find("here")->array()) {
    Json& known = people_[text_at(who, {"session"})];
    if (!known.is_null() && text_at(known, {"color"}) != text_at(who, {"color"})) fail("WP14: a colour changed");
    known = who;
  }
}

void NativePlayer::on_asked_for(const std::string& command) {
  const bool asks = std::ranges::any_of(calls_, [&](const auto& call) { return call.second == command; });
  if (!wanted_.contains(command) && !asks) fail("WP14, WP34: told what only callers of " + command + " are told");
}

void NativePlayer::on_job(const Json& payload) {
  std::string& state = jobs_[text_at(payload, {"job"})];
  if (!state.empty() && state != "running") fail("WP35: told of a job that had ended as " + state);
  state = text_at(payload, {"state"});
}

// --- state ----------------------------------------------------------------------------------------------------------

void NativePlayer::on_snapshot(const Json& payload) {
  const scene::ViewId view{text_at(payload, {"view"})};
  const auto binding = static_cast<std::uint8_t>(*at(payload, {"binding"}).as_uint64());
  // Its binding counts how often it changed views: not at all, once, or there and maybe back.
  const auto changes = static_cast<std::uint8_t>(binding - binding_);
  if (changes < 2 && (changes == 0) != (view == view_)) {
    fail(fmt::format("WP32: from view {} ({}) to {} ({})", view_.value, binding_, view.value, binding));
  }
  // A reply that tells of a further change is on its way behind.
  if (static_cast<std::uint8_t>(binding - announced_) > 128) fail("WP32: a snapshot of a view that it had left");
  view_ = view;
  binding_ = announced_ = binding;
  picture_.clear();
  may_be_told_again_.clear();
  take_registers(*payload.find("registers"), true);
  const auto op = picture_.find("op/main/state");
  if (op != picture_.end() && op->second.contains("\"open\"")) fail("WP13: a snapshot while an op is open in its view");
  end_state(payload);
  state_is_fresh_ = true;
}

void NativePlayer::on_commit(const Json& payload, const ToldModel& model) {
  const std::uint64_t from = *at(payload, {"from"}).as_uint64();
  const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
  if (!knows_state_) fail("WP15: a commit before any state");
  if (binding_ != announced_) fail("WP32: a commit between the reply and the snapshot of another view");
  // A state may be newer than what was flushed: what another view's op holds is in it.
  const bool overlaps = state_is_fresh_ && from < server_seq_ && to >= server_seq_;
  if (from != server_seq_ && !overlaps)
    fail(fmt::format("WP15: a gap, or a repetition: at {}, told {} to {}", server_seq_, from, to));
  if (!first_state_) check_carried(payload, model);
  const bool was_first = first_state_;
  take_registers(*payload.find("registers"), false);
  end_state(payload);
  state_is_fresh_ = was_first;
}

void NativePlayer::check_carried(const Json& payload, const ToldModel& model) {
  const std::uint64_t from = *at(payload, {"from"}).as_uint64();
  const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
  const ToldModel::Registers* carried = model.carried(from, to);
  if (!carried) return fail(fmt::format("WP12: no flush goes from {} to {}", from, to));
  std::set<std::string> expected;
  for (const scene::RegisterId& id : *carried) expected.insert(told_name(id, view_));
  std::set<std::string> told;
  for (const Json& row : payload.find("registers")->array()) told.insert(name_of(row));
  if (told == expected) return;
  fail(fmt::format("WP12: the commit {} to {} carries {} registers, expected {}", from, to, told.size(),
                   expected.size()));
}

void NativePlayer::end_state(const Json& payload) {
  const std::uint64_t to = *at(payload, {"server_seq"}).as_uint64();
  if (to < server_seq_) fail(fmt::format("WP12: server_seq went back from {} to {}", server_seq_, to));
  server_seq_ = to;
  knows_state_ = true;
  first_state_ = false;
}

void NativePlayer::take_registers(const Json& registers, bool is_snapshot) {
  for (const Json& row : registers.array()) take_register(row, is_snapshot);
}

void NativePlayer::take_register(const Json& row, bool is_snapshot) {
  const std::string name = name_of(row);
  const auto true_name =
      sim::true_name(text_at(row, {"scope"}), text_at(row, {"target"}), text_at(row, {"key"}), view_);
  if (!true_name) return fail(fmt::format("WP32: {} is another name in view {}", name, view_.value));
  const std::uint64_t version = *at(row, {"version"}).as_uint64();
  const auto known = versions_.find(*true_name);
  const bool again = is_snapshot || may_be_told_again_.contains(*true_name);
  if (known != versions_.end() && (again ? version < known->second : version <= known->second)) {
    fail(fmt::format("{} was told at version {} after {}", name, version, known->second));
  }
  versions_[*true_name] = version;
  if (!is_snapshot) {
    may_be_told_again_.erase(*true_name);
  } else if (is_anothers(text_at(row, {"scope"}), text_at(row, {"target"}))) {
    may_be_told_again_.insert(*true_name);
  }
  if (row.find("gone")) {
    picture_.erase(name);
  } else {
    picture_[name] = fmt::format("{}:{}", version, to_string(*row.find("value")));
  }
  const Json* intent = row.find("intent_id");
  if (!intent) return;
  for (const auto& [frame_id, pending] : sent_) {
    if (pending.intent_id == intent->string() && !pending.answered)
      fail(fmt::format("WP8: {} was told before its ack", name));
  }
}

}  // namespace ndcast::sim
