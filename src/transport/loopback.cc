#include "transport/loopback.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

namespace ndcast::transport {

struct LoopbackPair::Shared {
  using Outgoing = std::variant<SharedText, SharedBytes>;

  std::string remote_address;
  SocketLimits limits;
  std::deque<LoopbackMessage> to_server;
  std::deque<Outgoing> to_client;
  std::size_t queued_bytes = 0;
  std::vector<LoopbackMessage> received;
  bool opened = false;
  bool gone = false;            ///< on_close was called
  bool client_left = false;     ///< client_closes()
  bool server_closing = false;  ///< close()
  std::optional<std::uint16_t> closing_code;
  std::optional<std::uint16_t> seen_code;
  std::string reason;
  bool reading = true;
  std::optional<std::size_t> messages_per_pump;
  std::size_t messages_left = 0;

  static std::size_t size_of(const Outgoing& message) {
    return std::visit([](const auto& payload) { return payload->size(); }, message);
  }
};

class LoopbackPair::Socket final : public WebSocket {
 public:
  explicit Socket(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  void send_text(SharedText text) override { enqueue(std::move(text)); }
  void send_binary(SharedBytes bytes) override { enqueue(std::move(bytes)); }
  std::size_t queued_bytes() const override { return shared_->queued_bytes; }
  void close(std::uint16_t code, std::string_view reason) override {
    if (shared_->server_closing || shared_->gone) return;
    shared_->server_closing = true;
    shared_->closing_code = code;
    shared_->reason.assign(fitting_close_reason(reason));
  }
  std::string remote_address() const override { return shared_->remote_address; }

 private:
  void enqueue(Shared::Outgoing message) {
    if (shared_->server_closing || shared_->gone) return;
    shared_->queued_bytes += Shared::size_of(message);
    shared_->to_client.push_back(std::move(message));
  }

  const std::shared_ptr<Shared> shared_;
};

LoopbackPair::LoopbackPair(std::shared_ptr<WebSocketHandler> handler, std::string remote_address)
    : shared_(std::make_shared<Shared>()), handler_(std::move(handler)) {
  shared_->remote_address = std::move(remote_address);
  shared_->limits = handler_->limits();
}

LoopbackPair::~LoopbackPair() { shared_->gone = true; }

void LoopbackPair::client_sends_text(std::string text) {
  if (!shared_->client_left) shared_->to_server.push_back({.is_text = true, .text = std::move(text), .bytes = {}});
}

void LoopbackPair::client_sends_binary(std::vector<std::byte> bytes) {
  if (!shared_->client_left) shared_->to_server.push_back({.is_text = false, .text = {}, .bytes = std::move(bytes)});
}

void LoopbackPair::client_closes() { shared_->client_left = true; }

void LoopbackPair::set_reading(bool reading) { shared_->reading = reading; }

void LoopbackPair::set_messages_per_pump(std::optional<std::size_t> messages) { shared_->messages_per_pump = messages; }

bool LoopbackPair::deliver_to_server() {
  if (shared_->to_server.empty() || shared_->gone) return false;
  const LoopbackMessage message = std::move(shared_->to_server.front());
  shared_->to_server.pop_front();
  if (shared_->server_closing) return true;
  if (std::max(message.text.size(), message.bytes.size()) > shared_->limits.max_message_bytes) {
    shared_->server_closing = true;
    shared_->closing_code = close_code::kTooBig;
    shared_->to_client.clear();
    shared_->queued_bytes = 0;
    handler_->on_violation();
  } else if (message.is_text) {
    handler_->on_text(message.text);
  } else {
    handler_->on_binary(message.bytes);
  }
  return true;
}

bool LoopbackPair::deliver_to_client() {
  if (shared_->to_client.empty() || !shared_->reading || shared_->messages_left == 0 || shared_->gone) return false;
  --shared_->messages_left;
  const Shared::Outgoing message = std::move(shared_->to_client.front());
  shared_->to_client.pop_front();
  const std::size_t before = shared_->queued_bytes;
  shared_->queued_bytes -= Shared::size_of(message);
  if (const auto* text = std::get_if<SharedText>(&message)) {
    shared_->received.push_back({.is_text = true, .text = **text, .bytes = {}});
  } else {
    shared_->received.push_back({.is_text = false, .text = {}, .bytes = *std::get<SharedBytes>(message)});
  }
  const std::size_t low_water = shared_->limits.low_water_bytes;
  if (!shared_->server_closing && before > low_water && shared_->queued_bytes <= low_water) handler_->on_writable();
  return true;
}

bool LoopbackPair::deliver_close() {
  if (shared_->gone || !shared_->to_server.empty()) return false;
  // A client that takes nothing is cut off in the end: the time that a real socket is given counts as over.
  if (!shared_->client_left && !shared_->server_closing) return false;
  if (!shared_->client_left && shared_->reading && !shared_->to_client.empty()) return false;
  if (shared_->server_closing && shared_->reading) shared_->seen_code = shared_->closing_code;
  shared_->gone = true;
  shared_->queued_bytes = 0;
  shared_->to_client.clear();
  const auto handler = std::move(handler_);
  handler->on_close();
  return true;
}

void LoopbackPair::pump() {
  if (shared_->gone) return;
  if (!std::exchange(shared_->opened, true)) handler_->on_open(std::make_shared<Socket>(shared_));
  shared_->messages_left = shared_->messages_per_pump.value_or(static_cast<std::size_t>(-1));
  while (deliver_to_server() || deliver_to_client() || deliver_close()) {
  }
}

std::vector<LoopbackMessage> LoopbackPair::take_received() { return std::exchange(shared_->received, {}); }
bool LoopbackPair::closed() const { return shared_->gone; }
std::optional<std::uint16_t> LoopbackPair::close_code() const { return shared_->seen_code; }
const std::string& LoopbackPair::close_reason() const { return shared_->reason; }

}  // namespace ndcast::transport
