#include "base/ids.h"

#include <vector>

#include <openssl/rand.h>

#include "base/check.h"

namespace ndcast {

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  ND_CHECK(RAND_bytes(raw.data(), static_cast<int>(bytes)) == 1, "the operating system gave no random bytes");
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes * 2);
  for (const unsigned char byte : raw) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string random_uuid() {
  std::string hex = random_hex(16);
  hex[12] = '4';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) & 3];
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

}  // namespace ndcast
