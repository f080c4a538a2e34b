#include "bench/attack/attackers.h"

#include <deque>
#include <memory>

#include <fmt/format.h>

#include "tests/wire_session.h"

namespace ndcast::bench {
namespace {

using testing::Session;
using testing::Wire;

/// Updates without pause; begins anew when it is cut off.
void flood_updates(const Target& target, const std::atomic<bool>& stop) {
  while (!stop) {
    Session session(target.port, target.token);
    for (int i = 0; !stop && session.send_update("layer", "layer-0", "gamma", "1.5"); ++i) continue;
  }
}

/// Frames that nest 5000 deep, 10 KB each.
void flood_depth_bombs(const Target& target, const std::atomic<bool>& stop) {
  const std::string bomb =
      R"({"type":"state.update","payload":)" + std::string(5000, '[') + std::string(5000, ']') + "}";
  while (!stop) {
    Session session(target.port, target.token);
    while (!stop && session.wire().send_text(bomb)) continue;
  }
}

/// Messages that say they are 100 MiB long.
void send_huge_messages(const Target& target, const std::atomic<bool>& stop) {
  // In small pieces: the system copies one without letting the witness in, who is on the same processor.
  const std::string chunk(16 << 10, 'x');
  while (!stop) {
    Session session(target.port, target.token);
    session.wire().send(std::string("\x81\xff\0\0\0\0\x06\x40\0\0\0\0\0\0", 14));
    for (int i = 0; i < 6400 && !stop && session.wire().send(chunk); ++i) continue;
  }
}

/// One HTTP request after another, each with a token that has to be looked at.
void guess_tokens(const Target& target, const std::atomic<bool>& stop) {
  const std::string guess = target.token.substr(0, target.token.size() - 4) + "AAAA";
  while (!stop) {
    Wire(target.port)
        .exchange(
            fmt::format("GET /api/v1/scene HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", guess));
  }
}

/// Connections as fast as they open, 400 of them held.
void hold_connections(const Target& target, const std::atomic<bool>& stop) {
  std::deque<std::unique_ptr<Wire>> held;
  while (!stop) {
    held.push_back(std::make_unique<Wire>(target.port));
    held.back()->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (held.size() > 400) held.pop_front();
  }
}

/// WebSockets as fast as they open, without a hello.
void open_web_sockets(const Target& target, const std::atomic<bool>& stop) {
  std::deque<std::unique_ptr<Wire>> held;
  while (!stop) {
    held.push_back(std::make_unique<Wire>(target.port));
    held.back()->upgrade("/state");
    if (held.size() > 100) held.pop_front();
  }
}

/// 200 requests that never end, a byte at a time.
void trickle(const Target& target, const std::atomic<bool>& stop) {
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 200; ++i) {
    wires.push_back(std::make_unique<Wire>(target.port));
    wires.back()->send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
  }
  while (!stop) {
    for (auto& wire : wires) {
      if (!wire->send("x")) wire = std::make_unique<Wire>(target.port);
      if (stop) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

const std::vector<Attack>& attacks() {
  // Huge messages come last: what they break costs their address its next WebSockets, and those of other attacks are
  // from the same.
  static const std::vector<Attack> all = {{"nobody", nullptr},
                                          {"a flood of updates", &flood_updates},
                                          {"depth bombs", &flood_depth_bombs},
                                          {"guessed tokens", &guess_tokens},
                                          {"connections as fast as they open", &hold_connections},
                                          {"WebSockets without a hello", &open_web_sockets},
                                          {"200 slow-loris", &trickle},
                                          {"messages of 100 MiB", &send_huge_messages}};
  return all;
}

Attackers::Attackers(AttackFunction begin, const Target& target) {
  if (!begin) return;
  thread_ = std::thread([this, begin, target] { begin(target, stop_); });
}

Attackers::~Attackers() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace ndcast::bench
