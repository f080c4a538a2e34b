#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "transport/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto target = ndcast::transport::parse_http_target({reinterpret_cast<const char*>(data), size});
  if (target) {
    ND_CHECK(target->path.starts_with('/'));
    ND_CHECK(target->path.find('\0') == std::string::npos);
  }
  return 0;
}
