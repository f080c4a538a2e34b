#include "image/numpy_dtype.h"

#include <optional>

#include "image/json_fields.h"

namespace ndcast::image {
namespace {

std::optional<DType> numeric_type(char kind, std::string_view size) {
  switch (kind) {
    case 'b':
      return size == "1" ? std::optional(DType::Bool) : std::nullopt;
    case 'i':
    case 'u': {
      constexpr std::string_view kSizes = "1248";
      if (size.size() != 1) return std::nullopt;
      const std::size_t power = kSizes.find(size[0]);
      if (power == std::string_view::npos) return std::nullopt;
      return static_cast<DType>(static_cast<int>(DType::Int8) + 2 * static_cast<int>(power) + (kind == 'u' ? 1 : 0));
    }
    case 'f':
      if (size == "2") return DType::Float16;
      if (size == "4") return DType::Float32;
      return size == "8" ? std::optional(DType::Float64) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string_view kind_in_words(char kind) {
  switch (kind) {
    case 'c':
      return "complex numbers";
    case 'm':
    case 'M':
      return "time";
    case 'S':
    case 'U':
      return "text";
    case 'V':
      return "raw or structured";
    case 'O':
      return "objects";
    default:
      return {};
  }
}

}  // namespace

Result<StoredType> parse_numpy_dtype(const Json& value, std::string_view where) {
  if (value.is_array())
    return fail(ErrorCode::Unsupported, "{}: type {} (structured) is not numeric", where, quoted(value));
  const std::string_view text = value.as_string().value_or("");
  if (const auto named = dtype_from_name(text)) {
    return StoredType{*named, byte_size(*named) > 1 && std::endian::native == std::endian::big};
  }
  // Without a mark only one-byte types have but one meaning.
  if (text.size() == 2) {
    if (const auto dtype = numeric_type(text[0], text.substr(1)); dtype && byte_size(*dtype) == 1) {
      return StoredType{*dtype, false};
    }
  }
  if (text == "|O" || text == "O" || text == "object") {
    return fail(ErrorCode::Unsupported, "{}: type \"{}\" ({}) is not numeric", where, text, kind_in_words('O'));
  }
  if (text.size() >= 3) {
    const char order = text[0];
    const char kind = text[1];
    const auto dtype = numeric_type(kind, text.substr(2));
    const bool order_known = order == '<' || order == '>' || (order == '|' && dtype && byte_size(*dtype) == 1);
    if (dtype && order_known) return StoredType{*dtype, order == '>' && byte_size(*dtype) > 1};
    if (const std::string_view words = kind_in_words(kind); !words.empty()) {
      return fail(ErrorCode::Unsupported, "{}: type \"{}\" ({}) is not numeric", where, text, words);
    }
  }
  return fail(ErrorCode::Invalid,
              "{}: type {}; expected \"<\", \">\" or \"|\", then b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 or f8",
              where, quoted(value));
}

void swap_bytes(std::span<std::byte> bytes, std::size_t element_bytes) {
  const auto swap = [bytes]<class Word>(Word) {
    for (std::size_t at = 0; at + sizeof(Word) <= bytes.size(); at += sizeof(Word)) {
      Word word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      word = std::byteswap(word);
      std::memcpy(bytes.data() + at, &word, sizeof word);
    }
  };
  if (element_bytes == 2) swap(std::uint16_t{});
  if (element_bytes == 4) swap(std::uint32_t{});
  if (element_bytes == 8) swap(std::uint64_t{});
}

}  // namespace ndcast::image
