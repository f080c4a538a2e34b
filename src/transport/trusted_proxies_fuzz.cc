// X-Forwarded headers through a trusted proxy: whatever they say, the request stays one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "transport/trusted_proxies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::transport;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto take_line = [&text] {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return std::string(line);
  };
  static const auto proxies = TrustedProxies::parse({"127.0.0.0/8", "fd00::/8"});
  HttpRequest request;
  request.remote_address = "127.0.0.1";
  request.headers = {{"Host", "localhost"}};
  for (const char* name : {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"}) {
    request.headers.emplace_back(name, take_line());
  }
  proxies->apply(request);
  ND_CHECK(request.header_count("Host") == 1);
  ND_CHECK(!request.remote_address.empty() && request.remote_address.find_first_of(" ,\r\n") == std::string::npos);
  if (const auto range = AddressRange::parse(text)) static_cast<void>(range->contains("127.0.0.1"));
  return 0;
}
