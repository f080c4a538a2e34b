// The attack table: each attack gets its code, while another session goes on being served. Seen from outside, over the
// real program.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/authority.h"
#include "auth/base64url.h"
#include "auth/key_file.h"
#include "auth/role_table.h"
#include "auth/signed_token.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "wire_session.h"

namespace ndcast::testing {
namespace {

namespace fs = std::filesystem;

/// A session that works all the while, and notes how long it waits.
class Witness {
 public:
  Witness(std::uint16_t port, const std::string& token) : session_(port, token) {
    thread_ = std::thread([this] {
      for (int z = 0; !stop_; z = (z + 1) % 8) {
        const auto start = std::chrono::steady_clock::now();
        const std::string status = session_.update("dims", "z", "index", std::to_string(z));
        const double ms = milliseconds(std::chrono::steady_clock::now() - start);
        {
          const std::lock_guard lock(mutex_);
          status == "accepted" ? waits_ms_.push_back(ms) : failures_.push_back(status);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
  }
  ~Witness() {
    stop_ = true;
    thread_.join();
  }
  struct Seen {
    std::size_t served = 0;
    double p95_ms = 0;
    std::string failure;
  };
  /// Waits for three updates more, then tells of those since the last call.
  Seen look() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (std::size_t before = served(); served() < before + 3 && std::chrono::steady_clock::now() < end;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const std::lock_guard lock(mutex_);
    std::ranges::sort(waits_ms_);
    Seen seen{waits_ms_.size(), waits_ms_.empty() ? 0 : waits_ms_[waits_ms_.size() * 95 / 100],
              failures_.empty() ? "" : failures_.front()};
    waits_ms_.clear();
    return seen;
  }

 private:
  std::size_t served() {
    const std::lock_guard lock(mutex_);
    return waits_ms_.size();
  }
  Session session_;
  std::mutex mutex_;
  std::vector<double> waits_ms_;
  std::vector<std::string> failures_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// An RSA key pair, its set in a file, and tokens signed with it.
struct Rsa {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(2048), EVP_PKEY_free};
  std::string number(const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key.get(), name, &value);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return auth::base64url_encode(bytes);
  }
  template <class Write>
  std::string pem(Write write) const {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string result(text, static_cast<std::size_t>(size));
    BIO_free(out);
    return result;
  }
  std::string public_pem() const {
    return pem([&](BIO* out) { PEM_write_bio_PUBKEY(out, key.get()); });
  }
  std::string private_pem() const {
    return pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string key_set() const {
    return fmt::format(R"({{"keys":[{{"kty":"RSA","kid":"k","n":"{}","e":"{}"}}]}})", number(OSSL_PKEY_PARAM_RSA_N),
                       number(OSSL_PKEY_PARAM_RSA_E));
  }
};

class Attacks : public ::testing::Test {
 protected:
  Attacks() {
    fs::create_directories(folder_ / "data" / "inside");
    fs::create_directories(folder_ / "secret");
    std::ofstream(folder_ / "secret" / "plan.txt") << "the plan";
    fs::create_directory_symlink(folder_ / "secret", folder_ / "data" / "link");
    fs::create_symlink("/etc/passwd", folder_ / "data" / "passwd.zarr");
    std::ofstream(folder_ / "keys.json") << rsa_.key_set();
    EXPECT_TRUE(auth::write_new_secret(folder_ / "key"));
    secret_ = auth::read_secret(folder_ / "key").value_or("");
    server_ = std::make_unique<Program>(std::vector<std::string>{
        std::string(NDCAST_SOURCE_DIR) + "/samples/mri-stack.ome.zarr", "--port", "0", "--token-key",
        (folder_ / "key").string(), "--jwks", (folder_ / "keys.json").string(), "--data-root",
        (folder_ / "data").string(), "--max-connections", "200", "--log-level", "debug", "--no-journal"});
    witness_ = std::make_unique<Witness>(server_->port(), server_->token());
    std::printf("%-58s %-34s %8s %9s\n", "attack", "answer", "witness", "p95 ms");
  }
  ~Attacks() override {
    witness_.reset();
    EXPECT_TRUE(server_->is_running());
    const std::string log = server_->log();
    for (const std::string& token : presented_) {
      if (token.size() <= 40) continue;
      EXPECT_EQ(log.find(token.substr(token.size() - 30)), std::string::npos) << "a token in the log";
    }
    server_.reset();
    fs::remove_all(folder_);
  }

  void row(const std::string& attack, const std::string& expected, const std::string& got) {
    const Witness::Seen seen = witness_->look();
    std::printf("%-58s %-34s %8zu %9.2f\n", attack.c_str(), got.substr(0, 34).c_str(), seen.served, seen.p95_ms);
    EXPECT_EQ(got, expected) << attack;
    EXPECT_GT(seen.served, 0U) << attack << ": the witness was not served";
    EXPECT_EQ(seen.failure, "") << attack;
  }

  static auth::Claims claims(auth::Role role) {
    auth::Claims out;
    out.role = role;
    out.for_us = true;
    out.expires_unix_s = static_cast<std::int64_t>(SystemClock().unix_seconds()) + 600;
    return out;
  }
  std::string token(auth::Role role) { return auth::make_signed_token(claims(role), secret_); }
  static std::string text_of(std::string_view header, const auth::Claims& claims) {
    return auth::base64url_encode(header) + "." + auth::base64url_encode(auth::print_claims(claims));
  }

  std::string http(std::string_view path, std::string_view headers = "", std::string_view host = "localhost",
                   std::string_view method = "GET", std::string_view body = "") {
    Wire wire(server_->port());
    return wire.exchange(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n{}", method, path, host, headers, body));
  }
  static std::string status(const std::string& answer) { return answer.size() < 12 ? "closed" : answer.substr(9, 3); }
  /// "401 auth.expired".
  std::string http_with(const std::string& token) {
    presented_.push_back(token);
    const std::string answer = http("/api/v1/scene", token.empty() ? "" : "Authorization: Bearer " + token + "\r\n");
    const std::size_t body = answer.find("\r\n\r\n");
    const std::size_t code = answer.find("auth.", body);
    return status(answer) + (code == std::string::npos ? "" : " " + answer.substr(code, answer.find(':', code) - code));
  }
  std::string hello_with(const std::string& token) {
    presented_.push_back(token);
    Session session(server_->port(), token);
    if (session.is_open()) return "welcome";
    const std::string code = at(session.first(), {"payload", "code"});
    session.wire().next_text();
    return fmt::format("{} {}", session.wire().close_code(), code);
  }

  const fs::path folder_ = fs::temp_directory_path() / ("ndcast-attack-" + random_hex(8));
  const Rsa rsa_;
  std::string secret_;
  std::vector<std::string> presented_;
  std::unique_ptr<Program> server_;
  std::unique_ptr<Witness> witness_;
};

TEST_F(Attacks, WP1_Tokens) {
  using auth::Role;
  const std::string none = text_of(R"({"alg":"none"})", claims(Role::Admin)) + ".";
  const std::string confused_text = text_of(R"({"alg":"HS256","kid":"k"})", claims(Role::Admin));
  const std::string confused =
      confused_text + "." + auth::base64url_encode(auth::sign_hs256(rsa_.public_pem(), confused_text));
  const std::string rs_text = text_of(R"({"alg":"RS256","kid":"k"})", claims(Role::Admin));
  const std::string rs = auth::base64url_encode(auth::sign_rs256(rsa_.private_pem(), rs_text));
  const std::string unknown_text = text_of(R"({"alg":"RS256","kid":"other"})", claims(Role::Admin));
  auth::Claims expired = claims(Role::Admin);
  expired.expires_unix_s -= 3600;
  auth::Claims elsewhere = claims(Role::Admin);
  elsewhere.room = "elsewhere";
  auth::Claims others = claims(Role::Admin);
  others.for_us = false;
  auth::Claims long_lived = claims(Role::Admin);
  long_lived.expires_unix_s += std::int64_t{400} * 86'400;
  const std::tuple<const char*, std::string, const char*> cases[] = {
      {"no token", "", "auth.required"},
      {"a guess", std::string(48, 'a'), "auth.invalid"},
      {"another key", auth::make_signed_token(claims(Role::Admin), secret_ + "x"), "auth.invalid"},
      {"alg none", none, "auth.invalid"},
      {"HS256 with the RS256 public key", confused, "auth.invalid"},
      {"RS256, kid unknown",
       unknown_text + "." + auth::base64url_encode(auth::sign_rs256(rsa_.private_pem(), unknown_text)), "auth.invalid"},
      {"RS256, signature of another text", unknown_text + "." + rs, "auth.invalid"},
      {"expired", auth::make_signed_token(expired, secret_), "auth.expired"},
      {"of another room", auth::make_signed_token(elsewhere, secret_), "auth.invalid"},
      {"of another audience", auth::make_signed_token(others, secret_), "auth.invalid"},
      {"good for more than a year", auth::make_signed_token(long_lived, secret_), "auth.invalid"},
      {"5 KB long", std::string(5000, 'a') + ".b.c", "auth.invalid"},
  };
  for (const auto& [what, token, code] : cases) {
    row(std::string("token: ") + what + ", in a header", std::string("401 ") + code, http_with(token));
    row(std::string("token: ") + what + ", in a hello", std::string("1008 ") + code, hello_with(token));
  }
  row("(a good HS256 token)", "200", http_with(token(Role::Viewer)));
  row("(a good RS256 token)", "welcome", hello_with(rs_text + "." + rs));
  row("no token on an unknown path", "401", status(http("/nothing")));
  row("no token, POST", "401", status(http("/api/v1/scene", "Content-Length: 0\r\n", "localhost", "POST")));
  row("a guessed pixel ticket", "403", fmt::format("{}", Wire(server_->port()).upgrade("/pixels?ticket=guess&v=2")));
  row("(health needs none)", "200", status(http("/healthz")));
}

TEST_F(Attacks, WP1_RolesOnEveryKeyCommandAndPath) {
  Session viewer(server_->port(), token(auth::Role::Viewer));
  ASSERT_TRUE(viewer.is_open());
  std::size_t keys = 0;
  std::string worst = "state.forbidden";
  const Json* list = viewer.first().find("nd")->find("capabilities")->find("keys");
  for (const Json& key : list->array()) {
    const std::string scope = at(key, {"scope"});
    const std::string name = at(key, {"key"});
    const Json* words = key.find("enum");
    const std::string type = at(key, {"type"});
    const std::string value = words                                ? to_string(words->array().front())
                              : name == "order" && scope == "view" ? "[0,1,2]"
                              : name == "zoom"                     ? R"({"factor":2,"anchor_px":[1,1]})"
                              : name == "pan"                      ? R"({"dx_px":1,"dy_px":1})"
                              : name == "orbit"                    ? R"({"d_az_deg":1,"d_el_deg":1})"
                              : name == "set"                      ? R"({"zoom":2})"
                              : name == "canvas"                   ? R"({"width":640,"height":480,"dpr":1})"
                              : name == "reset"                    ? "null"
                              : name == "ndisplay"                 ? "3"
                              : name == "play" || type.ends_with("[]") || type.ends_with("|null") ? "null"
                              : type == "string"                                                  ? R"("gray")"
                              : type == "boolean"                                                 ? "true"
                              : type == "number[2]"                                               ? "[0,1]"
                                                                                                  : "1";
    const std::string target = scope == "dims" ? "z" : scope == "layer" ? "layer-0" : "main";
    const std::string got = viewer.update(scope, target, name, value);
    EXPECT_EQ(got, "state.forbidden") << scope << "." << name;
    if (got != "state.forbidden") worst = got;
    ++keys;
  }
  row(fmt::format("a viewer sends each of {} keys", keys), "state.forbidden", worst);
  EXPECT_GT(keys, 15U);
  for (const char* command : {"fs.listdir", "napari.load_zarr"}) {
    row(fmt::format("a viewer calls {}", command), "command.forbidden", viewer.call(command));
  }
  row("a viewer calls an unknown command", "command.not_found", viewer.call("nd.teleport"));
  row("(a viewer asks for a ticket)", "ok", viewer.call("nd.pixel_ticket"));
}

TEST_F(Attacks, WP1_ForeignOriginAndHost) {
  for (const char* path : {"/", "/api/v1/scene", "/nothing"}) {
    row(fmt::format("foreign Origin on {}", path), "403", status(http(path, "Origin: http://evil.example\r\n")));
    row(fmt::format("Origin null on {}", path), "403", status(http(path, "Origin: null\r\n")));
    row(fmt::format("foreign Host on {}", path), "403", status(http(path, "", "evil.example")));
  }
  for (const char* path : {"/state", "/pixels?ticket=x"}) {
    row(fmt::format("foreign Origin on {}", path), "403",
        fmt::format("{}", Wire(server_->port()).upgrade(path, "Origin: http://evil.example\r\n")));
    row(fmt::format("foreign Host on {}", path), "403",
        fmt::format("{}", Wire(server_->port()).upgrade(path, "", "evil.example")));
  }
  row("two Hosts", "403", status(http("/", "Host: evil.example\r\n")));
  row("X-Forwarded-Host of nobody's proxy", "403",
      status(http("/", "X-Forwarded-Host: localhost\r\n", "evil.example")));
}

TEST_F(Attacks, PathEscapes) {
  for (const auto& [path, expected] : {std::pair{"/../../etc/passwd", "401"},
                                       {"/%2e%2e/%2e%2e/etc/passwd", "401"},
                                       {"/assets/..%2f..%2f..%2fetc/passwd", "401"},
                                       {"/..%5c..%5cetc", "401"},
                                       {"/%00", "400"},
                                       {"/index.html%00.png", "400"},
                                       {"//etc/passwd", "401"},
                                       {"/%zz", "400"}}) {
    const std::string answer = http(path);
    EXPECT_EQ(answer.find("root:"), std::string::npos) << path;
    row(fmt::format("GET {}", path), expected, status(answer));
  }
  row("GET of 20 KB", "431", status(http("/" + std::string(20'000, 'a'))));
  Session editor(server_->port(), token(auth::Role::Editor));
  ASSERT_TRUE(editor.is_open());
  const std::string data = (folder_ / "data").string();
  const std::pair<std::string, std::string> paths[] = {
      {"../secret", "fs.forbidden"},
      {data + "/../secret", "fs.forbidden"},
      {data + "/link", "fs.forbidden"},
      {data + "/inside/../link/../../secret", "fs.forbidden"},
      {"/etc", "fs.forbidden"},
      {"/proc/self/root", "fs.forbidden"},
      {"/etc/no-such", "fs.forbidden"},
      {data + "/passwd.zarr", "fs.forbidden"},
      {std::string("/etc\0/x", 7), "command.invalid"},
      {std::string(5000, 'a'), "command.invalid"},
      {"file:///etc", "fs.forbidden"},
      {data + "/none", "fs.not_found"},
  };
  for (const auto& [path, expected] : paths) {
    const std::string shown = path.substr(0, 30).c_str();
    row("fs.listdir " + shown, expected, editor.call("fs.listdir", Json::make_object({{"path", path}})));
  }
  for (const auto& [path, expected] : paths) {
    if (expected != "fs.forbidden") continue;
    row("napari.load_zarr " + path.substr(0, 30), expected,
        editor.call("napari.load_zarr", Json::make_object({{"path", path}})));
  }
  const std::string scene = http("/api/v1/scene", "Authorization: Bearer " + token(auth::Role::Viewer) + "\r\n");
  const std::string file = scene.substr(scene.find("\r\n\r\n") + 4);
  const auto put = [&](auth::Role role, const std::string& body) {
    return status(http("/api/v1/scene",
                       fmt::format("Authorization: Bearer {}\r\nContent-Length: {}\r\n", token(role), body.size()),
                       "localhost", "PUT", body));
  };
  row("a viewer puts a scene", "403", put(auth::Role::Viewer, file));
  row("a scene that is none", "400", put(auth::Role::Editor, "{\"ndcast_scene\":1,\"registers\":[{}]}"));
  row("a scene of 2 MiB", "413", put(auth::Role::Editor, std::string(2 << 20, ' ')));
  row("(a scene put back)", "200", put(auth::Role::Editor, file));
  row("(fs.listdir of the root)", "ok", editor.call("fs.listdir", Json::make_object({{"path", data}})));
}

TEST_F(Attacks, WP7_SizesAndDepths) {
  {
    Session session(server_->port(), token(auth::Role::Editor));
    session.wire().send(std::string("\x81\xff\0\0\0\0\x06\x40\0\0\0\0\0\0", 14));  // text of 100 MiB
    const std::string chunk(1 << 20, 'x');
    for (int i = 0; i < 100 && session.wire().send(chunk); ++i) continue;
    while (session.wire().next_text()) continue;
    row("a message of 100 MiB", "1009", fmt::format("{}", session.wire().close_code()));
  }
  {
    Session session(server_->port(), token(auth::Role::Editor));
    session.wire().send_text(std::string(64 * 1024 + 1, ' '));
    while (session.wire().next_text()) continue;
    row("a message of 64 KiB and one byte", "1009", fmt::format("{}", session.wire().close_code()));
  }
  {
    Session session(server_->port(), token(auth::Role::Editor));
    for (const std::string& bomb :
         {std::string(30'000, '['), std::string(30'000, '[') + std::string(30'000, ']'),
          R"({"type":"state.update","payload":)" + std::string(5000, '[') + std::string(5000, ']') + "}"}) {
      session.wire().send_text(bomb);
      row("a depth bomb", "notify.error", at(session.next({"notify.error"}), {"type"}));
    }
    row("(and the session goes on)", "accepted", session.update("dims", "z", "index", "3"));
  }
  row("a body of 100 MB", "413", status(http("/api/v1/scene", "Content-Length: 100000000\r\n", "localhost", "POST")));
  row("a header of 1 MB", "431", status(http("/", "X: " + std::string(1 << 20, 'x') + "\r\n")));
  row("not HTTP", "400", [&] {
    Wire wire(server_->port());
    return status(wire.exchange("\x01\x02\x03\r\n\r\n"));
  }());
}

TEST_F(Attacks, WP18_SlowAndMany) {
  Wire loris(server_->port());
  loris.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
  Wire silent(server_->port());
  Wire no_hello(server_->port());
  ASSERT_EQ(no_hello.upgrade("/state"), 101);
  {
    std::vector<std::unique_ptr<Wire>> crowd;
    std::size_t cut = 0;
    for (int i = 0; i < 2000; ++i) {
      auto wire = std::make_unique<Wire>(server_->port());
      wire->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      if (status(wire->read_header()) == "200")
        crowd.push_back(std::move(wire));
      else
        ++cut;
    }
    EXPECT_LE(crowd.size(), 200U);
    EXPECT_GT(crowd.size(), 150U);
    row("2000 connections where 200 are allowed", "the rest are cut",
        cut > 1700 ? "the rest are cut" : fmt::format("{} cut", cut));
  }
  std::string answer;
  row("(they go, others come)", "200", [&] {
    for (int i = 0; i < 200; ++i) {
      const std::string got = status(http("/healthz"));
      if (got == "200") return got;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::string("none");
  }());
  row("a WebSocket that says no hello", "timeout",
      [&] { return at(parse_json(no_hello.next_text().value_or("{}")).value_or(Json()), {"payload", "code"}); }());
  row("slow-loris", "closed", loris.read_to_end(answer) ? "closed" : "open");
  row("a connection that says nothing", "closed", silent.read_to_end(answer) ? "closed" : "open");
}

TEST_F(Attacks, WP9_Floods) {
  Session flood(server_->port(), token(auth::Role::Editor));
  int sent = 0;
  while (sent < 50'000 && flood.send_update("dims", "z", "index", std::to_string(sent % 8))) ++sent;
  std::size_t limited = 0;
  while (const auto text = flood.wire().next_text()) limited += text->find("rate.limited") != std::string::npos;
  row("a flood of updates", "1008", fmt::format("{}", flood.wire().close_code()));
  EXPECT_GT(limited, 100U);
  std::string last = "101";
  for (int i = 0; i < 3000 && last == "101"; ++i) last = fmt::format("{}", Wire(server_->port()).upgrade("/state"));
  row("WebSockets as fast as they open", "429", last);
}

}  // namespace
}  // namespace ndcast::testing
