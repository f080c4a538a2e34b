// Headers as a stranger sends them: parsed without harm, and never admitted by accident.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/origin.h"
#include "auth/token.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::auth;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view second = text.substr(first.size());
  constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef0123456789abcdef";
  for (const auto token : {presented_token({.authorization = first, .cookie = second, .port = 1}),
                           presented_token({.cookie = second, .port = 1})}) {
    ND_CHECK(!token || text.find(*token) != std::string_view::npos);
    ND_CHECK(token != kToken || text.find(kToken) != std::string_view::npos);
  }
  if (admit({.names = {"a.example:1"}}, first, second) == Admission::Allowed) {
    ND_CHECK(second.find("://") != std::string_view::npos);
  }
  return 0;
}
