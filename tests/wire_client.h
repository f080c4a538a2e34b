#pragma once
// The program under test and a blocking client for it that can say anything, right or wrong: for tests that look at
// ndcast from outside.
//
//   Program server({"image.ome.zarr", "--port", "0"});
//   Wire wire(server.port());
//   wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
//   EXPECT_EQ(wire.read_header().substr(9, 3), "200");

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace ndcast::testing {

inline constexpr auto kPatience = std::chrono::seconds(20);

/// `ndcast serve ARGUMENTS`, until this is gone. Its log goes to a file that log() reads.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }
  /// Resident memory in KiB.
  std::size_t memory_kib() const;
  std::string log() const;
  bool is_running() const;

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  std::string token_;
  std::string log_file_;
};

class Wire {
 public:
  /// A small receive buffer (0: the system's) makes a slow reader felt at once.
  explicit Wire(std::uint16_t port, int receive_buffer_bytes = 0);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// False once the server does not take it.
  bool send(std::string_view bytes);
  /// Through the empty line; what came before the end otherwise.
  std::string read_header(std::chrono::milliseconds patience = kPatience);
  /// Until the server closes; true when it did in time.
  bool read_to_end(std::string& out, std::chrono::milliseconds patience = kPatience);
  /// Header and, with Content-Length, body of a whole HTTP exchange.
  std::string exchange(std::string_view request);

  /// Status of the answer; 101 means that frames may be sent.
  int upgrade(std::string_view target, std::string_view headers = "", std::string_view host = "localhost");
  bool send_frame(int opcode, std::string_view payload);
  bool send_text(std::string_view text) { return send_frame(1, text); }
  /// The next text message; nothing once the socket is closed, then close_code() says why.
  std::optional<std::string> next_text(std::chrono::milliseconds patience = kPatience);
  std::uint16_t close_code() const { return close_code_; }
  /// Takes at most so many bytes off the socket, for next_text() to find later; false once it is closed.
  bool sip(std::size_t bytes);

 private:
  bool receive(std::chrono::steady_clock::time_point end);
  int socket_ = -1;
  std::string received_;
  std::uint16_t close_code_ = 0;
};

}  // namespace ndcast::testing
