#include "transport/web_socket.h"

namespace ndcast::transport {

std::string_view fitting_close_reason(std::string_view reason) {
  constexpr std::size_t kMaxBytes = 123;
  if (reason.size() <= kMaxBytes) return reason;
  std::size_t size = kMaxBytes;
  while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) --size;
  return reason.substr(0, size);
}

}  // namespace ndcast::transport
