// Whatever a client sends behind its upgrade, in whatever pieces: the reader neither crashes nor tells
// of more than one message of the limit, and pieces change nothing of what it finds.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "transport/web_socket_frame.h"

namespace {

using namespace ndcast::transport;

constexpr std::size_t kMaxMessage = 256;

struct Tally final : FrameSink {
  bool on_message(bool is_text, std::string_view payload) override { return note(is_text ? 't' : 'b', payload); }
  bool on_ping(std::string_view payload) override { return note('p', payload); }
  bool on_pong() override { return note('o', {}); }
  bool on_close_frame(std::uint16_t code, std::string_view reason) override {
    note(static_cast<char>(code), reason);
    closed = true;
    return false;
  }
  bool note(char kind, std::string_view payload) {
    if (payload.size() > kMaxMessage) std::abort();
    all += kind;
    all += payload;
    return true;
  }
  std::string all;
  bool closed = false;
};

std::string read_in_pieces(std::string bytes, std::size_t piece) {
  FrameReader reader(kMaxMessage);
  Tally tally;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::span<char> part = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
    if (!reader.take(part, tally) || tally.closed) break;
  }
  return tally.all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read_in_pieces(bytes, 1 + data[0] % 64) != read_in_pieces(bytes, bytes.size() + 1)) std::abort();
  return 0;
}
