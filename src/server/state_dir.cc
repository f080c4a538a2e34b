#include "server/state_dir.h"

#include <cstdlib>

namespace ndcast::server {
namespace {

std::filesystem::path absolute_from(const char* name) {
  const char* value = std::getenv(name);
  if (!value) return {};
  const std::filesystem::path path(value);
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

std::filesystem::path default_state_dir() {
  if (const auto state = absolute_from("XDG_STATE_HOME"); !state.empty()) return state / "ndcast";
  if (const auto home = absolute_from("HOME"); !home.empty()) return home / ".local" / "state" / "ndcast";
  return {};
}

}  // namespace ndcast::server
