// A key set: an operator's file, but often another party's text. What is taken can check signatures.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/jwks.h"
#include "auth/signed_token.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::auth;
  const auto keys = parse_jwks({reinterpret_cast<const char*>(data), size});
  if (!keys) return 0;
  ND_CHECK(!keys->empty());
  for (const RsaKey& key : *keys) {
    ND_CHECK(key.public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    ND_CHECK(!verify_rs256(key.public_key_pem, "text", "not a signature"));
  }
  return 0;
}
