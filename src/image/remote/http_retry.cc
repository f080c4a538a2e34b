#include "image/remote/http_retry.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <curl/curl.h>

#include "base/store_limits.h"

namespace ndcast::image {

using std::chrono::milliseconds;

bool is_passing_status(int status) {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

std::optional<milliseconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now) {
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    return milliseconds(1000 * std::min<std::int64_t>(seconds, 1'000'000'000));
  }
  const time_t at = curl_getdate(std::string(text).c_str(), nullptr);
  if (at < 0) return std::nullopt;
  const auto wait = std::chrono::system_clock::from_time_t(at) - now;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(wait));
}

std::optional<milliseconds> retry_wait(int attempt, std::optional<milliseconds> retry_after, double random) {
  if (attempt >= limits::kHttpAttempts) return std::nullopt;
  if (retry_after && *retry_after > limits::kRetryAfterMost) return std::nullopt;
  milliseconds longest = limits::kHttpRetryFirst;
  for (int i = 1; i < attempt && longest < limits::kHttpRetryMost; ++i) longest *= 2;
  longest = std::min(longest, milliseconds(limits::kHttpRetryMost));
  const auto own = std::chrono::duration_cast<milliseconds>(longest * (0.5 + 0.5 * std::clamp(random, 0.0, 1.0)));
  return retry_after.value_or(milliseconds(0)) + own;
}

}  // namespace ndcast::image
