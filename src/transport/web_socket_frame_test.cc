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

struct Heard final : MessageSink {
  void on_message(bool is_text, std::string_view payload) override {
    messages.push_back((is_text ? "text " : "binary ") + std::string(payload));
    if (stops) stops->stop();
  }
  std::vector<std::string> messages;
  FrameReader* stops = nullptr;
};

/// Code of the close frame among the answers; 0 without one.
int close_code_of(const std::string& answers) {
  const std::size_t at = answers.find('\x88');
  if (at == std::string::npos) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(answers[at + i]); };
  return byte(1) < 2 ? 1005 : byte(2) << 8 | byte(3);
}

class FrameReaderTest : public testing::Test {
 protected:
  /// What is answered.
  std::string take(const std::string& bytes) {
    reader_.take(bytes);
    return reader_.take_answers();
  }
  Heard heard_;
  FrameReader reader_{1000, heard_};
};

TEST_F(FrameReaderTest, WholeMessagesInOneReadAndByteByByte) {
  const std::string bytes = frame(kFin | 1, "one") + frame(kFin | 2, std::string(300, 'x')) + frame(kFin | 1, "");
  EXPECT_EQ(take(bytes), "");
  for (const char byte : bytes) EXPECT_EQ(take(std::string(1, byte)), "");
  const std::string two = "binary " + std::string(300, 'x');
  EXPECT_THAT(heard_.messages, ElementsAre("text one", two, "text ", "text one", two, "text "));
}

TEST_F(FrameReaderTest, FragmentsWithAControlFrameBetweenThem) {
  EXPECT_EQ(take(frame(1, "gr") + frame(kFin | 9, "p") + frame(0, "\xc3") + frame(kFin | 0, "\xbcn")), "\x8a\x01p")
      << "a pong";
  EXPECT_THAT(heard_.messages, ElementsAre("text gr\xc3\xbcn"));
}

TEST_F(FrameReaderTest, ViolationsNameTheirCode) {
  const auto code_of = [](const std::string& bytes) {
    Heard heard;
    FrameReader reader(1000, heard);
    reader.take(bytes);
    EXPECT_THAT(heard.messages, testing::IsEmpty());
    EXPECT_TRUE(reader.is_deaf());
    const int code = close_code_of(reader.take_answers());
    EXPECT_TRUE(reader.said_close());
    return code;
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
  EXPECT_EQ(code_of(std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\2\3\4", 14)), 1002) << "2^64 - 1 bytes";
  EXPECT_EQ(code_of(frame(kFin | 8, "x")), 1005) << "half a close code: closed as if there was none";
  EXPECT_EQ(code_of(frame(kFin | 8, "\x03\xed")), 1002) << "1005 is never sent";
  EXPECT_EQ(code_of(frame(kFin | 8, "\x03\xe8\xff")), 1007) << "a reason that is not UTF-8";
}

TEST_F(FrameReaderTest, AControlFrameIsJudgedWhenItIsWhole) {
  const std::string bad_reason = frame(kFin | 8, "\x03\xe8 \xff and more");
  EXPECT_EQ(take(frame(kFin | 9, "ping").substr(0, 7)), "");
  EXPECT_EQ(take(frame(kFin | 9, "ping").substr(7) + frame(kFin | 1, "hi")), "\x8a\x04ping");
  EXPECT_THAT(heard_.messages, ElementsAre("text hi"));
  EXPECT_EQ(take(bad_reason.substr(0, bad_reason.size() - 1)), "");
  EXPECT_FALSE(reader_.peer_closed());
  EXPECT_EQ(close_code_of(take(bad_reason.substr(bad_reason.size() - 1))), 1007);

  FrameReader byte_by_byte(1000, heard_);
  for (const char byte : bad_reason) byte_by_byte.take(std::span(&byte, 1));
  EXPECT_EQ(close_code_of(byte_by_byte.take_answers()), 1007) << "a reason that is not UTF-8";
}

TEST_F(FrameReaderTest, APingBeforeAViolationIsAnswered) {
  EXPECT_EQ(take(frame(kFin | 9, "p") + frame(kFin | 3, "x")), std::string("\x8a\x01p\x88\x02\x03\xea"));
}

TEST_F(FrameReaderTest, AMessageOfTheLimitPasses) {
  EXPECT_EQ(take(frame(kFin | 2, std::string(1000, 'x'))), "");
  EXPECT_EQ(take(frame(2, std::string(500, 'x')) + frame(kFin | 0, std::string(500, 'y'))), "");
  EXPECT_EQ(heard_.messages.size(), 2U);
}

TEST_F(FrameReaderTest, APeersCloseIsEchoedOnceAndEndsIt) {
  const std::string bye = std::string("\x03\xe9") + "bye";
  EXPECT_FALSE(reader_.peer_closed());
  EXPECT_EQ(close_code_of(take(frame(kFin | 8, bye) + frame(kFin | 1, "late"))), 1001);
  EXPECT_TRUE(reader_.peer_closed());
  EXPECT_TRUE(reader_.is_deaf());
  reader_.close(1000, "");
  EXPECT_EQ(reader_.take_answers(), "") << "one close frame is all there is";
  EXPECT_THAT(heard_.messages, testing::IsEmpty());
}

TEST_F(FrameReaderTest, AnOwnCloseWaitsForThePeers) {
  reader_.close(1013, "later");
  EXPECT_EQ(reader_.take_answers(), std::string("\x88\x07\x03\xf5") + "later");
  EXPECT_TRUE(reader_.said_close());
  EXPECT_FALSE(reader_.is_deaf());
  EXPECT_EQ(take(frame(kFin | 8, "\x03\xf5")), "");
  EXPECT_TRUE(reader_.peer_closed());
}

TEST_F(FrameReaderTest, PingsWhenAsked) {
  reader_.ping();
  EXPECT_EQ(reader_.take_answers(), std::string("\x89\0", 2));
  EXPECT_EQ(take(frame(kFin | 10, "")), "");
}

TEST_F(FrameReaderTest, WhoIsStoppedHearsNothingMore) {
  heard_.stops = &reader_;
  take(frame(kFin | 1, "one") + frame(kFin | 1, "two"));
  EXPECT_THAT(heard_.messages, ElementsAre("text one"));
}

TEST(FrameHeader, HasTheThreeLengths) {
  const auto text = [](std::size_t payload) {
    const FrameHeader header(true, payload);
    return std::string(header.bytes.data(), header.size);
  };
  EXPECT_EQ(text(5), "\x81\x05");
  EXPECT_EQ(FrameHeader(false, 5).bytes[0], '\x82');
  EXPECT_EQ(text(126), std::string("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(text(65'536), std::string("\x81\x7f\0\0\0\0\0\1\0\0", 10));
}

TEST(AcceptKey, IsThatOfTheRfc) { EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

}  // namespace
}  // namespace ndcast::transport
