#pragma once
// The address of a store on a web server, taken apart by libcurl's parser, so that what is checked is what is asked.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ndcast::image {

struct HttpUrl {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case, without brackets
  std::uint16_t port = 0;
  std::string path;   ///< escaped, opens with "/", no dot segments
  std::string query;  ///< escaped, without "?"

  /// The query is what may hold secrets (presigned URLs): nothing that is shown has it.
  std::string without_query() const;
  std::string text() const;
  /// The same server: scheme, host and port.
  bool same_origin(const HttpUrl& other) const;
};

/// Errors: Invalid (no http or https URL), Forbidden (a user or password in it: they would be shown).
Result<HttpUrl> parse_http_url(std::string_view text);
/// `location` as a redirect's header has it, relative to `base`.
Result<HttpUrl> resolve_http_url(const HttpUrl& base, std::string_view location);

/// Every byte but A–Z a–z 0–9 - . _ ~ and / as %XX: RFC 3986, and what AWS signs.
std::string escape_key(std::string_view key);
/// The inverse; a % without two hexadecimal digits behind it stays.
std::string unescape_path(std::string_view path);
/// The same for a query's value: / too.
std::string escape_value(std::string_view value);

}  // namespace ndcast::image
