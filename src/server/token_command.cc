// ndcast token: makes signed tokens, and says what is in one.

#include <cstdio>
#include <ctime>

#include "auth/authority.h"
#include "auth/key_file.h"
#include "base/clock.h"
#include "base/limits.h"
#include "server/commands.h"

namespace ndcast::server {
namespace {

int report(const Error& error) {
  fmt::print(stderr, "ndcast token: {}\n", error.message);
  return 1;
}

std::string date_of(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

/// "3 days", "2 hours", "40 s": the largest unit that says it in whole numbers of at least 2.
std::string duration_in_words(double seconds) {
  for (const auto& [unit_s, name] : {std::pair{86'400.0, "days"}, {3600.0, "hours"}, {60.0, "minutes"}}) {
    if (seconds >= 2 * unit_s) return fmt::format("{:.0f} {}", seconds / unit_s, name);
  }
  return fmt::format("{:.0f} s", seconds);
}

std::string expiry_in_words(std::int64_t expires_unix_s, double now_unix_s) {
  const double ahead_s = static_cast<double>(expires_unix_s) - now_unix_s;
  return ahead_s > 0 ? "in " + duration_in_words(ahead_s) : duration_in_words(-ahead_s) + " ago";
}

Result<auth::Authority> authority_of(const TokenInspectOptions& options) {
  // Link tokens are not inspected, so this one is never presented.
  auth::Authority authority("no link token");
  if (!options.key.empty()) {
    ND_ASSIGN(std::string secret, auth::read_secret(options.key));
    authority.set_secret(std::move(secret));
  }
  if (!options.jwks.empty()) {
    ND_ASSIGN(const std::string text, auth::read_public_file(options.jwks));
    auto keys = auth::parse_jwks(text);
    if (!keys) return fail(keys.error().code, "{}: {}", options.jwks.string(), keys.error().message);
    authority.set_key_set(*std::move(keys));
  }
  return authority;
}

void print_found(const auth::SignedToken& token, const auth::Claims& claims, double now_unix_s) {
  fmt::print("algorithm  {}{}\n", token.algorithm, token.key_id.empty() ? "" : ", key " + token.key_id);
  fmt::print("role       {}\n", to_string(claims.role));
  fmt::print("room       {}\n", claims.room.value_or("any"));
  if (!claims.subject.empty()) fmt::print("subject    {}\n", claims.subject);
  if (claims.issuer) fmt::print("issuer     {}\n", *claims.issuer);
  if (claims.issued_unix_s) fmt::print("issued     {}\n", date_of(*claims.issued_unix_s));
  if (claims.not_before_unix_s) fmt::print("from       {}\n", date_of(*claims.not_before_unix_s));
  fmt::print("expires    {} ({})\n", date_of(claims.expires_unix_s),
             expiry_in_words(claims.expires_unix_s, now_unix_s));
}

}  // namespace

int run(const TokenCreateOptions& options) {
  const double now_unix_s = SystemClock().unix_seconds();
  if (options.make_key) {
    if (const auto made = auth::write_new_secret(options.key); !made) return report(made.error());
    fmt::print(stderr, "ndcast token: made the key {}; give it to the server: ndcast serve --token-key {}\n",
               options.key.string(), options.key.string());
  }
  const auto secret = auth::read_secret(options.key);
  if (!secret) return report(secret.error());
  auth::Claims claims;
  claims.role = options.role;
  if (!options.room.empty()) claims.room = options.room;
  claims.subject = options.subject;
  if (!options.issuer.empty()) claims.issuer = options.issuer;
  claims.issued_unix_s = static_cast<std::int64_t>(now_unix_s);
  claims.expires_unix_s = *claims.issued_unix_s + options.lifetime.count();
  claims.for_us = true;
  fmt::print("{}\n", auth::make_signed_token(claims, *secret));
  return 0;
}

int run(const TokenInspectOptions& options) {
  const double now_unix_s = SystemClock().unix_seconds();
  const auto token = auth::parse_signed_token(options.token);
  if (!token) return report(token.error());
  const auto claims = auth::parse_claims(token->claims_json);
  if (!claims) return report(claims.error());
  print_found(*token, *claims, now_unix_s);
  if (options.key.empty() && options.jwks.empty()) {
    fmt::print("signature  not checked (give --key or --jwks)\n");
    return 0;
  }
  const auto authority = authority_of(options);
  if (!authority) return report(authority.error());
  const auto judged = authority->judge(options.token, now_unix_s);
  fmt::print("{}\n", judged
                         ? "valid"
                         : fmt::format("not valid: {}: {}", to_string(judged.error().denial), judged.error().message));
  return judged ? 0 : 1;
}

}  // namespace ndcast::server
