// NATS JetStream's key-value store: a stream in memory that keeps the last value of each key, observers watch it. The
// requests are those that NATS' own clients make (nats-io/nats-architecture-and-design, ADR-8).

#include <stdexcept>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/control/nats_client.h"
#include "bench/control/peer.h"

namespace ndcast::bench {
namespace {

constexpr std::string_view kBucket =
    R"({"name":"KV_drag","subjects":["$KV.drag.>"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":-1,)"
    R"("max_age":0,"max_msgs_per_subject":1,"max_msg_size":-1,"discard":"new","storage":"memory","num_replicas":1,)"
    R"("duplicate_window":120000000000,"allow_rollup_hdrs":true,"deny_delete":true,"allow_direct":true})";

class KvClient final : public NatsClient {
 public:
  KvClient(Poller& poller, std::uint16_t port, const Joining& joining)
      : NatsClient(poller, port, joining, "$KV.drag.") {
    if (!joining.listener) {
      // A put is a request: its acknowledgement comes back.
      reply_subject_ = "_INBOX.put" + std::to_string(next_inbox());
      subscribe(reply_subject_, 3);
    }
    watch();
  }

 private:
  static int next_inbox() {
    static int number = 0;
    return ++number;
  }

  void watch() {
    const int number = next_inbox();
    const std::string deliver = fmt::format("_INBOX.watch{}", number);
    created_ = fmt::format("_INBOX.created{}", number);
    subscribe(deliver, 1);
    subscribe(created_, 2);
    publish("$JS.API.CONSUMER.CREATE.KV_drag", created_,
            fmt::format(
                R"({{"stream_name":"KV_drag","config":{{"deliver_subject":"{}","deliver_policy":"last_per_subject",)"
                R"("ack_policy":"none","max_deliver":1,"filter_subject":"$KV.drag.>","replay_policy":"instant",)"
                R"("flow_control":true,"idle_heartbeat":5000000000,"mem_storage":true,"num_replicas":1}}}})",
                deliver));
  }

  void on_pong() override {}
  void on_other(std::string_view subject, std::string_view payload) override {
    if (subject != created_) return;
    if (payload.contains("\"error\"")) throw std::runtime_error(std::string(payload));
    set_ready();
  }
  void on_status(std::string_view reply, std::string_view) override {
    if (!reply.empty()) publish(reply, {}, {});  // flow control asks for a sign of life
  }

  std::string created_;  ///< where the answer to the watch comes
};

class NatsKvPeer final : public Peer {
 public:
  std::string_view name() const override { return "nats-kv"; }
  std::string describe(const Place&) const override {
    return "NATS 2.9.10 JetStream key-value store, in memory, history 1, watched";
  }
  std::optional<std::string> missing(const Place&) const override { return missing_nats(); }
  std::unique_ptr<ServerProcess> start(const Place& place, std::uint16_t port) const override {
    const std::string folder = std::filesystem::temp_directory_path() / fmt::format("ndcast-bench-nats-{}", getpid());
    auto server = start_nats(place, port, {"-js", "-sd", folder});
    const std::string answer = nats_request(port, "$JS.API.STREAM.CREATE.KV_drag", kBucket);
    if (answer.contains("\"error\"")) throw std::runtime_error(answer);
    return server;
  }
  std::unique_ptr<Client> connect(Poller& poller, std::uint16_t port, const Joining& joining) const override {
    return std::make_unique<KvClient>(poller, port, joining);
  }
  std::optional<std::string> own_client() const override { return "nats_kv_client.mjs"; }
};

}  // namespace

std::unique_ptr<Peer> make_nats_kv_peer() { return std::make_unique<NatsKvPeer>(); }

}  // namespace ndcast::bench
