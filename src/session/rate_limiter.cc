#include "session/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace ndcast::session {

void TokenBucket::fill(MonotonicTime now) {
  if (now <= filled_at_) return;
  const double passed_s = std::chrono::duration<double>(now - filled_at_).count();
  tokens_ = std::min(rate_.burst, tokens_ + passed_s * rate_.per_second);
  filled_at_ = now;
}

std::optional<std::chrono::milliseconds> TokenBucket::take(MonotonicTime now, double cost) {
  fill(now);
  const double wanted = std::min(cost, rate_.burst);
  if (tokens_ >= wanted) {
    tokens_ -= wanted;
    return std::nullopt;
  }
  constexpr double kLongest_ms = 60'000;
  const double wait_ms = std::ceil((wanted - tokens_) / rate_.per_second * 1e3);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(wait_ms, 1.0, kLongest_ms)));
}

bool TokenBucket::is_full(MonotonicTime now) {
  fill(now);
  return tokens_ >= rate_.burst;
}

RateLimiter::RateLimiter(const SessionRates& rates, MonotonicTime now)
    : frames_(rates.frames, now),
      bytes_(rates.bytes, now),
      refusals_(rates.refusals, now),
      updates_(kScopes.size() + 1, TokenBucket(rates.updates, now)) {}

std::optional<std::chrono::milliseconds> RateLimiter::take_frame(std::size_t bytes, MonotonicTime now) {
  if (const auto wait = frames_.take(now)) return note(wait, now);
  return note(bytes_.take(now, static_cast<double>(bytes)), now);
}

std::optional<std::chrono::milliseconds> RateLimiter::take_update(std::string_view scope, MonotonicTime now) {
  const auto index = static_cast<std::size_t>(std::ranges::find(kScopes, scope) - kScopes.begin());
  return note(updates_[index].take(now), now);
}

std::optional<std::chrono::milliseconds> RateLimiter::note(std::optional<std::chrono::milliseconds> wait,
                                                           MonotonicTime now) {
  if (wait && refusals_.take(now)) abused_ = true;
  return wait;
}

}  // namespace ndcast::session
