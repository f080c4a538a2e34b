#pragma once
// RFC 6455 frames, the server's side: what arrives is checked and put together into messages, what leaves gets its
// header. Pure: no sockets, no time.
//
//   FrameReader reader(limits.max_message_bytes);
//   const auto fine = reader.take(bytes, sink);          // → sink.on_message(…), on_ping(…), on_close(…)
//   if (!fine) close(fine.error().code, fine.error().reason);
//
// The transport speaks WebSocket itself because a drag is told to hundreds of sockets hundreds of times a second: a
// library's asynchronous write costs as much as the kernel's send, and its reader keeps buffers for sockets that are
// silent (docs/performance.md has the figures).

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace ndcast::transport {

enum class FrameOpcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// The peer broke the protocol: close with `code`, and read no more.
struct FrameViolation {
  std::uint16_t code = 0;
  std::string_view reason;
};

/// What a reader found. Views end with the call; false stops the reader until the next take().
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// A whole message; text is valid UTF-8.
  virtual bool on_message(bool is_text, std::string_view payload) = 0;
  virtual bool on_ping(std::string_view payload) = 0;
  virtual bool on_pong() = 0;
  /// The peer's close frame, the last that counts; 1005 when it names no code.
  virtual bool on_close_frame(std::uint16_t code, std::string_view reason) = 0;
};

class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  /// Unmasks `bytes` in place. Never keeps more than one message of max_message_bytes and one header.
  std::expected<void, FrameViolation> take(std::span<char> bytes, FrameSink& sink);

 private:
  struct Header;
  std::expected<std::size_t, FrameViolation> take_frames(std::span<char> bytes, FrameSink& sink, bool& going);
  std::expected<void, FrameViolation> check(const Header& header) const;
  std::expected<void, FrameViolation> on_frame(const Header& header, std::string_view payload, FrameSink& sink,
                                               bool& going);
  std::expected<void, FrameViolation> on_data(const Header& header, std::string_view payload, FrameSink& sink,
                                              bool& going);

  const std::size_t max_message_bytes_;
  std::string pending_;  ///< the beginning of a frame
  std::string message_;  ///< the fragments so far of a message
  bool in_message_ = false;
  bool message_is_text_ = false;
};

/// Header of an unmasked, unfragmented frame.
struct FrameHeader {
  FrameHeader(FrameOpcode opcode, std::size_t payload_bytes);
  std::array<char, 10> bytes{};
  std::uint8_t size = 0;
};

/// Payload of a close frame.
std::string close_payload(std::uint16_t code, std::string_view reason);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (§4.2.2).
std::string accept_key(std::string_view key);

}  // namespace ndcast::transport
