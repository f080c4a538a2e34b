#pragma once
// How often one address may open WebSockets: each costs a handshake and a session, also when it is refused in the end.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/limits.h"
#include "base/token_bucket.h"

namespace ndcast::server {

/// Control thread. Holds at most limits::kHandshakeAddresses addresses; those that are at rest are forgotten first, and
/// if all are busy a new one is refused.
class HandshakeLimiter {
 public:
  explicit HandshakeLimiter(Rate rate = limits_default()) : rate_(rate) {}
  static Rate limits_default() { return {limits::kHandshakesPerSecond, limits::kHandshakeBurst}; }

  /// Counts one. Nothing when it may go on, else how long to wait.
  std::optional<std::chrono::milliseconds> take(const std::string& address, MonotonicTime now);
  /// Counts as many as may come in a second, for a socket of the address that broke the rules: whoever opens the next
  /// as fast as the last is cut off soon waits. Nothing for an address that is forgotten by now.
  void charge(const std::string& address, MonotonicTime now);
  std::size_t addresses() const { return buckets_.size(); }

 private:
  const Rate rate_;
  std::unordered_map<std::string, TokenBucket> buckets_;
};

}  // namespace ndcast::server
