#include "image/remote/host_rules.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ndcast::image {
namespace {

struct Block {
  const char* network;
  int bits;
  AddressKind kind;
};

/// The first that holds the address counts.
constexpr Block kBlocks4[] = {
    {"127.0.0.0", 8, AddressKind::Private},     {"10.0.0.0", 8, AddressKind::Private},
    {"172.16.0.0", 12, AddressKind::Private},   {"192.168.0.0", 16, AddressKind::Private},
    {"100.64.0.0", 10, AddressKind::Private},   {"169.254.0.0", 16, AddressKind::LinkLocal},
    {"0.0.0.0", 8, AddressKind::Special},       {"192.0.0.0", 24, AddressKind::Special},
    {"192.0.2.0", 24, AddressKind::Special},    {"198.18.0.0", 15, AddressKind::Special},
    {"198.51.100.0", 24, AddressKind::Special}, {"203.0.113.0", 24, AddressKind::Special},
    {"224.0.0.0", 3, AddressKind::Special},
};
constexpr Block kBlocks6[] = {
    {"::1", 128, AddressKind::Private},     {"fc00::", 7, AddressKind::Private},
    {"fe80::", 10, AddressKind::LinkLocal}, {"2001:db8::", 32, AddressKind::Special},
    {"2001::", 23, AddressKind::Special},   {"2000::", 3, AddressKind::Public},
};

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> kNat64 = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
constexpr int kMappedBits = 96;

bool same_bits(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole), b.bytes.begin())) return false;
  const unsigned mask = 0xff00U >> static_cast<unsigned>(bits % 8) & 0xffU;
  return mask == 0 || ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

bool starts_with(const IpAddress& address, const std::array<std::uint8_t, 12>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

IpAddress mapped(const std::uint8_t* four) {
  IpAddress out;
  std::ranges::copy(kMapped, out.bytes.begin());
  std::copy_n(four, 4, out.bytes.begin() + 12);
  return out;
}

AddressKind kind_in(std::span<const Block> blocks, const IpAddress& address, int offset_bits) {
  for (const Block& block : blocks) {
    if (same_bits(address, *IpAddress::parse(block.network), offset_bits + block.bits)) return block.kind;
  }
  return offset_bits == 0 ? AddressKind::Special : AddressKind::Public;
}

std::optional<int> number(std::string_view text, int most) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) return std::nullopt;
  return value;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string terminated(text);
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return mapped(four.data());
  IpAddress out;
  if (inet_pton(AF_INET6, terminated.c_str(), out.bytes.data()) == 1) return out;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    return mapped(reinterpret_cast<const std::uint8_t*>(&four.sin_addr));
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six{};
  std::memcpy(&six, address, sizeof six);
  IpAddress out;
  std::memcpy(out.bytes.data(), &six.sin6_addr, out.bytes.size());
  return out;
}

AddressKind kind_of(const IpAddress& address) {
  if (starts_with(address, kMapped)) return kind_in(kBlocks4, address, kMappedBits);
  if (starts_with(address, kNat64)) return kind_of(mapped(address.bytes.data() + 12));
  if (address.bytes[0] == 0x20 && address.bytes[1] == 0x02) return kind_of(mapped(address.bytes.data() + 2));
  return kind_in(kBlocks6, address, 0);
}

HostRules HostRules::for_operator() {
  HostRules out;
  out.names_.push_back({"*", 0});
  out.private_too_ = true;
  return out;
}

Result<HostRules> HostRules::parse(std::span<const std::string> rules) {
  HostRules out;
  for (const std::string& rule : rules) {
    const auto refuse = [&rule] {
      return fail(ErrorCode::Invalid, "\"{}\": expected NAME, NAME:PORT, *.NAME, *, ADDRESS or ADDRESS/BITS", rule);
    };
    std::string text = rule;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t slash = text.find('/');
    if (const auto address = IpAddress::parse(text.substr(0, slash))) {
      const bool is_v4 = starts_with(*address, kMapped);
      int bits = 128;
      if (slash != std::string::npos) {
        const auto given = number(std::string_view(text).substr(slash + 1), is_v4 ? 32 : 128);
        if (!given) return refuse();
        bits = *given + (is_v4 ? kMappedBits : 0);
      }
      out.networks_.push_back({*address, bits});
      continue;
    }
    Name name{text, 0};
    if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
      const auto port = number(std::string_view(text).substr(colon + 1), 65535);
      if (!port || *port == 0) return refuse();
      name = {text.substr(0, colon), static_cast<std::uint16_t>(*port)};
      if (const auto address = IpAddress::parse(name.pattern)) {
        out.networks_.push_back({*address, 128});
        continue;
      }
    }
    const std::string_view plain =
        name.pattern.starts_with("*.") ? std::string_view(name.pattern).substr(2) : std::string_view(name.pattern);
    if (name.pattern != "*" && !is_name(plain)) return refuse();
    out.names_.push_back(std::move(name));
  }
  return out;
}

bool HostRules::in_network(const IpAddress& address) const {
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return same_bits(address, network.address, network.bits); });
}

bool HostRules::allows_host(std::string_view host, std::uint16_t port) const {
  if (const auto address = IpAddress::parse(host)) {
    if (in_network(*address)) return true;
    const bool any = std::ranges::any_of(
        names_, [&](const Name& name) { return name.pattern == "*" && (name.port == 0 || name.port == port); });
    return any && allows_address(*address);
  }
  return std::ranges::any_of(names_, [&](const Name& name) {
    if (name.port != 0 && name.port != port) return false;
    if (name.pattern == "*" || name.pattern == host) return true;
    return name.pattern.starts_with("*.") && host.size() > name.pattern.size() - 1 &&
           host.ends_with(std::string_view(name.pattern).substr(1));
  });
}

bool HostRules::allows_address(const IpAddress& address) const {
  const AddressKind kind = kind_of(address);
  if (kind == AddressKind::Public) return true;
  if (kind == AddressKind::Private && private_too_) return true;
  return in_network(address);
}

}  // namespace ndcast::image
