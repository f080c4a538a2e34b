#include "server/access.h"

#include <gtest/gtest.h>

#include "server/options.h"

namespace ndcast::server {
namespace {

using transport::HttpRequest;

const std::string kSecret(64, 'k');

std::string signed_for(double expires_unix_s) {
  auth::Claims claims;
  claims.role = auth::Role::Editor;
  claims.for_us = true;
  claims.expires_unix_s = static_cast<std::int64_t>(expires_unix_s);
  return auth::make_signed_token(claims, kSecret);
}

class AccessTest : public ::testing::Test {
 protected:
  Access make(AccessRules rules) {
    rules.authority.set_secret(kSecret);
    Access access(std::move(rules), clock_);
    access.set_port(8787);
    return access;
  }
  static HttpRequest get(const std::string& path, transport::NameValues headers = {}) {
    HttpRequest request{.method = "GET", .target = path, .path = path, .headers = std::move(headers)};
    request.remote_address = "192.0.2.1";
    return request;
  }
  static std::string header(const transport::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  FakeClock clock_;
};

TEST_F(AccessTest, WP1_TheCookieHoldsWhatWasPresentedAndEndsWithIt) {
  const Access access = make({.authority = auth::Authority("link"), .base_path = "/a/b/"});
  HttpRequest request = get("/");
  request.is_secure = true;
  const std::string token = signed_for(clock_.unix_seconds() + 600);
  const auto response = access.exchange_token(request, token);
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(header(response, "Location"), "./");
  EXPECT_EQ(header(response, "Set-Cookie"),
            "ndcast-8787=" + token + "; HttpOnly; SameSite=Strict; Path=/a/b/; Secure; Max-Age=600");
  EXPECT_EQ(access.judge(get("/", {{"Cookie", "ndcast-8787=" + token}}))->role, auth::Role::Editor);
  clock_.advance(600s);
  EXPECT_EQ(access.judge(get("/", {{"Cookie", "ndcast-8787=" + token}})).error().denial, auth::Denial::Expired);
  EXPECT_EQ(access.exchange_token(request, token).status, 401);
  EXPECT_EQ(access.exchange_token(request, "guess").status, 401);
  EXPECT_EQ(header(access.exchange_token(get("/"), "link"), "Set-Cookie"),
            "ndcast-8787=link; HttpOnly; SameSite=Strict; Path=/a/b/");
}

TEST_F(AccessTest, TheRoomOfALinkStays) {
  HttpRequest request = get("/");
  request.query = {{"token", "link"}, {"room", "a b&c"}};
  const Access access = make({.authority = auth::Authority("link")});
  EXPECT_EQ(header(access.exchange_token(request, "link"), "Location"), "./?room=a%20b%26c");
}

TEST_F(AccessTest, WP1_AHeaderOfAnotherSchemeIsNotPassedOverForTheCookie) {
  const Access access = make({.authority = auth::Authority("link")});
  EXPECT_TRUE(access.judge(get("/", {{"Cookie", "ndcast-8787=link"}})));
  EXPECT_FALSE(access.judge(get("/", {{"Cookie", "ndcast-8787=link"}, {"Authorization", "Basic eDp5"}})));
  EXPECT_EQ(access.judge(get("/")).error().denial, auth::Denial::Required);
}

TEST_F(AccessTest, ThePathLosesTheBasePath) {
  const Access access = make({.authority = auth::Authority("link"), .base_path = "/a/b/"});
  for (const auto& [path, left] : {std::pair{"/a/b/", "/"}, {"/a/b/state", "/state"}}) {
    HttpRequest request = get(path);
    EXPECT_TRUE(access.enter(request));
    EXPECT_EQ(request.path, left);
  }
  for (const char* path : {"/", "/a/b", "/a/", "/state", "/a/bc/state", "//a/b/"}) {
    HttpRequest request = get(path);
    EXPECT_FALSE(access.enter(request)) << path;
  }
}

TEST_F(AccessTest, BasePaths) {
  for (const auto& [text, path] :
       {std::pair{"", "/"}, {"/", "/"}, {"a/b", "/a/b/"}, {"/a/b/", "/a/b/"}, {"/x", "/x/"}}) {
    EXPECT_EQ(parse_base_path(text), path) << text;
  }
  for (const char* bad : {"//", "/a//b/", "/a/../b/", "/./", "/a b/", "/a?b/", "/%41/", "/a\r\nb/", "/a;b/"}) {
    EXPECT_FALSE(parse_base_path(bad)) << bad;
  }
}

TEST_F(AccessTest, WP4_HandshakesOfOneAddressAreLimited) {
  Access access = make({.authority = auth::Authority("link"), .handshakes = {.per_second = 2, .burst = 3}});
  HttpRequest other = get("/state");
  other.remote_address = "192.0.2.2";
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(access.refuse_handshake(get("/state")));
  const auto refused = access.refuse_handshake(get("/state"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(header(*refused, "Retry-After"), "1");
  EXPECT_FALSE(access.refuse_handshake(other));
  clock_.advance(500ms);
  EXPECT_FALSE(access.refuse_handshake(get("/state")));
}

TEST_F(AccessTest, WP4_AViolationCostsItsAddressHandshakes) {
  Access access = make({.authority = auth::Authority("link"), .handshakes = {.per_second = 2, .burst = 5}});
  HttpRequest other = get("/state");
  other.remote_address = "192.0.2.2";
  EXPECT_FALSE(access.refuse_handshake(get("/state")));
  for (int i = 0; i < 100; ++i) access.note_violation(get("/state").remote_address);
  EXPECT_TRUE(access.refuse_handshake(get("/state")));
  EXPECT_FALSE(access.refuse_handshake(other));
  clock_.advance(2900ms);  // the debt is no more than the burst
  EXPECT_TRUE(access.refuse_handshake(get("/state")));
  clock_.advance(200ms);
  EXPECT_FALSE(access.refuse_handshake(get("/state")));
}

TEST_F(AccessTest, HandshakesOfManyAddressesAreBounded) {
  HandshakeLimiter limiter({.per_second = 1, .burst = 2});
  for (std::size_t i = 0; i < limits::kHandshakeAddresses; ++i) {
    EXPECT_FALSE(limiter.take(std::to_string(i), clock_.now()));
  }
  EXPECT_TRUE(limiter.take("one more", clock_.now()));
  EXPECT_EQ(limiter.addresses(), limits::kHandshakeAddresses);
  clock_.advance(1s);
  EXPECT_FALSE(limiter.take("one more", clock_.now())) << "those at rest made room";
  EXPECT_EQ(limiter.addresses(), 1U);
}

TEST(Options, Lifetimes) {
  for (const auto& [text, seconds] : {std::pair{"45s", 45}, {"90m", 5400}, {"8h", 28'800}, {"30d", 2'592'000}}) {
    EXPECT_EQ(parse_lifetime(text), std::chrono::seconds(seconds)) << text;
  }
  for (const char* bad : {"", "h", "8", "0h", "-1h", "8w", "8hh", "367d", "99999999999999999999s", " 8h"}) {
    EXPECT_EQ(parse_lifetime(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace ndcast::server
