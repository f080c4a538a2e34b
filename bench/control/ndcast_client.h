#pragma once
// A native session of ndcast (docs/protocol.md §3–§6), as much of it as a drag needs.

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/control/peer.h"
#include "bench/control/web_socket_client.h"

namespace ndcast::bench {

/// Where a client's knowledge ends (WP15).
struct Since {
  std::string history_id;
  std::uint64_t server_seq = 0;
};

/// The slider of writer i is the opacity of layer i.
class NdcastClient final : public WebSocketClient, public Client {
 public:
  NdcastClient(Poller& poller, std::uint16_t port, const Joining& joining, const Since& since = {});

  bool ready() const override { return server_seq_ > 0; }
  void write(int slider, double value) override;

  /// The last nd.snapshot or nd.commit took it here.
  std::uint64_t server_seq() const { return server_seq_; }
  const std::string& history_id() const { return history_id_; }
  int updates_acked() const { return acked_; }

 private:
  void on_open() override;
  void on_message(std::string_view message) override;
  void on_welcome(std::string_view message);
  void on_registers(std::string_view message);

  const Joining joining_;
  const Since since_;
  std::string session_;
  std::string history_id_;
  std::uint64_t server_seq_ = 0;
  int sent_ = 0;
  int acked_ = 0;
};

}  // namespace ndcast::bench
