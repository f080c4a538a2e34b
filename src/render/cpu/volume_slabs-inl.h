// Rays of a packet that gather colour: translucent and additive (ray_modes.h).
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_SLABS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_SLABS_INL_H
#undef NDCAST_RENDER_VOLUME_SLABS_INL_H
#else
#define NDCAST_RENDER_VOLUME_SLABS_INL_H
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <hwy/highway.h>

#include "render/cpu/volume_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

/// Light that passes; below it what lies behind changes no 8-bit component by more than one half.
constexpr float kPasses = 1.0F / 512;

/// Sums of each lane: premultiplied colour and alpha.
using Sums = std::array<ColorAlpha, kMostLanes>;

/// Behind what the lane has.
HWY_INLINE void add_behind(const ColorAlpha& slab, ColorAlpha& sum) {
  const float left = 1.0F - sum.alpha;
  if (left < kPasses) return;
  sum = {sum.red + slab.red * left, sum.green + slab.green * left, sum.blue + slab.blue * left,
         sum.alpha + slab.alpha * left};
}

HWY_INLINE void add_light(const ColorAlpha& slab, float length, ColorAlpha& sum) {
  sum = {sum.red + slab.red * length, sum.green + slab.green * length, sum.blue + slab.blue * length,
         sum.alpha + slab.alpha * length};
}

/// Entries of a table of kSlabEntries for places in it, held in [0, 1].
HWY_INLINE void entries_of(V place, std::int32_t* entries) {
  const D d;
  const DI di;
  // A place that is not a number becomes 0.
  const V held = hn::IfThenElseZero(hn::Gt(place, hn::Zero(d)), hn::Min(place, hn::Set(d, 1.0F)));
  hn::Store(hn::ConvertTo(di, hn::MulAdd(held, hn::Set(d, kSlabEntries - 1.0F), hn::Set(d, 0.5F))), di, entries);
}

HWY_INLINE V place_in(V value, float low, float per_unit) {
  const D d;
  return hn::Mul(hn::Sub(value, hn::Set(d, low)), hn::Set(d, per_unit));
}

/// The entry of the opacity curve for a loaded value.
HWY_INLINE std::size_t curve_entry(const MarchView& view, float value) {
  const float place = (value - view.curve_low) * view.curve_per_unit;
  return static_cast<std::size_t>((place > 0 ? std::min(place, 1.0F) : 0.0F) * (kSlabEntries - 1.0F) + 0.5F);
}

/// Calls add(lane, slab) for each lane of `active` whose value shows.
template <class Add>
HWY_INLINE void visit_shown(const MarchView& view, V value, M active, Add&& add) {
  const D d;
  const bool curved = view.curve != nullptr;
  M shown = hn::And(active, finite(value));
  if (!curved) shown = hn::And(shown, hn::Gt(value, hn::Set(d, view.low)));
  if (hn::AllFalse(d, shown)) return;
  V place = place_in(value, view.low, view.per_unit);
  if (view.rooted) place = hn::Sqrt(hn::Sqrt(hn::Max(place, hn::Zero(d))));
  HWY_ALIGN std::array<std::int32_t, kMostLanes> entries;
  HWY_ALIGN std::array<std::int32_t, kMostLanes> curve_entries;
  entries_of(place, entries.data());
  if (curved) entries_of(place_in(value, view.curve_low, view.curve_per_unit), curve_entries.data());
  for (std::uint64_t lanes = bits_of(shown); lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::size_t>(__builtin_ctzll(lanes));
    const ColorAlpha& slab = view.slabs[entries[lane]];
    if (!curved) {
      add(lane, slab);
    } else if (const float alpha = view.curve[curve_entries[lane]]; alpha > 0) {
      add(lane, ColorAlpha{slab.red * alpha, slab.green * alpha, slab.blue * alpha, alpha});
    }
  }
}

HWY_INLINE bool shows_nothing(const MarchView& view, const BlockBounds& bounds_of, int begin) {
  if (view.cells == nullptr) return false;
  const std::array<float, 2> bounds = bounds_of(begin);
  if (view.curve == nullptr) return !(bounds[1] > view.low);
  if (bounds[1] == -kInfinite) return true;
  return view.curve_visible[curve_entry(view, bounds[1]) + 1] == view.curve_visible[curve_entry(view, bounds[0])];
}

/// False when every lane that meets the volume is as good as opaque.
HWY_INLINE bool lets_light_through(const Packet& packet, const Sums& sums) {
  const D d;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    if (packet.count[lane] + packet.rest[lane] > 0 && sums[lane].alpha <= 1.0F - kPasses) return true;
  }
  return false;
}

/// A slab cut to `length` of it.
HWY_INLINE ColorAlpha part_of(const ColorAlpha& slab, float length) {
  if (slab.alpha <= 0) return {};
  const float alpha = 1.0F - std::pow(1.0F - slab.alpha, length);
  const float share = alpha / slab.alpha;
  return {slab.red * share, slab.green * share, slab.blue * share, alpha};
}

bool march_translucent(const MarchView& view, const Samplers& samplers, const Packet& packet, Sums& sums) {
  const D d;
  bool passes = lets_light_through(packet, sums);
  if (!passes) return true;  // lanes that miss this piece may meet the next
  const BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown(view, value, active, [&](std::size_t lane, const ColorAlpha& slab) { add_behind(slab, sums[lane]); });
    });
    passes = lets_light_through(packet, sums);
    return passes;
  });
  if (const M rest = has_rest(packet); passes && !hn::AllFalse(d, rest)) {
    visit_shown(
        view, samplers.value_at(view, packet.rest_position()), rest,
        [&](std::size_t lane, const ColorAlpha& slab) { add_behind(part_of(slab, packet.rest[lane]), sums[lane]); });
  }
  return true;
}

bool march_additive(const MarchView& view, const Samplers& samplers, const Packet& packet, Sums& sums) {
  const D d;
  const BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown(view, value, active,
                  [&](std::size_t lane, const ColorAlpha& slab) { add_light(slab, 1.0F, sums[lane]); });
    });
    return true;
  });
  if (const M rest = has_rest(packet); !hn::AllFalse(d, rest)) {
    visit_shown(view, samplers.value_at(view, packet.rest_position()), rest,
                [&](std::size_t lane, const ColorAlpha& slab) { add_light(slab, packet.rest[lane], sums[lane]); });
  }
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
