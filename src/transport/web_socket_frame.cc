#include "transport/web_socket_frame.h"

#include <algorithm>
#include <new>
#include <optional>

#include <openssl/sha.h>
#include <wslay/wslay.h>

#include "base/digest.h"
#include "transport/web_socket.h"

namespace ndcast::transport {
namespace {

/// What a frame's first bytes say of its form (RFC 6455 §5.2).
struct FrameForm {
  bool is_control = false;
  std::size_t header_bytes = 0;
  std::uint64_t payload_bytes = 0;
};

/// Nothing while the header is not whole.
std::optional<FrameForm> form_of(std::span<const char> bytes) {
  constexpr unsigned kControl = 0x08;
  constexpr unsigned kMasked = 0x80;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  FrameForm form{.is_control = (byte(0) & kControl) != 0, .payload_bytes = byte(1) & ~kMasked};
  const std::size_t length_bytes = form.payload_bytes == 127 ? 8 : form.payload_bytes == 126 ? 2 : 0;
  form.header_bytes = 2 + length_bytes + ((byte(1) & kMasked) != 0 ? 4 : 0);
  if (bytes.size() < form.header_bytes) return std::nullopt;
  if (length_bytes > 0) form.payload_bytes = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) form.payload_bytes = form.payload_bytes << 8 | byte(2 + i);
  return form;
}

}  // namespace

struct FrameReader::Callbacks {
  static FrameReader& self(void* user_data) { return *static_cast<FrameReader*>(user_data); }

  static ssize_t receive(wslay_event_context_ptr context, std::uint8_t* buffer, std::size_t size, int,
                         void* user_data) {
    std::span<const char>& incoming = self(user_data).incoming_;
    if (incoming.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::size_t count = std::min(size, incoming.size());
    std::ranges::copy(incoming.first(count), buffer);
    incoming = incoming.subspan(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t send(wslay_event_context_ptr, const std::uint8_t* bytes, std::size_t size, int, void* user_data) {
    self(user_data).answers_.append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<ssize_t>(size);
  }

  static void on_frame_start(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame,
                             void* user_data) {
    if (frame->opcode == WSLAY_CONNECTION_CLOSE) self(user_data).saw_close_ = true;
  }

  static void on_message(wslay_event_context_ptr context, const wslay_event_on_msg_recv_arg* message, void* user_data) {
    const bool is_text = message->opcode == WSLAY_TEXT_FRAME;
    if ((!is_text && message->opcode != WSLAY_BINARY_FRAME) || wslay_event_get_read_enabled(context) == 0) return;
    self(user_data).sink_.on_message(is_text, {reinterpret_cast<const char*>(message->msg), message->msg_length});
  }
};

void FrameReader::Free::operator()(wslay_event_context* context) const { wslay_event_context_free(context); }

FrameReader::FrameReader(std::size_t max_message_bytes, MessageSink& sink) : sink_(sink) {
  const wslay_event_callbacks callbacks{.recv_callback = &Callbacks::receive,
                                        .send_callback = &Callbacks::send,
                                        .genmask_callback = nullptr,  // clients mask
                                        .on_frame_recv_start_callback = &Callbacks::on_frame_start,
                                        .on_frame_recv_chunk_callback = nullptr,
                                        .on_frame_recv_end_callback = nullptr,
                                        .on_msg_recv_callback = &Callbacks::on_message};
  wslay_event_context_ptr context = nullptr;
  if (wslay_event_context_server_init(&context, &callbacks, this) != 0) throw std::bad_alloc();
  context_.reset(context);
  wslay_event_config_set_max_recv_msg_length(context, max_message_bytes);
}

FrameReader::~FrameReader() = default;

/// The library judges a control frame by the pieces in which it gets it (it looks at no close reason that comes byte by
/// byte, and at the first piece of one that comes in two), so that it gets those whole.
void FrameReader::take(std::span<const char> bytes) {
  while (!bytes.empty() && !is_deaf()) {
    const std::size_t held = begun_.size();
    if (held > 0) {
      begun_.append(bytes.begin(), bytes.end());
      const std::size_t count = bytes_to_hand_over(begun_);
      if (count == 0) return;
      hand_over(std::span(begun_).first(count));
      bytes = bytes.subspan(count - held);
      begun_.clear();
    } else if (const std::size_t count = bytes_to_hand_over(bytes); count > 0) {
      hand_over(bytes.first(count));
      bytes = bytes.subspan(count);
    } else {
      begun_.assign(bytes.begin(), bytes.end());
      return;
    }
  }
}

/// How many of these bytes, which go on where the last ones ended, the library may have at once: those of a data frame
/// that are there, a whole control frame, or none yet.
std::size_t FrameReader::bytes_to_hand_over(std::span<const char> bytes) {
  constexpr std::uint64_t kMaxControlPayload = 125;  // §5.5; a longer one is refused by its header
  std::size_t header_bytes = 0;
  if (payload_left_ == 0) {
    const std::optional<FrameForm> form = form_of(bytes);
    if (!form) return 0;
    header_bytes = form->header_bytes;
    if (form->is_control && form->payload_bytes <= kMaxControlPayload) {
      const std::size_t whole = header_bytes + static_cast<std::size_t>(form->payload_bytes);
      return bytes.size() < whole ? 0 : whole;
    }
    payload_left_ = form->payload_bytes;
  }
  const std::uint64_t here = std::min<std::uint64_t>(payload_left_, bytes.size() - header_bytes);
  payload_left_ -= here;
  return header_bytes + static_cast<std::size_t>(here);
}

void FrameReader::hand_over(std::span<const char> bytes) {
  incoming_ = bytes;
  if (wslay_event_recv(context_.get()) != 0) break_off();
  incoming_ = {};
  drain();  // what is answered stands before what the next frame does: a close overtakes a queued pong
}

/// The library closes without a code when a frame's form is wrong, and takes the codes that came after RFC 6455 (1012
/// to 1014) for wrong ones.
void FrameReader::break_off() {
  using namespace std::string_view_literals;
  constexpr std::string_view kNoCode = "\x88\x00"sv;
  constexpr std::string_view kProtocolError = "\x88\x02\x03\xea"sv;
  const bool was_closed = said_close();
  stop();
  close(1002, {});
  drain();
  if (!was_closed && answers_.ends_with(kNoCode)) {
    answers_.replace(answers_.size() - kNoCode.size(), kNoCode.size(), kProtocolError);
  }
}

void FrameReader::drain() {
  while (wslay_event_want_write(context_.get()) != 0 && wslay_event_send(context_.get()) == 0) {
  }
}

void FrameReader::stop() { wslay_event_shutdown_read(context_.get()); }

void FrameReader::close(std::uint16_t code, std::string_view reason) {
  // Fails when there was a close frame before, which then stands.
  static_cast<void>(wslay_event_queue_close(context_.get(), code, reinterpret_cast<const std::uint8_t*>(reason.data()),
                                            reason.size()));
}

void FrameReader::ping() {
  const wslay_event_msg message{.opcode = WSLAY_PING, .msg = nullptr, .msg_length = 0};
  static_cast<void>(wslay_event_queue_msg(context_.get(), &message));  // fails after a close frame, which will do
}

std::string FrameReader::take_answers() {
  drain();
  return std::exchange(answers_, {});
}

bool FrameReader::is_deaf() const { return wslay_event_get_read_enabled(context_.get()) == 0; }
bool FrameReader::peer_closed() const { return saw_close_ && is_deaf(); }
bool FrameReader::said_close() const { return wslay_event_get_close_sent(context_.get()) != 0; }

FrameHeader::FrameHeader(bool is_text, std::size_t payload_bytes) {
  constexpr int kFinal = 0x80;
  bytes[0] = static_cast<char>(kFinal | (is_text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME));
  std::size_t length_bytes = 0;
  if (payload_bytes < 126) {
    bytes[1] = static_cast<char>(payload_bytes);
  } else {
    length_bytes = payload_bytes < 65536 ? 2 : 8;
    bytes[1] = static_cast<char>(length_bytes == 2 ? 126 : 127);
  }
  for (std::size_t i = 0; i < length_bytes; ++i) {
    bytes[2 + i] = static_cast<char>(payload_bytes >> (8 * (length_bytes - 1 - i)));
  }
  size = static_cast<std::uint8_t>(2 + length_bytes);
}

std::string accept_key(std::string_view key) {
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest.data());
  return base64_encode(std::as_bytes(std::span(digest)));
}

}  // namespace ndcast::transport
