#include "base/log.h"

#include <algorithm>
#include <array>

#include <spdlog/sinks/stdout_color_sinks.h>

namespace ndcast {

spdlog::logger& log() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("ndcast", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

Result<void> set_log_level(std::string_view level) {
  constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warn", "error", "off"};
  if (std::ranges::find(kLevels, level) == kLevels.end()) {
    return fail(ErrorCode::Invalid, "log level \"{}\": expected trace, debug, info, warn, error or off", level);
  }
  log().set_level(spdlog::level::from_str(std::string(level)));
  return {};
}

}  // namespace ndcast
