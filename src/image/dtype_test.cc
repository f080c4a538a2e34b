#include "image/dtype.h"

#include <cmath>

#include "image/testing.h"

namespace ndcast::image {
namespace {

TEST(DTypeNames, ReadBackAndSizes) {
  for (int i = 0; i <= static_cast<int>(DType::Float64); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(to_string(dtype)), dtype);
    EXPECT_EQ(visit_dtype(dtype, [](auto zero) { return sizeof zero; }), byte_size(dtype)) << to_string(dtype);
  }
  EXPECT_FALSE(dtype_from_name("complex64"));
}

// IEEE 754-2019 binary16 from its fields, in double arithmetic.
double half_by_definition(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double fraction = (bits & 1023) / 1024.0;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

TEST(Half, EveryValueConverts) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const double expected = half_by_definition(half);
    const auto value = static_cast<double>(static_cast<float>(Half{half}));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
    } else {
      EXPECT_EQ(value, expected) << bits;
      EXPECT_EQ(std::signbit(value), std::signbit(expected)) << bits;
    }
  }
}

TEST(ValueAsDouble, ReadsUnaligned) {
  const Bytes bytes = testing::bytes_of<std::uint8_t>({0, 0xff, 0xff, 0x34, 0x12});
  EXPECT_EQ(value_as_double(DType::Int16, bytes.data() + 1), -1);
  EXPECT_EQ(value_as_double(DType::UInt16, bytes.data() + 3), 0x1234);
}

}  // namespace
}  // namespace ndcast::image
