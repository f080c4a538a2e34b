// Colyseus: an authoritative room whose state is sent as patches. The generator speaks its wire itself: matchmaking by
// HTTP, then WebSocket messages of one protocol byte and a body (@colyseus/shared-types, Protocol; @colyseus/schema,
// spec.ts), for a flat schema of float64 fields.

#include <array>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/control/peer.h"
#include "bench/control/web_socket_client.h"

namespace ndcast::bench {
namespace {

enum Protocol : unsigned char { kJoinRoom = 10, kError = 11, kRoomData = 13, kRoomState = 14, kRoomStatePatch = 15 };

/// A field's operation is its number with ADD (0x80) or nothing, which replaces.
constexpr unsigned char kAdd = 0x80;
constexpr unsigned char kField = 0x3f;

/// "name":"value" of an answer.
std::string text_member(std::string_view json, std::string_view name) {
  const std::string before = fmt::format("\"{}\":\"", name);
  const std::size_t at = json.find(before);
  if (at == std::string_view::npos) throw std::runtime_error(fmt::format("Colyseus: no {} in {}", name, json));
  const std::size_t begin = at + before.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

/// Reserves a seat; the path of the room's socket.
std::string reserve_seat(std::uint16_t port) {
  const std::string answer =
      ask(port,
          fmt::format("POST /matchmake/joinOrCreate/drag HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: "
                      "application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}",
                      port),
          "processId");
  return fmt::format("/{}/{}?sessionId={}", text_member(answer, "processId"), text_member(answer, "roomId"),
                     text_member(answer, "sessionId"));
}

class ColyseusClient final : public WebSocketClient, public Client {
 public:
  ColyseusClient(Poller& poller, std::uint16_t port, const Joining& joining)
      : WebSocketClient(poller, port, reserve_seat(port)), joining_(joining) {}

  bool ready() const override { return ready_; }

  // ROOM_DATA, the type "u" and [slider, value] in MessagePack.
  void write(int slider, double value) override {
    std::array<char, 14> message = {kRoomData, '\xa1', 'u', '\x92', static_cast<char>(slider), '\xcb'};
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bits = __builtin_bswap64(bits);
    std::memcpy(message.data() + 6, &bits, sizeof bits);
    send_frame(Opcode::Binary, {message.data(), message.size()});
  }

 private:
  void on_open() override {}

  void on_message(std::string_view message) override {
    if (message.empty()) return;
    switch (static_cast<unsigned char>(message.front())) {
      case kJoinRoom:
        return send_frame(Opcode::Binary, std::string_view("\x0a", 1));
      case kRoomState:
        read_fields(message.substr(1));
        ready_ = true;
        return;
      case kRoomStatePatch:
        return read_fields(message.substr(1));
      case kError:
        throw std::runtime_error(fmt::format("Colyseus: {}", message));
      default:
        return;
    }
  }

  void read_fields(std::string_view fields) {
    constexpr std::size_t kBytes = 1 + sizeof(double);
    if (fields.size() % kBytes != 0) throw std::runtime_error("Colyseus: a patch that is not of float64 fields");
    for (; !fields.empty(); fields.remove_prefix(kBytes)) {
      const auto operation = static_cast<unsigned char>(fields.front());
      if ((operation & ~kField & ~kAdd) != 0) throw std::runtime_error("Colyseus: a patch of another structure");
      double value = 0;
      std::memcpy(&value, fields.data() + 1, sizeof value);
      if (joining_.listener) joining_.listener->on_value(joining_.observer, operation & kField, value);
    }
  }

  const Joining joining_;
  bool ready_ = false;
};

class ColyseusPeer final : public Peer {
 public:
  explicit ColyseusPeer(int patch_ms) : patch_ms_(patch_ms), name_(fmt::format("colyseus-{}ms", patch_ms)) {}

  std::string_view name() const override { return name_; }
  std::string describe(const Place& place) const override {
    return fmt::format("Colyseus {} with ws-transport on Node.js 22, patchRate {} ms (its default is 50)",
                       package_version(place, "colyseus", "@colyseus/core"), patch_ms_);
  }
  std::optional<std::string> missing(const Place& place) const override {
    return missing_package(place, "colyseus", "@colyseus/core");
  }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    return std::make_unique<ServerProcess>(
        node_command(place, "colyseus", "colyseus_server.mjs", {std::to_string(port), std::to_string(patch_ms_)}),
        place.server_core);
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<ColyseusClient>(poller, port, joining);
  }
  std::optional<std::string> own_client() const override { return "colyseus_client.mjs"; }

 private:
  const int patch_ms_;
  const std::string name_;
};

}  // namespace

std::unique_ptr<Peer> make_colyseus_peer(int patch_ms) { return std::make_unique<ColyseusPeer>(patch_ms); }

}  // namespace ndcast::bench
