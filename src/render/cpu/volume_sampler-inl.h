// Voxels and what lies between them, a packet at a time.
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_SAMPLER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_SAMPLER_INL_H
#undef NDCAST_RENDER_VOLUME_SAMPLER_INL_H
#else
#define NDCAST_RENDER_VOLUME_SAMPLER_INL_H
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

/// Values between the voxels. Positions outside the volume are held at its border.
template <class Voxels, bool kLinear>
class Sampler {
 public:
  explicit Sampler(const MarchView& view)
      : voxels_(view), line_(view.size[0]), plane_(view.size[0] * view.size[1]), size_(view.size) {}

  HWY_INLINE V operator()(const Position& at) const {
    HWY_ALIGN std::array<std::int32_t, kMostLanes> offsets;
    const D d;
    const DI di;
    if constexpr (!kLinear) {
      const V half = hn::Set(d, 0.5F);
      const auto nearest = [&](V position, std::size_t i) {
        return hn::ConvertTo(di, held(hn::Add(position, half), static_cast<float>(size_[i] - 1)));
      };
      spill(offset_of(nearest(at.x, 0), nearest(at.y, 1), nearest(at.z, 2)), offsets.data());
      return voxels_.value(offsets.data());
    } else {
      V right;
      V down;
      V back;
      const VI column = below(at.x, 0, right);
      const VI row = below(at.y, 1, down);
      const VI plane = below(at.z, 2, back);
      spill(offset_of(column, row, plane), offsets.data());
      const std::ptrdiff_t to_row = size_[1] > 1 ? line_ : 0;
      const std::ptrdiff_t to_plane = size_[2] > 1 ? plane_ : 0;
      const auto line = [&](std::ptrdiff_t from) {
        const Pair pair = voxels_.pair(offsets.data(), from);
        return mix(pair.at, pair.next, right);
      };
      const V front = mix(line(0), line(to_row), down);
      const V behind = mix(line(to_plane), line(to_plane + to_row), down);
      return mix(front, behind, back);
    }
  }

 private:
  static HWY_INLINE V held(V position, float most) {
    const D d;
    return hn::Min(hn::Max(position, hn::Zero(d)), hn::Set(d, most));
  }
  static HWY_INLINE V mix(V a, V b, V weight) { return hn::MulAdd(hn::Sub(b, a), weight, a); }

  /// The voxel below along axis `i`, such that there is one above where the axis has two, and the share of that one.
  HWY_INLINE VI below(V position, std::size_t i, V& share) const {
    const D d;
    const DI di;
    const V inside = held(position, static_cast<float>(size_[i] - 1));
    const VI voxel = hn::Min(hn::ConvertTo(di, inside), hn::Set(di, std::max(size_[i] - 2, 0)));
    share = hn::Sub(inside, hn::ConvertTo(d, voxel));
    return voxel;
  }
  HWY_INLINE VI offset_of(VI column, VI row, VI plane) const {
    const DI di;
    const VI lines = hn::Add(column, hn::Mul(row, hn::Set(di, line_)));
    return hn::Add(lines, hn::Mul(plane, hn::Set(di, plane_)));
  }

  Voxels voxels_;
  std::int32_t line_;
  std::int32_t plane_;
  std::array<std::int32_t, 3> size_;
};

#if NDCAST_INNER_SAMPLER

/// Linear values where all samples of a block have voxels on both sides along every axis, of 8- and 16-bit integers:
/// no position has to be held at the border, and the mix along x, in fixed point, is one instruction a pair.
/// Exact where neighbours are equal; else as if the place along x were rounded to 2^-14 voxels.
template <class T, VoxelLoads kLoads>
class InnerSampler {
 public:
  explicit InnerSampler(const MarchView& view)
      : voxels_(static_cast<const T*>(view.voxels)), line_(view.size[0]), plane_(view.size[0] * view.size[1]) {}

  /// Whether the samples [begin, end) are such.
  static HWY_INLINE bool covers(const MarchView& view, const Packet& packet, int begin, int end) {
    if (!hn::AllTrue(D(), packet.has_step(0))) return false;  // a ray that misses may be anywhere
    for (std::size_t i = 0; i < 3; ++i) {
      const std::array<float, 2> extent = packet.extent(i, begin, end);
      // Gathers read 32 bits a pair. That many lie behind any pair but those of the last plane.
      const int last = view.size[i] - (i == 2 && kLoads == VoxelLoads::Gathered ? 2 : 1);
      // Along axes of many thousands of voxels, floats are coarser than the extent's slack.
      const float most = static_cast<float>(last) * (1 - 0x1p-20F);
      if (!(extent[0] >= 0) || !(extent[1] < most)) return false;
    }
    return true;
  }

  HWY_INLINE V operator()(const Position& at) const {
    const D d;
    const DI di;
    const VI column = truncated(at.x);
    const VI row = truncated(at.y);
    const VI plane = truncated(at.z);
    const V down = hn::Sub(at.y, hn::ConvertTo(d, row));
    const V back = hn::Sub(at.z, hn::ConvertTo(d, plane));
    const VI lines = hn::Add(column, hn::Mul(row, hn::Set(di, line_)));
    const Fetch fetch(hn::Add(lines, hn::Mul(plane, hn::Set(di, plane_))));
    const VI shares = shares_of(hn::Sub(at.x, hn::ConvertTo(d, column)));
    const auto line = [&](std::ptrdiff_t from) {
      return hn::ConvertTo(d, sum_of_products(words_of(fetch.pairs(voxels_ + from)), shares));
    };
    const auto mix = [](V a, V b, V share) { return hn::MulAdd(hn::Sub(b, a), share, a); };
    const V front = mix(line(0), line(line_), down);
    const V behind = mix(line(plane_), line(plane_ + line_), down);
    return hn::MulAdd(mix(front, behind, back), hn::Set(d, 1.0F / kOne), hn::Set(d, kShift));
  }

 private:
  static constexpr int kOne = 1 << 14;  ///< fits 16 signed bits
  /// Added to values so that they fit 16 signed bits.
  static constexpr float kShift = std::is_same_v<T, std::uint16_t> ? 32768.0F : 0.0F;

  /// The vector of voxels a lane at the offsets.
  struct Fetch {
    explicit HWY_INLINE Fetch(VI at) : offsets(at) {
      if constexpr (kLoads == VoxelLoads::Inserted) spill(offsets, spilled.data());
    }
    HWY_INLINE hn::Vec<DU> pairs(const T* from) const {
      if constexpr (kLoads == VoxelLoads::Inserted) return pairs_at(from, spilled.data());
      return gathered<sizeof(T)>(from, offsets);
    }
    VI offsets;
    HWY_ALIGN std::array<std::int32_t, kMostLanes> spilled;
  };

  /// {1 − share, share} in the two halves of each lane.
  static HWY_INLINE VI shares_of(V share) {
    const DI di;
    const VI high = rounded(hn::Mul(share, hn::Set(D(), static_cast<float>(kOne))));
    return hn::Add(hn::Sub(hn::ShiftLeft<16>(high), high), hn::Set(di, kOne));
  }
  /// A pair as two signed numbers of 16 bits, less kShift.
  static HWY_INLINE VI words_of(hn::Vec<DU> pairs) {
    const DI di;
    const DU du;
    if constexpr (sizeof(T) == 1) {
      if constexpr (kLoads == VoxelLoads::Gathered) pairs = hn::And(pairs, hn::Set(du, 0xffffU));
      return hn::BitCast(di, hn::And(hn::Or(pairs, hn::ShiftLeft<8>(pairs)), hn::Set(du, 0xff00ffU)));
    } else if constexpr (std::is_signed_v<T>) {
      return hn::BitCast(di, pairs);
    } else {
      return hn::BitCast(di, hn::Xor(pairs, hn::Set(du, 0x80008000U)));
    }
  }

  const T* voxels_;
  std::int32_t line_;
  std::int32_t plane_;
};

#endif

template <class Sample>
HWY_INLINE void sample_each(const Sample& sample, const Packet& packet, int begin, int end, float* values) {
  const D d;
  for (int step = begin; step < end; ++step, values += kMostLanes) hn::Store(sample(packet.at(step)), d, values);
}

template <class Voxels, bool kLinear>
void sample_steps(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
  sample_each(Sampler<Voxels, kLinear>(view), packet, begin, end, values);
}

template <class T, VoxelLoads kLoads>
void sample_integers(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
#if NDCAST_INNER_SAMPLER
  using Inner = InnerSampler<T, kLoads>;
  if (Inner::covers(view, packet, begin, end)) return sample_each(Inner(view), packet, begin, end, values);
#endif
  sample_steps<PairedIntegers<T>, true>(view, packet, begin, end, values);
}

template <class Voxels, bool kLinear>
V sample_at(const MarchView& view, const Position& at) {
  return Sampler<Voxels, kLinear>(view)(at);
}

/// How the voxels of a view are sampled: what the modes, which are compiled once, do not know.
struct Samplers {
  /// Values of the steps [begin, end), kMostLanes floats a step.
  void (*steps)(const MarchView& view, const Packet& packet, int begin, int end, float* values);
  V (*value_at)(const MarchView& view, const Position& at);
  V (*linear_at)(const MarchView& view, const Position& at);
};

template <class Voxels>
Samplers samplers_of(bool linear) {
  if (linear) return {&sample_steps<Voxels, true>, &sample_at<Voxels, true>, &sample_at<Voxels, true>};
  return {&sample_steps<Voxels, false>, &sample_at<Voxels, false>, &sample_at<Voxels, true>};
}

template <class T>
Samplers samplers_of_integers(const MarchView& view) {
  Samplers samplers = samplers_of<PairedIntegers<T>>(view.linear);
  if (!view.linear) return samplers;
  samplers.steps = view.loads == VoxelLoads::Gathered ? sample_integers<T, VoxelLoads::Gathered>
                                                      : sample_integers<T, VoxelLoads::Inserted>;
  return samplers;
}

Samplers choose_samplers(const MarchView& view) {
  using image::DType;
  const bool paired = view.size[0] > 1;
  if (paired && (view.dtype == DType::UInt8 || view.dtype == DType::Bool)) {
    return samplers_of_integers<std::uint8_t>(view);
  }
  if (paired && view.dtype == DType::UInt16) return samplers_of_integers<std::uint16_t>(view);
  if (paired && view.dtype == DType::Int16) return samplers_of_integers<std::int16_t>(view);
  if (view.dtype == DType::Float32) return samplers_of<Floats>(view.linear);
  return samplers_of<AnyVoxels>(view.linear);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
