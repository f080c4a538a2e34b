#include "auth/authority.h"

#include <algorithm>
#include <chrono>

#include "auth/base64url.h"
#include "auth/signed_token.h"
#include "auth/token.h"
#include "base/limits.h"

namespace ndcast::auth {
namespace {

std::unexpected<Denied> denied(std::string message) {
  return std::unexpected(Denied{Denial::Invalid, std::move(message)});
}

/// Clocks of two machines differ a little; a token from a second ahead is no attack.
constexpr double kSkew_s = 30.0;

}  // namespace

std::expected<Grant, Denied> Authority::judge(std::string_view token, double now_unix_s) const {
  if (is_open()) return Grant(Role::Admin);
  if (token.empty()) return std::unexpected(Denied{Denial::Required, "no token was given"});
  if (token_matches(token, link_token_)) return Grant(Role::Admin);
  if (!looks_signed(token)) return denied("the token is not this server's");
  return judge_signed(token, now_unix_s);
}

std::expected<Grant, Denied> Authority::judge_signed(std::string_view token, double now_unix_s) const {
  const auto parsed = parse_signed_token(token);
  if (!parsed) return denied(parsed.error().message);
  if (const auto good = check_signature(*parsed); !good) return denied(good.error().message);
  const auto claims = parse_claims(parsed->claims_json);
  if (!claims) return denied(claims.error().message);
  if (const auto good = check_claims(*claims, now_unix_s); !good) return denied(good.error().message);
  if (now_unix_s >= static_cast<double>(claims->expires_unix_s)) {
    return std::unexpected(Denied{
        Denial::Expired,
        fmt::format("the token expired {:.0f} s ago", now_unix_s - static_cast<double>(claims->expires_unix_s))});
  }
  Grant grant(claims->role);
  grant.room = claims->room;
  grant.subject = claims->subject;
  grant.expires_unix_s = static_cast<double>(claims->expires_unix_s);
  return grant;
}

Result<void> Authority::check_signature(const SignedToken& token) const {
  constexpr auto kForbidden = ErrorCode::Forbidden;
  if (token.algorithm == "HS256") {
    if (secret_.empty()) return fail(kForbidden, "HS256 tokens are not accepted here (no --token-key)");
    if (!verify_hs256(secret_, token.signing_text, token.signature)) {
      return fail(kForbidden, "the token's HS256 signature is not by this server's key");
    }
    return {};
  }
  if (token.algorithm == "RS256") {
    if (keys_.empty()) return fail(kForbidden, "RS256 tokens are not accepted here (no --jwks)");
    // A token without kid is checked with the only key, if there is only one.
    const bool takes_any = token.key_id.empty() && keys_.size() == 1;
    const auto key = takes_any ? keys_.begin() : std::ranges::find(keys_, token.key_id, &RsaKey::key_id);
    if (key == keys_.end()) return fail(kForbidden, "the token's kid is not in the key set");
    if (!verify_rs256(key->public_key_pem, token.signing_text, token.signature)) {
      return fail(kForbidden, "the token's RS256 signature is not by the key that it names");
    }
    return {};
  }
  return fail(kForbidden, "the token's alg is neither HS256 nor RS256");
}

Result<void> Authority::check_claims(const Claims& claims, double now_unix_s) const {
  constexpr auto kForbidden = ErrorCode::Forbidden;
  if (!claims.for_us) return fail(kForbidden, "the token's aud is not \"{}\"", kAudience);
  if (!issuer_.empty() && claims.issuer != issuer_) return fail(kForbidden, "the token's iss is not the one set here");
  if (claims.not_before_unix_s && static_cast<double>(*claims.not_before_unix_s) > now_unix_s + kSkew_s) {
    return fail(kForbidden, "the token is not valid yet");
  }
  const double cap_s = std::chrono::duration<double>(limits::kTokenLifetime).count();
  if (static_cast<double>(claims.expires_unix_s) > now_unix_s + cap_s) {
    return fail(kForbidden, "the token ends more than {:.0f} days from now", cap_s / 86'400);
  }
  return {};
}

std::string make_signed_token(const Claims& claims, std::string_view secret) {
  const std::string text = signing_text_hs256(claims);
  return text + "." + base64url_encode(sign_hs256(secret, text));
}

}  // namespace ndcast::auth
