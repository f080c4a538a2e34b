// Hocuspocus: a Yjs document relayed and kept by a server. Its messages are the document's name, a kind and a body
// (hocuspocus/packages/provider, MessageType; y-protocols/sync.js).

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/control/peer.h"
#include "bench/control/web_socket_client.h"
#include "bench/control/yjs_map.h"

namespace ndcast::bench {
namespace {

enum Kind { kSync = 0, kAuth = 2, kSyncReply = 4 };
enum SyncStep { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
enum AuthStep { kToken = 0, kDenied = 1 };

constexpr std::string_view kDocument = "d";
/// Yjs client ids of writers, one a slider.
constexpr std::uint32_t kFirstClient = 1000;

std::string message_head(Kind kind, int step) {
  std::string out;
  append_var_string(out, kDocument);
  append_var_uint(out, kind);
  append_var_uint(out, static_cast<std::uint64_t>(step));
  return out;
}

class HocuspocusClient final : public WebSocketClient, public Client {
 public:
  HocuspocusClient(Poller& poller, std::uint16_t port, const Joining& joining)
      : WebSocketClient(poller, port, "/"),
        joining_(joining),
        reader_([this](std::string_view key, double value) { on_set(key, value); }) {}

  bool ready() const override { return ready_; }

  /// A client writes one slider, always the same.
  void write(int slider, double value) override {
    if (!writer_) writer_.emplace(kFirstClient + static_cast<std::uint32_t>(slider));
    std::string message = message_head(kSync, kUpdate);
    append_var_string(message, writer_->set(fmt::format("s{}", slider), value));
    send_frame(Opcode::Binary, message);
  }

 private:
  void on_open() override {
    std::string token = message_head(kAuth, kToken);
    append_var_string(token, "");
    append_var_string(token, "4.7.0");  // the provider's version, which the server expects with the token
    send_frame(Opcode::Binary, token);
    std::string step1 = message_head(kSync, kStep1);
    append_var_string(step1, std::string_view("\0", 1));  // a state vector that knows nothing
    send_frame(Opcode::Binary, step1);
  }

  void on_message(std::string_view message) override {
    YjsBytes bytes(message);
    bytes.var_string();
    const std::uint64_t kind = bytes.var_uint();
    if (kind == kAuth && bytes.var_uint() == kDenied) throw std::runtime_error("Hocuspocus: not let in");
    if (kind != kSync && kind != kSyncReply) return;
    const std::uint64_t step = bytes.var_uint();
    if (step == kStep1) return answer_step1();
    if (joining_.listener) reader_.apply(bytes.var_string());
    if (step == kStep2) ready_ = true;
  }

  /// The server asks what we have that it lacks: nothing.
  void answer_step1() {
    std::string step2 = message_head(kSync, kStep2);
    append_var_string(step2, std::string_view("\0\0", 2));
    send_frame(Opcode::Binary, step2);
  }

  void on_set(std::string_view key, double value) {
    int slider = -1;
    std::from_chars(key.data() + 1, key.data() + key.size(), slider);
    joining_.listener->on_value(joining_.observer, slider, value);
  }

  const Joining joining_;
  std::optional<YjsWriter> writer_;
  YjsReader reader_;
  bool ready_ = false;
};

class HocuspocusPeer final : public Peer {
 public:
  std::string_view name() const override { return "hocuspocus"; }
  std::string describe(const Place& place) const override {
    return fmt::format("Hocuspocus {} with Yjs {} on Node.js 22, nothing stored",
                       package_version(place, "hocuspocus", "@hocuspocus/server"),
                       package_version(place, "hocuspocus", "yjs"));
  }
  std::optional<std::string> missing(const Place& place) const override {
    return missing_package(place, "hocuspocus", "@hocuspocus/server");
  }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    return std::make_unique<ServerProcess>(
        node_command(place, "hocuspocus", "hocuspocus_server.mjs", {std::to_string(port)}), place.server_core);
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<HocuspocusClient>(poller, port, joining);
  }
  std::optional<std::string> own_client() const override { return "hocuspocus_client.mjs"; }
};

}  // namespace

std::unique_ptr<Peer> make_hocuspocus_peer() { return std::make_unique<HocuspocusPeer>(); }

}  // namespace ndcast::bench
