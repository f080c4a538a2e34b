#include "session/rate_limiter.h"

#include <algorithm>

namespace ndcast::session {

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
