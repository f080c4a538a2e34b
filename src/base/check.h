#pragma once
// Broken invariants stop the process loudly, in release builds too. Nothing that a client, a file or the network sent
// may reach a check: that is what Result is for.

#include <string_view>

namespace ndcast {

/// Prints "FILE:LINE: check failed: WHAT (MESSAGE)" to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view message);

}  // namespace ndcast

/// ND_CHECK(cond) or ND_CHECK(cond, "message"): aborts unless `cond` holds.
#define ND_CHECK(condition, ...)                                                               \
  do {                                                                                         \
    if (!(condition)) [[unlikely]]                                                             \
      ::ndcast::check_failed(__FILE__, __LINE__, #condition, ::std::string_view{__VA_ARGS__}); \
  } while (false)
