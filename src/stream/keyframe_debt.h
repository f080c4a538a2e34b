#pragma once
// Who is owed a keyframe, since when, and when to pay (WP21). A pure state machine: time is given, nothing is called.
// One a rendition: a debt is shared by all who are owed, and one keyframe pays it.

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/limits.h"

namespace ndcast::stream {

class KeyframeDebt {
 public:
  /// Keyframes paid on demand are at least this far apart, so that a client that keeps asking does not turn everybody's
  /// stream into keyframes; well inside the 500 ms that a debt may stand.
  static constexpr std::chrono::milliseconds kSpacing{200};

  /// Whoever comes later joins the standing debt, whose age does not change.
  void owe(MonotonicTime now);
  bool owed() const { return owed_since_.has_value(); }
  /// When to encode the keyframe; nothing while none is owed.
  std::optional<MonotonicTime> pay_at() const;
  bool due(MonotonicTime now) const;
  /// A keyframe left the encoder. Of the debts, only those that stood when its encoding began (`encoded_at`) are paid.
  void paid(MonotonicTime encoded_at);
  /// The debt has stood for kKeyframeWatchdog; where there is a picture to pay with, the encoder is to be restarted.
  bool overdue(MonotonicTime now) const;
  /// The encoder was restarted: the debt stands, its age starts anew, and it may be paid at once.
  void restarted(MonotonicTime now);

 private:
  std::optional<MonotonicTime> owed_since_;
  MonotonicTime newest_{};  ///< when the latest of those who are owed came
  std::optional<MonotonicTime> last_paid_;
};

}  // namespace ndcast::stream
