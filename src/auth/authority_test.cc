// Signed tokens: what is accepted, and every way that we know of to be refused.

#include "auth/authority.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/base64url.h"
#include "auth/signed_token.h"
#include "base/limits.h"

namespace ndcast::auth {
namespace {

constexpr double kNow = 1'800'000'000;
const std::string kSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kLink = "the-link-token";

Claims claims(Role role = Role::Editor) {
  Claims out;
  out.role = role;
  out.expires_unix_s = static_cast<std::int64_t>(kNow) + 3600;
  out.for_us = true;
  return out;
}

Authority with_secret() {
  Authority authority(kLink);
  authority.set_secret(kSecret);
  return authority;
}

std::string code(const std::expected<Grant, Denied>& judged) {
  return judged ? "accepted" : std::string(to_string(judged.error().denial));
}
std::string judge(const Authority& authority, std::string_view token, double now = kNow) {
  const auto judged = authority.judge(token, now);
  if (!judged && token.size() > 12) {
    // No log and no answer may give any part of a token away.
    for (std::size_t i = 0; i + 12 <= token.size(); ++i) {
      EXPECT_EQ(judged.error().message.find(token.substr(i, 12)), std::string::npos) << judged.error().message;
    }
  }
  return code(judged);
}
std::string why(const Authority& authority, std::string_view token, double now = kNow) {
  const auto judged = authority.judge(token, now);
  return judged ? "accepted" : judged.error().message;
}

/// A token of any header and claims, signed with HS256 and `secret`.
std::string forge(std::string_view header, std::string_view body, std::string_view secret = kSecret) {
  const std::string text = base64url_encode(header) + "." + base64url_encode(body);
  return text + "." + base64url_encode(sign_hs256(secret, text));
}
const std::string kHs256 = R"({"alg":"HS256","typ":"JWT"})";
std::string body(std::string_view extra = "") {
  return R"({"aud":"ndcast","exp":1800003600,"role":"editor")" + std::string(extra) + "}";
}

/// An RSA key pair made for this run.
class RsaPair {
 public:
  explicit RsaPair(unsigned bits = 2048) : key_(EVP_RSA_gen(bits), EVP_PKEY_free) {}
  std::string public_pem() const { return pem(PEM_write_bio_PUBKEY); }
  std::string private_pem() const {
    return pem([](BIO* out, EVP_PKEY* key) {
      return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  std::string number(const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return base64url_encode(bytes);
  }
  std::string jwk(std::string_view extra = R"(,"kid":"one","alg":"RS256","use":"sig")") const {
    return R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" + number(OSSL_PKEY_PARAM_RSA_E) +
           '"' + std::string(extra) + "}";
  }
  std::string token(std::string_view header = R"({"alg":"RS256","kid":"one"})",
                    const std::string& claims = body()) const {
    const std::string text = base64url_encode(header) + "." + base64url_encode(claims);
    return text + "." + base64url_encode(sign_rs256(private_pem(), text));
  }

 private:
  template <class Write>
  std::string pem(Write write) const {
    BIO* out = BIO_new(BIO_s_mem());
    write(out, key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string result(text, static_cast<std::size_t>(size));
    BIO_free(out);
    return result;
  }
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

const RsaPair& pair_one() {
  static const RsaPair pair;
  return pair;
}
std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }
Authority with_keys() {
  Authority authority(kLink);
  const auto keys = parse_jwks(set_of(pair_one().jwk()));
  EXPECT_TRUE(keys) << keys.error().message;
  authority.set_key_set(*keys);
  return authority;
}

TEST(Authority, WP1_TheLinkTokenIsAdminForEver) {
  const Authority authority(kLink);
  const auto grant = authority.judge(kLink, kNow);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->role, Role::Admin);
  EXPECT_FALSE(grant->expires_unix_s);
  EXPECT_TRUE(grant->opens_room("any"));
  EXPECT_EQ(judge(authority, ""), "auth.required");
  EXPECT_EQ(judge(authority, "another"), "auth.invalid");
}

TEST(Authority, WithoutATokenEverybodyIsAdmin) { EXPECT_EQ(Authority("").judge("", kNow)->role, Role::Admin); }

TEST(Authority, WP1_AGoodTokenGrantsWhatItSays) {
  Claims lab = claims(Role::Viewer);
  lab.room = "lab";
  lab.subject = "ada";
  const auto grant = with_secret().judge(make_signed_token(lab, kSecret), kNow);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->role, Role::Viewer);
  EXPECT_EQ(grant->subject, "ada");
  EXPECT_EQ(grant->expires_unix_s, kNow + 3600);
  EXPECT_TRUE(grant->opens_room("lab"));
  EXPECT_FALSE(grant->opens_room("main"));
}

TEST(Authority, TheExampleOfRfc7515IsVerified) {
  const auto key =
      base64url_decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  ASSERT_TRUE(key);
  const std::string_view token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const auto parsed = parse_signed_token(token);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(verify_hs256(*key, parsed->signing_text, parsed->signature));
  EXPECT_FALSE(verify_hs256(*key + "x", parsed->signing_text, parsed->signature));
}

TEST(Authority, WP1_HS256AttacksAreRefused) {
  const Authority authority = with_secret();
  const std::string good = make_signed_token(claims(), kSecret);
  EXPECT_EQ(judge(authority, good), "accepted");
  std::string flipped = good;
  flipped[good.find('.') + 5] ^= 1;
  const std::string stripped = good.substr(0, good.rfind('.') + 1);
  const std::pair<const char*, std::string> attacks[] = {
      {"another key", make_signed_token(claims(), kSecret + "x")},
      {"claims changed", flipped},
      {"signature removed", stripped},
      {"signature cut", good.substr(0, good.size() - 4)},
      {"padding", good + "="},
      {"four parts", good + ".x"},
      {"alg none", base64url_encode(R"({"alg":"none"})") + "." + base64url_encode(body()) + "."},
      {"alg None, signed", forge(R"({"alg":"None"})", body())},
      {"alg nOnE with the HS256 signature", forge(R"({"alg":"nOnE"})", body())},
      {"alg in another case", forge(R"({"alg":"hs256"})", body())},
      {"alg HS512 with a HS256 signature", forge(R"({"alg":"HS512"})", body())},
      {"alg RS256 without a key set", forge(R"({"alg":"RS256"})", body())},
      {"no alg", forge(R"({"typ":"JWT"})", body())},
      {"alg a number", forge(R"({"alg":5})", body())},
      {"alg twice", forge(R"({"alg":"HS256","alg":"none"})", body())},
      {"crit", forge(R"({"alg":"HS256","crit":["exp"]})", body())},
      {"header no object", forge("[]", body())},
      {"header no JSON", forge("{", body())},
      {"depth bomb", forge(kHs256, std::string(1000, '[') + std::string(1000, ']'))},
      {"claims no object", forge(kHs256, "5")},
      {"very long", forge(kHs256, body(R"(,"x":")" + std::string(4000, 'x') + '"'))},
  };
  for (const auto& [what, token] : attacks) EXPECT_EQ(judge(authority, token), "auth.invalid") << what;
}

TEST(Authority, WP1_ClaimsAreJudged) {
  const Authority authority = with_secret();
  const std::tuple<const char*, std::string, const char*> cases[] = {
      {"plain", body(), "accepted"},
      {"aud a list", R"({"aud":["x","ndcast"],"exp":1800003600,"role":"viewer"})", "accepted"},
      {"not yet, within the skew", body(R"(,"nbf":1800000010)"), "accepted"},
      {"a fraction", R"({"aud":"ndcast","exp":1800003600.5,"role":"viewer"})", "accepted"},
      {"expired", R"({"aud":"ndcast","exp":1800000000,"role":"admin"})", "auth.expired"},
      {"another aud", R"({"aud":"other","exp":1800003600,"role":"admin"})", "auth.invalid"},
      {"no aud", R"({"exp":1800003600,"role":"admin"})", "auth.invalid"},
      {"no exp", R"({"aud":"ndcast","role":"admin"})", "auth.invalid"},
      {"exp a string", R"({"aud":"ndcast","exp":"1800003600","role":"admin"})", "auth.invalid"},
      {"exp negative", R"({"aud":"ndcast","exp":-1,"role":"admin"})", "auth.invalid"},
      {"exp past the cap", R"({"aud":"ndcast","exp":1900000000,"role":"admin"})", "auth.invalid"},
      {"exp beyond numbers", R"({"aud":"ndcast","exp":1e300,"role":"admin"})", "auth.invalid"},
      {"not yet", body(R"(,"nbf":1800000100)"), "auth.invalid"},
      {"no role", R"({"aud":"ndcast","exp":1800003600})", "auth.invalid"},
      {"unknown role", R"({"aud":"ndcast","exp":1800003600,"role":"root"})", "auth.invalid"},
      {"role a list", R"({"aud":"ndcast","exp":1800003600,"role":["admin"]})", "auth.invalid"},
      {"room a number", body(R"(,"room":5)"), "auth.invalid"},
      {"sub with a line's end", body(R"(,"sub":"a\nb")"), "auth.invalid"},
      {"role twice", R"({"aud":"ndcast","exp":1800003600,"role":"viewer","role":"admin"})", "auth.invalid"},
  };
  for (const auto& [what, json, expected] : cases) EXPECT_EQ(judge(authority, forge(kHs256, json)), expected) << what;
}

TEST(Authority, WP1_AnIssuerThatIsSetMustBeNamed) {
  Authority authority = with_secret();
  authority.set_issuer("https://login.example.org");
  EXPECT_EQ(judge(authority, forge(kHs256, body(R"(,"iss":"https://login.example.org")"))), "accepted");
  EXPECT_EQ(judge(authority, forge(kHs256, body(R"(,"iss":"https://evil.example.org")"))), "auth.invalid");
  EXPECT_EQ(judge(authority, forge(kHs256, body())), "auth.invalid");
}

TEST(Authority, WP1_AForgedTokenLearnsNothingOfItsClaims) {
  const std::string expired = R"({"aud":"ndcast","exp":1,"role":"admin"})";
  EXPECT_EQ(judge(with_secret(), forge(kHs256, expired, "wrong key that is long enough to be one")), "auth.invalid");
}

TEST(Authority, WP1_RS256ThroughAKeySet) {
  const Authority authority = with_keys();
  EXPECT_EQ(why(authority, pair_one().token()), "accepted");
  EXPECT_EQ(why(authority, pair_one().token(R"({"alg":"RS256"})")), "accepted") << "one key needs no kid";
  const RsaPair other;
  EXPECT_EQ(judge(authority, other.token()), "auth.invalid");
  EXPECT_EQ(judge(authority, pair_one().token(R"({"alg":"RS256","kid":"two"})")), "auth.invalid");
  EXPECT_EQ(judge(authority, pair_one().token(R"({"alg":"RS384","kid":"one"})")), "auth.invalid");
  std::string cut = pair_one().token();
  cut.resize(cut.size() - 4);
  EXPECT_EQ(judge(authority, cut), "auth.invalid");
}

TEST(Authority, WP1_APublicKeyIsNoSecret) {
  // Algorithm confusion: HS256 with the public key's text, which everybody may read, as the secret.
  const std::string header = R"({"alg":"HS256","kid":"one"})";
  for (const std::string& secret : {pair_one().public_pem(), pair_one().jwk(), pair_one().number("n")}) {
    EXPECT_EQ(judge(with_keys(), forge(header, body(), secret)), "auth.invalid");
    Authority both = with_keys();
    both.set_secret(kSecret);
    EXPECT_EQ(judge(both, forge(header, body(), secret)), "auth.invalid");
    EXPECT_EQ(judge(both, forge(kHs256, body())), "accepted");
    EXPECT_EQ(judge(both, pair_one().token()), "accepted");
  }
}

TEST(Jwks, TakesTheKeysThatItCanUse) {
  const RsaPair two;
  const auto keys =
      parse_jwks(set_of(pair_one().jwk() + "," + two.jwk(R"(,"kid":"two")") +
                        R"(,{"kty":"EC","crv":"P-256","kid":"x"},)" + two.jwk(R"(,"kid":"3","use":"enc")")));
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].public_key_pem, pair_one().public_pem());
  EXPECT_EQ((*keys)[1].key_id, "two");
}

TEST(Jwks, RefusesWhatIsWeakOrOutOfPlace) {
  const std::string one = pair_one().jwk();
  const std::string n = pair_one().number("n");
  const std::pair<const char*, std::string> sets[] = {
      {"no JSON", "{"},
      {"no keys", "{}"},
      {"keys no list", R"({"keys":5})"},
      {"none usable", set_of(R"({"kty":"EC"})")},
      {"1024 bits", set_of(RsaPair(1024).jwk())},
      {"a kid twice", set_of(one + "," + one)},
      {"two without kid", set_of(pair_one().jwk("") + "," + one)},
      {"a secret", set_of(R"({"kty":"oct","kid":"s","k":"AAAA"},)" + one)},
      {"private parts", set_of(pair_one().jwk(R"(,"kid":"one","d":"AQAB")"))},
      {"exponent 1", set_of(R"({"kty":"RSA","kid":"a","e":"AQ","n":")" + n + "\"}")},
      {"even exponent", set_of(R"({"kty":"RSA","kid":"a","e":"Ag","n":")" + n + "\"}")},
      {"huge exponent", set_of(R"({"kty":"RSA","kid":"a","e":"AQAAAAAAAQ","n":")" + n + "\"}")},
      {"n no base64url", set_of(R"({"kty":"RSA","kid":"a","e":"AQAB","n":"+/=="})")},
      {"n missing", set_of(R"({"kty":"RSA","kid":"a","e":"AQAB"})")},
  };
  for (const auto& [what, text] : sets) EXPECT_FALSE(parse_jwks(text)) << what;
}

TEST(Base64Url, OneValueHasOneText) {
  for (const char* bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc"}) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  }
  for (const char* text : {"A", "AB=", "A+/A", "AA AA", "AB", "AAB"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ndcast::auth
