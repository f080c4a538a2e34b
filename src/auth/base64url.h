#pragma once
// Base64 with the alphabet of URLs and no padding (RFC 4648 §5): the text form of everything in a token.

#include <optional>
#include <string>
#include <string_view>

namespace ndcast::auth {

std::string base64url_encode(std::string_view bytes);

/// Nothing for a character outside the alphabet, padding, an impossible length, or bits left over: one value has one
/// text.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace ndcast::auth
