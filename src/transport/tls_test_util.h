#pragma once
// Real certificates, made for a test, and a client that speaks TLS over RawClient.
//
//   const CertificateFolder files;                     // ca.pem, server.pem, server.key, client.pem, …, removed with
//   it TlsClient client(port, {.certificate = files / "client.pem", .key = files / "client.key"}); until(client, [&] {
//   return client.take_header(); });

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "transport/raw_client_test_util.h"

namespace ndcast::transport {

/// Two authorities ("ca", "other") and certificates of the first for "server", "renewed", "client", of the other for
/// "stranger"; each NAME.pem with NAME.key.
class CertificateFolder {
 public:
  CertificateFolder();
  ~CertificateFolder();
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

class TlsClient {
 public:
  struct Options {
    std::filesystem::path certificate;  ///< empty: none
    std::filesystem::path key;
    int max_version = TLS1_3_VERSION;
  };
  TlsClient(std::uint16_t port, const Options& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void send(std::string_view bytes);
  /// Moves bytes both ways. False once the server closed the connection.
  bool pump();
  bool handshake_done() const { return done_; }
  /// True once the server, or OpenSSL, found something wrong.
  bool failed() const { return failed_; }
  std::string& received() { return received_; }
  /// Common name of the server's certificate.
  std::string server_name() const;
  std::string version() const { return SSL_get_version(ssl_); }

 private:
  RawClient raw_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  BIO* from_server_ = nullptr;
  BIO* to_server_ = nullptr;
  std::string unsent_;
  std::string received_;
  bool done_ = false;
  bool failed_ = false;
};

}  // namespace ndcast::transport
