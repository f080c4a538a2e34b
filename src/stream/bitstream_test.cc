#include "stream/bitstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::stream::h264 {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

std::vector<std::byte> copy(Nal nal) { return {nal.begin(), nal.end()}; }

TEST(AnnexB, SplitsAtBothStartCodesAndDropsTrailingZeros) {
  const auto stream = bytes({0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 9, 0, 0});
  const auto nals = split_annex_b(stream);
  ASSERT_EQ(nals.size(), 3u);
  EXPECT_EQ(copy(nals[0]), bytes({0x67, 1, 2}));
  EXPECT_EQ(copy(nals[1]), bytes({0x68, 3}));
  EXPECT_EQ(copy(nals[2]), bytes({0x65, 0, 0, 3, 1, 9}));
  EXPECT_TRUE(split_annex_b(bytes({})).empty());
  EXPECT_TRUE(split_annex_b(bytes({1, 2, 3})).empty());
  EXPECT_TRUE(split_annex_b(bytes({0, 0, 1, 0, 0, 1})).empty());
}

TEST(Avcc, RoundTripsWithFourByteLengths) {
  const auto first = bytes({0x65, 1});
  const std::vector<std::byte> second(300, std::byte{0x41});
  const auto payload = nals_to_avcc(std::vector<Nal>{first, second});
  ASSERT_EQ(payload.size(), 4 + 2 + 4 + 300u);
  EXPECT_EQ(copy(Nal(payload).first(6)), bytes({0, 0, 0, 2, 0x65, 1}));
  EXPECT_EQ(copy(Nal(payload).subspan(6, 4)), bytes({0, 0, 1, 44}));
  const auto nals = split_avcc(payload);
  ASSERT_TRUE(nals.has_value());
  ASSERT_EQ(nals->size(), 2u);
  EXPECT_EQ(copy((*nals)[1]), second);
}

TEST(Avcc, RefusesLengthsThatDoNotFit) {
  for (const auto& bad :
       {bytes({0, 0, 0}), bytes({0, 0, 0, 0}), bytes({0, 0, 0, 2, 1}), bytes({255, 255, 255, 255, 1})}) {
    EXPECT_FALSE(split_avcc(bad).has_value());
  }
  EXPECT_EQ(split_avcc(bytes({0, 0, 0, 2, 1})).error().message, "a NAL unit says that it has 2 bytes; 1 follow");
}

TEST(Nal, TypesAreThoseOfH264Only) {
  // 0x41, an H.264 slice, would be a parameter set if it were HEVC.
  EXPECT_EQ(nal_type(bytes({0x41})), NalType::Slice);
  EXPECT_EQ(nal_type(bytes({0x27})), NalType::Sps);
  EXPECT_EQ(nal_type(bytes({0x67})), NalType::Sps);
  const auto slice = bytes({0x41, 1});
  const auto idr = bytes({0x65, 1});
  EXPECT_FALSE(has_idr(std::vector<Nal>{slice}));
  EXPECT_TRUE(has_idr(std::vector<Nal>{slice, idr}));
}

TEST(AvccRecord, HasTheLayoutOfTheOriginal) {
  const auto sps = bytes({0x67, 0x64, 0x00, 0x28, 0xAC});
  const auto pps = bytes({0x68, 0xEE});
  const auto sei = bytes({0x06, 0x05});
  const auto record = make_avcc_record(std::vector<Nal>{sei, sps, pps});
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(*record, bytes({1, 0x64, 0x00, 0x28, 0xFF, 0xE1, 0, 5, 0x67, 0x64, 0x00, 0x28, 0xAC, 1, 0, 2, 0x68, 0xEE}));
  EXPECT_EQ(codec_string_of_sps(sps), "avc1.640028");
  EXPECT_FALSE(make_avcc_record(std::vector<Nal>{sps}).has_value());
  EXPECT_FALSE(make_avcc_record(std::vector<Nal>{pps}).has_value());
  EXPECT_FALSE(codec_string_of_sps(pps).has_value());
  EXPECT_FALSE(codec_string_of_sps(bytes({0x67, 1, 2})).has_value());
}

}  // namespace
}  // namespace ndcast::stream::h264
