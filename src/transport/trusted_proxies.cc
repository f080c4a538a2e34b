#include "transport/trusted_proxies.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace ndcast::transport {
namespace {

using Address = std::array<std::uint8_t, 16>;

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.contains('\0')) return std::nullopt;  // where inet_pton() would stop reading
  const std::string terminated(text);
  Address out{};
  if (inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
  out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, terminated.c_str(), out.data() + 12) == 1) return out;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The last element of a comma-separated list, which it takes away.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trimmed(last);
}

void set_header(HttpRequest& request, std::string_view name, std::string_view value) {
  std::erase_if(request.headers, [&](const auto& header) { return equal_ignoring_case(header.first, name); });
  request.headers.emplace_back(name, value);
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return fail(ErrorCode::Invalid, "\"{}\": expected an address or ADDRESS/BITS", text);
  range.bytes_ = *address;
  if (slash == std::string_view::npos) return range;
  const bool is_v4 = !text.substr(0, slash).contains(':');
  const std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || stop != digits.data() + digits.size() || bits < 0 || bits > (is_v4 ? 32 : 128)) {
    return fail(ErrorCode::Invalid, "\"{}\": expected 0 to {} bits after the slash", text, is_v4 ? 32 : 128);
  }
  range.bits_ = is_v4 ? bits + 96 : bits;
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto bytes = parse_address(address);
  if (!bytes) return false;
  for (int bit = 0; bit < bits_; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    if ((((*bytes)[byte] ^ bytes_[byte]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& ranges) {
  TrustedProxies out;
  for (const std::string& text : ranges) {
    ND_ASSIGN(const AddressRange range, AddressRange::parse(text));
    out.ranges_.push_back(range);
  }
  return out;
}

bool TrustedProxies::trusts(std::string_view address) const {
  return std::ranges::any_of(ranges_, [&](const AddressRange& range) { return range.contains(address); });
}

void TrustedProxies::apply(HttpRequest& request) const {
  if (ranges_.empty() || !trusts(request.remote_address)) return;
  // A header that is there twice was not written by a proxy that does its work; what it says is not used.
  const auto single = [&](std::string_view name) -> std::optional<std::string> {
    const auto value = request.header(name);
    if (!value || request.header_count(name) != 1) return std::nullopt;
    return std::string(*value);
  };
  if (const auto chain = single("X-Forwarded-For")) {
    std::string_view rest = *chain;
    while (!rest.empty() && trusts(request.remote_address)) {
      const std::string_view address = take_last(rest);
      if (!parse_address(address)) break;
      request.remote_address = std::string(address);
      request.remote_is_loopback = address == "::1" || address.starts_with("127.");
    }
  }
  // Of several, the last is what our proxy saw.
  if (const auto scheme = single("X-Forwarded-Proto")) {
    std::string_view rest = *scheme;
    request.is_secure = equal_ignoring_case(take_last(rest), "https");
  }
  if (const auto host = single("X-Forwarded-Host")) {
    std::string_view rest = *host;
    set_header(request, "Host", take_last(rest));
  }
}

}  // namespace ndcast::transport
