#pragma once
// The process' log, through spdlog to standard error. Lines say what happened and to whom; secrets never reach it.
//
//   log().info("room {}: opened {}", room, uri);

#include <string_view>

#include <spdlog/spdlog.h>

#include "base/result.h"

namespace ndcast {

/// Thread-safe; made on first use.
spdlog::logger& log();

/// "trace", "debug", "info", "warn", "error" or "off"; anything else is Invalid.
Result<void> set_log_level(std::string_view level);

}  // namespace ndcast
