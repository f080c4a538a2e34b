// The floor: a relay of `ws` sockets on Node.js that numbers and repeats every message to everybody. No coalescing, no
// acks, no resume.

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <simdjson.h>

#include "bench/control/peer.h"
#include "bench/control/web_socket_client.h"

namespace ndcast::bench {
namespace {

class RelayClient final : public WebSocketClient, public Client {
 public:
  RelayClient(Poller& poller, std::uint16_t port, const Joining& joining)
      : WebSocketClient(poller, port, "/"), joining_(joining) {}

  bool ready() const override { return ready_; }
  void write(int slider, double value) override {
    send_frame(Opcode::Text, fmt::format(R"({{"k":{},"v":{}}})", slider, value));
  }

 private:
  void on_open() override { ready_ = true; }
  void on_message(std::string_view message) override {
    if (!joining_.listener) return;
    static simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(message.data(), message.size());
    joining_.listener->on_value(joining_.observer, static_cast<int>(std::int64_t(root["k"])), double(root["v"]));
  }

  const Joining joining_;
  bool ready_ = false;
};

class RelayPeer final : public Peer {
 public:
  std::string_view name() const override { return "relay"; }
  std::string describe(const Place& place) const override {
    return fmt::format("ws {} on Node.js 22: a bare relay (JSON)", package_version(place, "hocuspocus", "ws"));
  }
  std::optional<std::string> missing(const Place& place) const override {
    return missing_package(place, "hocuspocus", "ws");
  }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    return std::make_unique<ServerProcess>(
        node_command(place, "hocuspocus", "relay_server.mjs", {std::to_string(port)}), place.server_core);
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<RelayClient>(poller, port, joining);
  }
  std::optional<std::string> own_client() const override { return "relay_client.mjs"; }
};

}  // namespace

std::unique_ptr<Peer> make_relay_peer() { return std::make_unique<RelayPeer>(); }

}  // namespace ndcast::bench
