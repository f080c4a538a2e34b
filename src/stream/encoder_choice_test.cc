#include "stream/encoder_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stream/encoder.h"

namespace ndcast::stream {
namespace {

using testing::HasSubstr;

TEST(EncoderChoice, AutoTakesTheFirstThatWorksAndSaysWhy) {
  const auto choice = choose_encoder("auto");
  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(choice->name, encoder_kinds().front().name);
  EXPECT_THAT(choice->reason, HasSubstr("720p keyframe"));
}

TEST(EncoderChoice, WhoIsAskedForByNameIsTaken) {
  for (const EncoderKind& kind : encoder_kinds()) {
    const auto choice = choose_encoder(kind.name);
    ASSERT_TRUE(choice.has_value()) << kind.name;
    EXPECT_EQ(choice->name, kind.name);
    EXPECT_EQ(makes_video(kind.name), !is_image_codec(kind.codec));
  }
}

TEST(EncoderChoice, AnEncoderThatIsMissingIsAnErrorThatListsThoseThatAreThere) {
  const auto choice = choose_encoder("nvenc");
  ASSERT_FALSE(choice.has_value());
  EXPECT_THAT(choice.error().message, HasSubstr("no encoder 'nvenc' in this build"));
  EXPECT_THAT(choice.error().message, HasSubstr(std::string(encoder_kinds().front().name)));
  EXPECT_FALSE(makes_video("nvenc"));
}

}  // namespace
}  // namespace ndcast::stream
