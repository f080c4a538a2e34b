// One battery over every WebSocket: what web_socket.h promises must hold over TCP and over the loopback alike.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/loopback.h"
#include "transport/raw_client_test_util.h"
#include "transport/server.h"

namespace ndcast::transport {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

struct RecordingHandler final : WebSocketHandler {
  SocketLimits limits() const override { return wanted_limits; }
  void on_open(std::shared_ptr<WebSocket> opened) override {
    socket = std::move(opened);
    events.emplace_back("open");
    if (when_opened) when_opened();
  }
  void on_text(std::string_view text) override {
    in_call = true;
    events.push_back(fmt::format("text {}", text.substr(0, 40)));
    if (when_text) when_text(text);
    in_call = false;
  }
  void on_binary(std::span<const std::byte> bytes) override {
    events.push_back(fmt::format("binary {}", bytes.size()));
  }
  void on_writable() override {
    EXPECT_FALSE(in_call) << "called back from inside a call";
    EXPECT_LE(socket->queued_bytes(), wanted_limits.low_water_bytes);
    ++writable;
  }
  void on_violation() override { events.emplace_back("violation"); }
  void on_close() override {
    EXPECT_FALSE(in_call) << "called back from inside a call";
    events.emplace_back("close");
  }

  SocketLimits wanted_limits;
  std::shared_ptr<WebSocket> socket;
  std::vector<std::string> events;
  std::function<void()> when_opened;
  std::function<void(std::string_view)> when_text;
  int writable = 0;
  bool in_call = false;
};

/// The client's end, over either transport.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void send_text(std::string text) = 0;
  virtual void send_binary(std::string bytes) = 0;
  virtual void leave() = 0;
  virtual void set_reading(bool reading) = 0;
  /// Moves what can move now; true while the connection stands.
  virtual bool pump() = 0;
  std::vector<std::string> received;  ///< "T…" text, "B…" binary
  std::uint16_t close_code = 0;

  bool pump_until(const std::function<bool()>& done) {
    for (const auto end = std::chrono::steady_clock::now() + 8s; std::chrono::steady_clock::now() < end;) {
      pump();
      if (done()) return true;
    }
    return false;
  }
};

class TcpPeer final : public Peer {
 public:
  explicit TcpPeer(const std::shared_ptr<RecordingHandler>& handler) {
    Handlers handlers;
    handlers.upgrade = [handler](const HttpRequest&) -> UpgradeDecision { return handler; };
    auto listening = Server::listen(loop_, "127.0.0.1", 0, handlers);
    EXPECT_TRUE(listening.has_value()) << listening.error().message;
    server_ = std::move(*listening);
    client_ = std::make_unique<RawClient>(server_->port(), 16 * 1024);
    client_->send_upgrade("/");
    for (int i = 0; i < 1000 && !header_; ++i) {
      loop_.run_for(1ms);
      client_->pump();
      header_ = client_->take_header();
    }
    EXPECT_TRUE(header_ && header_->starts_with("HTTP/1.1 101")) << header_.value_or("no answer");
    EXPECT_EQ(header_.value_or("").find("permessage-deflate"), std::string::npos);
  }
  void send_text(std::string text) override { client_->send_frame(1, text); }
  void send_binary(std::string bytes) override { client_->send_frame(2, bytes); }
  void leave() override {
    pump();
    client_->shut_down();
  }
  void set_reading(bool reading) override { client_->set_reading(reading); }
  bool pump() override {
    loop_.run_for(1ms);
    const bool connected = client_->pump();
    while (auto frame = client_->take_frame()) {
      EXPECT_TRUE(frame->final);
      if (frame->opcode == 8) {
        close_code = frame->close_code();
        client_->send_frame(8, frame->payload.substr(0, 2));
      } else if (frame->opcode == 1 || frame->opcode == 2) {
        received.push_back(fmt::format("{}{}", frame->opcode == 1 ? 'T' : 'B', frame->payload));
      }
    }
    return connected;
  }

 private:
  EventLoop loop_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RawClient> client_;
  std::optional<std::string> header_;
};

class LoopbackPeer final : public Peer {
 public:
  explicit LoopbackPeer(const std::shared_ptr<RecordingHandler>& handler) : pair_(handler) {}
  void send_text(std::string text) override { pair_.client_sends_text(std::move(text)); }
  void send_binary(std::string bytes) override {
    const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
    pair_.client_sends_binary({data, data + bytes.size()});
  }
  void leave() override { pair_.client_closes(); }
  void set_reading(bool reading) override { pair_.set_reading(reading); }
  bool pump() override {
    pair_.pump();
    for (const LoopbackMessage& message : pair_.take_received()) {
      const auto* bytes = reinterpret_cast<const char*>(message.bytes.data());
      received.push_back(message.is_text ? fmt::format("T{}", message.text)
                                         : fmt::format("B{}", std::string_view(bytes, message.bytes.size())));
    }
    close_code = pair_.close_code().value_or(0);
    return !pair_.closed();
  }

 private:
  LoopbackPair pair_;
};

enum class Kind { Tcp, Loopback };

class WebSocketContract : public testing::TestWithParam<Kind> {
 protected:
  Peer& connect() {
    if (GetParam() == Kind::Tcp) {
      peer_ = std::make_unique<TcpPeer>(handler_);
    } else {
      peer_ = std::make_unique<LoopbackPeer>(handler_);
    }
    EXPECT_TRUE(peer_->pump_until([&] { return !handler_->events.empty(); }));
    return *peer_;
  }
  void send_text(std::string text) {
    handler_->socket->send_text(std::make_shared<const std::string>(std::move(text)));
  }
  void send_binary(std::size_t size, char fill = 'x') {
    handler_->socket->send_binary(std::make_shared<const std::vector<std::byte>>(size, static_cast<std::byte>(fill)));
  }

  std::shared_ptr<RecordingHandler> handler_ = std::make_shared<RecordingHandler>();
  std::unique_ptr<Peer> peer_;
};

TEST_P(WebSocketContract, DeliversTextAndBinaryBothWaysInOrder) {
  Peer& peer = connect();
  peer.send_text("one");
  peer.send_binary("12345");
  peer.send_text("two");
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.size() == 4; }));
  EXPECT_THAT(handler_->events, ElementsAre("open", "text one", "binary 5", "text two"));

  send_text("first");
  send_binary(3, 'b');
  send_text("");
  send_text("last");
  ASSERT_TRUE(peer.pump_until([&] { return peer.received.size() == 4; }));
  EXPECT_THAT(peer.received, ElementsAre("Tfirst", "Bbbb", "T", "Tlast"));
  EXPECT_EQ(handler_->socket->remote_address(), "127.0.0.1");
}

TEST_P(WebSocketContract, AnswersFromInsideACallback) {
  handler_->when_opened = [this] { send_text("welcome"); };
  handler_->when_text = [this](std::string_view text) { send_text(fmt::format("echo {}", text)); };
  Peer& peer = connect();
  peer.send_text("a");
  ASSERT_TRUE(peer.pump_until([&] { return peer.received.size() == 2; }));
  EXPECT_THAT(peer.received, ElementsAre("Twelcome", "Techo a"));
}

TEST_P(WebSocketContract, QueueGrowsWhileThePeerDoesNotReadAndDrainsAfterwards) {
  Peer& peer = connect();
  peer.set_reading(false);
  constexpr std::size_t kMessage = 256 * 1024;
  for (int i = 0; i < 40; ++i) {
    send_binary(kMessage, static_cast<char>('a' + i % 26));
    peer.pump();
  }
  // The kernel may have taken some; most of the 10 MiB stays with us.
  EXPECT_GT(handler_->socket->queued_bytes(), 4u << 20);
  EXPECT_EQ(handler_->writable, 0);
  peer.set_reading(true);
  ASSERT_TRUE(peer.pump_until([&] { return peer.received.size() == 40; }));
  EXPECT_EQ(handler_->socket->queued_bytes(), 0u);
  EXPECT_EQ(handler_->writable, 1);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(peer.received[i], fmt::format("B{}", std::string(kMessage, static_cast<char>('a' + i % 26))));
  }
}

TEST_P(WebSocketContract, WritableFiresOnlyWhenTheQueueFallsToTheLowWaterMark) {
  handler_->wanted_limits.low_water_bytes = 100;
  Peer& peer = connect();
  send_binary(100);
  ASSERT_TRUE(peer.pump_until([&] { return peer.received.size() == 1; }));
  EXPECT_EQ(handler_->writable, 0) << "the queue never stood above the mark";
  peer.set_reading(false);
  int sent = 1;
  for (; handler_->socket->queued_bytes() <= 100; ++sent) {
    send_binary(256 * 1024);
    peer.pump();
  }
  EXPECT_EQ(handler_->writable, 0) << "the kernel took what was sent before, at once";
  peer.set_reading(true);
  ASSERT_TRUE(peer.pump_until([&] { return std::ssize(peer.received) == sent && handler_->writable > 0; }));
  EXPECT_EQ(handler_->writable, 1);
}

TEST_P(WebSocketContract, CloseSendsWhatIsQueuedThenTheCode) {
  Peer& peer = connect();
  for (int i = 0; i < 100; ++i) send_text(fmt::format("message {}", i));
  handler_->socket->close(close_code::kTryAgainLater, "later");
  handler_->socket->close(close_code::kNormal, "the first call counts");
  send_text("too late");
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.back() == "close"; }));
  EXPECT_EQ(peer.received.size(), 100u);
  EXPECT_EQ(peer.received.back(), "Tmessage 99");
  EXPECT_EQ(peer.close_code, 1013);
  EXPECT_THAT(handler_->events, ElementsAre("open", "close"));
  EXPECT_EQ(handler_->socket->queued_bytes(), 0u);
}

TEST_P(WebSocketContract, CloseCutsOffAPeerThatDoesNotRead) {
  Peer& peer = connect();
  peer.set_reading(false);
  for (int i = 0; i < 40; ++i) send_binary(256 * 1024);
  const auto start = std::chrono::steady_clock::now();
  handler_->socket->close(close_code::kTryAgainLater, "too slow");
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.back() == "close"; }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, kCloseTimeout + 5s);
}

TEST_P(WebSocketContract, MessagesAfterCloseAreNotDelivered) {
  handler_->when_text = [this](std::string_view) { handler_->socket->close(close_code::kNormal, "enough"); };
  Peer& peer = connect();
  peer.send_text("one");
  peer.send_text("two");
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.back() == "close"; }));
  EXPECT_THAT(handler_->events, ElementsAre("open", "text one", "close"));
}

TEST_P(WebSocketContract, PeerLeavingIsHeardOnceAndTheSocketIsDeafAfterwards) {
  Peer& peer = connect();
  peer.send_text("bye");
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.size() == 2; }));
  peer.leave();
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.back() == "close"; }));
  send_text("nobody");
  handler_->socket->close(close_code::kNormal, "");
  for (int i = 0; i < 20; ++i) peer.pump();
  EXPECT_THAT(handler_->events, ElementsAre("open", "text bye", "close"));
  EXPECT_EQ(handler_->socket->queued_bytes(), 0u);
}

TEST_P(WebSocketContract, TooLongAMessageClosesWith1009) {
  handler_->wanted_limits.max_message_bytes = 1000;
  Peer& peer = connect();
  peer.send_text(std::string(1000, 'a'));
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.size() == 2; }));
  peer.send_text(std::string(1001, 'a'));
  ASSERT_TRUE(peer.pump_until([&] { return handler_->events.back() == "close"; }));
  EXPECT_THAT(handler_->events, ElementsAre("open", testing::StartsWith("text aa"), "violation", "close"));
  EXPECT_EQ(peer.close_code, 1009);
}

INSTANTIATE_TEST_SUITE_P(Transports, WebSocketContract, testing::Values(Kind::Tcp, Kind::Loopback),
                         [](const auto& tested) { return tested.param == Kind::Tcp ? "Tcp" : "Loopback"; });

TEST(CloseReason, IsCutBetweenCharacters) {
  EXPECT_EQ(fitting_close_reason("short"), "short");
  EXPECT_EQ(fitting_close_reason(std::string(200, 'a')).size(), 123u);
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  EXPECT_EQ(fitting_close_reason(umlauts).size(), 122u);
}

}  // namespace
}  // namespace ndcast::transport
