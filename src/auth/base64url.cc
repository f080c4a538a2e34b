#include "auth/base64url.h"

#include <algorithm>
#include <span>

#include "base/digest.h"

namespace ndcast::auth {

std::string base64url_encode(std::string_view bytes) {
  std::string text = base64_encode(std::as_bytes(std::span(bytes)));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.size() % 4 == 1 || text.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  auto bytes = base64_decode(padded);
  if (!bytes || base64url_encode(*bytes) != text) return std::nullopt;
  return *std::move(bytes);
}

}  // namespace ndcast::auth
