#pragma once
// One client's socket as the story plays it: an ordered pipe each way whose messages wait until the story delivers
// them. What is on its way when the socket breaks is lost, as it is in life.

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "session/session_hub.h"
#include "tests/sim/violations.h"

namespace ndcast::sim {

class Link final : public session::Sink {
 public:
  explicit Link(Violations& violations) : violations_(violations) {}

  // session::Sink: the server's end
  void send_text(std::shared_ptr<const std::string> text) override {
    if (close_code_) violations_.add("the server sent a frame after close: " + text->substr(0, 120));
    queued_ += text->size();
    to_client_.push_back(std::move(text));
  }
  void close(std::uint16_t code, std::string_view) override { close_code_ = code; }
  std::size_t queued_bytes() const override { return stalled ? queued_ : 0; }

  /// The oldest message to the client, or nothing.
  std::shared_ptr<const std::string> take_for_client() {
    if (to_client_.empty() || stalled) return nullptr;
    auto text = std::move(to_client_.front());
    to_client_.pop_front();
    queued_ -= text->size();
    return text;
  }
  void client_sends(std::string text) { to_server_.push_back(std::move(text)); }
  std::optional<std::string> take_for_server() {
    if (to_server_.empty()) return std::nullopt;
    std::string text = std::move(to_server_.front());
    to_server_.pop_front();
    return text;
  }
  bool is_idle() const { return to_client_.empty() && to_server_.empty(); }
  /// Set once the server closed; the client notices when it has read everything before.
  std::optional<std::uint16_t> close_code() const { return close_code_; }

  bool stalled = false;  ///< the client takes nothing

 private:
  Violations& violations_;
  std::deque<std::shared_ptr<const std::string>> to_client_;
  std::deque<std::string> to_server_;
  std::size_t queued_ = 0;
  std::optional<std::uint16_t> close_code_;
};

}  // namespace ndcast::sim
