#include "room/loopback_client.h"

#include <stdexcept>

#include "base/sanitizers.h"

namespace ndcast::room {
namespace {

/// Longer than any machine under test load takes for one picture.
constexpr std::chrono::seconds kPatience{kSanitized ? 200 : 20};

}  // namespace

LoopbackRoom::LoopbackRoom(const std::vector<std::filesystem::path>& data_roots, RoomConfig config,
                           std::shared_ptr<ledger::Journal> journal, std::shared_ptr<const image::Remote> remote,
                           std::size_t chunk_cache_bytes)
    : roots(data_roots),
      loader(std::make_shared<image::ChunkLoader>(std::make_shared<image::ChunkCache>(chunk_cache_bytes), 2)),
      images(std::make_shared<SharedImages>(std::move(remote))) {
  if (journal) config.journal = RoomJournal::open(std::move(journal), config.name, loop, clock);
  auto made = Room::make(surroundings(), std::move(config));
  if (!made) throw std::runtime_error(made.error().message);
  room = std::move(*made);
}

Result<void> LoopbackRoom::open(const std::string& uri) {
  std::optional<Result<void>> outcome;
  room->open(uri, [&](Result<void> opened) { outcome = std::move(opened); });
  while (!outcome) serve();
  return *outcome;
}

Result<void> LoopbackRoom::reopen() {
  std::optional<Result<void>> outcome;
  room->reopen([&](Result<void> opened) { outcome = std::move(opened); });
  while (!outcome) serve();
  return *outcome;
}

LoopbackClient::LoopbackClient(LoopbackRoom& house, std::string name, auth::Role role, Room* room)
    : house_(house),
      room_(room ? *room : *house.room),
      name_(std::move(name)),
      state_(room_.make_state_socket({.authorised = role, .remote = "loopback"})) {}

void LoopbackClient::join() {
  send("session.hello",
       Json::make_object({{"protocols", Json::make_array({2})},
                          {"client", Json::make_object({{"name", name_}, {"version", "1"}, {"platform", "loopback"}})},
                          {"features", Json::make_object()},
                          {"resume_tokens", Json::make_object()}}),
       false,
       Json::make_object({{"extensions", 1}, {"actor", Json::make_object({{"name", name_}, {"kind", "agent"}})}}));
  wait("a welcome", [this] { return !ticket_.empty(); });
  auto pixels = room_.make_pixel_socket(ticket_, {.extended = true});
  if (!pixels) throw std::runtime_error(pixels.error().message);
  pixels_.emplace(*pixels);
  wait("a complete first picture", [this] { return shown_.complete; });
}

void LoopbackClient::leave() {
  if (pixels_) pixels_->client_closes();
  state_.client_closes();
  pump();
}

std::string LoopbackClient::send(std::string_view type, Json payload, bool is_intent, Json nd) {
  std::string id = fmt::format("{}-{}", name_, ++sent_);
  Json frame = Json::make_object({{"type", type},
                                  {"version", 2},
                                  {"frame_id", id},
                                  {"timestamp", house_.clock.unix_seconds()},
                                  {"payload", std::move(payload)}});
  if (!session_.empty()) frame.set("session", session_);
  if (is_intent) frame.set("intent_id", "intent-" + id);
  if (!nd.is_null()) frame.set("nd", std::move(nd));
  answer_.reset();
  awaited_frame_id_ = id;
  state_.client_sends_text(to_string(frame));
  pump();
  return id;
}

Json LoopbackClient::update_ack(std::string_view scope, std::string_view target, std::string_view key,
                                const Json& value) {
  // Before it is sent: callers may name a layer by what the snapshot of now holds.
  const std::string awaited = fmt::format("an ack for {}/{}/{}", scope, target, key);
  send("state.update", Json::make_object({{"scope", scope}, {"target", target}, {"key", key}, {"value", value}}), true);
  wait(awaited, [this] { return answer_.has_value(); });
  return *answer_;
}

std::uint64_t LoopbackClient::update(std::string_view scope, std::string_view target, std::string_view key,
                                     const Json& value) {
  const Json ack = update_ack(scope, target, key, value);
  if (ack.find("status")->string() != "accepted") throw std::runtime_error(to_string(ack));
  return *ack.find("version")->as_uint64();
}

Json LoopbackClient::call(std::string_view command, Json kwargs) {
  send("call.command",
       Json::make_object({{"command", command}, {"args", Json::make_array()}, {"kwargs", std::move(kwargs)}}), false);
  wait(fmt::format("an answer to {}", command), [this] { return answer_.has_value(); });
  return *answer_;
}

void LoopbackClient::wait(std::string_view what, const std::function<bool()>& condition) {
  const MonotonicTime give_up = house_.clock.now() + kPatience;
  while (!condition()) {
    if (house_.clock.now() > give_up) {
      throw std::runtime_error(
          fmt::format("{} did not come in {} s ({} frames so far)", what, kPatience.count(), frames_));
    }
    house_.serve();
    pump();
  }
}

void LoopbackClient::pump() {
  state_.pump();
  for (const auto& message : state_.take_received()) {
    Result<Json> frame = parse_json(message.text);
    if (!frame) throw std::runtime_error("the server sent what is not JSON: " + message.text);
    on_state(std::move(*frame));
  }
  if (!pixels_) return;
  pixels_->pump();
  for (const auto& message : pixels_->take_received()) on_pixels(message.bytes);
}

void LoopbackClient::on_state(Json frame) {
  const std::string type = frame.find("type")->string();
  const Json& payload = *frame.find("payload");
  if (type == "session.reject") throw std::runtime_error(to_string(frame));
  if (type == "session.welcome") {
    session_ = frame.find("session")->string();
    ticket_ = frame.find("nd")->find("pixel_ticket")->string();
  }
  if (type == "nd.snapshot" || type == "nd.commit") on_registers(payload);
  const Json* in_reply_to = payload.find("in_reply_to");
  if (in_reply_to && in_reply_to->as_string() == awaited_frame_id_) answer_ = payload;
  state_frames_.push_back(std::move(frame));
}

void LoopbackClient::on_registers(const Json& payload) {
  if (const Json* view = payload.find("view")) {  // a snapshot
    view_ = view->string();
    binding_ = static_cast<std::uint8_t>(*payload.find("binding")->as_uint64());
    registers_.clear();
  }
  for (const Json& entry : payload.find("registers")->array()) {
    const std::string name = fmt::format("{}/{}/{}", entry.find("scope")->string(), entry.find("target")->string(),
                                         entry.find("key")->string());
    if (entry.find("gone")) {
      registers_.erase(name);
    } else {
      registers_[name] = *entry.find("value");
    }
  }
}

Json LoopbackClient::value(std::string_view scope, std::string_view target, std::string_view key) const {
  const auto it = registers_.find(fmt::format("{}/{}/{}", scope, target, key));
  return it == registers_.end() ? Json(nullptr) : it->second;
}

void LoopbackClient::on_pixels(std::span<const std::byte> message) {
  const auto frame = stream::parse_pixel_frame(message);
  if (!frame || !frame->state) throw std::runtime_error("the server sent what is no pixel frame");
  const MonotonicTime now = house_.clock.now();
  ++frames_;
  if (frame->state->server_seq > shown_.server_seq) shown_at_ = now;
  shown_ = *frame->state;
  if (recording_) recorded_.push_back({frame->header, shown_, {frame->payload.begin(), frame->payload.end()}, now});
}

}  // namespace ndcast::room
