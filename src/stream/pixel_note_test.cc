#include "stream/pixel_note.h"

#include <gtest/gtest.h>

namespace ndcast::stream {
namespace {

TEST(PixelNote, WP22_PresentedAndVisible) {
  const auto presented =
      parse_pixel_note(R"({"type":"presented","seq":4294967295,"decode_ms":2.5,"present_ms":9,"x":1})");
  ASSERT_TRUE(presented.has_value());
  EXPECT_EQ(std::get<PresentedNote>(*presented).seq, 4294967295u);
  EXPECT_EQ(std::get<PresentedNote>(*presented).decode_ms, 2.5);
  EXPECT_EQ(std::get<PresentedNote>(*presented).present_ms, 9);
  const auto visible = parse_pixel_note(R"({"type":"visible","value":false})");
  ASSERT_TRUE(visible.has_value());
  EXPECT_FALSE(std::get<VisibleNote>(*visible).visible);
}

TEST(PixelNote, WP38_Strip) {
  const auto strip = parse_pixel_note(R"({"type":"strip","seq":7})");
  ASSERT_TRUE(strip.has_value());
  EXPECT_EQ(std::get<StripNote>(*strip).seq, 7u);
  EXPECT_EQ(parse_pixel_note(R"({"type":"strip"})").error().message,
            "strip.seq is absent (a frame's 32-bit number expected)");
}

TEST(PixelNote, WP22_RefusesAnythingElse) {
  for (const char* bad :
       {"", "[]", "3", "{", R"({"type":7})", R"({"type":"presented"})", R"({"type":"other"})",
        R"({"type":"presented","seq":-1,"decode_ms":0,"present_ms":0})",
        R"({"type":"presented","seq":4294967296,"decode_ms":0,"present_ms":0})",
        R"({"type":"presented","seq":1.5,"decode_ms":0,"present_ms":0})",
        R"({"type":"presented","seq":1,"decode_ms":-1,"present_ms":0})",
        R"({"type":"presented","seq":1,"decode_ms":1e308,"present_ms":0})",
        R"({"type":"presented","seq":1,"decode_ms":"1","present_ms":0})", R"({"type":"visible","value":1})",
        R"({"type":"visible"})", R"({"type":"visible","value":{"a":{"b":{"c":{"d":1}}}}})"}) {
    EXPECT_FALSE(parse_pixel_note(bad).has_value()) << bad;
  }
  EXPECT_EQ(parse_pixel_note(std::string(2000, ' ')).error().code, ErrorCode::Limit);
  EXPECT_EQ(parse_pixel_note(R"({"type":"visible","value":1})").error().message,
            "visible.value is 1 (true or false expected)");
}

}  // namespace
}  // namespace ndcast::stream
