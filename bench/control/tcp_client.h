#pragma once
// One client connection of the load generator: bytes out at once, bytes in to whoever speaks the protocol.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/control/poller.h"

namespace ndcast::bench {

class TcpClient : public Pollable {
 public:
  /// Connects to 127.0.0.1; throws std::runtime_error when nobody listens there.
  TcpClient(Poller& poller, std::uint16_t port);
  ~TcpClient() override;
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  /// Hands the bytes to the kernel before it returns, or what the kernel does not take as soon as it does.
  void send(std::string_view bytes);
  std::uint64_t bytes_in() const { return bytes_in_; }
  void on_ready(std::uint32_t events) final;

 protected:
  /// Takes whole messages from the front of `bytes` and returns how many bytes they were; the rest comes again with
  /// more behind it.
  virtual std::size_t on_bytes(std::string_view bytes) = 0;

 private:
  void read_some();
  void take(std::string_view bytes);

  Poller& poller_;
  int socket_ = -1;
  std::string incoming_;  ///< the beginning of a message
  std::string outgoing_;  ///< what the kernel did not take
  std::uint64_t bytes_in_ = 0;
};

/// Says `request` on a connection of its own and returns what came back once it contains `until`; throws when that does
/// not come within some seconds.
std::string ask(std::uint16_t port, std::string_view request, std::string_view until);

}  // namespace ndcast::bench
