#include "auth/jwks.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "auth/base64url.h"
#include "base/json.h"
#include "base/limits.h"

namespace ndcast::auth {
namespace {

template <auto free>
struct Freed {
  template <class Pointer>
  void operator()(Pointer* pointer) const {
    free(pointer);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

constexpr int kBitsMin = 2048;  // RFC 7518 §3.3
constexpr int kBitsMax = 8192;  // past this a check takes milliseconds of the control thread
constexpr int kExponentBitsMax = 32;

std::string_view text_of(const Json& key, std::string_view name) {
  const Json* found = key.find(name);
  return found ? found->as_string().value_or("") : "";
}

BigNumber number_of(const Json& key, std::string_view name) {
  const auto bytes = base64url_decode(text_of(key, name));
  if (!bytes || bytes->empty()) return nullptr;
  return BigNumber(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()), static_cast<int>(bytes->size()), nullptr));
}

std::optional<std::string> pem_of(const BIGNUM* modulus, const BIGNUM* exponent) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1) {
    return std::nullopt;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return std::nullopt;
  }
  const Key key(made);
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) return std::nullopt;
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Result<RsaKey> parse_rsa(const Json& key, std::string_view key_id) {
  if (key.find("d") || key.find("p") || key.find("q")) {
    return fail(ErrorCode::Invalid, "key \"{}\" has private parts; a key set for checking holds public ones only",
                key_id);
  }
  const BigNumber modulus = number_of(key, "n");
  const BigNumber exponent = number_of(key, "e");
  if (!modulus || !exponent) return fail(ErrorCode::Invalid, "key \"{}\": n and e must be base64url", key_id);
  const int bits = BN_num_bits(modulus.get());
  if (bits < kBitsMin || bits > kBitsMax) {
    return fail(ErrorCode::Invalid, "key \"{}\" has {} bits, expected {} to {}", key_id, bits, kBitsMin, kBitsMax);
  }
  if (!BN_is_odd(modulus.get()) || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
      BN_num_bits(exponent.get()) > kExponentBitsMax) {
    return fail(ErrorCode::Invalid, "key \"{}\": n and e must be odd, e above 1 and of at most {} bits", key_id,
                kExponentBitsMax);
  }
  auto pem = pem_of(modulus.get(), exponent.get());
  if (!pem) return fail(ErrorCode::Invalid, "key \"{}\" is no RSA public key", key_id);
  return RsaKey{std::string(key_id), *std::move(pem)};
}

bool is_for_rs256(const Json& key) {
  const std::string_view use = text_of(key, "use");
  const std::string_view algorithm = text_of(key, "alg");
  return text_of(key, "kty") == "RSA" && (use.empty() || use == "sig") && (algorithm.empty() || algorithm == "RS256");
}

}  // namespace

Result<std::vector<RsaKey>> parse_jwks(std::string_view text) {
  ND_ASSIGN(const Json set,
            parse_json(text, {.max_bytes = limits::kKeyFileBytes, .max_depth = 8, .max_elements = 4096}));
  const Json* list = set.find("keys");
  if (!list || !list->is_array()) return fail(ErrorCode::Invalid, "expected {{\"keys\": […]}}");
  std::vector<RsaKey> keys;
  for (const Json& key : list->array()) {
    const std::string key_id = std::string(text_of(key, "kid").substr(0, limits::kNameBytes));
    if (text_of(key, "kty") == "oct") {
      return fail(ErrorCode::Invalid, "key \"{}\" is symmetric: it is a secret, which a key set must not hold", key_id);
    }
    if (!is_for_rs256(key)) continue;
    ND_ASSIGN(RsaKey rsa, parse_rsa(key, key_id));
    if (std::ranges::find(keys, key_id, &RsaKey::key_id) != keys.end()) {
      return fail(ErrorCode::Invalid, "two keys have the kid \"{}\"", key_id);
    }
    keys.push_back(std::move(rsa));
  }
  if (keys.empty()) return fail(ErrorCode::Invalid, "none of the {} keys is an RSA key for RS256", list->size());
  const bool has_nameless = std::ranges::any_of(keys, [](const RsaKey& key) { return key.key_id.empty(); });
  if (has_nameless && keys.size() > 1) {
    return fail(ErrorCode::Invalid, "a key has no kid; only a single key may do without");
  }
  return keys;
}

}  // namespace ndcast::auth
