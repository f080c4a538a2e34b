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
#include <span>

#include <hwy/highway.h>

#include "render/cpu/volume_march.h"
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

/// Positions are computed in floats, twice over.
constexpr float kBoxSlack = 1e-3F;

/// The rays of a packet, a lane each.
struct Packet {
  HWY_ALIGN std::array<float, kMostLanes> first[3];
  HWY_ALIGN std::array<float, kMostLanes> advance[3];
  HWY_ALIGN std::array<float, kMostLanes> rest_at[3];
  HWY_ALIGN std::array<float, kMostLanes> count;  ///< whole steps; 0 for a ray that misses
  HWY_ALIGN std::array<float, kMostLanes> rest;   ///< length of the rest in steps
  int most_steps = 0;
  bool any_rest = false;
  MovingBox box;  ///< holds the samples of all rays that have any, also where some have none any more

  bool misses() const { return most_steps == 0 && !any_rest; }

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
  /// Between which coordinates along an axis the samples [begin, end) of all rays that have any lie, also where some
  /// have none any more.
  std::array<float, 2> extent(std::size_t axis, int begin, int end) const {
    const float from = static_cast<float>(begin);
    const float to = static_cast<float>(end - 1);
    return {box.low[axis] + box.low_advance[axis] * (box.low_advance[axis] < 0 ? to : from) - kBoxSlack,
            box.high[axis] + box.high_advance[axis] * (box.high_advance[axis] > 0 ? to : from) + kBoxSlack};
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

// Rays are met with volumes in double precision: far from the volume the eye's coordinates are much larger than a
// voxel.
using DD = hn::CappedTag<double, kMostLanes / 2>;
using VD = hn::Vec<DD>;

/// Where each lane's ray is in a volume and what is shown of it, in units of depth.
struct Depths {
  HWY_ALIGN std::array<double, kMostLanes> enter;
  HWY_ALIGN std::array<double, kMostLanes> leave;
};

/// Rays of a few lanes, in voxels of a view.
struct Lines {
  VD x;  ///< pixel centres
  VD y;
  std::array<VD, 3> origin{hn::Zero(DD()), hn::Zero(DD()), hn::Zero(DD())};
  std::array<VD, 3> direction{hn::Zero(DD()), hn::Zero(DD()), hn::Zero(DD())};

  Lines(const MarchView& view, int left, int top, std::size_t first_lane) {
    const DD d;
    HWY_ALIGN std::array<double, kMostLanes> px;
    HWY_ALIGN std::array<double, kMostLanes> py;
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
      px[i] = left + static_cast<double>((first_lane + i) % packet_width()) + 0.5;
      py[i] = top + static_cast<double>((first_lane + i) / packet_width()) + 0.5;
    }
    x = hn::Load(d, px.data());
    y = hn::Load(d, py.data());
    const auto fanned = [&](const MarchView::Fan& fan, std::size_t i) {
      return hn::MulAdd(x, hn::Set(d, fan.along_x[i]),
                        hn::MulAdd(y, hn::Set(d, fan.along_y[i]), hn::Set(d, fan.at[i])));
    };
    for (std::size_t i = 0; i < 3; ++i) {
      origin[i] = fanned(view.origins, i);
      const VD along = fanned(view.directions, i);
      // A ray across the axis: so little instead of nothing keeps quotients apart from 0/0.
      direction[i] = hn::IfThenElse(hn::Eq(along, hn::Zero(d)), hn::Set(d, 1e-200), along);
    }
  }
};

/// Whether any lane's ray meets what is shown of the volume.
bool depths_in(const MarchView& view, int left, int top, Depths& depths) {
  const DD d;
  bool any = false;
  const VD zero = hn::Zero(d);
  for (std::size_t lane = 0; lane < hn::Lanes(D()); lane += hn::Lanes(d)) {
    const Lines lines(view, left, top, lane);
    VD enter = hn::Set(d, view.begins);
    VD leave = hn::Set(d, std::numeric_limits<double>::max());
    for (std::size_t i = 0; i < 3; ++i) {
      const VD per_voxel = hn::Div(hn::Set(d, 1.0), lines.direction[i]);
      const VD a = hn::Mul(hn::Sub(hn::Set(d, -0.5), lines.origin[i]), per_voxel);
      const VD b = hn::Mul(hn::Sub(hn::Set(d, view.size[i] - 0.5), lines.origin[i]), per_voxel);
      enter = hn::Max(enter, hn::Min(a, b));
      leave = hn::Min(leave, hn::Max(a, b));
    }
    for (std::size_t k = 0; k < view.shown_count; ++k) {
      const std::array<double, 4>& half_space = view.shown_in[k];
      VD along = zero;
      VD below = hn::Set(d, half_space[3]);
      for (std::size_t i = 0; i < 3; ++i) {
        along = hn::MulAdd(lines.direction[i], hn::Set(d, half_space[i]), along);
        below = hn::NegMulAdd(lines.origin[i], hn::Set(d, half_space[i]), below);
      }
      along = hn::IfThenElse(hn::Eq(along, zero), hn::Set(d, 1e-200), along);
      const VD border = hn::Div(below, along);
      const auto inwards = hn::Gt(along, zero);
      enter = hn::IfThenElse(inwards, hn::Max(enter, border), enter);
      leave = hn::IfThenElse(inwards, leave, hn::Min(leave, border));
    }
    hn::StoreU(enter, d, depths.enter.data() + lane);
    hn::StoreU(leave, d, depths.leave.data() + lane);
    any = any || !hn::AllFalse(d, hn::Lt(enter, leave));
  }
  return any;
}

/// pieces_of() every lane.
void cut(std::span<const Depths> in, std::array<Depths, kMostPieces>& out) {
  std::array<RayInterval, kMostVolumes> of_lane;
  for (std::size_t lane = 0; lane < hn::Lanes(D()); ++lane) {
    for (std::size_t i = 0; i < in.size(); ++i) of_lane[i] = {in[i].enter[lane], in[i].leave[lane]};
    const auto pieces = pieces_of(std::span(of_lane).first(in.size()));
    for (std::size_t i = 0; i < 2 * in.size() - 1; ++i) {
      out[i].enter[lane] = pieces[i].enter;
      out[i].leave[lane] = pieces[i].leave;
    }
  }
}

/// The samples of a piece.
void set_up(const MarchView& view, int left, int top, const Depths& piece, Packet& packet) {
  const DD d;
  const hn::Rebind<float, DD> df;
  const D df_all;
  const VD half = hn::Set(d, 0.5);
  for (std::size_t lane = 0; lane < hn::Lanes(df_all); lane += hn::Lanes(d)) {
    const Lines lines(view, left, top, lane);
    const VD enter = hn::LoadU(d, piece.enter.data() + lane);
    const VD leave = hn::LoadU(d, piece.leave.data() + lane);
    const VD across = hn::MulAdd(lines.x, hn::Set(d, view.tangent_step[0]), hn::Set(d, view.tangent_origin[0]));
    const VD upwards = hn::MulAdd(lines.y, hn::Set(d, view.tangent_step[1]), hn::Set(d, view.tangent_origin[1]));
    const VD length = hn::Sqrt(hn::MulAdd(across, across, hn::MulAdd(upwards, upwards, hn::Set(d, 1.0))));
    const VD per_step = hn::Div(hn::Set(d, view.step_length), length);  // depth
    const VD steps = hn::IfThenElseZero(hn::Gt(leave, enter), hn::Div(hn::Sub(leave, enter), per_step));
    const VD whole = hn::Min(hn::Floor(steps), hn::Set(d, kMostSteps));
    const VD left_over = hn::Sub(steps, hn::Floor(steps));
    const VD rest = hn::IfThenElseZero(hn::Ge(left_over, hn::Set(d, kLeastRest)), left_over);
    hn::StoreU(hn::DemoteTo(df, whole), df, packet.count.data() + lane);
    hn::StoreU(hn::DemoteTo(df, rest), df, packet.rest.data() + lane);
    for (std::size_t i = 0; i < 3; ++i) {
      const VD advance = hn::Mul(lines.direction[i], per_step);
      const VD entry = hn::MulAdd(lines.direction[i], enter, lines.origin[i]);
      const VD rest_at = hn::MulAdd(advance, hn::MulAdd(half, rest, whole), entry);
      hn::StoreU(hn::DemoteTo(df, advance), df, packet.advance[i].data() + lane);
      hn::StoreU(hn::DemoteTo(df, hn::MulAdd(half, advance, entry)), df, packet.first[i].data() + lane);
      hn::StoreU(hn::DemoteTo(df, rest_at), df, packet.rest_at[i].data() + lane);
    }
  }
  const auto most = [&](const std::array<float, kMostLanes>& of) {
    return hn::GetLane(hn::MaxOfLanes(df_all, hn::Load(df_all, of.data())));
  };
  packet.most_steps = static_cast<int>(most(packet.count));
  packet.any_rest = most(packet.rest) > 0;
  if (packet.most_steps > 0) packet.box = box_of(packet);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
