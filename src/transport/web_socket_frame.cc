#include "transport/web_socket_frame.h"

#include <algorithm>
#include <utility>

#include <openssl/sha.h>
#include <simdjson.h>

#include "base/digest.h"
#include "transport/web_socket.h"

namespace ndcast::transport {
namespace {

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kNoCode = 1005;
constexpr std::uint16_t kBadText = 1007;
constexpr std::size_t kControlBytes = 125;

std::unexpected<FrameViolation> violation(std::string_view reason, std::uint16_t code = kProtocolError) {
  return std::unexpected(FrameViolation{code, reason});
}

bool is_control(FrameOpcode opcode) { return static_cast<int>(opcode) >= 8; }

bool is_known(FrameOpcode opcode) {
  return static_cast<int>(opcode) <= 2 || (static_cast<int>(opcode) >= 8 && static_cast<int>(opcode) <= 10);
}

/// §7.4: those that an endpoint may send.
bool is_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::uint64_t big_endian(std::span<const char> bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void unmask(std::span<char> payload, std::span<const char> mask) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
}

}  // namespace

struct FrameReader::Header {
  bool final = false;
  bool reserved_bits = false;
  FrameOpcode opcode = FrameOpcode::Continuation;
  bool masked = false;
  std::size_t size = 0;  ///< bytes of the header with its mask; 0 while it is not whole
  std::uint64_t payload = 0;

  /// Says nothing of what does not fit yet; `size` is set once all of it is there.
  explicit Header(std::span<const char> bytes) {
    if (bytes.size() < 2) return;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    final = first & 0x80;
    reserved_bits = first & 0x70;
    opcode = static_cast<FrameOpcode>(first & 0x0f);
    masked = second & 0x80;
    const std::size_t length = second & 0x7f;
    const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t whole = 2 + length_bytes + (masked ? 4 : 0);
    if (bytes.size() < whole) return;
    payload = length_bytes == 0 ? length : big_endian(bytes.subspan(2, length_bytes));
    size = whole;
  }
};

std::expected<void, FrameViolation> FrameReader::check(const Header& header) const {
  if (header.reserved_bits) return violation("reserved bits are set");
  if (!is_known(header.opcode)) return violation("unknown opcode");
  if (!header.masked) return violation("a client's frames are masked");
  if (is_control(header.opcode)) {
    if (!header.final || header.payload > kControlBytes) return violation("a control frame is whole and short");
    return {};
  }
  const bool continues = header.opcode == FrameOpcode::Continuation;
  if (continues != in_message_) return violation(continues ? "nothing to continue" : "a message is not finished");
  if (header.payload > max_message_bytes_ - std::min(max_message_bytes_, message_.size())) {
    return violation("the message is too long", close_code::kTooBig);
  }
  return {};
}

std::expected<void, FrameViolation> FrameReader::take(std::span<char> bytes, FrameSink& sink) {
  bool going = true;
  if (pending_.empty()) {
    const auto taken = take_frames(bytes, sink, going);
    if (!taken) return std::unexpected(taken.error());
    pending_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(*taken), bytes.end());
    return {};
  }
  pending_.append(bytes.begin(), bytes.end());
  const auto taken = take_frames(pending_, sink, going);
  if (!taken) return std::unexpected(taken.error());
  pending_.erase(0, *taken);
  if (pending_.empty()) pending_.shrink_to_fit();
  return {};
}

std::expected<std::size_t, FrameViolation> FrameReader::take_frames(std::span<char> bytes, FrameSink& sink,
                                                                    bool& going) {
  std::size_t taken = 0;
  while (going) {
    const std::span<char> rest = bytes.subspan(taken);
    const Header header(rest);
    if (header.size == 0) break;
    if (const auto fine = check(header); !fine) return std::unexpected(fine.error());
    if (rest.size() - header.size < header.payload) break;
    const std::span<char> payload = rest.subspan(header.size, header.payload);
    unmask(payload, rest.subspan(header.size - 4, 4));
    taken += header.size + payload.size();
    const auto fine = on_frame(header, {payload.data(), payload.size()}, sink, going);
    if (!fine) return std::unexpected(fine.error());
  }
  // Who was stopped wants nothing more of what came with it.
  return going ? taken : bytes.size();
}

std::expected<void, FrameViolation> FrameReader::on_frame(const Header& header, std::string_view payload,
                                                          FrameSink& sink, bool& going) {
  switch (header.opcode) {
    case FrameOpcode::Ping:
      going = sink.on_ping(payload);
      return {};
    case FrameOpcode::Pong:
      going = sink.on_pong();
      return {};
    case FrameOpcode::Close: {
      if (payload.empty()) {
        going = sink.on_close_frame(kNoCode, {});
        return {};
      }
      if (payload.size() == 1) return violation("a close frame of one byte");
      const auto code = static_cast<std::uint16_t>(big_endian(payload.substr(0, 2)));
      if (!is_close_code(code)) return violation("no such close code");
      if (!is_utf8(payload.substr(2))) return violation("a close reason that is not UTF-8", kBadText);
      going = sink.on_close_frame(code, payload.substr(2));
      return {};
    }
    default:
      return on_data(header, payload, sink, going);
  }
}

std::expected<void, FrameViolation> FrameReader::on_data(const Header& header, std::string_view payload,
                                                         FrameSink& sink, bool& going) {
  if (header.opcode != FrameOpcode::Continuation) message_is_text_ = header.opcode == FrameOpcode::Text;
  const bool whole = header.final && !in_message_;
  if (!whole) message_ += payload;
  in_message_ = !header.final;
  if (!header.final) return {};
  const std::string_view message = whole ? payload : message_;
  if (message_is_text_ && !is_utf8(message)) return violation("a text that is not UTF-8", kBadText);
  going = sink.on_message(message_is_text_, message);
  message_ = {};
  return {};
}

FrameHeader::FrameHeader(FrameOpcode opcode, std::size_t payload_bytes) {
  bytes[0] = static_cast<char>(0x80 | static_cast<int>(opcode));
  int length_bytes = 0;
  if (payload_bytes < 126) {
    bytes[1] = static_cast<char>(payload_bytes);
  } else {
    length_bytes = payload_bytes < 65536 ? 2 : 8;
    bytes[1] = static_cast<char>(length_bytes == 2 ? 126 : 127);
  }
  for (int i = 0; i < length_bytes; ++i) {
    bytes[static_cast<std::size_t>(2 + i)] = static_cast<char>(payload_bytes >> (8 * (length_bytes - 1 - i)));
  }
  size = static_cast<std::uint8_t>(2 + length_bytes);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  payload += reason;
  return payload;
}

std::string accept_key(std::string_view key) {
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest.data());
  return base64_encode(std::as_bytes(std::span(digest)));
}

}  // namespace ndcast::transport
