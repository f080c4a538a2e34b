#include "image/remote/http_url.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <curl/curl.h>

#include "base/limits.h"

namespace ndcast::image {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

/// Empty when the part is not there.
std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// What stands before the query, for messages.
std::string_view shown(std::string_view text) { return text.substr(0, std::min<std::size_t>(text.find('?'), 200)); }

Result<HttpUrl> take_apart(CURLU* url, std::string_view text) {
  HttpUrl out;
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    return fail(ErrorCode::Forbidden, "an URL with a user or password in it; expected one that may be shown to others");
  }
  out.scheme = part_of(url, CURLUPART_SCHEME);
  if (out.scheme != "http" && out.scheme != "https") {
    return fail(ErrorCode::Invalid, "{}: expected an http or https URL", shown(text));
  }
  out.host = part_of(url, CURLUPART_HOST);
  std::ranges::transform(out.host, out.host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  while (out.host.ends_with('.')) out.host.pop_back();
  const std::string port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  out.path = part_of(url, CURLUPART_PATH, CURLU_URLENCODE);
  out.query = part_of(url, CURLUPART_QUERY, CURLU_URLENCODE);
  if (out.host.empty() || out.port == 0) return fail(ErrorCode::Invalid, "{}: an URL without a host", shown(text));
  return out;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string escape(std::string_view text, bool keep_slash) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string HttpUrl::without_query() const {
  const bool is_default = port == (scheme == "https" ? 443 : 80);
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return is_default ? fmt::format("{}://{}{}", scheme, name, path)
                    : fmt::format("{}://{}:{}{}", scheme, name, port, path);
}

std::string HttpUrl::text() const { return query.empty() ? without_query() : without_query() + "?" + query; }

bool HttpUrl::same_origin(const HttpUrl& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  const UrlHandle url(curl_url());
  const std::string terminated(text);
  if (text.size() > limits::kPathBytes || text.find('\0') != std::string_view::npos ||
      curl_url_set(url.get(), CURLUPART_URL, terminated.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) !=
          CURLUE_OK) {
    return fail(ErrorCode::Invalid, "{}: expected an http or https URL", shown(text));
  }
  return take_apart(url.get(), text);
}

Result<HttpUrl> resolve_http_url(const HttpUrl& base, std::string_view location) {
  const UrlHandle url(curl_url());
  const std::string from = base.text();
  const std::string to(location);
  if (location.size() > limits::kPathBytes || curl_url_set(url.get(), CURLUPART_URL, from.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, to.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK) {
    return fail(ErrorCode::Invalid, "{}: leads to \"{}\"; expected an http or https URL", base.without_query(),
                shown(location));
  }
  return take_apart(url.get(), location);
}

std::string escape_key(std::string_view key) { return escape(key, true); }
std::string unescape_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    unsigned value = 0;
    const std::string_view digits = path.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (path[i] == '%' && digits.size() == 2 && error == std::errc() && end == digits.data() + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += path[i];
    }
  }
  return out;
}

std::string escape_value(std::string_view value) { return escape(value, false); }

}  // namespace ndcast::image
