#include "base/token_bucket.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ndcast {

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

void TokenBucket::charge(MonotonicTime now, double cost) {
  fill(now);
  tokens_ = std::max(tokens_ - cost, -rate_.burst);
}

bool TokenBucket::is_full(MonotonicTime now) {
  fill(now);
  return tokens_ >= rate_.burst;
}

}  // namespace ndcast
