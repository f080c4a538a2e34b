#pragma once
// How much a session may ask of the control thread, which all share (WP9 rate.limited).
//
//   RateLimiter limiter(config.rates, now);                           // one a session
//   if (auto wait = limiter.take_frame(bytes, now)) …                 // every frame
//   if (auto wait = limiter.take_update("layer", now)) …              // then every state.update, by scope
//   if (limiter.is_abused()) → close                                  // refused again and again, and goes on
//
// Not thread-safe.

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/token_bucket.h"

namespace ndcast::session {

struct SessionRates {
  Rate updates{limits::kUpdatesPerSecond, limits::kUpdatesBurst};  ///< of one scope
  Rate frames{limits::kFramesPerSecond, limits::kFramesBurst};
  Rate bytes{limits::kInboundBytesPerSecond, limits::kInboundBytesBurst};
  Rate refusals{limits::kRefusalsPerSecond, limits::kRefusalsBurst};  ///< borne before the session is closed
};

class RateLimiter {
 public:
  RateLimiter(const SessionRates& rates, MonotonicTime now);

  /// Nothing when the frame may be served, else how long to wait; it is answered all the same, so that nobody waits for
  /// ever.
  std::optional<std::chrono::milliseconds> take_frame(std::size_t bytes, MonotonicTime now);
  /// `scope` is one of the protocol's; others share one bucket.
  std::optional<std::chrono::milliseconds> take_update(std::string_view scope, MonotonicTime now);
  /// True once more was refused than refusals allow: whoever cannot be slowed down is shown the door.
  bool is_abused() const { return abused_; }

 private:
  static constexpr std::array<std::string_view, 7> kScopes = {"view",   "dims",       "camera",  "layer",
                                                              "volume", "multiscale", "settings"};
  std::optional<std::chrono::milliseconds> note(std::optional<std::chrono::milliseconds> wait, MonotonicTime now);

  TokenBucket frames_;
  TokenBucket bytes_;
  TokenBucket refusals_;
  std::vector<TokenBucket> updates_;  ///< one of each scope, and one for the rest
  bool abused_ = false;
};

}  // namespace ndcast::session
