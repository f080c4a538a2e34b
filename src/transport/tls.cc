#include "transport/tls.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

namespace ndcast::transport {
namespace {

/// Forward secrecy and authenticated encryption; TLS 1.3 has nothing else.
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// The first of OpenSSL's queued errors, which is the cause; the queue is empty afterwards.
std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "it is not what was expected";
}

Result<void> check_readable(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, "{}: {}", file.string(), std::strerror(errno));
  }
  if (::access(file.c_str(), R_OK) != 0) return fail(ErrorCode::Io, "{}: {}", file.string(), std::strerror(errno));
  return {};
}

Result<void> check_private(const std::filesystem::path& file) {
  ND_TRY(check_readable(file));
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 07) != 0) {
    return fail(ErrorCode::Forbidden, "{} has mode {:04o}: everybody may use the key; chmod 600 it", file.string(),
                status.st_mode & 07777);
  }
  return {};
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11) - 1, offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Result<void> set_up(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their buffers back: 34 KiB each.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  static constexpr unsigned char kName[] = "ndcast";
  const bool ok = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_cipher_list(context, kCiphers12) == 1 &&
                  SSL_CTX_set_session_id_context(context, kName, sizeof(kName) - 1) == 1;
  if (!ok) return fail(ErrorCode::Internal, "OpenSSL: {}", take_openssl_error());
  return {};
}

Result<void> use_certificate(SSL_CTX* context, const TlsFiles& files) {
  ND_TRY(check_readable(files.certificate));
  ND_TRY(check_private(files.private_key));
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return fail(ErrorCode::Invalid, "{}: expected a certificate in PEM: {}", files.certificate.string(),
                take_openssl_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::Invalid, "{}: expected the private key of {} in PEM: {}", files.private_key.string(),
                files.certificate.string(), take_openssl_error());
  }
  return {};
}

Result<void> ask_clients(SSL_CTX* context, const std::filesystem::path& authorities) {
  ND_TRY(check_readable(authorities));
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(authorities.c_str());
  if (!names || SSL_CTX_load_verify_file(context, authorities.c_str()) != 1) {
    if (names) sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fail(ErrorCode::Invalid, "{}: expected certificates in PEM: {}", authorities.string(), take_openssl_error());
  }
  SSL_CTX_set_client_CA_list(context, names);  // takes them
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  ND_CHECK(context != nullptr, "out of memory");
  std::shared_ptr<const TlsContext> tls(new TlsContext(context));
  ND_TRY(set_up(context));
  ND_TRY(use_certificate(context, files));
  if (!files.client_ca.empty()) ND_TRY(ask_clients(context, files.client_ca));
  return tls;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

ssl_st* TlsContext::new_session() const { return SSL_new(context_); }

}  // namespace ndcast::transport
