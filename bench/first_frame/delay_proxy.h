#pragma once
// A TCP proxy on 127.0.0.1 that hands on every byte after a fixed time: a distant server, with one that is near. As
// much as comes may be under way at once, so that it adds to each round trip and takes nothing from the throughput.

#include <chrono>
#include <cstdint>
#include <memory>

namespace ndcast::bench {

/// Serves on a thread of its own while it lives.
class DelayProxy {
 public:
  DelayProxy(std::uint16_t upstream_port, std::chrono::milliseconds each_way);
  ~DelayProxy();
  DelayProxy(const DelayProxy&) = delete;
  DelayProxy& operator=(const DelayProxy&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ndcast::bench
