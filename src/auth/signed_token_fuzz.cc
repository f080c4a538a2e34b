// A token as a stranger sends it: parsed without harm, accepted only when the signature is the key's.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/authority.h"
#include "auth/base64url.h"
#include "auth/signed_token.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::auth;
  static constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
  static constexpr double kNow = 1'800'000'000;
  static const Authority authority = [] {
    Authority made("link");
    made.set_secret(std::string(kSecret));
    return made;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto judged = authority.judge(text, kNow);
  if (judged && text != "link") {
    const auto token = parse_signed_token(text);
    ND_CHECK(token && token->signature == sign_hs256(kSecret, token->signing_text));
  }
  // The claims by themselves, signed by us, so that what follows the signature is reached too.
  const std::string signing = base64url_encode(R"({"alg":"HS256"})") + "." + base64url_encode(text);
  const auto grant = authority.judge(signing + "." + base64url_encode(sign_hs256(kSecret, signing)), kNow);
  if (grant) {
    ND_CHECK(grant->expires_unix_s && *grant->expires_unix_s > kNow);
    const auto claims = parse_claims(text);
    ND_CHECK(claims && claims->for_us && claims->role == grant->role);
    const auto again = parse_claims(print_claims(*claims));
    ND_CHECK(again && again->role == claims->role && again->expires_unix_s == claims->expires_unix_s);
  }
  return 0;
}
