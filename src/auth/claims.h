#pragma once
// What a signed token says (RFC 7519), apart from whether it is to be believed: that is Authority's (authority.h).
//
//   eyJhbGciOi….eyJzdWIiOi….c2lnbmF0…          header . claims . signature, each base64url
//   {"alg":"HS256","typ":"JWT","kid":"2026"} {"aud":"ndcast","exp":1800000000,"role":"editor","room":"lab","sub":"ada"}
//
// JSON is read here with tight limits, before any key is touched.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/roles.h"
#include "base/result.h"

namespace ndcast::auth {

inline constexpr std::string_view kAudience = "ndcast";

struct Claims {
  Role role = Role::Viewer;
  std::optional<std::string> room;  ///< nothing: any room
  std::string subject;              ///< "sub"; empty when absent
  std::int64_t expires_unix_s = 0;
  std::optional<std::int64_t> not_before_unix_s;
  std::optional<std::int64_t> issued_unix_s;
  std::optional<std::string> issuer;
  bool for_us = false;  ///< "aud" is, or lists, kAudience
};

struct SignedToken {
  std::string algorithm;          ///< as the header says; not to be trusted
  std::string key_id;             ///< empty when the header names none
  std::string_view signing_text;  ///< of the text that was parsed: what the signature is of
  std::string signature;          ///< raw bytes
  std::string claims_json;
};

/// True for a text of the form of a signed token: three parts. The printed link's token is not.
bool looks_signed(std::string_view token);

/// Takes it apart; the result refers to `token`. Errors: Invalid, Limit; messages quote member names and kinds, and
/// nothing else of the token.
Result<SignedToken> parse_signed_token(std::string_view token);

/// Errors: Invalid, naming the claim: role, exp and aud must be there.
Result<Claims> parse_claims(std::string_view json);

/// The claims as JSON, for signing and for people.
std::string print_claims(const Claims& claims);

/// header . claims, ready to be signed with HS256.
std::string signing_text_hs256(const Claims& claims);

}  // namespace ndcast::auth
