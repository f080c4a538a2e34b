#pragma once
// Digests and text encodings, through OpenSSL.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ndcast {

/// SHA-256 of a stream of bytes: update() any number of times, then hex() once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::span<const std::byte> bytes);
  /// 64 lower-case hexadecimal characters.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// RFC 4648 base64 with padding.
std::string base64_encode(std::span<const std::byte> bytes);
Result<std::string> base64_decode(std::string_view text);

/// Compares without telling by its time where the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace ndcast
