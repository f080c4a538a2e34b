#include "auth/signed_token.h"

#include <exception>

#include <jwt/algorithm.hpp>

#include "auth/base64url.h"
#include "base/check.h"
#include "base/digest.h"

namespace ndcast::auth {
namespace {

::jwt::string_view view_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string sign_hs256(std::string_view secret, std::string_view text) {
  ND_CHECK(!secret.empty());
  const auto [signature, error] = ::jwt::HMACSign<::jwt::algo::HS256>::sign(view_of(secret), view_of(text));
  ND_CHECK(!error, "HMAC-SHA-256 failed");
  return signature;
}

// cpp-jwt's own comparison stops at the first difference, so the signature is made again and compared here.
bool verify_hs256(std::string_view secret, std::string_view text, std::string_view signature) {
  return equal_in_constant_time(sign_hs256(secret, text), signature);
}

bool verify_rs256(const std::string& public_key_pem, std::string_view text, std::string_view signature) try {
  const std::string encoded = base64url_encode(signature);
  const auto [good, error] =
      ::jwt::PEMSign<::jwt::algo::RS256>::verify(view_of(public_key_pem), view_of(text), view_of(encoded));
  return good && !error;
} catch (const std::exception&) {
  return false;  // out of memory, by its documentation
}

std::string sign_rs256(const std::string& private_key_pem, std::string_view text) try {
  const auto [signature, error] = ::jwt::PEMSign<::jwt::algo::RS256>::sign(view_of(private_key_pem), view_of(text));
  return error ? std::string() : signature;
} catch (const std::exception&) {
  return {};
}

}  // namespace ndcast::auth
