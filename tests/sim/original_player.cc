#include "tests/sim/original_player.h"

#include <utility>

#include <fmt/format.h>

#include "session/testing.h"

namespace ndcast::sim {

using session::testing::at;
using session::testing::text_at;
using session::testing::type_of;

Json OriginalPlayer::hello(bool resumes) {
  Json payload = session::testing::hello_payload();
  Json tokens = Json::make_object();
  if (resumes) {
    for (const auto& [topic, token] : tokens_) tokens.set(topic, token);
  }
  payload.set("resume_tokens", std::move(tokens));
  live_ = false;
  sent_.clear();
  return session::testing::hello(std::move(payload));
}

Json OriginalPlayer::update(std::string_view scope, std::string_view target, std::string_view key, Json value) {
  const std::string frame_id = fmt::format("state-{:08}", ++number_);
  const std::string intent_id = fmt::format("intent-{}-{:08}", name_, number_);
  sent_.emplace(frame_id, intent_id);
  return Json::make_object(
      {{"type", "state.update"},
       {"version", 2},
       {"session", session_},
       {"frame_id", frame_id},
       {"intent_id", intent_id},
       {"timestamp", 1.0},
       {"payload",
        Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", std::move(value)}})}});
}

void OriginalPlayer::on_frame(const Json& frame) {
  const std::string type = type_of(frame);
  if (type.starts_with("nd.")) return fail("WP5: a frame of the native dialect: " + type);
  if (type == "session.welcome") return on_welcome(frame);
  const Json payload = at(frame, {"payload"});
  if (type == "ack.state") return on_ack(payload);
  if (frame.find("delta_token")) note_cursor(type, frame);
  if (type == "notify.scene") baseline_ = true;
  if (type == "notify.dims") {
    if (!frame.find("intent_id") && text_at(frame, {"frame_id"}).size() != 8)
      fail("WP2: a long frame_id on notify.dims");
    dims_ = payload;
  }
  if (type == "notify.level") level_ = payload;
  if (type == "notify.layers") on_layers(payload);
  if (type == "notify.camera") on_camera(frame);
}

void OriginalPlayer::on_welcome(const Json& frame) {
  session_ = text_at(frame, {"payload", "session", "id"});
  live_ = true;
  baseline_ = true;
  seqs_.clear();
  const Json features = at(frame, {"payload", "features"});
  const bool resumes = !at(features, {"notify.layers", "resume_state"}).is_null();
  if (!resumes) {
    // Who forgets what it knew forgets how far it knew it.
    layers_.clear();
    tokens_.erase("notify.layers");
  }
}

void OriginalPlayer::on_ack(const Json& payload) {
  const std::string answered = text_at(payload, {"in_reply_to"});
  if (sent_.empty() || sent_.begin()->first != answered) return fail("WP8: an ack of " + answered + " out of turn");
  sent_.erase(sent_.begin());
}

void OriginalPlayer::note_cursor(const std::string& topic, const Json& frame) {
  const std::int64_t seq = *at(frame, {"seq"}).as_int64();
  const std::string token = text_at(frame, {"delta_token"});
  const auto known = seqs_.find(topic);
  if (topic == "notify.scene") {
    if (seq != 0) fail("WP2: notify.scene with a seq");
  } else if (known != seqs_.end() && tokens_[topic] != token) {
    // A baseline carries the topic's present cursor; after it every delta counts one on, unless a new epoch began.
    const bool is_next = seq == known->second + 1;
    if (!is_next && !baseline_) fail(fmt::format("WP16: {} went from seq {} to {}", topic, known->second, seq));
  }
  seqs_[topic] = seq;
  tokens_[topic] = token;
}

void OriginalPlayer::on_layers(const Json& payload) {
  const std::string id = text_at(payload, {"layer_id"});
  if (payload.find("removed")) {
    layers_.erase(id);
    return;
  }
  const Json controls = at(payload, {"layer", "controls"});
  for (const auto& [key, value] : controls.object()) layers_[id][key] = to_string(value);
}

void OriginalPlayer::on_camera(const Json& frame) {
  const Json payload = at(frame, {"payload"});
  baseline_ = false;
  if (text_at(payload, {"mode"}) == "pose") pose_ = payload;
  if (text_at(payload, {"origin"}) != "state.update") return;
  if (text_at(payload, {"mode"}) == "pose") fail("a pose of a client's making");
}

}  // namespace ndcast::sim
