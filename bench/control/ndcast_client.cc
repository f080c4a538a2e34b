#include "bench/control/ndcast_client.h"

#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <simdjson.h>

namespace ndcast::bench {
namespace {

/// "ch-3" → 3: the number that a layer's id ends with.
int layer_number(std::string_view id) {
  std::size_t digits = id.size();
  while (digits > 0 && id[digits - 1] >= '0' && id[digits - 1] <= '9') --digits;
  int number = -1;
  std::from_chars(id.data() + digits, id.data() + id.size(), number);
  return number;
}

/// The envelope opens with it; reading it there spares parsing acks and heartbeats.
bool is_of_type(std::string_view message, std::string_view type) {
  constexpr std::string_view kBefore = "{\"type\":\"";
  return message.starts_with(kBefore) && message.substr(kBefore.size()).starts_with(type);
}

simdjson::dom::element parse(std::string_view message) {
  static simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(message.data(), message.size()).get(root)) {
    throw std::runtime_error(fmt::format("ndcast sent what is not JSON: {}", message.substr(0, 200)));
  }
  return root;
}

}  // namespace

NdcastClient::NdcastClient(Poller& poller, std::uint16_t port, const Joining& joining, const Since& since)
    : WebSocketClient(poller, port, "/state"), joining_(joining), since_(since) {}

void NdcastClient::on_open() {
  std::string resume;
  if (!since_.history_id.empty()) {
    resume = fmt::format(R"(,"since":{{"history_id":"{}","server_seq":{}}})", since_.history_id, since_.server_seq);
  }
  send_frame(Opcode::Text,
             fmt::format(R"({{"type":"session.hello","version":2,"frame_id":"hello","timestamp":0.5,"payload":)"
                         R"({{"protocols":[2],"client":{{"name":"bench","version":"1","platform":"bench"}},)"
                         R"("features":{{}},"resume_tokens":{{}}}},)"
                         R"("nd":{{"extensions":1,"actor":{{"name":"bench","kind":"human"}}{}}}}})",
                         resume));
}

void NdcastClient::write(int slider, double value) {
  std::array<char, 512> frame;
  ++sent_;
  const auto end = fmt::format_to_n(
      frame.data(), frame.size(),
      R"({{"type":"state.update","version":2,"session":"{}","frame_id":"f{}","timestamp":0.5,"intent_id":"i{}",)"
      R"("payload":{{"scope":"layer","target":"layer-{}","key":"opacity","value":{},"phase":"update","interaction_id":"drag"}}}})",
      session_, sent_, sent_, slider, value);
  send_frame(Opcode::Text, {frame.data(), end.size});
}

void NdcastClient::on_message(std::string_view message) {
  if (is_of_type(message, "nd.commit") || is_of_type(message, "nd.snapshot")) return on_registers(message);
  if (is_of_type(message, "session.welcome")) return on_welcome(message);
  if (is_of_type(message, "ack.state")) {
    if (!message.contains("\"status\":\"accepted\"")) throw std::runtime_error(std::string(message));
    ++acked_;
  } else if (is_of_type(message, "session.heartbeat")) {
    send_frame(Opcode::Text, fmt::format(R"({{"type":"session.ack","version":2,"session":"{}","frame_id":"a",)"
                                         R"("timestamp":0.5,"payload":{{}}}})",
                                         session_));
  } else if (is_of_type(message, "session.reject") || is_of_type(message, "notify.error")) {
    throw std::runtime_error(std::string(message));
  }
}

void NdcastClient::on_welcome(std::string_view message) {
  const simdjson::dom::element root = parse(message);
  session_ = std::string_view(root["session"]);
  history_id_ = std::string_view(root["nd"]["history_id"]);
}

void NdcastClient::on_registers(std::string_view message) {
  const simdjson::dom::object payload = parse(message)["payload"];
  for (const simdjson::dom::object told : simdjson::dom::array(payload["registers"])) {
    if (!joining_.listener || std::string_view(told["key"]) != "opacity") continue;
    joining_.listener->on_value(joining_.observer, layer_number(std::string_view(told["target"])),
                                double(told["value"]));
  }
  server_seq_ = std::uint64_t(payload["server_seq"]);
}

}  // namespace ndcast::bench
