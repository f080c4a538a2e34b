#pragma once
// A socket whose violations are counted: everything goes on to the handler of the part of the house that serves it.
//
//   return std::make_shared<WatchedSocket>(room->make_state_socket(info), [&] { access.note_violation(address); });

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "transport/web_socket.h"

namespace ndcast::server {

/// Control thread only.
class WatchedSocket final : public transport::WebSocketHandler {
 public:
  WatchedSocket(std::shared_ptr<transport::WebSocketHandler> target, std::function<void()> note_violation)
      : target_(std::move(target)), note_violation_(std::move(note_violation)) {}

  transport::SocketLimits limits() const override { return target_->limits(); }
  void on_open(std::shared_ptr<transport::WebSocket> socket) override { target_->on_open(std::move(socket)); }
  void on_text(std::string_view text) override { target_->on_text(text); }
  void on_binary(std::span<const std::byte> bytes) override { target_->on_binary(bytes); }
  void on_writable() override { target_->on_writable(); }
  void on_violation() override {
    note_violation_();
    target_->on_violation();
  }
  void on_close() override { target_->on_close(); }

 private:
  const std::shared_ptr<transport::WebSocketHandler> target_;
  const std::function<void()> note_violation_;
};

}  // namespace ndcast::server
