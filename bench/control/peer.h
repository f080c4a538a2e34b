#pragma once
// A server that can carry sliders, seen by the load generator: how it is started and how a client speaks to it. Each
// peer is a file set PEER_peer.cc of the same shape and one line in peers.cc.
//
//   const Peer& peer = *find_peer("nats");
//   const auto server = peer.start(place, port);
//   const auto observer = peer.connect(poller, port, {.observer = 0, .listener = &listener});
//   const auto writer = peer.connect(poller, port, {});
//   writer->write(3, 0.25);                      // → listener.on_value(0, 3, 0.25)

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/control/poller.h"
#include "bench/control/server_process.h"

namespace ndcast::bench {

/// Sliders that every peer provides; the Colyseus schema names them one by one.
inline constexpr int kSliders = 32;

/// Where the programs are.
struct Place {
  std::filesystem::path ndcast;   ///< the program
  std::filesystem::path peers;    ///< folder that tools/bench_peers.sh filled
  std::filesystem::path scripts;  ///< bench/control/peers
  std::filesystem::path image;    ///< an image of kSliders layers
  int server_core = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  /// The observer's callback: it now has the decoded value.
  virtual void on_value(int observer, int slider, double value) = 0;
};

/// One connection, a writer's or an observer's.
class Client {
 public:
  virtual ~Client() = default;
  /// It has joined: what is written from now on reaches it.
  virtual bool ready() const = 0;
  /// Hands the write to the socket before it returns.
  virtual void write(int slider, double value) = 0;
};

struct Joining {
  int observer = -1;             ///< its number in the listener's calls
  Listener* listener = nullptr;  ///< none: a writer, who hears nothing
};

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string_view name() const = 0;
  /// What runs, with its version and how it is set, for the table.
  virtual std::string describe(const Place& place) const = 0;
  /// Why it cannot run here, or nothing.
  virtual std::optional<std::string> missing(const Place& place) const = 0;
  virtual std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const = 0;
  virtual std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const = 0;
  /// The script in which the peer's own JS client plays its part of the self-check; none where the protocol is ours.
  virtual std::optional<std::string> own_client() const { return std::nullopt; }
};

/// All of them, in the order of the tables.
std::span<const std::unique_ptr<Peer>> all_peers();
const Peer* find_peer(std::string_view name);

// The registration lines of peers.cc.
std::unique_ptr<Peer> make_ndcast_peer();
std::unique_ptr<Peer> make_nats_peer();
std::unique_ptr<Peer> make_nats_kv_peer();
std::unique_ptr<Peer> make_colyseus_peer(int patch_ms);
std::unique_ptr<Peer> make_hocuspocus_peer();
std::unique_ptr<Peer> make_relay_peer();

/// Node.js 22 as a command for `script` of the scripts folder, with the packages of `package_set`.
ServerProcess::Command node_command(const Place& place, std::string_view package_set, std::string_view script,
                                    std::vector<std::string> arguments);
/// Why that command cannot run.
std::optional<std::string> missing_package(const Place& place, std::string_view package_set, std::string_view package);
/// "version" of a package.
std::string package_version(const Place& place, std::string_view package_set, std::string_view package);

}  // namespace ndcast::bench
