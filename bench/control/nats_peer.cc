// NATS core: subjects, no state. What an observer missed is gone.

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include "bench/control/nats_client.h"
#include "bench/control/peer.h"

namespace ndcast::bench {
namespace {

class CoreClient final : public NatsClient {
 public:
  CoreClient(Poller& poller, std::uint16_t port, const Joining& joining) : NatsClient(poller, port, joining, "s.") {
    subscribe("s.*", 1);
  }
};

class NatsPeer final : public Peer {
 public:
  std::string_view name() const override { return "nats"; }
  std::string describe(const Place&) const override {
    return "NATS core 2.9.10 (Debian's nats-server), a subject a slider";
  }
  std::optional<std::string> missing(const Place&) const override { return missing_nats(); }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    return start_nats(place, port, {});
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<CoreClient>(poller, port, joining);
  }
  std::optional<std::string> own_client() const override { return "nats_client.mjs"; }
};

}  // namespace

std::optional<std::string> missing_nats() {
  if (std::system("command -v nats-server > /dev/null") == 0) return {};
  return "nats-server is not there; tools/bench_peers.sh installs it";
}

std::unique_ptr<ServerProcess> start_nats(const Place& place, std::uint16_t port, std::vector<std::string> more) {
  ServerProcess::Command command{.arguments = {"nats-server", "-a", "127.0.0.1", "-p", std::to_string(port)},
                                 .environment = {"GOMAXPROCS=1"},
                                 .ready = "Server is ready"};
  std::ranges::move(more, std::back_inserter(command.arguments));
  return std::make_unique<ServerProcess>(command, place.server_core);
}

std::unique_ptr<Peer> make_nats_peer() { return std::make_unique<NatsPeer>(); }

}  // namespace ndcast::bench
