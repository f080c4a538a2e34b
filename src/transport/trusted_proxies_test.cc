#include "transport/trusted_proxies.h"

#include <gtest/gtest.h>

namespace ndcast::transport {
namespace {

HttpRequest request_from(std::string remote, NameValues headers) {
  HttpRequest request;
  request.remote_address = std::move(remote);
  request.headers = std::move(headers);
  return request;
}

TEST(AddressRange, HoldsWhatSharesItsBits) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"10.0.0.0/8", "10.255.1.2", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"192.168.4.0/22", "192.168.7.9", true},
      {"192.168.4.0/22", "192.168.8.0", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "::1", false},
      {"::1", "::1", true},
      {"fd00::/8", "fd12::5", true},
      {"fd00::/8", "fe80::1", false},
      {"10.0.0.1", "::ffff:10.0.0.1", true},
      {"::/0", "10.0.0.1", true},
      {"10.0.0.0/8", "10.0.0.1:80", false},
      {"10.0.0.0/8", "", false},
      {"10.0.0.0/8", "unknown", false},
  };
  for (const auto& [range, address, expected] : cases) {
    const auto parsed = AddressRange::parse(range);
    ASSERT_TRUE(parsed) << range;
    EXPECT_EQ(parsed->contains(address), expected) << range << " " << address;
  }
  for (const char* bad :
       {"", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8x", "proxy", "a/8"}) {
    EXPECT_FALSE(AddressRange::parse(bad)) << bad;
  }
}

TEST(TrustedProxies, WP1_OthersHeadersAreNotLookedAt) {
  const auto proxies = TrustedProxies::parse({"127.0.0.1"});
  for (const auto& known : {TrustedProxies(), *proxies}) {
    HttpRequest request = request_from("10.9.9.9", {{"Host", "a"},
                                                    {"X-Forwarded-For", "127.0.0.1"},
                                                    {"X-Forwarded-Proto", "https"},
                                                    {"X-Forwarded-Host", "evil.org"}});
    known.apply(request);
    EXPECT_EQ(request.remote_address, "10.9.9.9");
    EXPECT_FALSE(request.is_secure);
    EXPECT_EQ(request.header("Host"), "a");
  }
}

TEST(TrustedProxies, WP1_AListedProxySaysWhoTheClientIs) {
  const auto proxies = TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8"});
  HttpRequest request = request_from("127.0.0.1", {{"Host", "127.0.0.1:8787"},
                                                   {"X-Forwarded-For", "6.6.6.6, 203.0.113.7, 10.1.2.3"},
                                                   {"X-Forwarded-Proto", "https"},
                                                   {"X-Forwarded-Host", "images.example.org"}});
  request.remote_is_loopback = true;
  proxies->apply(request);
  EXPECT_EQ(request.remote_address, "203.0.113.7") << "what is left of it is the client's own invention";
  EXPECT_FALSE(request.remote_is_loopback);
  EXPECT_TRUE(request.is_secure);
  EXPECT_EQ(request.header("Host"), "images.example.org");
  EXPECT_EQ(request.header_count("Host"), 1U);
}

TEST(TrustedProxies, WP1_NonsenseStopsTheChain) {
  const auto proxies = TrustedProxies::parse({"127.0.0.1"});
  for (const char* chain : {"", "unknown", "a, b", "1.2.3.4, junk", ",,"}) {
    HttpRequest request = request_from("127.0.0.1", {{"X-Forwarded-For", chain}});
    proxies->apply(request);
    EXPECT_EQ(request.remote_address, "127.0.0.1") << chain;
  }
  HttpRequest cut = request_from("127.0.0.1", {{"X-Forwarded-For", std::string("1.2.3.4\0 and more", 16)}});
  proxies->apply(cut);
  EXPECT_EQ(cut.remote_address, "127.0.0.1");
  HttpRequest twice = request_from("127.0.0.1", {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}});
  proxies->apply(twice);
  EXPECT_FALSE(twice.is_secure);
}

}  // namespace
}  // namespace ndcast::transport
