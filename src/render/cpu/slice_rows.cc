#include "render/cpu/slice_rows.h"

#include <limits>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/slice_rows.cc"
#include <hwy/foreach_target.h>  // keep before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;

// --- index ---

template <bool kRooted, bool kMayBeTransparent, class DF>
HWY_INLINE auto entry_of(DF d, const LoadedWindow& window, hn::Vec<DF> value) {
  const hn::RebindToSigned<DF> di;
  const auto zero = hn::Zero(d);
  auto place = hn::Mul(hn::Sub(value, hn::Set(d, window.low())), hn::Set(d, window.per_unit()));
  // Comparisons with a quotient that is not a number are false: 0 · infinity of a window of no width becomes 0.
  place = hn::IfThenElse(hn::Gt(place, zero), place, zero);
  place = hn::Min(place, hn::Set(d, 1.0F));
  if constexpr (kRooted) place = hn::Sqrt(hn::Sqrt(place));
  const auto entry =
      hn::ConvertTo(di, hn::MulAdd(place, hn::Set(d, static_cast<float>(kLookEntries - 1)), hn::Set(d, 0.5F)));
  if constexpr (!kMayBeTransparent) return entry;
  const auto finite = hn::Lt(hn::Abs(value), hn::Set(d, std::numeric_limits<float>::infinity()));
  return hn::IfThenElse(hn::RebindMask(di, finite), entry, hn::Set(di, kNothing));
}

template <bool kRooted, bool kMayBeTransparent>
void index_values(const LoadedWindow& window, const float* HWY_RESTRICT values, std::size_t count,
                  std::int32_t* HWY_RESTRICT entries) {
  const F d;
  const hn::RebindToSigned<F> di;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(entry_of<kRooted, kMayBeTransparent>(d, window, hn::LoadU(d, values + i)), di, entries + i);
  }
  const hn::CappedTag<float, 1> one;
  const hn::RebindToSigned<decltype(one)> one_i;
  for (; i < count; ++i) {
    hn::StoreU(entry_of<kRooted, kMayBeTransparent>(one, window, hn::LoadU(one, values + i)), one_i, entries + i);
  }
}

void index(const LoadedWindow& window, bool rooted, bool may_be_transparent, const float* values, std::size_t count,
           std::int32_t* entries) {
  if (rooted) {
    return may_be_transparent ? index_values<true, true>(window, values, count, entries)
                              : index_values<true, false>(window, values, count, entries);
  }
  return may_be_transparent ? index_values<false, true>(window, values, count, entries)
                            : index_values<false, false>(window, values, count, entries);
}

// --- blend ---

/// Vectors of whole pixels; the scalar target has one component a vector and so works on it alone.
using U16 = hn::ScalableTag<std::uint16_t>;

/// a·b/65535 within 1/65535. The upper half of a·b is a·b/65536; one more for the larger b makes a·1 = a.
template <class VU>
HWY_INLINE VU product(VU a, VU b) {
  return hn::Add(hn::MulHigh(a, b), hn::Min(a, hn::ShiftRight<15>(b)));
}

template <RowBlend kBlend, class DU>
HWY_INLINE hn::Vec<DU> blended(DU d, hn::Vec<DU> above, hn::Vec<DU> alpha, hn::Vec<DU> below) {
  switch (kBlend) {
    case RowBlend::Over:
      return hn::SaturatedAdd(above, product(below, hn::Xor(alpha, hn::Set(d, 0xffffU))));
    case RowBlend::Add:
      return hn::SaturatedAdd(above, below);
    case RowBlend::Minimum:
      return hn::Min(above, below);
    case RowBlend::Maximum:
      return hn::Max(above, below);
    case RowBlend::Multiply:
      return product(above, below);
  }
}

/// Each pixel's alpha in all of its components.
template <class DU>
HWY_INLINE hn::Vec<DU> spread_alpha(DU d, hn::Vec<DU> pixels) {
  const hn::Repartition<std::uint64_t, DU> wide;
  const auto alpha = hn::ShiftRight<48>(hn::BitCast(wide, pixels));
  const auto twice = hn::Or(alpha, hn::ShiftLeft<16>(alpha));
  return hn::BitCast(d, hn::Or(twice, hn::ShiftLeft<32>(twice)));
}

#if HWY_TARGET == HWY_SCALAR

template <RowBlend kBlend>
void blend_pixels(const Pixel16* above, std::size_t count, Pixel16* below) {
  const U16 d;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      below[i][k] =
          hn::GetLane(blended<kBlend>(d, hn::Set(d, above[i][k]), hn::Set(d, above[i][3]), hn::Set(d, below[i][k])));
    }
  }
}

#else

template <RowBlend kBlend>
void blend_pixels(const Pixel16* HWY_RESTRICT above, std::size_t count, Pixel16* HWY_RESTRICT below) {
  const auto blend_at = [&](auto d, std::size_t pixel) {
    const auto top = hn::LoadU(d, above[pixel].data());
    std::uint16_t* const target = below[pixel].data();
    hn::StoreU(blended<kBlend>(d, top, spread_alpha(d, top), hn::LoadU(d, target)), d, target);
  };
  const U16 d;
  const std::size_t pixels = hn::Lanes(d) / 4;
  std::size_t i = 0;
  for (; i + pixels <= count; i += pixels) blend_at(d, i);
  for (; i < count; ++i) blend_at(hn::CappedTag<std::uint16_t, 4>(), i);
}

#endif

void blend(RowBlend how, const Pixel16* above, std::size_t count, Pixel16* below) {
  switch (how) {
    case RowBlend::Over:
      return blend_pixels<RowBlend::Over>(above, count, below);
    case RowBlend::Add:
      return blend_pixels<RowBlend::Add>(above, count, below);
    case RowBlend::Minimum:
      return blend_pixels<RowBlend::Minimum>(above, count, below);
    case RowBlend::Maximum:
      return blend_pixels<RowBlend::Maximum>(above, count, below);
    case RowBlend::Multiply:
      return blend_pixels<RowBlend::Multiply>(above, count, below);
  }
}

// --- store ---

void store(const Pixel16* colors, std::size_t count, std::uint8_t* rgba) {
  const U16 d;
  const hn::RebindToSigned<U16> di;
  const hn::Rebind<std::uint8_t, U16> bytes;
  const std::uint16_t* const components = colors->data();
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count * 4; i += lanes) {
    const auto value = hn::LoadU(d, components + i);
    // value/257 to nearest: 257 = 256·(1 + 1/256).
    const auto byte = hn::ShiftRight<8>(hn::Add(hn::Sub(value, hn::ShiftRight<8>(value)), hn::Set(d, 128)));
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(di, byte)), bytes, rgba + i);
  }
  for (; i < count * 4; ++i) rgba[i] = static_cast<std::uint8_t>((components[i] - (components[i] >> 8) + 128) >> 8);
  for (std::size_t pixel = 0; pixel < count; ++pixel) rgba[pixel * 4 + 3] = 255;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ndcast::render {

HWY_EXPORT(index);
HWY_EXPORT(blend);
HWY_EXPORT(store);

void index_row(const LoadedWindow& window, bool rooted, bool may_be_transparent, const float* values, std::size_t count,
               std::int32_t* entries) {
  HWY_DYNAMIC_DISPATCH(index)(window, rooted, may_be_transparent, values, count, entries);
}

void blend_row(RowBlend how, const Pixel16* above, std::size_t count, Pixel16* below) {
  HWY_DYNAMIC_DISPATCH(blend)(how, above, count, below);
}

void store_row(const Pixel16* colors, std::size_t count, std::uint8_t* rgba) {
  HWY_DYNAMIC_DISPATCH(store)(colors, count, rgba);
}

}  // namespace ndcast::render
#endif
