// TLS end to end, with real certificates: who gets in, who does not, and that the port goes on serving.

#include "transport/tls.h"

#include <array>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/ids.h"
#include "transport/server.h"
#include "transport/tls_test_util.h"

namespace ndcast::transport {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Party {
  Key key;
  Certificate certificate;
};

/// Signed by `issuer`, or by itself.
Party make_party(const std::string& name, const Party* issuer) {
  static long serial = 1;
  Party party{Key(EVP_EC_gen("P-256"), EVP_PKEY_free), Certificate(X509_new(), X509_free)};
  X509* const x509 = party.certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, party.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->certificate.get() : x509));
  const char* constraints = issuer ? "critical,CA:FALSE" : "critical,CA:TRUE";
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, constraints);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
  ND_CHECK(X509_sign(x509, issuer ? issuer->key.get() : party.key.get(), EVP_sha256()) > 0);
  return party;
}

void write_party(const fs::path& folder, const std::string& name, const Party& party) {
  FILE* file = std::fopen((folder / (name + ".pem")).c_str(), "w");
  PEM_write_X509(file, party.certificate.get());
  std::fclose(file);
  file = std::fopen((folder / (name + ".key")).c_str(), "w");
  PEM_write_PrivateKey(file, party.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  ::chmod((folder / (name + ".key")).c_str(), 0600);
}

}  // namespace

CertificateFolder::CertificateFolder() : folder_(fs::temp_directory_path() / ("ndcast-tls-" + random_hex(8))) {
  fs::create_directories(folder_);
  const Party authority = make_party("ca", nullptr);
  const Party other = make_party("other", nullptr);
  write_party(folder_, "ca", authority);
  write_party(folder_, "other", other);
  for (const char* name : {"server", "renewed", "client"}) write_party(folder_, name, make_party(name, &authority));
  write_party(folder_, "stranger", make_party("stranger", &other));
}

CertificateFolder::~CertificateFolder() { fs::remove_all(folder_); }

TlsClient::TlsClient(std::uint16_t port, const Options& options)
    : raw_(port), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_max_proto_version(context_, options.max_version);
  if (options.max_version < TLS1_2_VERSION) {
    SSL_CTX_set_min_proto_version(context_, options.max_version);
    SSL_CTX_set_security_level(context_, 0);
  }
  if (!options.certificate.empty()) {
    ND_CHECK(SSL_CTX_use_certificate_file(context_, options.certificate.c_str(), SSL_FILETYPE_PEM) == 1);
    ND_CHECK(SSL_CTX_use_PrivateKey_file(context_, options.key.c_str(), SSL_FILETYPE_PEM) == 1);
  }
  ssl_ = SSL_new(context_);
  from_server_ = BIO_new(BIO_s_mem());
  to_server_ = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_, from_server_, to_server_);
  SSL_set_connect_state(ssl_);
  pump();
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void TlsClient::send(std::string_view bytes) {
  unsent_ += bytes;
  pump();
}

bool TlsClient::pump() {
  const bool open = raw_.pump();
  std::string& arrived = raw_.received();
  BIO_write(from_server_, arrived.data(), static_cast<int>(arrived.size()));
  arrived.clear();
  ERR_clear_error();
  if (!done_ && SSL_do_handshake(ssl_) == 1) done_ = true;
  if (done_ && !unsent_.empty() && SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size())) > 0) {
    unsent_.clear();
  }
  std::array<char, 16384> chunk;
  for (int got = 0; done_ && (got = SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()))) > 0;) {
    received_.append(chunk.data(), static_cast<std::size_t>(got));
  }
  failed_ = failed_ || ERR_peek_error() != 0;
  if (const auto size = BIO_ctrl_pending(to_server_); size > 0) {
    std::string out(size, '\0');
    BIO_read(to_server_, out.data(), static_cast<int>(size));
    raw_.send(out);
  }
  return open;
}

std::string TlsClient::server_name() const {
  const Certificate certificate(SSL_get1_peer_certificate(ssl_), X509_free);
  if (!certificate) return "";
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
  return name.data();
}

namespace {

struct Echo final : WebSocketHandler {
  void on_open(std::shared_ptr<WebSocket> opened) override { socket = std::move(opened); }
  void on_text(std::string_view text) override { socket->send_text(std::make_shared<const std::string>(text)); }
  void on_close() override { socket.reset(); }
  std::shared_ptr<WebSocket> socket;
};

class TlsServer : public ::testing::Test {
 protected:
  void start(const fs::path& client_ca = {}, ServerLimits limits = {}) {
    Handlers handlers;
    handlers.http = [](const HttpRequest& request, const HttpReply& reply) {
      reply(HttpResponse::text(200, request.is_secure ? "secure\n" : "plain\n"));
    };
    handlers.upgrade = [](const HttpRequest&) -> UpgradeDecision { return std::make_shared<Echo>(); };
    const auto tls = TlsContext::load({files / "server.pem", files / "server.key", client_ca});
    ASSERT_TRUE(tls) << tls.error().message;
    auto listening = Server::listen(loop, "127.0.0.1", 0, std::move(handlers), limits, *tls);
    ASSERT_TRUE(listening) << listening.error().message;
    server = *std::move(listening);
  }
  template <class Client>
  bool until(Client& client, const std::function<bool()>& done) {
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
      loop.run_for(1ms);
      const bool open = client.pump();
      if (done()) return true;
      if (!open && client.received().empty()) return done();
    }
    return done();
  }
  std::string get(TlsClient& client) {
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    until(client, [&] { return client.received().ends_with("secure\n") || client.failed(); });
    return std::exchange(client.received(), "");
  }
  bool is_served(const TlsClient::Options& options) {
    TlsClient client(server->port(), options);
    return get(client).starts_with("HTTP/1.1 200");
  }

  const CertificateFolder files;
  EventLoop loop;
  std::unique_ptr<Server> server;
};

TEST_F(TlsServer, ServesHttpOverTls12And13) {
  start();
  for (const auto& [version, name] : {std::pair{TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"}}) {
    TlsClient client(server->port(), {.max_version = version});
    EXPECT_TRUE(get(client).starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(get(client).starts_with("HTTP/1.1 200")) << "the connection is kept";
    EXPECT_EQ(client.version(), name);
    EXPECT_EQ(client.server_name(), "server");
  }
}

TEST_F(TlsServer, RefusesOlderTls) {
  start();
  EXPECT_FALSE(is_served({.max_version = TLS1_1_VERSION}));
  EXPECT_TRUE(is_served({}));
}

TEST_F(TlsServer, WebSocketsEchoAndCloseOverTls) {
  start();
  TlsClient client(server->port(), {});
  client.send(
      "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  ASSERT_TRUE(until(client, [&] { return client.received().ends_with("\r\n\r\n"); }));
  EXPECT_TRUE(client.received().starts_with("HTTP/1.1 101"));
  client.received().clear();
  client.send(std::string("\x81\x82\0\0\0\0hi", 8));  // masked with zeros
  ASSERT_TRUE(until(client, [&] { return client.received().size() >= 4; }));
  EXPECT_EQ(client.received(), "\x81\x02hi");
  client.received().clear();
  client.send(std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
  EXPECT_TRUE(until(client, [&] { return client.received().size() >= 4; }));
  EXPECT_EQ(client.received(), "\x88\x02\x03\xe8");
  EXPECT_TRUE(until(client, [&] { return server->connections() == 0; }));
}

TEST_F(TlsServer, APlainRequestIsToldToSpeakTls) {
  start();
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until(client, [&] { return client.received().contains("https://"); })) << client.received();
  EXPECT_TRUE(client.received().starts_with("HTTP/1.1 400"));
  RawClient upgrade(server->port());
  upgrade.send_upgrade("/echo");
  ASSERT_TRUE(until(upgrade, [&] { return upgrade.received().contains("https://"); })) << upgrade.received();
  RawClient noise(server->port());
  noise.send(std::string("\x16\x03\x01\x40\x00", 5) + std::string(20'000, 'x'));
  EXPECT_TRUE(until(noise, [&] { return !noise.connected(); }));
  EXPECT_TRUE(is_served({}));
}

TEST_F(TlsServer, AStalledHandshakeIsCut) {
  start({}, {.handshake_timeout = 50ms});
  RawClient silent(server->port());
  RawClient half(server->port());
  half.send(std::string("\x16\x03\x01", 3));
  EXPECT_TRUE(until(silent, [&] { return !silent.connected(); }));
  EXPECT_TRUE(until(half, [&] { return !half.connected(); }));
  EXPECT_TRUE(is_served({}));
}

TEST_F(TlsServer, MutualTlsLetsInItsOwnClientsOnly) {
  start(files / "ca.pem");
  EXPECT_TRUE(is_served({.certificate = files / "client.pem", .key = files / "client.key"}));
  EXPECT_FALSE(is_served({})) << "no certificate";
  EXPECT_FALSE(is_served({.certificate = files / "stranger.pem", .key = files / "stranger.key"})) << "another CA's";
  EXPECT_FALSE(is_served({.certificate = files / "other.pem", .key = files / "other.key"})) << "its own CA";
  EXPECT_TRUE(is_served({.certificate = files / "client.pem", .key = files / "client.key"}));
}

TEST_F(TlsServer, ARenewedCertificateIsForNewConnections) {
  start();
  TlsClient old(server->port(), {});
  EXPECT_TRUE(get(old).starts_with("HTTP/1.1 200"));
  const auto renewed = TlsContext::load({files / "renewed.pem", files / "renewed.key", {}});
  ASSERT_TRUE(renewed);
  server->set_tls(*renewed);
  TlsClient fresh(server->port(), {});
  EXPECT_TRUE(get(fresh).starts_with("HTTP/1.1 200"));
  EXPECT_EQ(fresh.server_name(), "renewed");
  EXPECT_TRUE(get(old).starts_with("HTTP/1.1 200"));
  EXPECT_EQ(old.server_name(), "server");
}

TEST_F(TlsServer, ClosesPolitelyAndIsTakenDownInTheMiddle) {
  start();
  TlsClient idle(server->port(), {});
  EXPECT_TRUE(get(idle).starts_with("HTTP/1.1 200"));
  RawClient half(server->port());
  half.send(std::string("\x16\x03\x01", 3));
  loop.run_for(5ms);
  server->close();
  EXPECT_TRUE(until(idle, [&] { return server->connections() == 0; }));
  server.reset();
  loop.run_for(5ms);
}

TEST(TlsFilesTest, MistakesNameTheFile) {
  const CertificateFolder files;
  const std::tuple<TlsFiles, const char*> cases[] = {
      {{files / "none.pem", files / "server.key", {}}, "none.pem"},
      {{files / "server.pem", files / "none.key", {}}, "none.key"},
      {{files / "server.key", files / "server.key", {}}, "server.key"},
      {{files / "server.pem", files / "server.pem", {}}, "server.pem"},
      {{files / "server.pem", files / "client.key", {}}, "client.key"},
      {{files / "server.pem", files / "server.key", files / "server.key"}, "server.key"},
  };
  for (const auto& [wrong, name] : cases) {
    const auto tls = TlsContext::load(wrong);
    ASSERT_FALSE(tls);
    EXPECT_TRUE(tls.error().message.contains(name)) << tls.error().message;
  }
  ::chmod((files / "server.key").c_str(), 0644);
  const auto open = TlsContext::load({files / "server.pem", files / "server.key", {}});
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ErrorCode::Forbidden);
}

}  // namespace
}  // namespace ndcast::transport
