// Voxels of a packet: the ways to load them into the lanes of a vector.
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_VOXELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_VOXELS_INL_H
#undef NDCAST_RENDER_VOLUME_VOXELS_INL_H
#else
#define NDCAST_RENDER_VOLUME_VOXELS_INL_H
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <hwy/highway.h>

#include "render/cpu/volume_march.h"
#include "render/cpu/volume_packet-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

// Each way to load gives, of the voxels at `offsets` (kMostLanes of them) from a place on,
//   Pair pair(offsets, from): these and their neighbours in x
//   V value(offsets): these

struct Pair {
  V at;
  V next;
};

/// Stores offsets so that scalar loads can take them up again at once: a narrow load from a wide store waits.
HWY_INLINE void spill(VI offsets, std::int32_t* to) {
  const DI di;
#if HWY_ARCH_X86 && HWY_TARGET == HWY_AVX3
  _mm_store_si128(reinterpret_cast<__m128i*>(to), _mm512_castsi512_si128(offsets.raw));
  _mm_store_si128(reinterpret_cast<__m128i*>(to + 4), _mm512_extracti32x4_epi32(offsets.raw, 1));
  _mm_store_si128(reinterpret_cast<__m128i*>(to + 8), _mm512_extracti32x4_epi32(offsets.raw, 2));
  _mm_store_si128(reinterpret_cast<__m128i*>(to + 12), _mm512_extracti32x4_epi32(offsets.raw, 3));
#elif HWY_ARCH_X86 && HWY_TARGET == HWY_AVX2
  _mm_store_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(offsets.raw));
  _mm_store_si128(reinterpret_cast<__m128i*>(to + 4), _mm256_extracti128_si256(offsets.raw, 1));
#else
  hn::Store(offsets, di, to);
#endif
}

#undef NDCAST_INNER_SAMPLER
#define NDCAST_INNER_SAMPLER (HWY_ARCH_X86 && (HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2))

#if NDCAST_INNER_SAMPLER

// Highway's conversions also mend what is out of range, in four instructions more.
#if HWY_TARGET == HWY_AVX3
HWY_INLINE VI truncated(V value) { return VI{_mm512_cvttps_epi32(value.raw)}; }
HWY_INLINE VI rounded(V value) { return VI{_mm512_cvtps_epi32(value.raw)}; }
/// Of the two halves of each lane, signed.
HWY_INLINE VI sum_of_products(VI a, VI b) { return VI{_mm512_madd_epi16(a.raw, b.raw)}; }
/// 32 bits a lane, from each offset on; offsets count kBytes.
template <int kBytes>
HWY_INLINE hn::Vec<DU> gathered(const void* from, VI offsets) {
  return hn::Vec<DU>{_mm512_i32gather_epi32(offsets.raw, from, kBytes)};
}
#else
HWY_INLINE VI truncated(V value) { return VI{_mm256_cvttps_epi32(value.raw)}; }
HWY_INLINE VI rounded(V value) { return VI{_mm256_cvtps_epi32(value.raw)}; }
HWY_INLINE VI sum_of_products(VI a, VI b) { return VI{_mm256_madd_epi16(a.raw, b.raw)}; }
template <int kBytes>
HWY_INLINE hn::Vec<DU> gathered(const void* from, VI offsets) {
  return hn::Vec<DU>{_mm256_i32gather_epi32(static_cast<const int*>(from), offsets.raw, kBytes)};
}
#endif

/// Bits at voxels[offsets[lane]], as wide as `Bits`.
template <class Bits, class T>
HWY_INLINE int bits_at(const T* voxels, const std::int32_t* offsets, int lane) {
  Bits bits;
  std::memcpy(&bits, voxels + offsets[lane], sizeof bits);
  return static_cast<int>(bits);
}

/// 32 bits each of four lanes.
template <class T>
HWY_INLINE __m128i four_pairs(const T* voxels, const std::int32_t* offsets) {
  __m128i pairs = _mm_cvtsi32_si128(bits_at<std::uint32_t>(voxels, offsets, 0));
  pairs = _mm_insert_epi32(pairs, bits_at<std::uint32_t>(voxels, offsets, 1), 1);
  pairs = _mm_insert_epi32(pairs, bits_at<std::uint32_t>(voxels, offsets, 2), 2);
  return _mm_insert_epi32(pairs, bits_at<std::uint32_t>(voxels, offsets, 3), 3);
}

/// 16 bits each of eight lanes.
template <class T>
HWY_INLINE __m128i eight_pairs(const T* voxels, const std::int32_t* offsets) {
  __m128i pairs = _mm_cvtsi32_si128(bits_at<std::uint16_t>(voxels, offsets, 0));
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 1), 1);
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 2), 2);
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 3), 3);
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 4), 4);
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 5), 5);
  pairs = _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 6), 6);
  return _mm_insert_epi16(pairs, bits_at<std::uint16_t>(voxels, offsets, 7), 7);
}

/// Pairs of neighbours in x, a lane each in 32 bits. Put together in registers: the gather instruction takes about 30
/// cycles on many processors, and a wide load from narrow stores waits for them.
template <class T>
HWY_INLINE hn::Vec<DU> pairs_at(const T* voxels, const std::int32_t* offsets) {
#if HWY_TARGET == HWY_AVX3
  if constexpr (sizeof(T) == 1) {
    const __m256i pairs = _mm256_set_m128i(eight_pairs(voxels, offsets + 8), eight_pairs(voxels, offsets));
    return hn::Vec<DU>{_mm512_cvtepu16_epi32(pairs)};
  } else {
    const __m256i low = _mm256_set_m128i(four_pairs(voxels, offsets + 4), four_pairs(voxels, offsets));
    const __m256i high = _mm256_set_m128i(four_pairs(voxels, offsets + 12), four_pairs(voxels, offsets + 8));
    return hn::Vec<DU>{_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1)};
  }
#else
  if constexpr (sizeof(T) == 1) {
    return hn::Vec<DU>{_mm256_cvtepu16_epi32(eight_pairs(voxels, offsets))};
  } else {
    return hn::Vec<DU>{_mm256_set_m128i(four_pairs(voxels, offsets + 4), four_pairs(voxels, offsets))};
  }
#endif
}

#else

template <class T>
HWY_INLINE hn::Vec<DU> pairs_at(const T* voxels, const std::int32_t* offsets) {
  using Bits = std::conditional_t<sizeof(T) == 1, std::uint16_t, std::uint32_t>;
  const DU du;
  HWY_ALIGN std::array<std::uint32_t, kMostLanes> pairs;
  for (std::size_t lane = 0; lane < hn::Lanes(du); ++lane) {
    Bits bits;
    std::memcpy(&bits, voxels + offsets[lane], sizeof bits);
    pairs[lane] = bits;
  }
  return hn::Load(du, pairs.data());
}

#endif

/// 8- and 16-bit integers: both voxels of a pair come in one load. Rows are at least two voxels long.
template <class T>
struct PairedIntegers {
  explicit PairedIntegers(const MarchView& view) : voxels(static_cast<const T*>(view.voxels)) {}

  HWY_INLINE Pair pair(const std::int32_t* offsets, std::ptrdiff_t from) const {
    constexpr int kBits = 8 * sizeof(T);
    const D d;
    const DU du;
    const DI di;
    const auto both = pairs_at(voxels + from, offsets);
    if constexpr (std::is_signed_v<T>) {
      const VI widened = hn::BitCast(di, hn::ShiftLeft<32 - 2 * kBits>(both));
      return {hn::ConvertTo(d, hn::ShiftRight<32 - kBits>(hn::BitCast(di, hn::ShiftLeft<32 - kBits>(both)))),
              hn::ConvertTo(d, hn::ShiftRight<32 - kBits>(widened))};
    } else {
      return {hn::ConvertTo(d, hn::BitCast(di, hn::And(both, hn::Set(du, (1U << kBits) - 1)))),
              hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<kBits>(both)))};
    }
  }
  HWY_INLINE V value(const std::int32_t* offsets) const {
    const D d;
    const DI di;
    HWY_ALIGN std::array<std::int32_t, kMostLanes> found;
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) found[lane] = voxels[offsets[lane]];
    return hn::ConvertTo(d, hn::Load(di, found.data()));
  }

  const T* voxels;
};

struct Floats {
  explicit Floats(const MarchView& view)
      : voxels(static_cast<const float*>(view.voxels)), to_next(view.size[0] > 1 ? 1 : 0) {}

  HWY_INLINE Pair pair(const std::int32_t* offsets, std::ptrdiff_t from) const {
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> here;
    HWY_ALIGN std::array<float, kMostLanes> there;
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      const float* const voxel = voxels + from + offsets[lane];
      here[lane] = voxel[0];
      there[lane] = voxel[to_next];
    }
    return {hn::Load(d, here.data()), hn::Load(d, there.data())};
  }
  HWY_INLINE V value(const std::int32_t* offsets) const {
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> found;
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) found[lane] = voxels[offsets[lane]];
    return hn::Load(d, found.data());
  }

  const float* voxels;
  std::ptrdiff_t to_next;
};

/// Every type, a call a row of lanes.
struct AnyVoxels {
  explicit AnyVoxels(const MarchView& of) : view(of), to_next(of.size[0] > 1 ? 1 : 0) {}

  HWY_INLINE Pair pair(const std::int32_t* offsets, std::ptrdiff_t from) const { return load(offsets, from, to_next); }
  HWY_INLINE V value(const std::int32_t* offsets) const { return load(offsets, 0, 0).at; }

  HWY_INLINE Pair load(const std::int32_t* offsets, std::ptrdiff_t from, std::int32_t step) const {
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> here;
    HWY_ALIGN std::array<float, kMostLanes> there;
    view.load_pairs(view.voxels, offsets, from, step, hn::Lanes(d), view.load_low, view.load_per_unit, here.data(),
                    there.data());
    return {hn::Load(d, here.data()), hn::Load(d, there.data())};
  }

  const MarchView& view;
  std::int32_t to_next;
};

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
