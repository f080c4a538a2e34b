#include "server/handshake_limiter.h"

namespace ndcast::server {

std::optional<std::chrono::milliseconds> HandshakeLimiter::take(const std::string& address, MonotonicTime now) {
  if (!buckets_.contains(address) && buckets_.size() >= limits::kHandshakeAddresses) {
    for (auto it = buckets_.begin(); it != buckets_.end();) {
      it = it->second.is_full(now) ? buckets_.erase(it) : std::next(it);
    }
    if (buckets_.size() >= limits::kHandshakeAddresses) return std::chrono::seconds(1);
  }
  return buckets_.try_emplace(address, rate_, now).first->second.take(now);
}

void HandshakeLimiter::charge(const std::string& address, MonotonicTime now) {
  if (const auto found = buckets_.find(address); found != buckets_.end()) found->second.charge(now, rate_.per_second);
}

}  // namespace ndcast::server
