// ndcast itself: `ndcast serve` as people run it, and native sessions.

#include <fmt/format.h>

#include "base/version.h"
#include "bench/control/ndcast_client.h"
#include "bench/control/peer.h"

namespace ndcast::bench {
namespace {

class NdcastPeer final : public Peer {
 public:
  std::string_view name() const override { return "ndcast"; }
  std::string describe(const Place&) const override {
    return fmt::format("ndcast {}, native dialect (JSON), versions, acks and resume", kVersion);
  }
  std::optional<std::string> missing(const Place& place) const override {
    if (std::filesystem::exists(place.ndcast)) return {};
    return fmt::format("{} is not built", place.ndcast.string());
  }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    return std::make_unique<ServerProcess>(
        ServerProcess::Command{.arguments = {place.ndcast, "serve", place.image, "--port", std::to_string(port),
                                             "--no-auth", "--log-level", "warn"},
                               .environment = {},
                               .ready = "http://"},
        place.server_core);
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<NdcastClient>(poller, port, joining);
  }
};

}  // namespace

std::unique_ptr<Peer> make_ndcast_peer() { return std::make_unique<NdcastPeer>(); }

}  // namespace ndcast::bench
