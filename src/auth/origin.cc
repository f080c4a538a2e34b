#include "auth/origin.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ndcast::auth {
namespace {

/// "name[:port]" taken apart; the port stays text, empty when absent.
struct HostAndPort {
  std::string name;  ///< lower case, IPv6 with its brackets
  std::string port;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool all_in(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<HostAndPort> parse_authority(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  std::size_t name_end = 0;
  if (text.starts_with('[')) {
    name_end = text.find(']');
    if (name_end == std::string_view::npos || !all_in(lower(text.substr(1, name_end - 1)), "0123456789abcdef:.")) {
      return std::nullopt;
    }
    ++name_end;
  } else {
    name_end = std::min(text.find(':'), text.size());
    if (!all_in(lower(text.substr(0, name_end)), "abcdefghijklmnopqrstuvwxyz0123456789-._")) return std::nullopt;
  }
  if (name_end == 0) return std::nullopt;
  HostAndPort authority{lower(text.substr(0, name_end)), {}};
  if (name_end == text.size()) return authority;
  const std::string_view port = text.substr(name_end + 1);
  if (text[name_end] != ':' || port.empty() || port.size() > 5 || !all_in(port, kDigits)) return std::nullopt;
  authority.port = std::string(port);
  return authority;
}

bool is_known(const HostPolicy& policy, const HostAndPort& host) {
  constexpr std::array<std::string_view, 3> kLoopback = {"localhost", "127.0.0.1", "[::1]"};
  if (std::ranges::find(kLoopback, host.name) != kLoopback.end()) return true;
  return std::ranges::any_of(policy.names, [&](const std::string& name) {
    const auto allowed = parse_authority(name);
    return allowed && allowed->name == host.name && (allowed->port.empty() || allowed->port == host.port);
  });
}

bool is_same_site(std::string_view origin, const HostAndPort& host, Channel channel) {
  const std::size_t separator = origin.find("://");
  if (separator == std::string_view::npos) return false;
  const std::string scheme = lower(origin.substr(0, separator));
  if (scheme != "https" && (scheme != "http" || channel == Channel::Secure)) return false;
  const auto authority = parse_authority(origin.substr(separator + 3));
  if (!authority || authority->name != host.name) return false;
  const std::string default_port = scheme == "http" ? "80" : "443";
  const auto port_of = [&](const HostAndPort& a) { return a.port.empty() ? default_port : a.port; };
  return port_of(*authority) == port_of(host);
}

}  // namespace

Admission admit(const HostPolicy& policy, std::optional<std::string_view> host, std::optional<std::string_view> origin,
                Channel channel) {
  const auto authority = host ? parse_authority(*host) : std::nullopt;
  if (!authority || !is_known(policy, *authority)) return Admission::UnknownHost;
  if (origin && !is_same_site(*origin, *authority, channel)) return Admission::ForeignOrigin;
  return Admission::Allowed;
}

std::string explain(Admission admission, std::optional<std::string_view> host, std::optional<std::string_view> origin) {
  constexpr std::size_t kQuoted = 200;
  switch (admission) {
    case Admission::Allowed:
      return "allowed";
    case Admission::UnknownHost:
      return fmt::format("Host '{}' is not one that this server answers as (allow it with --allowed-host)",
                         host.value_or("").substr(0, kQuoted));
    case Admission::ForeignOrigin:
      return fmt::format("a page of '{}' may not talk to '{}'", origin.value_or("").substr(0, kQuoted),
                         host.value_or("").substr(0, kQuoted));
  }
  return "refused";
}

}  // namespace ndcast::auth
