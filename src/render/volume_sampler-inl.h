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

#include "render/volume_march.h"
#include "render/volume_packet-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

// Each way to load gives values(at, next) of the voxels at `offsets` and of their neighbours in x.

/// 8- and 16-bit integers: both voxels of a pair come in one load. Rows are at least two voxels long.
template <class T>
struct PairedIntegers {
  explicit PairedIntegers(const MarchView& view) : voxels(static_cast<const T*>(view.voxels)) {}

  HWY_INLINE void values(const std::int32_t* offsets, V& at, V& next) const {
    constexpr int kBits = 8 * sizeof(T);
    using Pair = std::conditional_t<sizeof(T) == 1, std::uint16_t, std::uint32_t>;
    const D d;
    const DU du;
    const DI di;
    HWY_ALIGN std::array<std::uint32_t, kMostLanes> pairs;
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      Pair pair;
      std::memcpy(&pair, voxels + offsets[lane], sizeof pair);
      pairs[lane] = pair;
    }
    const auto both = hn::Load(du, pairs.data());
    if constexpr (std::is_signed_v<T>) {
      const VI widened = hn::BitCast(di, hn::ShiftLeft<32 - 2 * kBits>(both));
      next = hn::ConvertTo(d, hn::ShiftRight<32 - kBits>(widened));
      at = hn::ConvertTo(d, hn::ShiftRight<32 - kBits>(hn::BitCast(di, hn::ShiftLeft<32 - kBits>(both))));
    } else {
      at = hn::ConvertTo(d, hn::BitCast(di, hn::And(both, hn::Set(du, (1U << kBits) - 1))));
      next = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<kBits>(both)));
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

  HWY_INLINE void values(const std::int32_t* offsets, V& at, V& next) const {
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> here;
    HWY_ALIGN std::array<float, kMostLanes> there;
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      const float* const voxel = voxels + offsets[lane];
      here[lane] = voxel[0];
      there[lane] = voxel[to_next];
    }
    at = hn::Load(d, here.data());
    next = hn::Load(d, there.data());
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

  HWY_INLINE void values(const std::int32_t* offsets, V& at, V& next) const { load(offsets, to_next, at, next); }
  HWY_INLINE V value(const std::int32_t* offsets) const {
    V at;
    V same;
    load(offsets, 0, at, same);
    return at;
  }

  HWY_INLINE void load(const std::int32_t* offsets, std::int32_t step, V& at, V& next) const {
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> here;
    HWY_ALIGN std::array<float, kMostLanes> there;
    view.load_pairs(view.voxels, offsets, step, hn::Lanes(d), view.load_low, view.load_per_unit, here.data(),
                    there.data());
    at = hn::Load(d, here.data());
    next = hn::Load(d, there.data());
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
      hn::Store(offset_of(nearest(at.x, 0), nearest(at.y, 1), nearest(at.z, 2)), di, offsets.data());
      return voxels_.value(offsets.data());
    } else {
      V right;
      V down;
      V back;
      const VI column = below(at.x, 0, right);
      const VI row = below(at.y, 1, down);
      const VI plane = below(at.z, 2, back);
      const VI corner = offset_of(column, row, plane);
      const VI to_row = hn::Set(di, size_[1] > 1 ? line_ : 0);
      const VI to_plane = hn::Set(di, size_[2] > 1 ? plane_ : 0);
      const V front = face(corner, to_row, right, down);
      const V behind = face(hn::Add(corner, to_plane), to_row, right, down);
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
  HWY_INLINE V line(VI offset, V right) const {
    const DI di;
    HWY_ALIGN std::array<std::int32_t, kMostLanes> offsets;
    hn::Store(offset, di, offsets.data());
    V at;
    V next;
    voxels_.values(offsets.data(), at, next);
    return mix(at, next, right);
  }
  HWY_INLINE V face(VI offset, VI to_row, V right, V down) const {
    const V here = line(offset, right);
    return mix(here, line(hn::Add(offset, to_row), right), down);
  }

  Voxels voxels_;
  std::int32_t line_;
  std::int32_t plane_;
  std::array<std::int32_t, 3> size_;
};

template <class Voxels, bool kLinear>
void sample_steps(const MarchView& view, const Packet& packet, int begin, int end, float* values) {
  const D d;
  const Sampler<Voxels, kLinear> sample(view);
  for (int step = begin; step < end; ++step, values += kMostLanes) hn::Store(sample(packet.at(step)), d, values);
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

Samplers choose_samplers(const MarchView& view) {
  using image::DType;
  const bool paired = view.size[0] > 1;
  if (paired && (view.dtype == DType::UInt8 || view.dtype == DType::Bool)) {
    return samplers_of<PairedIntegers<std::uint8_t>>(view.linear);
  }
  if (paired && view.dtype == DType::UInt16) return samplers_of<PairedIntegers<std::uint16_t>>(view.linear);
  if (paired && view.dtype == DType::Int16) return samplers_of<PairedIntegers<std::int16_t>>(view.linear);
  if (view.dtype == DType::Float32) return samplers_of<Floats>(view.linear);
  return samplers_of<AnyVoxels>(view.linear);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
