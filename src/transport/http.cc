#include "transport/http.h"

#include <algorithm>
#include <iterator>

namespace ndcast::transport {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return std::nullopt;
}

enum class Plus { Literal, Space };

Result<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto byte = static_cast<unsigned char>(text[i]); byte <= ' ' || byte == 0x7f) {
      return fail(ErrorCode::Invalid, "a byte of value {} is not allowed in a request's target", byte);
    }
    if (text[i] != '%') {
      out.push_back(text[i] == '+' && plus == Plus::Space ? ' ' : text[i]);
      continue;
    }
    const auto first = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto second = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!first || !second) {
      return fail(ErrorCode::Invalid, "'{}' is not a percent-escape (expected % and two hexadecimal digits)",
                  text.substr(i, 3));
    }
    const int byte = *first * 16 + *second;
    if (byte == 0) return fail(ErrorCode::Invalid, "a NUL (%00) is not allowed in a request's target");
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain =
        (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t HttpRequest::header_count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const auto& header) { return equal_ignoring_case(header.first, name); }));
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

HttpResponse HttpResponse::text(int status, std::string body) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

HttpResponse HttpResponse::json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

Result<HttpTarget> parse_http_target(std::string_view target) {
  if (target.empty() || target.front() != '/') {
    return fail(ErrorCode::Invalid, "the request's target '{}' does not start with '/'", target.substr(0, 64));
  }
  const std::size_t question = target.find('?');
  HttpTarget out;
  ND_ASSIGN(out.path, percent_decode(target.substr(0, question), Plus::Literal));
  if (question == std::string_view::npos) return out;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    ND_ASSIGN(std::string name, percent_decode(pair.substr(0, equals), Plus::Space));
    const std::string_view raw = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    ND_ASSIGN(std::string value, percent_decode(raw, Plus::Space));
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

}  // namespace ndcast::transport
