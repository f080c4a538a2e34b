#include <set>

#include <gtest/gtest.h>

#include "auth/origin.h"
#include "auth/roles.h"
#include "auth/token.h"

namespace ndcast::auth {
namespace {

TEST(Token, IsFreshLongAndNeedsNoEscaping) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string token = make_token();
    EXPECT_EQ(token.size(), 48u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(token).second);
  }
}

TEST(Token, MatchesOnlyItselfAndNeverNothing) {
  EXPECT_TRUE(token_matches("abc", "abc"));
  for (const char* wrong : {"", "ab", "abd", "abcd", "ABC"}) EXPECT_FALSE(token_matches(wrong, "abc")) << wrong;
  EXPECT_FALSE(token_matches("", ""));
}

TEST(Token, BearerSchemeIsParsed) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   abc  "), "abc");
  for (const char* other : {"", "Bearer", "Bearerabc", "Basic abc", "abc"}) {
    EXPECT_EQ(bearer_token(other), std::nullopt) << other;
  }
}

TEST(Cookie, IsNamedByPortAndClosedToScriptsAndOtherSites) {
  EXPECT_EQ(set_cookie_header({.port = 8787}, "t"), "ndcast-8787=t; HttpOnly; SameSite=Strict; Path=/");
  EXPECT_EQ(set_cookie_header({.port = 1, .path = "/a/b/", .is_secure = true, .max_age_s = 60}, "t"),
            "ndcast-1=t; HttpOnly; SameSite=Strict; Path=/a/b/; Secure; Max-Age=60");
}

TEST(Cookie, IsFoundAmongOthers) {
  EXPECT_EQ(cookie_value("a=1; ndcast-8787=x=y;b=2", "ndcast-8787"), "x=y");
  EXPECT_EQ(cookie_value("ndcast-8787=1; ndcast-8787=2", "ndcast-8787"), "1");
  EXPECT_EQ(cookie_value("xndcast-1=a; ndcast-12=b; ndcast-1", "ndcast-1"), std::nullopt);
  EXPECT_EQ(cookie_value("", "a"), std::nullopt);
  EXPECT_EQ(cookie_value(";;=;a=", "a"), "");
}

TEST(Credentials, WP1_BearerOrElseCookie) {
  const auto cookie = [](std::string_view value) { return Credentials{.cookie = value, .port = 8787}; };
  EXPECT_EQ(presented_token({.authorization = "Bearer secret"}), "secret");
  EXPECT_EQ(presented_token(cookie("ndcast-8787=secret")), "secret");
  EXPECT_EQ(presented_token({}), std::nullopt);
  EXPECT_EQ(presented_token(cookie("ndcast-8787=")), "");
  EXPECT_EQ(presented_token(cookie("ndcast-8788=secret")), std::nullopt) << "another server's cookie";
  EXPECT_EQ(presented_token({.authorization = "Bearer wrong", .cookie = "ndcast-8787=secret", .port = 8787}), "wrong");
  EXPECT_EQ(presented_token({.authorization = "Basic x", .cookie = "ndcast-8787=secret", .port = 8787}), "");
}

TEST(Origin, WP1_UnknownHostIsRefused) {
  const HostPolicy policy{.names = {"Images.example.org", "proxy:8443", "[fe80::1]"}};
  for (const char* known : {"localhost", "LOCALHOST:9000", "127.0.0.1:8787", "[::1]:1", "images.EXAMPLE.org:80",
                            "proxy:8443", "[FE80::1]:8787"}) {
    EXPECT_EQ(admit(policy, known, std::nullopt), Admission::Allowed) << known;
  }
  for (const char* unknown :
       {"", "evil.org", "localhost.evil.org", "localhost@evil.org", "127.0.0.1.evil.org", "proxy", "proxy:1",
        "localhost:", "localhost:x", "localhost:123456", "local host", "[::1", "[::1]x", "[::2]", ":80", "::1"}) {
    EXPECT_EQ(admit(policy, unknown, std::nullopt), Admission::UnknownHost) << unknown;
  }
  EXPECT_EQ(admit(policy, std::nullopt, std::nullopt), Admission::UnknownHost);
}

TEST(Origin, WP1_ForeignOriginIsRefused) {
  const HostPolicy policy{.names = {"images.example.org"}};
  const auto from = [&](std::string_view host, std::string_view origin) { return admit(policy, host, origin); };
  EXPECT_EQ(from("127.0.0.1:8787", "http://127.0.0.1:8787"), Admission::Allowed);
  EXPECT_EQ(from("images.example.org", "https://Images.example.org"), Admission::Allowed);
  EXPECT_EQ(from("images.example.org:443", "https://images.example.org"), Admission::Allowed);
  for (const char* foreign :
       {"null", "", "http://evil.org", "http://localhost:8787", "http://127.0.0.1", "http://127.0.0.1:8788",
        "http://127.0.0.1:8787.evil.org", "http://127.0.0.1:8787@evil.org", "file://127.0.0.1:8787", "127.0.0.1:8787",
        "http://127.0.0.1:8787/"}) {
    EXPECT_EQ(from("127.0.0.1:8787", foreign), Admission::ForeignOrigin) << foreign;
  }
}

TEST(Origin, WP1_OverTlsAPlainPageOfTheSameNameIsForeign) {
  const HostPolicy policy{.names = {"images.example.org"}};
  for (const auto channel : {Channel::Plain, Channel::Secure}) {
    EXPECT_EQ(admit(policy, "images.example.org", "https://images.example.org", channel), Admission::Allowed);
  }
  EXPECT_EQ(admit(policy, "images.example.org", "http://images.example.org", Channel::Secure),
            Admission::ForeignOrigin);
}

TEST(Origin, ExplanationsQuoteWhatWasSent) {
  EXPECT_EQ(explain(Admission::UnknownHost, "evil.org", std::nullopt),
            "Host 'evil.org' is not one that this server answers as (allow it with --allowed-host)");
  EXPECT_EQ(explain(Admission::ForeignOrigin, "localhost:1", "http://evil.org"),
            "a page of 'http://evil.org' may not talk to 'localhost:1'");
}

TEST(Role, EachMayDoWhatTheOneBeforeItCan) {
  EXPECT_TRUE(may_act_as(Role::Admin, Role::Editor));
  EXPECT_TRUE(may_act_as(Role::Viewer, Role::Viewer));
  EXPECT_FALSE(may_act_as(Role::Viewer, Role::Editor));
  for (const Role role : {Role::Viewer, Role::Editor, Role::Admin}) EXPECT_EQ(parse_role(to_string(role)), role);
  EXPECT_EQ(parse_role("root"), std::nullopt);
}

}  // namespace
}  // namespace ndcast::auth
