#include "stream/keyframe_debt.h"

#include <algorithm>

namespace ndcast::stream {

void KeyframeDebt::owe(MonotonicTime now) {
  if (!owed_since_) owed_since_ = now;
  newest_ = now;
}

std::optional<MonotonicTime> KeyframeDebt::pay_at() const {
  if (!owed_since_) return std::nullopt;
  return last_paid_ ? std::max(*owed_since_, *last_paid_ + kSpacing) : *owed_since_;
}

bool KeyframeDebt::due(MonotonicTime now) const {
  const auto at = pay_at();
  return at && *at <= now;
}

void KeyframeDebt::paid(MonotonicTime encoded_at) {
  last_paid_ = encoded_at;
  if (!owed_since_) return;
  if (newest_ <= encoded_at) {
    owed_since_.reset();
  } else {
    owed_since_ = std::max(*owed_since_, encoded_at);
  }
}

bool KeyframeDebt::overdue(MonotonicTime now) const {
  return owed_since_ && now - *owed_since_ >= limits::kKeyframeWatchdog;
}

void KeyframeDebt::restarted(MonotonicTime now) {
  if (owed_since_) owed_since_ = now;
  last_paid_.reset();
}

}  // namespace ndcast::stream
