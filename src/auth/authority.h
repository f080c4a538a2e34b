#pragma once
// Who is let in with what (WP1): the one judge of every token, whether it came in a header, a cookie, the link or a
// hello.
//
//   Authority authority(make_token());                                     // the printed link's, role admin
//   ND_TRY(authority.set_secret(…)); ND_TRY(authority.set_key_set(…));     // who may sign others
//   const std::expected<Grant, Denied> grant = authority.judge(token, clock.unix_seconds());
//
// Signed tokens are checked with HS256 and the secret, or RS256 and the key set, whichever their header names, and with
// nothing else: a key of one algorithm is never used with another.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "auth/claims.h"
#include "auth/grant.h"
#include "auth/jwks.h"
#include "base/result.h"

namespace ndcast::auth {

/// Thread-safe to read once it is set up.
class Authority {
 public:
  /// `link_token` empty: no authentication, every token (and none) is admin.
  explicit Authority(std::string link_token) : link_token_(std::move(link_token)) {}

  void set_secret(std::string secret) { secret_ = std::move(secret); }
  void set_key_set(std::vector<RsaKey> keys) { keys_ = std::move(keys); }
  /// Signed tokens must then name it as "iss".
  void set_issuer(std::string issuer) { issuer_ = std::move(issuer); }

  bool is_open() const { return link_token_.empty(); }
  const std::string& link_token() const { return link_token_; }

  /// `now_unix_s` is wall time. The signature is checked before the claims, so a forged token learns nothing of them.
  std::expected<Grant, Denied> judge(std::string_view token, double now_unix_s) const;

 private:
  std::expected<Grant, Denied> judge_signed(std::string_view token, double now_unix_s) const;
  Result<void> check_signature(const SignedToken& token) const;
  Result<void> check_claims(const Claims& claims, double now_unix_s) const;

  std::string link_token_;
  std::string secret_;        ///< empty: HS256 is not accepted
  std::vector<RsaKey> keys_;  ///< empty: RS256 is not accepted
  std::string issuer_;        ///< empty: any
};

/// A token for `claims`, signed with HS256.
std::string make_signed_token(const Claims& claims, std::string_view secret);

}  // namespace ndcast::auth
