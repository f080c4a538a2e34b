#pragma once
// RFC 6455 frames, the server's side, read by wslay: what arrives is checked and put together into messages, pings and
// close frames are answered, what leaves gets its header. No sockets, no time.
//
//   FrameReader reader(limits.max_message_bytes, sink);
//   reader.take(bytes);                              // → sink.on_message(…)
//   if (std::string out = reader.take_answers(); !out.empty()) write(out);
//   if (reader.is_deaf()) …                          // the peer closed, or broke the protocol: nothing more counts
//
// Data frames are written by the transport itself (web_socket_connection.cc): one payload goes to hundreds of sockets,
// hundreds of times a second, and a library that owns it would copy it for each.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct wslay_event_context;

namespace ndcast::transport {

class MessageSink {
 public:
  virtual ~MessageSink() = default;
  /// A whole message; text is valid UTF-8. The view ends with the call.
  virtual void on_message(bool is_text, std::string_view payload) = 0;
};

/// Neither moved nor copied: the library holds its address. One thread.
class FrameReader {
 public:
  /// A longer message is answered with a close frame of code 1009. `sink` outlives it.
  FrameReader(std::size_t max_message_bytes, MessageSink& sink);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  void take(std::span<const char> bytes);
  /// The sink hears nothing more, not even of messages that were taken already. May be called by the sink.
  void stop();
  /// Makes a close frame, unless there was one. `reason`: see fitting_close_reason().
  void close(std::uint16_t code, std::string_view reason);
  void ping();

  /// Frames that are to be sent now: pongs, the close frame. Each once.
  std::string take_answers();
  /// The peer closed or broke the protocol, or stop() was called: what it still sends does not count.
  bool is_deaf() const;
  /// Its close frame came.
  bool peer_closed() const;
  /// A close frame was among the answers.
  bool said_close() const;

 private:
  struct Callbacks;
  struct Free {
    void operator()(wslay_event_context* context) const;
  };

  std::size_t bytes_to_hand_over(std::span<const char> bytes);
  void hand_over(std::span<const char> bytes);
  void break_off();
  void drain();

  MessageSink& sink_;
  std::unique_ptr<wslay_event_context, Free> context_;
  std::span<const char> incoming_;
  std::string begun_;               ///< a frame's header, or a control frame, of which the rest has not come
  std::uint64_t payload_left_ = 0;  ///< of the data frame whose header the library has
  std::string answers_;
  bool saw_close_ = false;  ///< a close frame began
};

/// Header of an unmasked, unfragmented data frame.
struct FrameHeader {
  FrameHeader() = default;  ///< none at all
  FrameHeader(bool is_text, std::size_t payload_bytes);
  std::array<char, 10> bytes{};
  std::uint8_t size = 0;
};

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (§4.2.2).
std::string accept_key(std::string_view key);

}  // namespace ndcast::transport
