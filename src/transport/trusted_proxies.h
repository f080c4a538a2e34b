#pragma once
// What a reverse proxy in front of us may say about the client (X-Forwarded-For, -Proto, -Host), and which proxies are
// believed: only those that the operator listed, and only for what the nearest of them saw itself.
//
//   ND_ASSIGN(const TrustedProxies proxies, TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8"}));
//   proxies.apply(request);          // remote address, Host and whether TLS was used are now the client's

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transport/http.h"

namespace ndcast::transport {

/// An address, or all that share its first bits; IPv4 is held as IPv4-mapped IPv6.
class AddressRange {
 public:
  /// "10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8". Errors: Invalid.
  static Result<AddressRange> parse(std::string_view text);
  /// False for what is no numeric address.
  bool contains(std::string_view address) const;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  int bits_ = 128;
};

/// Immutable, thread-safe.
class TrustedProxies {
 public:
  static Result<TrustedProxies> parse(const std::vector<std::string>& ranges);

  /// Rewrites a request that a trusted proxy forwarded: remote_address is the last address in X-Forwarded-For that is
  /// no trusted proxy's, Host is X-Forwarded-Host, is_secure follows X-Forwarded-Proto. Others' headers are not looked
  /// at.
  void apply(HttpRequest& request) const;

 private:
  bool trusts(std::string_view address) const;
  std::vector<AddressRange> ranges_;
};

}  // namespace ndcast::transport
