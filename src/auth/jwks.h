#pragma once
// Public keys of whoever signs tokens for us: a JSON Web Key Set (RFC 7517) in a local file.
//
//   {"keys":[{"kty":"RSA","kid":"2026","use":"sig","alg":"RS256","n":"…","e":"AQAB"}]}
//
//   ND_ASSIGN(const std::vector<RsaKey> keys, parse_jwks(text));

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ndcast::auth {

struct RsaKey {
  std::string key_id;
  std::string public_key_pem;
};

/// The RSA keys that may check RS256 signatures; keys for other uses, algorithms and types are left out. Errors:
/// Invalid for text that is no key set, an RSA key without kid (unless it is the only one), of fewer than 2048 or more
/// than 8192 bits, with an even or tiny exponent, or with private parts; a symmetric key (it has no business in a
/// public file); a kid twice; and when no usable key is left. Limit.
Result<std::vector<RsaKey>> parse_jwks(std::string_view text);

}  // namespace ndcast::auth
