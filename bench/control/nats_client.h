#pragma once
// A client of NATS' text protocol (docs.nats.io, "NATS Protocol"): one subject a slider. Core NATS and its key-value
// store differ in the subject and in how an observer comes to hear of it.

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/control/peer.h"
#include "bench/control/tcp_client.h"

namespace ndcast::bench {

class NatsClient : public TcpClient, public Client {
 public:
  /// `prefix` and the slider's number make a subject.
  NatsClient(Poller& poller, std::uint16_t port, const Joining& joining, std::string prefix);

  bool ready() const override { return ready_; }
  void write(int slider, double value) override;

 protected:
  void publish(std::string_view subject, std::string_view reply, std::string_view payload);
  void subscribe(std::string_view subject, int subscription);
  /// A message on a subject that is no slider's.
  virtual void on_other(std::string_view subject, std::string_view payload);
  /// A status line of JetStream (headers without a payload).
  virtual void on_status(std::string_view reply, std::string_view headers);
  void set_ready() { ready_ = true; }

  const Joining joining_;
  std::string reply_subject_;  ///< of writes; empty: none is asked for

 private:
  std::size_t on_bytes(std::string_view bytes) final;
  std::size_t take_message(std::string_view bytes, std::string_view line, bool has_headers);
  virtual void on_pong() { set_ready(); }

  const std::string prefix_;
  bool ready_ = false;
};

/// One request and its answer's line and payload, on a connection of its own.
std::string nats_request(std::uint16_t port, std::string_view subject, std::string_view payload);

/// Why nats-server cannot run here, or nothing.
std::optional<std::string> missing_nats();
/// nats-server with `more` options. It is given the one core that it is pinned to (GOMAXPROCS).
std::unique_ptr<ServerProcess> start_nats(const Place& place, std::uint16_t port, std::vector<std::string> more);

}  // namespace ndcast::bench
