// WP23: a socket that is opened before its room is there.

#include "room/entering_socket.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ndcast::room {
namespace {

using Told = std::vector<std::string>;

struct FakeTarget final : transport::WebSocketHandler {
  explicit FakeTarget(Told& told) : told(told) {}
  void on_open(std::shared_ptr<transport::WebSocket> socket) override { told.push_back(socket ? "open" : "no socket"); }
  void on_text(std::string_view text) override { told.emplace_back(text); }
  void on_writable() override { told.emplace_back("writable"); }
  void on_close() override { told.emplace_back("close"); }
  Told& told;
};

struct FakeSocket final : transport::WebSocket {
  void send_text(transport::SharedText) override {}
  void send_binary(transport::SharedBytes) override {}
  std::size_t queued_bytes() const override { return 0; }
  void close(std::uint16_t with, std::string_view) override { code = with; }
  std::string remote_address() const override { return "127.0.0.1"; }
  std::uint16_t code = 0;
};

class EnteringSocketTest : public ::testing::Test {
 protected:
  void lead() { entering_.lead_to(std::make_shared<FakeTarget>(told_)); }

  EnteringSocket entering_;
  std::shared_ptr<FakeSocket> socket_ = std::make_shared<FakeSocket>();
  Told told_;
};

TEST_F(EnteringSocketTest, WP23_WhatComesBeforeTheRoomWaitsForIt) {
  entering_.on_open(socket_);
  entering_.on_text("hello");
  EXPECT_TRUE(told_.empty());
  lead();
  entering_.on_text("update");
  entering_.on_writable();
  entering_.on_close();
  EXPECT_EQ(told_, (Told{"open", "hello", "update", "writable", "close"}));
}

TEST_F(EnteringSocketTest, WP23_ARoomThatIsThereBeforeTheHandshakeEnds) {
  lead();
  EXPECT_TRUE(told_.empty());
  entering_.on_open(socket_);
  entering_.on_text("hello");
  EXPECT_EQ(told_, (Told{"open", "hello"}));
}

TEST_F(EnteringSocketTest, WP23_WhoLeavesBeforeTheRoomIsThereIsForgotten) {
  entering_.on_open(socket_);
  entering_.on_text("hello");
  entering_.on_close();
  lead();
  EXPECT_TRUE(told_.empty());
}

TEST_F(EnteringSocketTest, WP23_WhoDoesNotWaitForTheWelcomeIsClosed) {
  entering_.on_open(socket_);
  for (std::size_t i = 0; i < EnteringSocket::kWaiting; ++i) entering_.on_text("text");
  EXPECT_EQ(socket_->code, 0);
  entering_.on_text("one more");
  EXPECT_EQ(socket_->code, transport::close_code::kPolicyViolation);
}

}  // namespace
}  // namespace ndcast::room
