// What lies between the voxels, a packet at a time.
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
#include <type_traits>

#include <hwy/highway.h>

#include "render/cpu/volume_march.h"
#include "render/cpu/volume_packet-inl.h"
#include "render/cpu/volume_voxels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

HWY_INLINE V mix(V a, V b, V share) { return hn::MulAdd(hn::Sub(b, a), share, a); }

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

// Each way to mix along x gives
//   Fetch fetch(offsets), VI: where the voxels below in x, y and z lie
//   Share share_of(right), V: how far along x a lane is between a voxel and its neighbour
//   V line(fetch, from, share): the mix of the voxels at offsets + from and their neighbours, as finished() takes it
//   V finished(mix of lines)
//   kBeyond: reads so many planes at most past the voxels that it tells of

/// 8- and 16-bit integers: the mix, in fixed point, is one instruction a pair. Exact where neighbours are equal; else
/// as if the place along x were rounded to 2^-14 voxels.
template <class T, VoxelLoads kLoads>
struct IntegerLines {
  /// Gathers read 32 bits a pair. That many lie behind any pair but those of the last plane.
  static constexpr int kBeyond = kLoads == VoxelLoads::Gathered ? 1 : 0;
  using Share = VI;

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

  explicit IntegerLines(const MarchView& view) : voxels(static_cast<const T*>(view.voxels)) {}

  /// {1 − share, share} in the two halves of each lane.
  static HWY_INLINE VI share_of(V share) {
    const DI di;
    const VI high = rounded(hn::Mul(share, hn::Set(D(), static_cast<float>(kOne))));
    return hn::Add(hn::Sub(hn::ShiftLeft<16>(high), high), hn::Set(di, kOne));
  }
  HWY_INLINE V line(const Fetch& fetch, std::ptrdiff_t from, VI share) const {
    return hn::ConvertTo(D(), sum_of_products(words_of(fetch.pairs(voxels + from)), share));
  }
  static HWY_INLINE V finished(V mixed) {
    const D d;
    return hn::MulAdd(mixed, hn::Set(d, 1.0F / kOne), hn::Set(d, kShift));
  }

  const T* voxels;

 private:
  static constexpr int kOne = 1 << 14;  ///< fits 16 signed bits
  /// Added to values so that they fit 16 signed bits.
  static constexpr float kShift = std::is_same_v<T, std::uint16_t> ? 32768.0F : 0.0F;

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
};

template <VoxelLoads kLoads>
struct FloatLines {
  static constexpr int kBeyond = 0;
  using Share = V;

  struct Fetch {
    explicit HWY_INLINE Fetch(VI at) : offsets(at) {
      if constexpr (kLoads == VoxelLoads::Inserted) spill(offsets, spilled.data());
    }
    VI offsets;
    HWY_ALIGN std::array<std::int32_t, kMostLanes> spilled;
  };

  explicit FloatLines(const MarchView& view) : voxels(view) {}

  static HWY_INLINE V share_of(V share) { return share; }
  HWY_INLINE V line(const Fetch& fetch, std::ptrdiff_t from, V share) const {
    Pair pair;
    if constexpr (kLoads == VoxelLoads::Inserted) {
      pair = voxels.pair(fetch.spilled.data(), from);
    } else {
      pair.at = hn::BitCast(D(), gathered<sizeof(float)>(voxels.voxels + from, fetch.offsets));
      pair.next = hn::BitCast(D(), gathered<sizeof(float)>(voxels.voxels + from + 1, fetch.offsets));
    }
    return mix(pair.at, pair.next, share);
  }
  static HWY_INLINE V finished(V mixed) { return mixed; }

  Floats voxels;
};

/// Where the samples of a block lie.
enum class BlockPlace : std::uint8_t {
  Inside,  ///< all have voxels on both sides along every axis
  Border,  ///< some lie further out than the outermost voxels
  Apart,   ///< a sampler of one kind of voxels cannot tell of all of them
};

/// Just below the last of `voxels` along an axis: along axes of many thousands, floats are coarser than kBoxSlack.
HWY_INLINE float below_last(int voxels) { return static_cast<float>(voxels - 1) * (1 - 0x1p-20F); }

/// Where the samples [begin, end) lie for a sampler that reads so many planes beyond its voxels.
HWY_INLINE BlockPlace place_of(const MarchView& view, const Packet& packet, int begin, int end, int beyond) {
  // A ray that misses may be anywhere.
  BlockPlace place = hn::AllTrue(D(), packet.has_step(0)) ? BlockPlace::Inside : BlockPlace::Border;
  for (std::size_t i = 0; i < 3; ++i) {
    const int needed = i == 2 ? beyond : 0;
    if (view.size[i] < 2 + needed) return BlockPlace::Apart;
    const std::array<float, 2> extent = packet.extent(i, begin, end);
    const bool ends_before = extent[1] < below_last(view.size[i] - needed);
    if (needed > 0 && !ends_before) return BlockPlace::Apart;
    if (!(extent[0] >= 0) || !ends_before) place = BlockPlace::Border;
  }
  return place;
}

/// Linear values of blocks that are Inside, or with kHeld at the Border, where positions are held. Every axis has two
/// voxels or more.
template <class Lines, bool kHeld>
class InnerSampler {
 public:
  explicit InnerSampler(const MarchView& view)
      : lines_(view), line_(view.size[0]), plane_(view.size[0] * view.size[1]) {
    for (std::size_t i = 0; i < 3; ++i) most_[i] = below_last(view.size[i] - (i == 2 ? Lines::kBeyond : 0));
  }

  HWY_INLINE V operator()(const Position& at) const {
    const D d;
    const DI di;
    const V x = held(at.x, 0);
    const V y = held(at.y, 1);
    const V z = held(at.z, 2);
    const VI column = truncated(x);
    const VI row = truncated(y);
    const VI plane = truncated(z);
    const V down = hn::Sub(y, hn::ConvertTo(d, row));
    const V back = hn::Sub(z, hn::ConvertTo(d, plane));
    const VI in_plane = hn::Add(column, hn::Mul(row, hn::Set(di, line_)));
    const typename Lines::Fetch fetch(hn::Add(in_plane, hn::Mul(plane, hn::Set(di, plane_))));
    const typename Lines::Share right = Lines::share_of(hn::Sub(x, hn::ConvertTo(d, column)));
    const auto line = [&](std::ptrdiff_t from) { return lines_.line(fetch, from, right); };
    const V front = mix(line(0), line(line_), down);
    const V behind = mix(line(plane_), line(plane_ + line_), down);
    return Lines::finished(mix(front, behind, back));
  }

 private:
  /// A position that is not a number, of a ray that misses, becomes 0: the processor's largest of two is the second
  /// then.
  HWY_INLINE V held(V position, std::size_t i) const {
    if constexpr (!kHeld) return position;
    const D d;
    return hn::Min(hn::Max(position, hn::Zero(d)), hn::Set(d, most_[i]));
  }

  Lines lines_;
  std::int32_t line_;
  std::int32_t plane_;
  std::array<float, 3> most_;
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

#if NDCAST_INNER_SAMPLER
/// Samples with `Lines`; whether the block lies where it can.
template <class Lines>
bool sample_inner(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
  const BlockPlace place = place_of(view, packet, begin, end, Lines::kBeyond);
  if (place == BlockPlace::Apart) return false;
  if (place == BlockPlace::Inside) {
    sample_each(InnerSampler<Lines, false>(view), packet, begin, end, values);
  } else {
    sample_each(InnerSampler<Lines, true>(view), packet, begin, end, values);
  }
  return true;
}
#endif

/// Blocks that gathers cannot tell of are left to inserts.
template <class T, VoxelLoads kLoads>
void sample_integers(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
#if NDCAST_INNER_SAMPLER
  if (sample_inner<IntegerLines<T, kLoads>>(view, packet, begin, end, values)) return;
  if constexpr (kLoads == VoxelLoads::Gathered) {
    if (sample_inner<IntegerLines<T, VoxelLoads::Inserted>>(view, packet, begin, end, values)) return;
  }
#endif
  sample_steps<PairedIntegers<T>, true>(view, packet, begin, end, values);
}

template <VoxelLoads kLoads>
void sample_floats(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
#if NDCAST_INNER_SAMPLER
  if (sample_inner<FloatLines<kLoads>>(view, packet, begin, end, values)) return;
#endif
  sample_steps<Floats, true>(view, packet, begin, end, values);
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

Samplers samplers_of_floats(const MarchView& view) {
  Samplers samplers = samplers_of<Floats>(view.linear);
  if (!view.linear) return samplers;
  samplers.steps =
      view.loads == VoxelLoads::Gathered ? sample_floats<VoxelLoads::Gathered> : sample_floats<VoxelLoads::Inserted>;
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
  if (view.dtype == DType::Float32) return samplers_of_floats(view);
  return samplers_of<AnyVoxels>(view.linear);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
