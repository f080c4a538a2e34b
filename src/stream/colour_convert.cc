#include "stream/colour_convert.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stream/colour_convert.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ndcast::stream::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Fixed point, once as scalars and once as vectors of 16-bit lanes, with equal results.
//
// Luma: 219/255 · (0.2126, 0.7152, 0.0722) in 1/65536; a channel in 8.8 times such a coefficient, high half kept, is
// its part of Y in 8.8. Chroma: 224/255/1.8556 · (−0.2126, −0.7152, 0.9278) and 224/255/1.5748 ·
// (0.7874, −0.7152, −0.0722); the sum of four channel values times 32 (at most 32640) times such a coefficient, high
// half kept, is its part of Cb or Cr in 1/128.
inline constexpr std::uint32_t kLuma[3] = {11966, 40254, 4064};
inline constexpr int kCb[3] = {-6596, -22189, 28784};
inline constexpr int kCr[3] = {28784, -26145, -2639};
inline constexpr std::uint32_t kLumaBias = 16 * 256 + 128;
inline constexpr int kChromaBias = 128 * 128 + 64;

inline std::uint8_t luma(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
  // Full green takes all 32 bits.
  const std::uint32_t sum = (r * 256 * kLuma[0] >> 16) + (g * 256 * kLuma[1] >> 16) + (b * 256 * kLuma[2] >> 16);
  return static_cast<std::uint8_t>((sum + kLumaBias) >> 8);
}

/// `r4, g4, b4`: sums over four pixels.
inline std::uint8_t chroma(const int (&k)[3], int r4, int g4, int b4) {
  const int sum = (r4 * 32 * k[0] >> 16) + (g4 * 32 * k[1] >> 16) + (b4 * 32 * k[2] >> 16);
  return static_cast<std::uint8_t>((sum + kChromaBias) >> 7);
}

/// One 2 × 2 block; at an odd edge the missing pixels are the existing ones again, which leaves the mean as it is.
inline void convert_block(const RgbaView& in, I420Picture& out, int x, int y) {
  int sums[3] = {0, 0, 0};
  for (int dy = 0; dy < 2; ++dy) {
    const int row = std::min(y + dy, in.height - 1);
    for (int dx = 0; dx < 2; ++dx) {
      const int column = std::min(x + dx, in.width - 1);
      const std::uint8_t* p = in.data + static_cast<std::size_t>(row) * in.stride_bytes + column * 4;
      out.y[static_cast<std::size_t>(row) * out.width + column] = luma(p[0], p[1], p[2]);
      for (int c = 0; c < 3; ++c) sums[c] += p[c];
    }
  }
  const std::size_t at = static_cast<std::size_t>(y / 2) * out.chroma_width() + x / 2;
  out.u[at] = chroma(kCb, sums[0], sums[1], sums[2]);
  out.v[at] = chroma(kCr, sums[0], sums[1], sums[2]);
}

#if HWY_TARGET == HWY_SCALAR

// One lane cannot hold a pair of pixels: blocks all the way.
void convert(const RgbaView& in, I420Picture& out) {
  for (int y = 0; y < in.height; y += 2) {
    for (int x = 0; x < in.width; x += 2) convert_block(in, out, x, y);
  }
}

#else

using Bytes = hn::ScalableTag<std::uint8_t>;
using Words = hn::Repartition<std::uint16_t, Bytes>;
using SignedWords = hn::Repartition<std::int16_t, Bytes>;
using WordVec = hn::Vec<Words>;

/// Converts the lumas of one row's Lanes(Bytes) pixels and adds its horizontal pairs to the chroma sums.
HWY_INLINE void luma_row(const std::uint8_t* HWY_RESTRICT in, std::uint8_t* HWY_RESTRICT out, WordVec (&sums)[3]) {
  const Bytes bytes;
  const Words words;
  hn::Vec<Bytes> channels[4];
  hn::LoadInterleaved4(bytes, in, channels[0], channels[1], channels[2], channels[3]);
  const WordVec low = hn::Set(words, 0x00FF);
  WordVec even = hn::Set(words, kLumaBias);
  WordVec odd = even;
  for (int c = 0; c < 3; ++c) {
    // Lane i of these holds pixel 2i and 2i + 1: no lane ever crosses, and the pairs lie ready for chroma.
    const WordVec pair = hn::BitCast(words, channels[c]);
    const WordVec first = hn::And(pair, low);
    const WordVec second = hn::ShiftRight<8>(pair);
    const WordVec k = hn::Set(words, static_cast<std::uint16_t>(kLuma[c]));
    even = hn::Add(even, hn::MulHigh(hn::ShiftLeft<8>(first), k));
    odd = hn::Add(odd, hn::MulHigh(hn::AndNot(low, pair), k));
    sums[c] = hn::Add(sums[c], hn::Add(first, second));
  }
  hn::StoreU(hn::BitCast(bytes, hn::Or(hn::ShiftRight<8>(even), hn::AndNot(low, odd))), bytes, out);
}

HWY_INLINE void chroma_row(const int (&k)[3], const WordVec (&sums)[3], std::uint8_t* HWY_RESTRICT out) {
  const SignedWords words;
  auto sum = hn::Set(words, kChromaBias);
  for (int c = 0; c < 3; ++c) {
    const auto scaled = hn::BitCast(words, hn::ShiftLeft<5>(sums[c]));
    sum = hn::Add(sum, hn::MulHigh(scaled, hn::Set(words, static_cast<std::int16_t>(k[c]))));
  }
  const hn::Rebind<std::uint8_t, SignedWords> half;
  hn::StoreU(hn::DemoteTo(half, hn::ShiftRight<7>(sum)), half, out);
}

void convert(const RgbaView& in, I420Picture& out) {
  const int lanes = static_cast<int>(hn::Lanes(Bytes()));
  const int vector_width = in.width - in.width % lanes;
  for (int y = 0; y < in.height; y += 2) {
    const std::uint8_t* top = in.data + static_cast<std::size_t>(y) * in.stride_bytes;
    std::uint8_t* luma_top = out.y.data() + static_cast<std::size_t>(y) * out.width;
    const std::size_t chroma_at = static_cast<std::size_t>(y / 2) * out.chroma_width();
    int x = 0;
    for (; x < vector_width && y + 1 < in.height; x += lanes) {
      WordVec sums[3] = {hn::Zero(Words()), hn::Zero(Words()), hn::Zero(Words())};
      luma_row(top + x * 4, luma_top + x, sums);
      luma_row(top + in.stride_bytes + x * 4, luma_top + out.width + x, sums);
      chroma_row(kCb, sums, out.u.data() + chroma_at + x / 2);
      chroma_row(kCr, sums, out.v.data() + chroma_at + x / 2);
    }
    for (; x < in.width; x += 2) convert_block(in, out, x, y);
  }
}

#endif  // HWY_SCALAR

}  // namespace ndcast::stream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ndcast::stream {
namespace {

HWY_EXPORT(convert);

/// One output position between two input samples: index of the first and weight of the second in 1/256.
struct Tap {
  int first = 0;
  int second = 0;
  int weight = 0;
};

std::vector<Tap> taps(int from, int to) {
  std::vector<Tap> out(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double at = std::clamp((i + 0.5) * from / to - 0.5, 0.0, from - 1.0);
    const int first = static_cast<int>(at);
    out[static_cast<std::size_t>(i)] = {first, std::min(first + 1, from - 1),
                                        static_cast<int>(std::lround((at - first) * 256))};
  }
  return out;
}

void scale_plane(const std::vector<std::uint8_t>& in, int in_width, int in_height, std::vector<std::uint8_t>& out,
                 int out_width, int out_height) {
  const std::vector<Tap> columns = taps(in_width, out_width);
  const std::vector<Tap> rows = taps(in_height, out_height);
  std::vector<std::uint16_t> blended(static_cast<std::size_t>(in_width));  // one row in 8.8
  for (int y = 0; y < out_height; ++y) {
    const Tap row = rows[static_cast<std::size_t>(y)];
    const std::uint8_t* first = in.data() + static_cast<std::size_t>(row.first) * in_width;
    const std::uint8_t* second = in.data() + static_cast<std::size_t>(row.second) * in_width;
    for (int x = 0; x < in_width; ++x) {
      blended[x] = static_cast<std::uint16_t>(first[x] * (256 - row.weight) + second[x] * row.weight);
    }
    std::uint8_t* target = out.data() + static_cast<std::size_t>(y) * out_width;
    for (int x = 0; x < out_width; ++x) {
      const Tap column = columns[static_cast<std::size_t>(x)];
      const int value = blended[column.first] * (256 - column.weight) + blended[column.second] * column.weight;
      target[x] = static_cast<std::uint8_t>((value + 32768) >> 16);
    }
  }
}

}  // namespace

void rgba_to_i420_bt709(const RgbaView& picture, I420Picture& out) {
  out.resize(picture.width, picture.height);
  HWY_DYNAMIC_DISPATCH(convert)(picture, out);
}

void rgba_to_i420_bt709_reference(const RgbaView& picture, I420Picture& out) {
  out.resize(picture.width, picture.height);
  const auto channel = [&](int x, int y, int c) {
    return picture.data[static_cast<std::size_t>(y) * picture.stride_bytes + static_cast<std::size_t>(x * 4 + c)] /
           255.0;
  };
  const auto luma = [](double r, double g, double b) { return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const auto rounded = [](double value) { return static_cast<std::uint8_t>(std::lround(value)); };
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double l = luma(channel(x, y, 0), channel(x, y, 1), channel(x, y, 2));
      out.y[static_cast<std::size_t>(y) * out.width + x] = rounded(16 + 219 * l);
    }
  }
  for (int y = 0; y < out.chroma_height(); ++y) {
    for (int x = 0; x < out.chroma_width(); ++x) {
      double mean[3] = {0, 0, 0};
      int pixels = 0;
      for (int py = 2 * y; py < std::min(2 * y + 2, picture.height); ++py) {
        for (int px = 2 * x; px < std::min(2 * x + 2, picture.width); ++px, ++pixels) {
          for (int c = 0; c < 3; ++c) mean[c] += channel(px, py, c);
        }
      }
      for (double& value : mean) value /= pixels;
      const double l = luma(mean[0], mean[1], mean[2]);
      const std::size_t at = static_cast<std::size_t>(y) * out.chroma_width() + x;
      out.u[at] = rounded(128 + 224 * (mean[2] - l) / 1.8556);
      out.v[at] = rounded(128 + 224 * (mean[0] - l) / 1.5748);
    }
  }
}

void scale_i420(const I420Picture& picture, I420Picture& out) {
  scale_plane(picture.y, picture.width, picture.height, out.y, out.width, out.height);
  scale_plane(picture.u, picture.chroma_width(), picture.chroma_height(), out.u, out.chroma_width(),
              out.chroma_height());
  scale_plane(picture.v, picture.chroma_width(), picture.chroma_height(), out.v, out.chroma_width(),
              out.chroma_height());
}

const I420Picture& I420Fitter::fit(const RgbaView& picture) {
  if (picture.width == fitted_.width && picture.height == fitted_.height) {
    rgba_to_i420_bt709(picture, fitted_);
  } else {
    rgba_to_i420_bt709(picture, converted_);
    scale_i420(converted_, fitted_);
  }
  return fitted_;
}

}  // namespace ndcast::stream
#endif  // HWY_ONCE
