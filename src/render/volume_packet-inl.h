// A packet of neighbouring rays, a SIMD lane each: the vector types of the march and where its samples lie.
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_PACKET_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_PACKET_INL_H
#undef NDCAST_RENDER_VOLUME_PACKET_INL_H
#else
#define NDCAST_RENDER_VOLUME_PACKET_INL_H
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include <hwy/highway.h>

#include "render/volume_march.h"
#include "render/volume_rays.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kMostLanes = 16;
/// Counts are floats; beyond, not every number of a sample is one.
constexpr double kMostSteps = 1 << 24;

using D = hn::CappedTag<float, kMostLanes>;
using DI = hn::RebindToSigned<D>;
using DU = hn::RebindToUnsigned<D>;
using V = hn::Vec<D>;
using VI = hn::Vec<DI>;
using M = hn::Mask<D>;

/// A packet is this wide and Lanes / packet_width() high: as square as can be.
HWY_INLINE std::size_t packet_width() { return std::min<std::size_t>(4, hn::Lanes(D())); }

struct Position {
  V x;
  V y;
  V z;
};

HWY_INLINE Position chosen(M first, const Position& a, const Position& b) {
  return {hn::IfThenElse(first, a.x, b.x), hn::IfThenElse(first, a.y, b.y), hn::IfThenElse(first, a.z, b.z)};
}

/// a + (b − a)·share.
HWY_INLINE Position mixed(const Position& a, const Position& b, V share) {
  const auto mix = [&](V from, V to) { return hn::MulAdd(hn::Sub(to, from), share, from); };
  return {mix(a.x, b.x), mix(a.y, b.y), mix(a.z, b.z)};
}

/// A box that moves with the step: from low + step·low_advance to high + step·high_advance, in voxels along x, y, z.
struct MovingBox {
  std::array<float, 3> low{};
  std::array<float, 3> low_advance{};
  std::array<float, 3> high{};
  std::array<float, 3> high_advance{};
};

/// The rays of a packet, a lane each.
struct Packet {
  HWY_ALIGN std::array<float, kMostLanes> first[3];
  HWY_ALIGN std::array<float, kMostLanes> advance[3];
  HWY_ALIGN std::array<float, kMostLanes> rest_at[3];
  HWY_ALIGN std::array<float, kMostLanes> count;  ///< whole steps; 0 for a ray that misses
  HWY_ALIGN std::array<float, kMostLanes> rest;   ///< length of the rest in steps
  int most_steps = 0;
  MovingBox box;  ///< holds the samples of all rays that have any, also where some have none any more

  Position at(int step) const {
    const D d;
    return at(hn::Set(d, static_cast<float>(step)));
  }
  /// Of a step a lane.
  Position at(V number) const {
    const D d;
    const auto along = [&](int i) {
      return hn::MulAdd(number, hn::Load(d, advance[i].data()), hn::Load(d, first[i].data()));
    };
    return {along(0), along(1), along(2)};
  }
  Position rest_position() const {
    const D d;
    return {hn::Load(d, rest_at[0].data()), hn::Load(d, rest_at[1].data()), hn::Load(d, rest_at[2].data())};
  }
  M has_step(int step) const {
    const D d;
    return hn::Lt(hn::Set(d, static_cast<float>(step)), hn::Load(d, count.data()));
  }
};

/// The least coordinate of the lanes is a concave function of the step and the largest a convex one, so that the chords
/// over all steps hold what lies between.
HWY_INLINE MovingBox box_of(const Packet& packet) {
  const D d;
  const M counts = packet.has_step(0);
  const V infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  const float last = static_cast<float>(std::max(packet.most_steps - 1, 1));
  MovingBox box;
  for (std::size_t i = 0; i < 3; ++i) {
    const V first = hn::Load(d, packet.first[i].data());
    const V end = hn::MulAdd(hn::Set(d, last), hn::Load(d, packet.advance[i].data()), first);
    const auto least = [&](V v) { return hn::GetLane(hn::MinOfLanes(d, hn::IfThenElse(counts, v, infinity))); };
    const auto most = [&](V v) { return hn::GetLane(hn::MaxOfLanes(d, hn::IfThenElse(counts, v, hn::Neg(infinity)))); };
    box.low[i] = least(first);
    box.low_advance[i] = (least(end) - box.low[i]) / last;
    box.high[i] = most(first);
    box.high_advance[i] = (most(end) - box.high[i]) / last;
  }
  return box;
}

/// Sets up the lanes in double precision: far from the volume the eye's coordinates are much larger than a voxel.
void set_up(const MarchView& view, int left, int top, Packet& packet) {
  const hn::CappedTag<double, kMostLanes / 2> d;
  const hn::Rebind<float, decltype(d)> df;
  using VD = hn::Vec<decltype(d)>;
  const D df_all;
  const VD zero = hn::Zero(d);
  const VD half = hn::Set(d, 0.5);
  HWY_ALIGN std::array<double, kMostLanes> px;
  HWY_ALIGN std::array<double, kMostLanes> py;
  for (std::size_t lane = 0; lane < kMostLanes; ++lane) {
    const std::size_t row = lane / packet_width();
    px[lane] = left + static_cast<double>(lane % packet_width()) + 0.5;
    py[lane] = top + static_cast<double>(row) + 0.5;
  }
  for (std::size_t lane = 0; lane < hn::Lanes(df_all); lane += hn::Lanes(d)) {
    const VD x = hn::Load(d, px.data() + lane);
    const VD y = hn::Load(d, py.data() + lane);
    const VD across = hn::MulAdd(x, hn::Set(d, view.tangent_step[0]), hn::Set(d, view.tangent_origin[0]));
    const VD upwards = hn::MulAdd(y, hn::Set(d, view.tangent_step[1]), hn::Set(d, view.tangent_origin[1]));
    const VD length = hn::Sqrt(hn::MulAdd(across, across, hn::MulAdd(upwards, upwards, hn::Set(d, 1.0))));
    const auto fanned = [&](const MarchView::Fan& fan, std::size_t i) {
      return hn::MulAdd(x, hn::Set(d, fan.along_x[i]),
                        hn::MulAdd(y, hn::Set(d, fan.along_y[i]), hn::Set(d, fan.at[i])));
    };
    VD enter = hn::Set(d, view.begins);
    VD leave = hn::Set(d, std::numeric_limits<double>::max());
    std::array<VD, 3> origin{zero, zero, zero};
    std::array<VD, 3> direction{zero, zero, zero};
    for (std::size_t i = 0; i < 3; ++i) {
      origin[i] = fanned(view.origins, i);
      VD along = fanned(view.directions, i);
      // A ray across the axis: so little instead of nothing keeps the quotients apart from 0/0.
      along = hn::IfThenElse(hn::Eq(along, zero), hn::Set(d, 1e-200), along);
      direction[i] = along;
      const VD a = hn::Div(hn::Sub(hn::Set(d, -0.5), origin[i]), along);
      const VD b = hn::Div(hn::Sub(hn::Set(d, view.size[i] - 0.5), origin[i]), along);
      enter = hn::Max(enter, hn::Min(a, b));
      leave = hn::Min(leave, hn::Max(a, b));
    }
    for (std::size_t k = 0; k < view.shown_count; ++k) {
      const std::array<double, 4>& half_space = view.shown_in[k];
      VD along = zero;
      VD below = hn::Set(d, half_space[3]);
      for (std::size_t i = 0; i < 3; ++i) {
        along = hn::MulAdd(direction[i], hn::Set(d, half_space[i]), along);
        below = hn::NegMulAdd(origin[i], hn::Set(d, half_space[i]), below);
      }
      along = hn::IfThenElse(hn::Eq(along, zero), hn::Set(d, 1e-200), along);
      const VD border = hn::Div(below, along);
      const auto inwards = hn::Gt(along, zero);
      enter = hn::IfThenElse(inwards, hn::Max(enter, border), enter);
      leave = hn::IfThenElse(inwards, leave, hn::Min(leave, border));
    }
    const VD per_step = hn::Div(hn::Set(d, view.step_length), length);  // depth
    const VD steps = hn::IfThenElseZero(hn::Gt(leave, enter), hn::Div(hn::Sub(leave, enter), per_step));
    const VD whole = hn::Min(hn::Floor(steps), hn::Set(d, kMostSteps));
    const VD left_over = hn::Sub(steps, hn::Floor(steps));
    const VD rest = hn::IfThenElseZero(hn::Ge(left_over, hn::Set(d, kLeastRest)), left_over);
    hn::StoreU(hn::DemoteTo(df, whole), df, packet.count.data() + lane);
    hn::StoreU(hn::DemoteTo(df, rest), df, packet.rest.data() + lane);
    for (std::size_t i = 0; i < 3; ++i) {
      const VD advance = hn::Mul(direction[i], per_step);
      const VD entry = hn::MulAdd(direction[i], enter, origin[i]);
      const VD rest_at = hn::MulAdd(advance, hn::MulAdd(half, rest, whole), entry);
      hn::StoreU(hn::DemoteTo(df, advance), df, packet.advance[i].data() + lane);
      hn::StoreU(hn::DemoteTo(df, hn::MulAdd(half, advance, entry)), df, packet.first[i].data() + lane);
      hn::StoreU(hn::DemoteTo(df, rest_at), df, packet.rest_at[i].data() + lane);
    }
  }
  packet.most_steps = static_cast<int>(hn::GetLane(hn::MaxOfLanes(df_all, hn::Load(df_all, packet.count.data()))));
  if (packet.most_steps > 0) packet.box = box_of(packet);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
