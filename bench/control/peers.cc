#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "bench/control/peer.h"

namespace ndcast::bench {

std::span<const std::unique_ptr<Peer>> all_peers() {
  static const std::array peers = {
      make_ndcast_peer(),    make_nats_peer(),       make_nats_kv_peer(), make_colyseus_peer(16),
      make_colyseus_peer(1), make_hocuspocus_peer(), make_relay_peer(),
  };
  return peers;
}

const Peer* find_peer(std::string_view name) {
  const auto peers = all_peers();
  const auto it = std::ranges::find_if(peers, [&](const auto& peer) { return peer->name() == name; });
  return it == peers.end() ? nullptr : it->get();
}

namespace {

std::filesystem::path modules(const Place& place, std::string_view package_set) {
  return place.peers / package_set / "node_modules";
}

}  // namespace

ServerProcess::Command node_command(const Place& place, std::string_view package_set, std::string_view script,
                                    std::vector<std::string> arguments) {
  ServerProcess::Command command;
  command.arguments = {modules(place, "colyseus") / ".bin" / "node", place.scripts / script};
  std::ranges::move(arguments, std::back_inserter(command.arguments));
  command.environment = {"NODE_MODULES=" + modules(place, package_set).string(), "NODE_ENV=production"};
  command.ready = "ready";
  return command;
}

std::optional<std::string> missing_package(const Place& place, std::string_view package_set, std::string_view package) {
  const std::filesystem::path folder = modules(place, package_set) / package;
  if (std::filesystem::exists(folder) && std::filesystem::exists(modules(place, "colyseus") / ".bin" / "node"))
    return {};
  return fmt::format("{} is not there; tools/bench_peers.sh installs it", folder.string());
}

std::string package_version(const Place& place, std::string_view package_set, std::string_view package) {
  std::ifstream file(modules(place, package_set) / package / "package.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t key = text.find("\"version\"");
  if (key == std::string::npos) return "?";
  const std::size_t open = text.find('"', text.find(':', key)) + 1;
  return text.substr(open, text.find('"', open) - open);
}

}  // namespace ndcast::bench
