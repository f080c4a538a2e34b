// What the rays of a packet make of their samples in the modes that show one value each: mip, minip, average,
// attenuated_mip, iso (ray_modes.h).
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_MODES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_MODES_INL_H
#undef NDCAST_RENDER_VOLUME_MODES_INL_H
#else
#define NDCAST_RENDER_VOLUME_MODES_INL_H
#endif

#include <algorithm>
#include <array>
#include <vector>

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "render/cpu/volume_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

/// A value each lane, and which lanes have one.
struct SeenValues {
  V value;
  M any;
};

// --- mip and minip ---

/// The largest finite value of each lane, times `sign`: minip is the mip of what is below zero.
struct Largest {
  V value;
  M any;

  HWY_INLINE void take(V sample, M counts) {
    const M valid = hn::And(counts, finite(sample));
    any = hn::Or(any, valid);
    value = hn::IfThenElse(valid, hn::Max(value, sample), value);
  }
};

/// The window and a block's bounds as mip sees them.
struct Extremes {
  float sign;
  float dark;    ///< values up to here look alike
  float bright;  ///< and from here on

  explicit Extremes(const MarchView& view)
      : sign(view.rendering == scene::Rendering::Minip ? -1.0F : 1.0F),
        dark(!view.held ? -kInfinite
             : sign > 0 ? view.low
                        : -view.high),
        bright(!view.held ? kInfinite
               : sign > 0 ? view.high
                          : -view.low) {}
};

/// What each block may raise the picture to, in whole vectors; blocks that only tell that there is data set
/// `largest.any`.
void list_bounds(const MarchView& view, const Extremes& extremes, const Packet& packet, const BlockBounds& bounds_of,
                 std::vector<float>& bounds, Largest& largest) {
  const D d;
  const int blocks = (packet.most_steps + view.block - 1) / view.block;
  const int at_once = BlockBounds::at_once();
  const V nothing = hn::Set(d, -kInfinite);
  bool knows_of_data = false;  // of all rays that later blocks could tell of
  bounds.resize(static_cast<std::size_t>((blocks + at_once - 1) / at_once * at_once));
  for (int block = 0; block < blocks; block += at_once) {
    const BlockBounds::OfBlocks found = bounds_of.of_blocks(block);
    const M in_packet = hn::FirstN(d, static_cast<std::size_t>(blocks - block));
    const M has_data = hn::And(in_packet, hn::Gt(found.high, nothing));
    const M all_data = hn::And(in_packet, hn::Gt(found.low, nothing));
    const V bound = extremes.sign > 0 ? found.high : hn::Neg(found.low);
    const M raises = hn::And(has_data, hn::Gt(bound, hn::Set(d, extremes.dark)));
    if (const std::ptrdiff_t lane = hn::FindFirstTrue(d, hn::AndNot(raises, all_data)); lane >= 0 && !knows_of_data) {
      largest.any = hn::Or(largest.any, packet.has_step((block + static_cast<int>(lane)) * view.block));
      knows_of_data = true;
    }
    // Where voxels that are not finite lie among others, only the samples tell whether the ray met data.
    const V otherwise = hn::IfThenElse(hn::AndNot(all_data, has_data), hn::Set(d, extremes.dark), nothing);
    hn::StoreU(hn::IfThenElse(raises, bound, otherwise), d, &bounds[static_cast<std::size_t>(block)]);
  }
}

/// The block of the largest bound; −1 when none is above `reached`.
HWY_INLINE int brightest_block(const std::vector<float>& bounds, float reached) {
  const D d;
  V most = hn::Set(d, -kInfinite);
  for (std::size_t i = 0; i < bounds.size(); i += hn::Lanes(d)) most = hn::Max(most, hn::LoadU(d, &bounds[i]));
  most = hn::MaxOfLanes(d, most);
  if (!(hn::GetLane(most) > reached)) return -1;
  for (std::size_t i = 0; i < bounds.size(); i += hn::Lanes(d)) {
    const std::ptrdiff_t lane = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, &bounds[i]), most));
    if (lane >= 0) return static_cast<int>(static_cast<std::ptrdiff_t>(i) + lane);
  }
  return -1;  // of lanes that are all −infinity, some targets call a finite number the largest
}

/// The value that every unfinished lane has reached; infinite when none is left.
HWY_INLINE float least_reached(const Packet& packet, const Largest& largest) {
  const D d;
  const V reached = hn::IfThenElse(largest.any, largest.value, hn::Set(d, -kInfinite));
  return hn::GetLane(hn::MinOfLanes(d, hn::IfThenElse(packet.has_step(0), reached, hn::Set(d, kInfinite))));
}

/// The lanes where a sample of these bounds may change what is seen.
HWY_INLINE M may_raise(const Extremes& extremes, const BlockBounds::OfBlocks& bounds, const Largest& largest) {
  const V bound = extremes.sign > 0 ? bounds.high : hn::Neg(bounds.low);
  return hn::Or(hn::Not(largest.any), hn::Gt(bound, largest.value));
}

/// What the rays have seen so far.
struct Extreme {
  Extremes extremes;
  Largest largest{hn::Set(D(), -kInfinite), none()};
  std::vector<float>& bounds;

  Extreme(const MarchView& view, std::vector<float>& scratch) : extremes(view), bounds(scratch) {}
  SeenValues seen() const { return {hn::Mul(largest.value, hn::Set(D(), extremes.sign)), largest.any}; }
};

// The functions march_… take a piece of the packet's way and add what is seen there to what has been; they return
// whether anything behind can still be seen.

bool march_extreme(const MarchView& view, const Samplers& samplers, const Packet& packet, Extreme& seen) {
  const D d;
  const Extremes& extremes = seen.extremes;
  Largest& largest = seen.largest;
  const V sign = hn::Set(d, extremes.sign);
  const auto take_steps = [&](int begin, int end) {
    visit_steps(view, samplers, packet, begin, end,
                [&](V value, M active, int) { largest.take(hn::Mul(value, sign), active); });
    return true;
  };
  M rest = has_rest(packet);
  if (!view.has_cells()) {
    visit_blocks(view, packet, take_steps);
  } else {
    const BlockBounds bounds_of(view, packet);
    list_bounds(view, extremes, packet, bounds_of, seen.bounds, largest);
    float reached = least_reached(packet, largest);
    while (reached < extremes.bright) {
      const int block = brightest_block(seen.bounds, reached);
      if (block < 0) break;
      seen.bounds[static_cast<std::size_t>(block)] = -kInfinite;
      take_steps(block * view.block, std::min((block + 1) * view.block, packet.most_steps));
      reached = least_reached(packet, largest);
    }
    rest = hn::And(rest, may_raise(extremes, bounds_of.at(packet.rest_position()), largest));
  }
  if (!hn::AllFalse(d, rest)) largest.take(hn::Mul(samplers.value_at(view, packet.rest_position()), sign), rest);
  return true;
}

// --- average ---

/// The mean of what each lane has met, by the length it was met on.
struct Mean {
  V sum;
  V lengths;

  HWY_INLINE void take(V value, V length) {
    const M valid = hn::And(hn::Gt(length, hn::Zero(D())), finite(value));
    sum = hn::Add(sum, hn::IfThenElseZero(valid, hn::Mul(value, length)));
    lengths = hn::Add(lengths, hn::IfThenElseZero(valid, length));
  }
  SeenValues seen() const {
    const D d;
    const M any = hn::Gt(lengths, hn::Zero(d));
    return {hn::Div(sum, hn::IfThenElse(any, lengths, hn::Set(d, 1.0F))), any};
  }
};

bool march_average(const MarchView& view, const Samplers& samplers, const Packet& packet, Mean& mean) {
  const D d;
  const V units = hn::Set(d, view.units);
  const auto take = [&](V value, V steps) { mean.take(value, hn::Mul(steps, units)); };
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (view.has_cells()) {
      const std::array<float, 2> bounds = bounds_of(begin);
      if (bounds[0] == bounds[1]) {
        const V left = hn::Sub(hn::Load(d, packet.count.data()), hn::Set(d, static_cast<float>(begin)));
        const V most = hn::Set(d, static_cast<float>(end - begin));
        take(hn::Set(d, bounds[0]), hn::Min(hn::Max(left, hn::Zero(d)), most));
        return true;
      }
      if (bounds[1] == -kInfinite) return true;
    }
    visit_steps(view, samplers, packet, begin, end,
                [&](V value, M active, int) { take(value, hn::IfThenElseZero(active, hn::Set(d, 1.0F))); });
    return true;
  });
  if (!hn::AllFalse(d, has_rest(packet))) take(samplers.value_at(view, packet.rest_position()), rest_lengths(packet));
  return true;
}

// --- attenuated mip ---

/// What lies in front of each lane's next sample, and the brightest so far.
struct Dimmed {
  V in_front;  ///< Σ t·ds · attenuation
  V best;
  M any;

  SeenValues seen() const { return {hn::Min(best, hn::Set(D(), 1.0F)), any}; }
  HWY_INLINE void take(const MarchView& view, V value, M counts, V length) {
    const D d;
    const V zero = hn::Zero(d);
    const M valid = hn::And(counts, finite(value));
    any = hn::Or(any, valid);
    const V place = hn::Mul(hn::Sub(value, hn::Set(d, view.low)), hn::Set(d, view.per_unit));
    const M shown = hn::And(valid, hn::Gt(place, zero));
    if (hn::AllFalse(d, shown)) return;
    const V seen = hn::Mul(place, hn::Exp(d, hn::Neg(in_front)));
    best = hn::IfThenElse(shown, hn::Max(best, seen), best);
    const V held = hn::Min(place, hn::Set(d, 1.0F));
    const V step = hn::Mul(hn::Mul(held, length), hn::Set(d, view.attenuation));
    in_front = hn::Add(in_front, hn::IfThenElseZero(shown, step));
  }
};

bool march_attenuated(const MarchView& view, const Samplers& samplers, const Packet& packet, Dimmed& dimmed) {
  const D d;
  const V one = hn::Set(d, 1.0F);
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (view.has_cells()) {
      const std::array<float, 2> bounds = bounds_of(begin);
      if (bounds[1] == -kInfinite) return true;
      if (bounds[0] > -kInfinite && !(bounds[1] > view.low)) {
        dimmed.any = hn::Or(dimmed.any, packet.has_step(begin));
        return true;
      }
    }
    visit_steps(view, samplers, packet, begin, end,
                [&](V value, M active, int) { dimmed.take(view, value, active, one); });
    // Where every lane shows full brightness, nothing behind changes the picture.
    return !hn::AllTrue(d, hn::Or(hn::Not(packet.has_step(0)), hn::Ge(dimmed.best, one)));
  });
  const M rest = has_rest(packet);
  if (!hn::AllFalse(d, rest)) {
    dimmed.take(view, samplers.value_at(view, packet.rest_position()), rest, rest_lengths(packet));
  }
  return true;
}

// --- iso ---

HWY_INLINE Position moved(const Position& at, std::size_t axis, float by) {
  const D d;
  Position to = at;
  V& along = axis == 0 ? to.x : axis == 1 ? to.y : to.z;
  along = hn::Add(along, hn::Set(d, by));
  return to;
}

/// How much the surface at `at` faces the eye.
HWY_INLINE V facing(const MarchView& view, const Samplers& samplers, const Packet& packet, const Position& at) {
  const D d;
  V squares = hn::Zero(d);
  V along_ray = hn::Zero(d);
  V ray_squares = hn::Zero(d);
  for (std::size_t i = 0; i < 3; ++i) {
    const V slope =
        hn::Sub(samplers.linear_at(view, moved(at, i, 1.0F)), samplers.linear_at(view, moved(at, i, -1.0F)));
    const V normal = hn::Mul(slope, hn::Set(d, view.per_voxel[i]));
    const V direction = hn::Div(hn::Load(d, packet.advance[i].data()), hn::Set(d, view.per_voxel[i]));
    squares = hn::MulAdd(normal, normal, squares);
    along_ray = hn::MulAdd(normal, direction, along_ray);
    ray_squares = hn::MulAdd(direction, direction, ray_squares);
  }
  const V lengths = hn::Mul(hn::Sqrt(squares), hn::Sqrt(ray_squares));
  const M known = hn::And(hn::Gt(lengths, hn::Zero(d)), finite(lengths));
  const V one = hn::Set(d, 1.0F);
  return hn::IfThenElse(known, hn::Min(hn::Div(hn::Abs(along_ray), lengths), one), one);
}

/// `seen` is how much the surface faces the eye, where there is one.
bool march_iso(const MarchView& view, const Samplers& samplers, const Packet& packet, SeenValues& seen) {
  const D d;
  const M searching = hn::Not(seen.any);
  if (hn::AllFalse(d, searching)) return false;
  const V threshold = hn::Set(d, view.threshold);
  const V nowhere = hn::Set(d, -1.0F);
  V hit = nowhere;  // the step that reached the threshold
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (view.has_cells() && !(bounds_of(begin)[1] >= view.threshold)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int step) {
      const M reached = hn::And(hn::And(hn::And(active, searching), finite(value)), hn::Ge(value, threshold));
      hit = hn::IfThenElse(hn::And(reached, hn::Eq(hit, nowhere)), hn::Set(d, static_cast<float>(step)), hit);
    });
    return !hn::AllFalse(d, hn::And(hn::And(packet.has_step(0), searching), hn::Eq(hit, nowhere)));
  });
  // The sample that reached the threshold, in a whole step or in the rest, and the one before it.
  const M missed = hn::Eq(hit, nowhere);
  Position at = packet.at(hit);
  V value = samplers.value_at(view, at);
  V step = hit;
  M any = hn::Not(missed);
  if (const M rest = hn::And(hn::And(missed, searching), has_rest(packet)); !hn::AllFalse(d, rest)) {
    const Position end = packet.rest_position();
    const V last = samplers.value_at(view, end);
    const M reached = hn::And(hn::And(rest, finite(last)), hn::Ge(last, threshold));
    at = chosen(reached, end, at);
    value = hn::IfThenElse(reached, last, value);
    step = hn::IfThenElse(reached, hn::Load(d, packet.count.data()), step);
    any = hn::Or(any, reached);
  }
  if (hn::AllFalse(d, any)) return true;
  const Position previous = packet.at(hn::Sub(step, hn::Set(d, 1.0F)));
  const V before = samplers.value_at(view, previous);
  const M between = hn::And(hn::And(hn::Ge(step, hn::Set(d, 1.0F)), finite(before)), hn::Lt(before, threshold));
  const V share =
      hn::IfThenElse(between, hn::Div(hn::Sub(threshold, before), hn::Sub(value, before)), hn::Set(d, 1.0F));
  seen.value = hn::IfThenElse(any, facing(view, samplers, packet, mixed(previous, at, share)), seen.value);
  seen.any = hn::Or(seen.any, any);
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
