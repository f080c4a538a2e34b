#include "transport/http.h"

#include <gtest/gtest.h>

namespace ndcast::transport {
namespace {

TEST(HttpTarget, DecodesPathAndQuery) {
  const auto target = parse_http_target("/a%20b/c+d?room=x%26y&name=a+b&flag&=v&&room=2");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, "/a b/c+d");
  const NameValues expected = {{"room", "x&y"}, {"name", "a b"}, {"flag", ""}, {"", "v"}, {"room", "2"}};
  EXPECT_EQ(target->query, expected);
}

TEST(HttpTarget, RefusesWhatIsNotAPath) {
  for (const char* bad : {"", "*", "http://host/", "/%", "/%4", "/%zz", "/a%00b", "/?a=%f"}) {
    EXPECT_FALSE(parse_http_target(bad).has_value()) << bad;
  }
  for (const char byte : {'\0', '\n', ' ', '\x7f'}) {
    EXPECT_FALSE(parse_http_target(std::string("/a") + byte)) << static_cast<int>(byte);
  }
  EXPECT_NE(parse_http_target("/x%4").error().message.find("'%4'"), std::string::npos);
}

TEST(HttpRequest, LooksUpHeadersWithoutCaseAndParametersWithIt) {
  HttpRequest request;
  request.headers = {{"Content-Type", "a"}, {"host", "h"}, {"HOST", "i"}};
  request.query = {{"room", "r"}};
  EXPECT_EQ(request.header("content-type"), "a");
  EXPECT_EQ(request.header("Host"), "h");
  EXPECT_EQ(request.header_count("host"), 2u);
  EXPECT_EQ(request.header("missing"), std::nullopt);
  EXPECT_EQ(request.parameter("room"), "r");
  EXPECT_EQ(request.parameter("Room"), std::nullopt);
}

}  // namespace
}  // namespace ndcast::transport
