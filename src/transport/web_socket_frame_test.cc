// RFC 6455 frames, the server's side.

#include "transport/web_socket_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::transport {
namespace {

using testing::ElementsAre;

/// A client's frame with the mask 1, 2, 3, 4.
std::string frame(int first_byte, std::string_view payload) {
  std::string out = {static_cast<char>(first_byte)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  for (char byte = 1; byte <= 4; ++byte) out += byte;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ static_cast<char>(1 + i % 4));
  return out;
}

constexpr int kFin = 0x80;

struct Heard final : FrameSink {
  bool on_message(bool is_text, std::string_view payload) override {
    messages.push_back((is_text ? "text " : "binary ") + std::string(payload));
    return !stops;
  }
  bool on_ping(std::string_view payload) override {
    messages.push_back("ping " + std::string(payload));
    return true;
  }
  bool on_pong() override {
    messages.emplace_back("pong");
    return true;
  }
  bool on_close_frame(std::uint16_t code, std::string_view reason) override {
    messages.push_back("close " + std::to_string(code) + " " + std::string(reason));
    return false;
  }
  std::vector<std::string> messages;
  bool stops = false;
};

class FrameReaderTest : public testing::Test {
 protected:
  /// 0, or the code of the violation.
  int take(std::string bytes) {
    const auto fine = reader_.take(bytes, heard_);
    return fine ? 0 : fine.error().code;
  }
  FrameReader reader_{1000};
  Heard heard_;
};

TEST_F(FrameReaderTest, WholeMessagesInOneReadAndByteByByte) {
  const std::string bytes = frame(kFin | 1, "one") + frame(kFin | 2, std::string(300, 'x')) + frame(kFin | 1, "");
  EXPECT_EQ(take(bytes), 0);
  for (const char byte : bytes) EXPECT_EQ(take(std::string(1, byte)), 0);
  const std::string two = "binary " + std::string(300, 'x');
  EXPECT_THAT(heard_.messages, ElementsAre("text one", two, "text ", "text one", two, "text "));
}

TEST_F(FrameReaderTest, FragmentsWithAControlFrameBetweenThem) {
  EXPECT_EQ(take(frame(1, "gr") + frame(kFin | 9, "p") + frame(0, "\xc3") + frame(kFin | 0, "\xbcn")), 0);
  EXPECT_THAT(heard_.messages, ElementsAre("ping p", "text gr\xc3\xbcn"));
}

TEST_F(FrameReaderTest, ViolationsNameTheirCode) {
  const auto code_of = [](std::string bytes) {
    FrameReader reader(1000);
    Heard heard;
    const auto fine = reader.take(bytes, heard);
    EXPECT_THAT(heard.messages, testing::IsEmpty());
    return fine ? 0 : static_cast<int>(fine.error().code);
  };
  EXPECT_EQ(code_of(frame(kFin | 0x40 | 1, "x")), 1002) << "a reserved bit";
  EXPECT_EQ(code_of(frame(kFin | 3, "x")), 1002) << "an unknown opcode";
  EXPECT_EQ(code_of(std::string("\x81\x01x", 3)), 1002) << "no mask";
  EXPECT_EQ(code_of(frame(9, "x")), 1002) << "a fragmented ping";
  EXPECT_EQ(code_of(frame(kFin | 9, std::string(126, 'x'))), 1002) << "a long ping";
  EXPECT_EQ(code_of(frame(kFin | 0, "x")), 1002) << "nothing to continue";
  EXPECT_EQ(code_of(frame(1, "x") + frame(kFin | 1, "y")), 1002) << "an unfinished message";
  EXPECT_EQ(code_of(frame(kFin | 1, "\xff")), 1007) << "no UTF-8";
  EXPECT_EQ(code_of(frame(1, std::string(600, 'x')) + frame(0, std::string(401, 'x'))), 1009) << "1001 bytes";
  EXPECT_EQ(code_of(frame(kFin | 1, std::string(70'000, 'x')).substr(0, 20)), 1009) << "announced, not yet sent";
  EXPECT_EQ(code_of(std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\2\3\4", 14)), 1009) << "2^64 - 1 bytes";
  EXPECT_EQ(code_of(frame(kFin | 8, "x")), 1002) << "half a close code";
  EXPECT_EQ(code_of(frame(kFin | 8, "\x03\xed")), 1002) << "1005 is never sent";
  EXPECT_EQ(code_of(frame(kFin | 8, "\x03\xe8\xff")), 1007) << "a reason that is not UTF-8";
}

TEST_F(FrameReaderTest, AMessageOfTheLimitPasses) {
  EXPECT_EQ(take(frame(kFin | 2, std::string(1000, 'x'))), 0);
  EXPECT_EQ(take(frame(2, std::string(500, 'x')) + frame(kFin | 0, std::string(500, 'y'))), 0);
  EXPECT_EQ(heard_.messages.size(), 2U);
}

TEST_F(FrameReaderTest, CloseSaysWhyAndEndsIt) {
  EXPECT_EQ(take(frame(kFin | 8,
                       "\x03\xe9"
                       "bye") +
                 frame(kFin | 1, "late")),
            0);
  EXPECT_THAT(heard_.messages, ElementsAre("close 1001 bye"));
  EXPECT_EQ(take(frame(kFin | 8, "")), 0);
  EXPECT_EQ(heard_.messages.back(), "close 1005 ");
}

TEST_F(FrameReaderTest, WhoIsStoppedHearsNothingMore) {
  heard_.stops = true;
  EXPECT_EQ(take(frame(kFin | 1, "one") + frame(kFin | 1, "two")), 0);
  EXPECT_THAT(heard_.messages, ElementsAre("text one"));
}

TEST(FrameHeader, HasTheThreeLengths) {
  const auto text = [](std::size_t payload) {
    const FrameHeader header(FrameOpcode::Text, payload);
    return std::string(header.bytes.data(), header.size);
  };
  EXPECT_EQ(text(5), "\x81\x05");
  EXPECT_EQ(text(126), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(text(65'536), std::string("\x81\x7f\0\0\0\0\0\1\0\0", 10));
}

TEST(AcceptKey, IsThatOfTheRfc) { EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

}  // namespace
}  // namespace ndcast::transport
