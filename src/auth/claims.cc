#include "auth/claims.h"

#include <algorithm>
#include <cmath>

#include "auth/base64url.h"
#include "base/json.h"
#include "base/limits.h"

namespace ndcast::auth {
namespace {

constexpr JsonLimits kTokenJson{.max_bytes = limits::kTokenBytes, .max_depth = 4, .max_elements = 256};

Result<Json> read_part(std::string_view part, std::string_view what) {
  const auto text = base64url_decode(part);
  if (!text) return fail(ErrorCode::Invalid, "the token's {} is not base64url", what);
  auto json = parse_json(*text, kTokenJson);
  if (!json || !json->is_object()) return fail(ErrorCode::Invalid, "the token's {} is not a JSON object", what);
  return json;
}

/// A member of the header or the claims that must be text where it is there.
Result<std::optional<std::string>> text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (!found) return std::nullopt;
  if (!found->is_string()) return fail(ErrorCode::Invalid, "{} is a {}, expected a string", name, found->kind_name());
  const std::string& text = found->string();
  const bool is_clean = std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (text.size() > limits::kNameBytes || !is_clean) {
    return fail(ErrorCode::Invalid, "{} has {} bytes, expected at most {} and no control characters", name, text.size(),
                limits::kNameBytes);
  }
  return text;
}

/// RFC 7519's NumericDate, whole seconds; a fraction is rounded down.
Result<std::optional<std::int64_t>> time_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (!found) return std::nullopt;
  const auto seconds = found->as_double();
  constexpr double kLastSecond = 253'402'300'799.0;  // 9999-12-31T23:59:59Z
  if (!seconds || !(*seconds >= 0 && *seconds <= kLastSecond)) {
    return fail(ErrorCode::Invalid, "{} is not a time in seconds since 1970", name);
  }
  return static_cast<std::int64_t>(std::floor(*seconds));
}

bool names_us(const Json* audience) {
  const auto is_us = [](const Json& entry) { return entry.is_string() && entry.string() == kAudience; };
  if (!audience) return false;
  return is_us(*audience) || (audience->is_array() && std::ranges::any_of(audience->array(), is_us));
}

}  // namespace

bool looks_signed(std::string_view token) { return std::ranges::count(token, '.') == 2; }

Result<SignedToken> parse_signed_token(std::string_view token) {
  if (token.size() > limits::kTokenBytes) {
    return fail(ErrorCode::Limit, "the token has {} bytes, expected at most {}", token.size(), limits::kTokenBytes);
  }
  if (!looks_signed(token)) return fail(ErrorCode::Invalid, "the token is not header.claims.signature");
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  ND_ASSIGN(const Json header, read_part(token.substr(0, first), "header"));
  ND_ASSIGN(const auto algorithm, text_of(header, "alg"));
  if (!algorithm) return fail(ErrorCode::Invalid, "the token's header names no alg");
  // RFC 7515 §4.1.11: extensions that must be understood; we understand none.
  if (header.find("crit")) return fail(ErrorCode::Invalid, "the token's header has crit, which is not supported");
  ND_ASSIGN(const auto key_id, text_of(header, "kid"));
  const auto claims = base64url_decode(token.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!claims) return fail(ErrorCode::Invalid, "the token's claims are not base64url");
  if (!signature) return fail(ErrorCode::Invalid, "the token's signature is not base64url");
  return SignedToken{*algorithm, key_id.value_or(""), token.substr(0, second), *std::move(signature), *claims};
}

Result<Claims> parse_claims(std::string_view json) {
  const auto object = parse_json(json, kTokenJson);
  if (!object || !object->is_object()) return fail(ErrorCode::Invalid, "the token's claims are not a JSON object");
  Claims claims;
  ND_ASSIGN(const auto role, text_of(*object, "role"));
  if (!role) return fail(ErrorCode::Invalid, "the token names no role");
  const auto known = parse_role(*role);
  if (!known) return fail(ErrorCode::Invalid, "the token's role is not viewer, editor or admin");
  claims.role = *known;
  ND_ASSIGN(const auto expires, time_of(*object, "exp"));
  if (!expires) return fail(ErrorCode::Invalid, "the token has no exp: every signed token must end");
  claims.expires_unix_s = *expires;
  ND_ASSIGN(claims.room, text_of(*object, "room"));
  ND_ASSIGN(auto subject, text_of(*object, "sub"));
  claims.subject = std::move(subject).value_or("");
  ND_ASSIGN(claims.issuer, text_of(*object, "iss"));
  ND_ASSIGN(claims.not_before_unix_s, time_of(*object, "nbf"));
  ND_ASSIGN(claims.issued_unix_s, time_of(*object, "iat"));
  claims.for_us = names_us(object->find("aud"));
  return claims;
}

std::string print_claims(const Claims& claims) {
  Json out = Json::make_object();
  if (claims.for_us) out.set("aud", kAudience);
  out.set("exp", claims.expires_unix_s);
  if (claims.issued_unix_s) out.set("iat", *claims.issued_unix_s);
  if (claims.issuer) out.set("iss", *claims.issuer);
  if (claims.not_before_unix_s) out.set("nbf", *claims.not_before_unix_s);
  out.set("role", to_string(claims.role));
  if (claims.room) out.set("room", *claims.room);
  if (!claims.subject.empty()) out.set("sub", claims.subject);
  return to_string(out);
}

std::string signing_text_hs256(const Claims& claims) {
  return base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url_encode(print_claims(claims));
}

}  // namespace ndcast::auth
