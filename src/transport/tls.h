#pragma once
// TLS as the server speaks it: 1.2 and 1.3, forward secrecy only, HTTP/1.1, and a client's certificate where one is
// asked for.
//
//   ND_ASSIGN(auto tls, TlsContext::load({.certificate = "cert.pem", .private_key = "key.pem"}));
//   ND_ASSIGN(auto server, Server::listen(loop, host, port, handlers, {}, tls));
//   server->set_tls(renewed);                     // connections that are open keep the certificate they began with

#include <filesystem>
#include <memory>

#include "base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace ndcast::transport {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM: the server's, then those between it and the root
  std::filesystem::path private_key;  ///< PEM, without a passphrase
  std::filesystem::path client_ca;    ///< PEM; empty: clients need no certificate
};

/// Immutable, thread-safe.
class TlsContext {
 public:
  /// Reads the files: not on the control thread. Errors: NotFound, Io; Forbidden for a key that everybody may read;
  /// Invalid when a file holds no such thing or the key is not the certificate's. Messages name the file.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// State of one connection's TLS; the caller frees it (SSL_free). Null when out of memory.
  ssl_st* new_session() const;

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace ndcast::transport
