#include "image/remote/host_rules.h"

#include "image/remote/http_retry.h"
#include "image/remote/http_url.h"
#include "image/testing.h"

namespace ndcast::image {
namespace {

using testing::error_of;
using namespace std::chrono_literals;

TEST(HostRules, KnowsKindsOfAddresses) {
  const auto expect = [](AddressKind kind, std::initializer_list<const char*> addresses) {
    for (const char* text : addresses) EXPECT_EQ(kind_of(*IpAddress::parse(text)), kind) << text;
  };
  expect(AddressKind::Public, {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
                               "64:ff9b::808:808", "2002:808:808::1", "11.0.0.0", "223.255.255.255"});
  expect(AddressKind::Private,
         {"127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "::1",
          "fc00::1", "fdff::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::"});
  expect(AddressKind::LinkLocal, {"169.254.169.254", "fe80::1", "febf::1", "::ffff:169.254.169.254"});
  expect(AddressKind::Special, {"0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::", "ff02::1", "2001:db8::1",
                                "2001::1", "::7f00:1", "fec0::1"});
}

TEST(HostRules, NamesReachPublicAddressesOnly) {
  const auto rules =
      *HostRules::parse(std::vector<std::string>{"Data.Example.org", "*.s3.amazonaws.com", "x.net:8443"});
  EXPECT_TRUE(rules.allows_host("data.example.org", 443));
  EXPECT_TRUE(rules.allows_host("a.b.s3.amazonaws.com", 443));
  EXPECT_FALSE(rules.allows_host("s3.amazonaws.com", 443));
  EXPECT_FALSE(rules.allows_host("evils3.amazonaws.com", 443));
  EXPECT_FALSE(rules.allows_host("other.org", 443));
  EXPECT_FALSE(rules.allows_host("sub.data.example.org", 443));
  EXPECT_TRUE(rules.allows_host("x.net", 8443));
  EXPECT_FALSE(rules.allows_host("x.net", 443));
  EXPECT_TRUE(rules.allows_address(*IpAddress::parse("8.8.8.8")));
  for (const char* text : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "0.0.0.0"}) {
    EXPECT_FALSE(rules.allows_address(*IpAddress::parse(text))) << text;
  }
}

TEST(HostRules, NetworksAreNamedByAddress) {
  const auto rules = *HostRules::parse(std::vector<std::string>{"*", "10.1.0.0/16", "::1", "169.254.169.254"});
  EXPECT_TRUE(rules.allows_address(*IpAddress::parse("10.1.255.1")));
  EXPECT_FALSE(rules.allows_address(*IpAddress::parse("10.2.0.1")));
  EXPECT_TRUE(rules.allows_address(*IpAddress::parse("::1")));
  EXPECT_TRUE(rules.allows_address(*IpAddress::parse("::ffff:10.1.2.3")));
  EXPECT_TRUE(rules.allows_host("10.1.0.7", 80));
  EXPECT_FALSE(rules.allows_host("10.2.0.7", 80)) << "* is for public addresses";
  EXPECT_TRUE(rules.allows_host("8.8.8.8", 80));
  EXPECT_TRUE(rules.allows_host("::1", 80));
  EXPECT_FALSE(HostRules().allows_host("example.org", 443));
  EXPECT_TRUE(HostRules::for_operator().allows_address(*IpAddress::parse("192.168.1.1")));
  EXPECT_FALSE(HostRules::for_operator().allows_address(*IpAddress::parse("169.254.169.254")));
}

TEST(HostRules, RefusesWhatIsNoRule) {
  for (const char* text : {"", "a b", "10.0.0.0/33", "::1/129", "x.org:0", "x.org:99999", "x.org:", "http://x.org",
                           "10.0.0.0/", "*.", "a/b"}) {
    EXPECT_EQ(error_of(HostRules::parse(std::vector<std::string>{text})).code, ErrorCode::Invalid) << text;
  }
}

TEST(HttpUrl, TakesApartAndResolves) {
  const auto url = parse_http_url("HTTPS://Data.Example.ORG./a/../b%20c/d e?x=1#frag");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->text(), "https://data.example.org/b%20c/d%20e?x=1");
  EXPECT_EQ(url->without_query(), "https://data.example.org/b%20c/d%20e");
  EXPECT_EQ(resolve_http_url(*url, "../z")->text(), "https://data.example.org/z");
  EXPECT_EQ(resolve_http_url(*url, "//other:81/z")->text(), "https://other:81/z");
  EXPECT_EQ(error_of(resolve_http_url(*url, "file:///etc/passwd")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(parse_http_url("ftp://host/a")).code, ErrorCode::Invalid);
  EXPECT_EQ(error_of(parse_http_url("https://")).code, ErrorCode::Invalid);
  const Error secret = error_of(parse_http_url("https://user:hunter2@host/a"));
  EXPECT_EQ(secret.code, ErrorCode::Forbidden);
  EXPECT_EQ(secret.message.find("hunter2"), std::string::npos);
  EXPECT_EQ(parse_http_url("http://[::1]:8080/a")->text(), "http://[::1]:8080/a");
  EXPECT_EQ(parse_http_url("http://2130706433/a")->host, "127.0.0.1") << "numbers are addresses";
  EXPECT_EQ(escape_key("a b/ü+~"), "a%20b/%C3%BC%2B~");
  EXPECT_EQ(unescape_path("a%20b/%C3%BC%2B~%zz%"), "a b/ü+~%zz%");
}

TEST(HttpRetry, WaitsLongerEachTimeAndThenGivesUp) {
  EXPECT_EQ(retry_wait(1, {}, 0), 50ms);
  EXPECT_EQ(retry_wait(1, {}, 1), 100ms);
  EXPECT_EQ(retry_wait(4, {}, 1), 800ms);
  EXPECT_EQ(retry_wait(5, {}, 1), std::nullopt);
  EXPECT_EQ(retry_wait(1, 3s, 1), 3100ms);
  EXPECT_EQ(retry_wait(1, 31s, 1), std::nullopt) << "longer than anybody waits";
}

TEST(HttpRetry, ReadsRetryAfter) {
  const auto now = std::chrono::system_clock::from_time_t(784111777);  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), 10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:40:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("-1", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("99999999999999999", now), 1'000'000'000s);
  EXPECT_EQ(parse_retry_after("", now), std::nullopt);
}

}  // namespace
}  // namespace ndcast::image
