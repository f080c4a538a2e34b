#pragma once
// Which hosts may be asked for data, and at which addresses: what keeps a client from making the server fetch things
// from networks that only the server can reach (SSRF). The name is checked before a request, the address when its
// socket is made and again when a connection is used anew, so that a name which changes its address in between (DNS
// rebinding) gains nothing.
//
//   ND_ASSIGN(const HostRules rules, HostRules::parse({{"data.example.org", "*.s3.amazonaws.com", "10.1.0.0/16"}}));
//   rules.allows_host("data.example.org", 443);   // true; its address has to be public or in 10.1.0.0/16

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr;

namespace ndcast::image {

/// An IPv4 or IPv6 address as 16 bytes; IPv4 as ::ffff:a.b.c.d.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  /// Nothing for other text. "[::1]" and "::1" alike.
  static std::optional<IpAddress> parse(std::string_view text);
  /// Nothing for other families.
  static std::optional<IpAddress> of(const sockaddr* address);
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

enum class AddressKind {
  Public,
  Private,    ///< loopback and private networks (RFC 1918, RFC 4193, RFC 6598)
  LinkLocal,  ///< 169.254/16 and fe80::/10: cloud metadata services are there
  Special,    ///< unspecified, multicast, documentation, reserved
};

/// From IANA's special-purpose registries; addresses that carry an IPv4 address (mapped, NAT64, 6to4) are what that one
/// is.
AddressKind kind_of(const IpAddress& address);

/// Immutable, thread-safe.
class HostRules {
 public:
  /// Nothing at all.
  HostRules() = default;
  /// Each rule: NAME, NAME:PORT, *.NAME (any name below it), *, ADDRESS or ADDRESS/BITS. Names may be anywhere on the
  /// public internet; an address that is not public is reached only where a rule names it. Errors: Invalid.
  static Result<HostRules> parse(std::span<const std::string> rules);
  /// What a person at the command line may name: every host, public, private and loopback addresses.
  static HostRules for_operator();

  /// `host` in lower case, without brackets.
  bool allows_host(std::string_view host, std::uint16_t port) const;
  bool allows_address(const IpAddress& address) const;
  bool empty() const { return names_.empty() && networks_.empty(); }

 private:
  struct Name {
    std::string pattern;     ///< "*", "*.example.org", "example.org"
    std::uint16_t port = 0;  ///< 0: any
  };
  struct Network {
    IpAddress address;
    int bits = 128;
  };
  bool in_network(const IpAddress& address) const;

  std::vector<Name> names_;
  std::vector<Network> networks_;
  bool private_too_ = false;
};

}  // namespace ndcast::image
