// Whatever a client sends behind its upgrade, in whatever pieces: the reader neither crashes nor tells of more than one
// message of the limit, and pieces change nothing of what it finds and answers.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "transport/web_socket_frame.h"

namespace {

using namespace ndcast::transport;

constexpr std::size_t kMaxMessage = 256;

struct Tally final : MessageSink {
  void on_message(bool is_text, std::string_view payload) override {
    if (payload.size() > kMaxMessage) std::abort();
    all += is_text ? 't' : 'b';
    all += payload;
  }
  std::string all;
};

std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  Tally tally;
  FrameReader reader(kMaxMessage, tally);
  std::string answers;
  for (std::size_t at = 0; at < bytes.size() && !reader.is_deaf(); at += piece) {
    reader.take(bytes.substr(at, piece));
    answers += reader.take_answers();
  }
  return tally.all + answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read_in_pieces(bytes, 1 + data[0] % 64) != read_in_pieces(bytes, bytes.size() + 1)) std::abort();
  return 0;
}
