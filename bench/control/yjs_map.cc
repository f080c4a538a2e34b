#include "bench/control/yjs_map.h"

#include <bit>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ndcast::bench {
namespace {

// Item's info byte: the kind of its content, and which of origin, right origin and parent key it names.
constexpr unsigned char kContentDeleted = 1;
constexpr unsigned char kContentAny = 8;
constexpr unsigned char kSkip = 10;
constexpr unsigned char kContentBits = 0x1f;
constexpr unsigned char kHasParentKey = 0x20;
constexpr unsigned char kHasRightOrigin = 0x40;
constexpr unsigned char kHasOrigin = 0x80;

// lib0's "any": tags count down from undefined, 127.
constexpr unsigned char kAnyInteger = 125;
constexpr unsigned char kAnyFloat32 = 124;
constexpr unsigned char kAnyFloat64 = 123;

template <class Bits>
Bits big_endian(std::string_view bytes) {
  Bits bits = 0;
  for (const char byte : bytes) bits = static_cast<Bits>(bits << 8 | static_cast<unsigned char>(byte));
  return bits;
}

double read_number(YjsBytes& bytes) {
  const unsigned char tag = bytes.byte();
  if (tag == kAnyInteger) return static_cast<double>(bytes.var_int());
  if (tag == kAnyFloat32) return std::bit_cast<float>(big_endian<std::uint32_t>(bytes.take(4)));
  if (tag == kAnyFloat64) return std::bit_cast<double>(big_endian<std::uint64_t>(bytes.take(8)));
  throw std::runtime_error(fmt::format("Yjs: expected a number, found a value of tag {}", tag));
}

}  // namespace

void append_var_uint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void append_var_string(std::string& out, std::string_view text) {
  append_var_uint(out, text.size());
  out += text;
}

std::string_view YjsBytes::take(std::size_t size) {
  if (size > bytes_.size()) throw std::runtime_error("Yjs: an update that ends early");
  const std::string_view taken = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return taken;
}

std::uint64_t YjsBytes::var_uint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const unsigned char next = byte();
    value |= std::uint64_t{next & 0x7fU} << shift;
    if (next < 0x80) return value;
  }
  throw std::runtime_error("Yjs: a number that does not end");
}

std::int64_t YjsBytes::var_int() {
  unsigned char next = byte();
  const bool negative = next & 0x40;
  std::int64_t value = next & 0x3f;
  for (unsigned shift = 6; next >= 0x80 && shift < 60; shift += 7) {
    next = byte();
    value |= std::int64_t{next & 0x7f} << shift;
  }
  return negative ? -value : value;
}

std::string YjsWriter::set(std::string_view key, double value) {
  std::string update;
  append_var_uint(update, 1);  // one client,
  append_var_uint(update, 1);  // one item of it
  append_var_uint(update, client_);
  append_var_uint(update, clock_);
  if (clock_ == 0) {
    update += static_cast<char>(kContentAny | kHasParentKey);
    append_var_uint(update, 1);  // the parent is named
    append_var_string(update, "m");
    append_var_string(update, key);
  } else {
    update += static_cast<char>(kContentAny | kHasParentKey | kHasOrigin);
    append_var_uint(update, client_);
    append_var_uint(update, clock_ - 1);
  }
  append_var_uint(update, 1);  // one value
  update += static_cast<char>(kAnyFloat64);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 56; shift >= 0; shift -= 8) update += static_cast<char>(bits >> shift);
  // Deleted: the item that this one replaces.
  append_var_uint(update, clock_ == 0 ? 0 : 1);
  if (clock_ > 0) {
    append_var_uint(update, client_);
    append_var_uint(update, 1);
    append_var_uint(update, clock_ - 1);
    append_var_uint(update, 1);
  }
  ++clock_;
  return update;
}

void YjsReader::apply(std::string_view update) {
  YjsBytes bytes(update);
  std::vector<Told> told;
  for (std::uint64_t clients = bytes.var_uint(); clients > 0; --clients) {
    std::uint64_t structs = bytes.var_uint();
    const std::uint64_t client = bytes.var_uint();
    bytes.var_uint();  // clock
    for (; structs > 0; --structs) read_item(bytes, client, told);
  }
  // What follows are deletions: of items that a later one replaced, so that they change nothing that was told.
  for (const Told& set : told) on_set_(set.key, set.value);
}

void YjsReader::read_item(YjsBytes& bytes, std::uint64_t client, std::vector<Told>& told) {
  const unsigned char info = bytes.byte();
  const unsigned char content = info & kContentBits;
  if (content == 0 || content == kSkip) {  // collected, or a gap: a length alone
    bytes.var_uint();
    return;
  }
  std::uint64_t origin_client = client;
  if (info & kHasOrigin) {
    origin_client = bytes.var_uint();
    bytes.var_uint();
  }
  if (info & kHasRightOrigin) {
    bytes.var_uint();
    bytes.var_uint();
  }
  if ((info & (kHasOrigin | kHasRightOrigin)) == 0) {
    if (bytes.var_uint() != 1) throw std::runtime_error("Yjs: an item in an item, expected one of the map");
    bytes.var_string();
    if (info & kHasParentKey) key_of_client_[client] = bytes.var_string();
  } else if (origin_client != client && key_of_client_.contains(origin_client)) {
    key_of_client_[client] = key_of_client_[origin_client];
  }
  if (content == kContentDeleted) {
    bytes.var_uint();
    return;
  }
  if (content != kContentAny)
    throw std::runtime_error(fmt::format("Yjs: content of kind {}, expected numbers", content));
  for (std::uint64_t values = bytes.var_uint(); values > 0; --values) {
    told.push_back({key_of_client_[client], read_number(bytes)});
  }
}

}  // namespace ndcast::bench
