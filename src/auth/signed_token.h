#pragma once
// HMAC and RSA signatures of tokens, through cpp-jwt. Its header is large and pulls in a second JSON library, so
// signed_token.cc is the only file that includes it; and it is asked for one named algorithm at a time, so nothing that
// a token says can choose how the token is checked.
//
//   const std::string signature = sign_hs256(secret, "eyJh….eyJz…");
//   const bool good = verify_rs256(public_key_pem, "eyJh….eyJz…", signature);
//
// Signatures are raw bytes here. Thread-safe.

#include <string>
#include <string_view>

namespace ndcast::auth {

/// HMAC-SHA-256 of `text` (RFC 7518 §3.2). `secret` is not empty.
std::string sign_hs256(std::string_view secret, std::string_view text);

/// In constant time.
bool verify_hs256(std::string_view secret, std::string_view text, std::string_view signature);

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3). False for a key that is no RSA public key, too.
bool verify_rs256(const std::string& public_key_pem, std::string_view text, std::string_view signature);

/// For tests, and for operators who sign with a private key of their own. Empty when the key cannot sign.
std::string sign_rs256(const std::string& private_key_pem, std::string_view text);

}  // namespace ndcast::auth
