// First frames: every one is a hello or has a refusal that prints.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "protocol/handshake.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::protocol;
  const auto envelope = parse_envelope({reinterpret_cast<const char*>(data), size});
  const auto hello = envelope ? parse_hello(*envelope) : std::unexpected(reject_of(envelope.error()));
  if (!hello) ND_CHECK(!to_string(to_payload(hello.error())).empty());
  return 0;
}
