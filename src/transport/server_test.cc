// HTTP, refusals, and clients that misbehave: the server goes on serving the others.

#include "transport/server.h"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "transport/raw_client_test_util.h"

namespace ndcast::transport {
namespace {

using namespace std::chrono_literals;

struct EchoHandler final : WebSocketHandler {
  void on_open(std::shared_ptr<WebSocket> opened) override { socket = std::move(opened); }
  void on_text(std::string_view text) override {
    if (text == "throw") throw std::runtime_error("a handler's mistake");
    socket->send_text(std::make_shared<const std::string>(text));
  }
  void on_close() override { closed = true; }
  std::shared_ptr<WebSocket> socket;
  bool closed = false;
};

class ServerTest : public testing::Test {
 protected:
  void start(ServerLimits limits = {}) {
    Handlers handlers;
    handlers.http = [this](const HttpRequest& request, HttpReply reply) {
      last = request;
      if (request.path == "/throw") throw std::runtime_error("a handler's mistake");
      if (request.path == "/later") {
        held = std::move(reply);
        return;
      }
      if (request.path == "/drop") return;
      if (request.path == "/shared") {
        HttpResponse response{.content_type = "text/css"};
        response.shared_body = std::make_shared<const std::string>("body {}");
        response.headers = {{"Cache-Control", "max-age=1"}, {"X-Bad", "a\r\nSet-Cookie: evil"}};
        return reply(std::move(response));
      }
      if (request.path == "/large") return reply(HttpResponse::text(200, std::string(kLargeBytes, 'x')));
      reply(HttpResponse::text(200, "hello " + request.body));
    };
    handlers.upgrade = [this](const HttpRequest& request) -> UpgradeDecision {
      if (request.path != "/echo") return std::unexpected(HttpResponse::text(403, "not you\n"));
      echo = std::make_shared<EchoHandler>();
      return echo;
    };
    auto listening = Server::listen(loop, "127.0.0.1", 0, std::move(handlers), limits);
    ASSERT_TRUE(listening.has_value()) << listening.error().message;
    server = std::move(*listening);
  }
  bool until(RawClient& client, const std::function<bool()>& done) {
    for (const auto end = std::chrono::steady_clock::now() + 8s; std::chrono::steady_clock::now() < end;) {
      loop.run_for(1ms);
      client.pump();
      if (done()) return true;
    }
    return false;
  }
  /// One whole answer: header and body.
  std::string answer(RawClient& client) {
    std::optional<std::string> header;
    until(client, [&] { return (header = client.take_header()).has_value() || !client.connected(); });
    if (!header) return "no answer";
    const std::size_t at = header->find("Content-Length: ");
    const std::size_t size = at == std::string::npos ? 0 : std::stoul(header->substr(at + 16));
    if (client_wants_no_body) return *header;
    until(client, [&] { return client.received().size() >= size || !client.connected(); });
    const std::string body = client.received().substr(0, size);
    client.received().erase(0, size);
    return *header + body;
  }
  bool still_serves() {
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return answer(client).ends_with("hello ");
  }

  static constexpr std::size_t kLargeBytes = std::size_t{8} << 20;
  EventLoop loop;
  std::unique_ptr<Server> server;
  HttpRequest last;
  HttpReply held;
  std::shared_ptr<EchoHandler> echo;
  bool client_wants_no_body = false;
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  start();
  RawClient client(server->port());
  client.send("GET /p%41th?a=b HTTP/1.1\r\nHost: h:1\r\nX-Y: z\r\n\r\n");
  const std::string first = answer(client);
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_TRUE(first.ends_with("\r\n\r\nhello ")) << first;
  EXPECT_NE(first.find("Content-Type: text/plain; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(first.find("Date: "), std::string::npos);
  EXPECT_EQ(last.method, "GET");
  EXPECT_EQ(last.target, "/p%41th?a=b");
  EXPECT_EQ(last.path, "/pAth");
  EXPECT_EQ(last.parameter("a"), "b");
  EXPECT_EQ(last.header("x-y"), "z");
  EXPECT_EQ(last.remote_address, "127.0.0.1");
  EXPECT_TRUE(last.remote_is_loopback);
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(answer(client).ends_with("hello abc"));
  EXPECT_TRUE(answer(client).ends_with("hello ")) << "a pipelined request is served too";
  EXPECT_EQ(last.path, "/2");
}

TEST_F(ServerTest, ALargeAnswerIsReadAsSlowlyAsItIsTakenButNotByWhoStops) {
  const auto patience = 300ms;
  start({.idle_timeout = patience});
  RawClient client(server->port(), 16 * 1024);
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(until(client, [&] { return client.take_header().has_value(); }));
  while (client.connected() && client.received().size() < kLargeBytes) {
    loop.run_for(3ms);
    client.pump();
  }
  EXPECT_EQ(client.received().size(), kLargeBytes);
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 2 * patience) << "else this test shows nothing";
  client.received().clear();
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until(client, [&] { return !client.received().empty(); }));
  client.set_reading(false);
  EXPECT_TRUE(until(client, [&] { return server->connections() == 0; })) << "who reads nothing more is cut";
}

TEST_F(ServerTest, SharedBodyHeadAndHeaderInjection) {
  start();
  RawClient client(server->port());
  client.send("GET /shared HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string got = answer(client);
  EXPECT_TRUE(got.ends_with("\r\n\r\nbody {}")) << got;
  EXPECT_NE(got.find("Cache-Control: max-age=1"), std::string::npos);
  EXPECT_EQ(got.find("evil"), std::string::npos);
  client.send("HEAD /shared HTTP/1.1\r\nHost: h\r\n\r\n");
  client_wants_no_body = true;
  const std::string head = answer(client);
  EXPECT_NE(head.find("Content-Length: 7"), std::string::npos);
  loop.run_for(20ms);
  client.pump();
  EXPECT_EQ(client.received(), "");
}

TEST_F(ServerTest, AnAnswerMayComeLaterOrNever) {
  start();
  RawClient client(server->port());
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(until(client, [&] { return held != nullptr; }));
  EXPECT_TRUE(still_serves());
  held(HttpResponse::text(202, "at last"));
  held(HttpResponse::text(200, "once only"));
  held = nullptr;
  EXPECT_TRUE(answer(client).ends_with("at last"));
  client.send("GET /drop HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(until(client, [&] { return !client.connected(); }));
  EXPECT_EQ(client.received(), "");
}

TEST_F(ServerTest, RefusalsSayWhy) {
  start({.header_bytes = 1000, .body_bytes = 100});
  const auto refused = [&](std::string_view request) {
    RawClient client(server->port());
    client.send(request);
    std::string got = answer(client);
    EXPECT_TRUE(until(client, [&] { return !client.connected(); })) << "a refusal ends the connection";
    return got;
  };
  EXPECT_TRUE(refused("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(refused("GET http://x/ HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(refused("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n")
                  .ends_with("'%zz' is not a percent-escape (expected % and two hexadecimal digits)\n"));
  EXPECT_TRUE(
      refused(fmt::format("GET / HTTP/1.1\r\nX: {}\r\n\r\n", std::string(2000, 'a'))).starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(refused("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500"));
  EXPECT_TRUE(refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc")
                  .starts_with("HTTP/1.1 400"))
      << "both framings at once is how requests are smuggled";
  EXPECT_TRUE(still_serves());
}

TEST_F(ServerTest, ASlowSenderIsGivenUp) {
  start({.request_timeout = 300ms});
  RawClient half(server->port());
  half.send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(until(half, [&] { return !half.connected(); }));
  RawClient silent(server->port());
  EXPECT_TRUE(until(silent, [&] { return !silent.connected(); }));
  EXPECT_TRUE(still_serves());
}

TEST_F(ServerTest, ARequestInPiecesIsWholeInTheEnd) {
  start();
  RawClient client(server->port());
  for (const char byte : std::string_view("POST /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
    client.send({&byte, 1});
    for (int i = 0; i < 2; ++i) loop.run_for(1ms);
  }
  EXPECT_TRUE(answer(client).ends_with("hello abc"));
  EXPECT_EQ(last.path, "/pieces");
}

TEST_F(ServerTest, AStormOfConnectionsIsTakenAtAPace) {
  start({.accepts = {.per_second = 20, .burst = 4}});
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<RawClient>> storm;
  for (int i = 0; i < 12; ++i) storm.push_back(std::make_unique<RawClient>(server->port()));
  EXPECT_TRUE(until(*storm[0], [&] { return server->connections() == 12; })) << "all in the end";
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms) << "eight of them at 20 a second";
  storm.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(answer(*storm.back()).ends_with("hello "));
}

TEST_F(ServerTest, UpgradeIsDecidedBeforeTheHandshake) {
  start();
  RawClient refused(server->port());
  refused.send_upgrade("/other");
  const std::string got = answer(refused);
  EXPECT_TRUE(got.starts_with("HTTP/1.1 403")) << got;
  EXPECT_TRUE(got.ends_with("not you\n"));
  EXPECT_EQ(echo, nullptr);

  RawClient old_version(server->port());
  old_version.send(
      "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n");
  EXPECT_TRUE(answer(old_version).starts_with("HTTP/1.1 426"));
  EXPECT_EQ(echo, nullptr) << "nobody is asked about an upgrade that cannot be";
}

TEST_F(ServerTest, BadFramesCostOnlyTheirOwnSocket) {
  start();
  RawClient good(server->port());
  good.send_upgrade("/echo");
  ASSERT_TRUE(answer(good).starts_with("HTTP/1.1 101"));
  const auto good_echo = echo;

  struct Case {
    const char* what;
    std::function<void(RawClient&)> send;
    int code;
  };
  const Case cases[] = {
      {"not UTF-8", [](RawClient& c) { c.send_frame(1, "\xff\xfe"); }, 1007},
      {"unmasked", [](RawClient& c) { c.send_frame(1, "abc", true, false); }, 1002},
      {"unknown opcode", [](RawClient& c) { c.send_frame(5, "abc"); }, 1002},
      {"reserved bit", [](RawClient& c) { c.send(std::string("\xC1\x80\0\0\0\0", 6)); }, 1002},
      {"continuation of nothing", [](RawClient& c) { c.send_frame(0, "abc"); }, 1002},
      {"fragmented ping", [](RawClient& c) { c.send_frame(9, "abc", false); }, 1002},
      {"length 2^63", [](RawClient& c) { c.send(std::string("\x82\xFF\xFF\0\0\0\0\0\0\0\0\0\0\0", 14)); }, 1002},
      {"handler throws", [](RawClient& c) { c.send_frame(1, "throw"); }, 1011},
  };
  for (const Case& bad : cases) {
    RawClient client(server->port());
    client.send_upgrade("/echo");
    ASSERT_TRUE(answer(client).starts_with("HTTP/1.1 101")) << bad.what;
    bad.send(client);
    std::optional<RawFrame> frame;
    EXPECT_TRUE(until(client, [&] { return (frame = client.take_frame()).has_value() || !client.connected(); }))
        << bad.what;
    ASSERT_TRUE(frame) << bad.what;
    EXPECT_EQ(frame->opcode, 8) << bad.what;
    EXPECT_EQ(frame->close_code(), bad.code) << bad.what;
    client.shut_down();
    EXPECT_TRUE(until(client, [&] { return echo->closed; })) << bad.what;
  }
  good.send_frame(1, "still here");
  std::optional<RawFrame> frame;
  ASSERT_TRUE(until(good, [&] { return (frame = good.take_frame()).has_value(); }));
  EXPECT_EQ(frame->payload, "still here");
  EXPECT_FALSE(good_echo->closed);
}

TEST_F(ServerTest, PingsAreAnswered) {
  start();
  RawClient client(server->port());
  client.send_upgrade("/echo");
  ASSERT_TRUE(answer(client).starts_with("HTTP/1.1 101"));
  client.send_frame(9, "are you there");
  std::optional<RawFrame> frame;
  ASSERT_TRUE(until(client, [&] { return (frame = client.take_frame()).has_value(); }));
  EXPECT_EQ(frame->opcode, 10);
  EXPECT_EQ(frame->payload, "are you there");
}

TEST_F(ServerTest, PortInUseIsOneClearLine) {
  start();
  EventLoop other;
  const auto second = Server::listen(other, "127.0.0.1", server->port(), {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Io);
  EXPECT_EQ(second.error().message, fmt::format("port {} on 127.0.0.1 is in use (by another ndcast?); choose another "
                                                "with --port",
                                                server->port()));
  EXPECT_FALSE(Server::listen(other, "no.such.host.invalid", 0, {}).has_value());
}

TEST_F(ServerTest, ConnectionsAreCapped) {
  start({.connections = 2});
  RawClient first(server->port());
  RawClient second(server->port());
  ASSERT_TRUE(until(first, [&] { return server->connections() == 2; }));
  RawClient third(server->port());
  EXPECT_TRUE(until(third, [&] { return !third.connected(); }));
  first.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer(first).ends_with("hello "));
}

TEST_F(ServerTest, CloseTellsTheSocketsAndStopsListening) {
  start();
  RawClient client(server->port());
  client.send_upgrade("/echo");
  ASSERT_TRUE(answer(client).starts_with("HTTP/1.1 101"));
  server->close();
  std::optional<RawFrame> frame;
  ASSERT_TRUE(until(client, [&] { return (frame = client.take_frame()).has_value(); }));
  EXPECT_EQ(frame->close_code(), 1001);
  client.send_frame(8, frame->payload);
  EXPECT_TRUE(until(client, [&] { return echo->closed && server->connections() == 0; }));
  EventLoop other;
  EXPECT_TRUE(Server::listen(other, "127.0.0.1", server->port(), {}).has_value()) << "the port is free again";
}

TEST_F(ServerTest, DestructionCutsWithoutCallingHandlers) {
  start();
  RawClient client(server->port());
  client.send_upgrade("/echo");
  ASSERT_TRUE(answer(client).starts_with("HTTP/1.1 101"));
  ASSERT_TRUE(until(client, [&] { return echo->socket != nullptr; }));
  server.reset();
  EXPECT_TRUE(until(client, [&] { return !client.connected(); }));
  EXPECT_FALSE(echo->closed);
  echo->socket->send_text(std::make_shared<const std::string>("nobody"));
  echo->socket->close(1000, "");
  loop.run_for(5ms);
  echo->socket.reset();
}

}  // namespace
}  // namespace ndcast::transport
