#include "image/fill_value.h"

#include <cmath>

#include "image/testing.h"

namespace ndcast::image {
namespace {

template <class T>
T filled(std::string_view json, DType dtype) {
  const auto bytes = parse_fill_value(*parse_json(json), dtype, "fill");
  EXPECT_TRUE(bytes) << json << ": " << (bytes ? "" : bytes.error().message);
  return bytes ? testing::values_of<T>(*bytes)[0] : T{};
}

TEST(FillValue, IntegersKeepAllBits) {
  EXPECT_EQ(filled<std::uint64_t>("18446744073709551615", DType::UInt64), UINT64_MAX);
  EXPECT_EQ(filled<std::int64_t>("-9223372036854775808", DType::Int64), INT64_MIN);
  EXPECT_EQ(filled<std::uint8_t>("3.0", DType::UInt8), 3);
  EXPECT_EQ(filled<std::int16_t>("\"-3\"", DType::Int16), -3);
  EXPECT_EQ(filled<std::uint8_t>("true", DType::Bool), 1);
  EXPECT_EQ(filled<std::uint32_t>("null", DType::UInt32), 0U);
}

TEST(FillValue, FloatsTakeNamesAndExactBits) {
  EXPECT_TRUE(std::isnan(filled<float>("\"NaN\"", DType::Float32)));
  EXPECT_EQ(filled<double>("\"-Infinity\"", DType::Float64), -INFINITY);
  EXPECT_EQ(filled<std::uint32_t>("\"0x7fc00001\"", DType::Float32), 0x7fc00001U);
  EXPECT_EQ(filled<std::uint16_t>("\"0x7e01\"", DType::Float16), 0x7e01U);
  EXPECT_EQ(filled<float>("\"1e3\"", DType::Float32), 1000.0F);
}

TEST(FillValue, OtherWritersSpellings) {
  EXPECT_TRUE(std::isnan(filled<float>("\"nan\"", DType::Float32)));
  EXPECT_EQ(filled<float>("\"inf\"", DType::Float32), INFINITY);
  EXPECT_EQ(filled<double>("\"-inf\"", DType::Float64), -INFINITY);
  // xarray's _FillValue: base64 of the element.
  EXPECT_TRUE(std::isnan(filled<double>("\"AAAAAAAA+H8=\"", DType::Float64)));
  EXPECT_EQ(filled<std::uint16_t>("\"AgE=\"", DType::UInt16), 0x0102);
  EXPECT_EQ(filled<std::uint8_t>("\"/w==\"", DType::UInt8), 255);
}

TEST(FillValue, HalvesRoundToNearestEven) {
  // 1 + 2^-11 lies halfway between two halves; 1 + 3·2^-11 too. Then the smallest subnormal, half of it, the limits.
  EXPECT_EQ(filled<std::uint16_t>("1.00048828125", DType::Float16), 0x3c00);
  EXPECT_EQ(filled<std::uint16_t>("1.00146484375", DType::Float16), 0x3c02);
  EXPECT_EQ(filled<std::uint16_t>("5.960464477539063e-08", DType::Float16), 0x0001);
  EXPECT_EQ(filled<std::uint16_t>("2.9802322387695312e-08", DType::Float16), 0x0000);
  EXPECT_EQ(filled<std::uint16_t>("65504", DType::Float16), 0x7bff);
  EXPECT_EQ(filled<std::uint16_t>("65520", DType::Float16), 0x7c00);
  EXPECT_EQ(filled<std::uint16_t>("-0.0", DType::Float16), 0x8000);
  for (std::uint16_t bits = 0; bits < 0x7c00; ++bits) {
    const auto text = fmt::format("{}", static_cast<double>(static_cast<float>(Half{bits})));
    ASSERT_EQ(filled<std::uint16_t>(text, DType::Float16), bits);
  }
}

TEST(FillValue, RefusesWhatDoesNotFit) {
  const std::pair<std::string_view, DType> cases[] = {{"256", DType::UInt8},
                                                      {"-1", DType::UInt16},
                                                      {"0.5", DType::Int32},
                                                      {"2", DType::Bool},
                                                      {"\"abc\"", DType::UInt8},
                                                      {"\"NaN\"", DType::Int32},
                                                      {"[0]", DType::Float32},
                                                      {"\"AgE=\"", DType::UInt8},
                                                      {"\"/w==\"", DType::Bool},
                                                      {"\"0x7f\"", DType::Float32},
                                                      {"18446744073709551616.0", DType::UInt64}};
  for (const auto& [json, dtype] : cases) {
    const Error error = testing::error_of(parse_fill_value(*parse_json(json), dtype, "a: \"fill_value\""));
    EXPECT_EQ(error.code, ErrorCode::Invalid) << json;
    EXPECT_TRUE(error.message.starts_with("a: \"fill_value\" is ")) << error.message;
    EXPECT_NE(error.message.find(to_string(dtype)), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace ndcast::image
