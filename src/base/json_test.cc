#include "base/json.h"

#include <bit>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace ndcast {
namespace {

TEST(Json, DoublesReadBackTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const Result<Json> back = parse_json(to_string(Json(value)));
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*back->as_double()), std::bit_cast<std::uint64_t>(value))
        << to_string(Json(value));
  }
}

TEST(Json, KeepsTheKindOfANumber) {
  const Result<Json> value = parse_json("[2, 2.0, 18446744073709551615, -1, true]");
  ASSERT_TRUE(value);
  const Json::Array& elements = value->array();
  EXPECT_TRUE(elements[0].is_integer());
  EXPECT_FALSE(elements[1].is_integer());
  EXPECT_EQ(elements[1].as_int64(), 2);
  EXPECT_EQ(elements[1].as_integer_literal(), std::nullopt);
  EXPECT_EQ(elements[2].as_uint64(), UINT64_MAX);
  EXPECT_EQ(elements[3].as_uint64(), std::nullopt);
  EXPECT_EQ(elements[4].as_int64(), std::nullopt) << "booleans are not integers";
  EXPECT_EQ(to_string(*value), "[2,2.0,18446744073709551615,-1,true]");
}

TEST(Json, RefusesWhatIsNotOneDocument) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1 2", "\"\xff\"", "nul", "{\"a\":NaN}", "[1e400]"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Json, LimitsDepthAndElements) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  EXPECT_EQ(parse_json(deep, {.max_depth = 16}).error().code, ErrorCode::Limit);
  EXPECT_TRUE(parse_json(deep));
  EXPECT_EQ(parse_json("[1,2,3,4]", {.max_elements = 3}).error().code, ErrorCode::Limit);
  EXPECT_EQ(parse_json("[1,2,3,4]", {.max_bytes = 3}).error().code, ErrorCode::Limit);
  const std::string bomb = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_FALSE(parse_json(bomb, {.max_depth = 16}));
}

TEST(Json, EqualityIgnoresOrderAndKindOfNumber) {
  EXPECT_EQ(*parse_json(R"({"a":1,"b":[2.0]})"), *parse_json(R"({"b":[2],"a":1.0})"));
  EXPECT_NE(*parse_json(R"({"a":1})"), *parse_json(R"({"a":1,"b":null})"));
  EXPECT_NE(*parse_json("9223372036854775807"), *parse_json("9223372036854775808"));
}

TEST(Json, EscapesControlCharacters) {
  EXPECT_EQ(to_string(Json(std::string("a\"\\\n\x01é", 7))), "\"a\\\"\\\\\\n\\u0001é\"");
}

}  // namespace
}  // namespace ndcast
