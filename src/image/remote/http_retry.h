#pragma once
// When to ask again: pure, so that it can be tested without a network or a clock.

#include <chrono>
#include <optional>
#include <string_view>

namespace ndcast::image {

/// 408, 425, 429, 500, 502, 503, 504: the server may do better soon.
bool is_passing_status(int status);

/// "120" or an HTTP date (RFC 9110 §10.2.3) as a wait from `now`; nothing for other text. Never negative.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::system_clock::time_point now);

/// The wait after failed try number `attempt` (1 is the first): limits::kHttpRetryFirst doubled each time up to
/// limits::kHttpRetryMost, of which `random` (0 … 1) says how much of the upper half is waited; a server's wish is
/// added to that. Nothing: give up, because of limits::kHttpAttempts or because the server wants longer than
/// limits::kRetryAfterMost.
std::optional<std::chrono::milliseconds> retry_wait(int attempt, std::optional<std::chrono::milliseconds> retry_after,
                                                    double random);

}  // namespace ndcast::image
