#include "bench/control/nats_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace ndcast::bench {
namespace {

constexpr std::string_view kConnect =
    "CONNECT "
    "{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,\"lang\":\"bench\",\"version\":"
    "\"1\","
    "\"protocol\":1}\r\n";

/// The next word of a line, which it leaves.
std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

template <class Number>
Number to_number(std::string_view text) {
  Number number{};
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
    throw std::runtime_error(fmt::format("NATS: expected a number, found {}", text.substr(0, 64)));
  }
  return number;
}

}  // namespace

NatsClient::NatsClient(Poller& poller, std::uint16_t port, const Joining& joining, std::string prefix)
    : TcpClient(poller, port), joining_(joining), prefix_(std::move(prefix)) {
  send(kConnect);
}

void NatsClient::subscribe(std::string_view subject, int subscription) {
  send(fmt::format("SUB {} {}\r\nPING\r\n", subject, subscription));
}

void NatsClient::publish(std::string_view subject, std::string_view reply, std::string_view payload) {
  std::array<char, 1024> message;
  const auto end = fmt::format_to_n(message.data(), message.size(), "PUB {}{}{} {}\r\n{}\r\n", subject,
                                    reply.empty() ? "" : " ", reply, payload.size(), payload);
  send({message.data(), end.size});
}

void NatsClient::write(int slider, double value) {
  std::array<char, 64> subject;
  std::array<char, 32> payload;
  const auto subject_end = fmt::format_to_n(subject.data(), subject.size(), "{}{}", prefix_, slider);
  const auto payload_end = fmt::format_to_n(payload.data(), payload.size(), "{}", value);
  publish({subject.data(), subject_end.size}, reply_subject_, {payload.data(), payload_end.size});
}

std::size_t NatsClient::on_bytes(std::string_view bytes) {
  std::size_t taken = 0;
  while (true) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t line_end = rest.find("\r\n");
    if (line_end == std::string_view::npos) return taken;
    const std::string_view line = rest.substr(0, line_end);
    std::size_t used = line_end + 2;
    if (line.starts_with("MSG ") || line.starts_with("HMSG ")) {
      used = take_message(rest, line, line.front() == 'H');
      if (used == 0) return taken;
    } else if (line == "PING") {
      send("PONG\r\n");
    } else if (line == "PONG") {
      on_pong();
    } else if (line.starts_with("-ERR")) {
      throw std::runtime_error(fmt::format("NATS: {}", line));
    }
    taken += used;
  }
}

// MSG subject sid [reply] bytes, or HMSG subject sid [reply] header_bytes bytes; then the payload and a line end.
std::size_t NatsClient::take_message(std::string_view bytes, std::string_view line, bool has_headers) {
  const std::size_t payload_at = line.size() + 2;
  next_word(line);
  const std::string_view subject = next_word(line);
  next_word(line);
  std::string_view words[3];
  std::size_t count = 0;
  while (!line.empty() && count < 3) words[count++] = next_word(line);
  const std::size_t expected = has_headers ? 2 : 1;
  const std::string_view reply = count > expected ? words[0] : std::string_view();
  const auto size = to_number<std::size_t>(words[count - 1]);
  if (bytes.size() < payload_at + size + 2) return 0;
  std::string_view payload = bytes.substr(payload_at, size);
  if (has_headers) {
    const auto header_size = to_number<std::size_t>(words[count - 2]);
    if (header_size == size) {
      on_status(reply, payload);
      return payload_at + size + 2;
    }
    payload.remove_prefix(header_size);
  }
  if (!subject.starts_with(prefix_)) {
    on_other(subject, payload);
  } else if (joining_.listener) {
    joining_.listener->on_value(joining_.observer, to_number<int>(subject.substr(prefix_.size())),
                                to_number<double>(payload));
  }
  return payload_at + size + 2;
}

void NatsClient::on_other(std::string_view, std::string_view) {}
void NatsClient::on_status(std::string_view, std::string_view) {}

std::string nats_request(std::uint16_t port, std::string_view subject, std::string_view payload) {
  const std::string request = fmt::format("{}SUB _INBOX.bench 1\r\nPUB {} _INBOX.bench {}\r\n{}\r\n", kConnect, subject,
                                          payload.size(), payload);
  const std::string answer = ask(port, request, "MSG _INBOX.bench");
  return answer.substr(answer.find("MSG _INBOX.bench"));
}

}  // namespace ndcast::bench
