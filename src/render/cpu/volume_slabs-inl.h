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

/// Premultiplied colour and alpha, a lane a ray: a slab, or what has been gathered.
struct Slabs {
  V red;
  V green;
  V blue;
  V alpha;

  /// Adds so much of each lane's slab.
  HWY_INLINE void add(const Slabs& slab, V share) {
    red = hn::MulAdd(slab.red, share, red);
    green = hn::MulAdd(slab.green, share, green);
    blue = hn::MulAdd(slab.blue, share, blue);
    alpha = hn::MulAdd(slab.alpha, share, alpha);
  }
  /// Adds the slabs behind what there is.
  HWY_INLINE void add_behind(const Slabs& slab) {
    const D d;
    const V left = hn::Sub(hn::Set(d, 1.0F), alpha);
    add(slab, hn::IfThenElseZero(hn::Ge(left, hn::Set(d, kPasses)), left));
  }
};

HWY_INLINE Slabs no_slabs() {
  const V zero = hn::Zero(D());
  return {zero, zero, zero, zero};
}

/// Entries of a table of kSlabEntries for places in it, held in [0, 1].
HWY_INLINE VI entries_of(V place) {
  const D d;
  const DI di;
  // A place that is not a number becomes 0.
  const V held = hn::IfThenElseZero(hn::Gt(place, hn::Zero(d)), hn::Min(place, hn::Set(d, 1.0F)));
  return hn::ConvertTo(di, hn::MulAdd(held, hn::Set(d, kSlabEntries - 1.0F), hn::Set(d, 0.5F)));
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

/// The slabs at entries of the table, clear in lanes that show nothing.
HWY_INLINE Slabs slabs_at(const MarchView& view, VI entries, M shown) {
  const D d;
  const DI di;
  if (view.loads == VoxelLoads::Gathered) {
    static_assert(sizeof(ColorAlpha) == 4 * sizeof(float));
    const float* const table = &view.slabs->red;
    const VI at = hn::ShiftLeft<2>(entries);
    const auto part = [&](int i) { return hn::IfThenElseZero(shown, hn::GatherIndex(d, table + i, at)); };
    return {part(0), part(1), part(2), part(3)};
  }
  HWY_ALIGN std::array<std::int32_t, kMostLanes> entry;
  HWY_ALIGN std::array<std::array<float, kMostLanes>, 4> parts{};
  hn::Store(entries, di, entry.data());
  for (std::uint64_t lanes = bits_of(shown); lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::size_t>(__builtin_ctzll(lanes));
    const ColorAlpha& slab = view.slabs[entry[lane]];
    parts[0][lane] = slab.red;
    parts[1][lane] = slab.green;
    parts[2][lane] = slab.blue;
    parts[3][lane] = slab.alpha;
  }
  return {hn::Load(d, parts[0].data()), hn::Load(d, parts[1].data()), hn::Load(d, parts[2].data()),
          hn::Load(d, parts[3].data())};
}

/// Calls add(slabs) with those of the lanes of `active` whose value shows, clear in the others, if any does.
template <class Add>
HWY_INLINE void visit_shown(const MarchView& view, V value, M active, Add&& add) {
  const D d;
  const bool curved = view.curve != nullptr;
  M shown = hn::And(active, finite(value));
  if (!curved) shown = hn::And(shown, hn::Gt(value, hn::Set(d, view.low)));
  if (hn::AllFalse(d, shown)) return;
  V place = place_in(value, view.low, view.per_unit);
  if (view.rooted) place = hn::Sqrt(hn::Sqrt(hn::Max(place, hn::Zero(d))));
  Slabs slabs = slabs_at(view, entries_of(place), shown);
  if (curved) {
    const VI entries = entries_of(place_in(value, view.curve_low, view.curve_per_unit));
    // Alpha of the slabs is 1 where they show.
    Slabs thinned = no_slabs();
    thinned.add(slabs, hn::GatherIndex(D(), view.curve, entries));
    slabs = thinned;
  }
  add(slabs);
}

HWY_INLINE bool shows_nothing(const MarchView& view, BlockBounds& bounds_of, int begin) {
  if (!view.has_cells()) return false;
  const std::array<float, 2> bounds = bounds_of(begin);
  if (view.curve == nullptr) return !(bounds[1] > view.low);
  if (bounds[1] == -kInfinite) return true;
  return view.curve_visible[curve_entry(view, bounds[1]) + 1] == view.curve_visible[curve_entry(view, bounds[0])];
}

/// The lanes whose rest may show something.
HWY_INLINE M showing_rests(const MarchView& view, const BlockBounds& bounds_of, const Packet& packet) {
  const M rest = has_rest(packet);
  if (!view.has_cells() || view.curve != nullptr) return rest;
  return hn::And(rest, hn::Gt(bounds_of.at(packet.rest_position()).high, hn::Set(D(), view.low)));
}

/// False when every lane that meets the volume is as good as opaque.
HWY_INLINE bool lets_light_through(const Packet& packet, const Slabs& gathered) {
  const D d;
  const M meets = hn::Or(packet.has_step(0), has_rest(packet));
  return !hn::AllFalse(d, hn::And(meets, hn::Le(gathered.alpha, hn::Set(d, 1.0F - kPasses))));
}

/// Slabs cut to `lengths` of them, in [0, 1].
HWY_INLINE Slabs part_of(const Slabs& slabs, V lengths) {
  const D d;
  const V one = hn::Set(d, 1.0F);
  HWY_ALIGN std::array<float, kMostLanes> alphas;
  HWY_ALIGN std::array<float, kMostLanes> exponents;
  hn::Store(slabs.alpha, d, alphas.data());
  hn::Store(lengths, d, exponents.data());
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    alphas[lane] = 1.0F - std::pow(1.0F - alphas[lane], exponents[lane]);
  }
  const M any = hn::Gt(slabs.alpha, hn::Zero(d));
  Slabs part = no_slabs();
  part.add(slabs, hn::IfThenElseZero(any, hn::Div(hn::Load(d, alphas.data()), hn::IfThenElse(any, slabs.alpha, one))));
  return part;
}

bool march_translucent(const MarchView& view, const Samplers& samplers, const Packet& packet, Slabs& gathered) {
  const D d;
  bool passes = lets_light_through(packet, gathered);
  if (!passes) return true;  // lanes that miss this piece may meet the next
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown(view, value, active, [&](const Slabs& slabs) { gathered.add_behind(slabs); });
    });
    passes = lets_light_through(packet, gathered);
    return passes;
  });
  if (const M rest = showing_rests(view, bounds_of, packet); passes && !hn::AllFalse(d, rest)) {
    visit_shown(view, samplers.value_at(view, packet.rest_position()), rest,
                [&](const Slabs& slabs) { gathered.add_behind(part_of(slabs, rest_lengths(packet))); });
  }
  return true;
}

bool march_additive(const MarchView& view, const Samplers& samplers, const Packet& packet, Slabs& gathered) {
  const D d;
  const V one = hn::Set(d, 1.0F);
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown(view, value, active, [&](const Slabs& slabs) { gathered.add(slabs, one); });
    });
    return true;
  });
  if (const M rest = showing_rests(view, bounds_of, packet); !hn::AllFalse(d, rest)) {
    visit_shown(view, samplers.value_at(view, packet.rest_position()), rest,
                [&](const Slabs& slabs) { gathered.add(slabs, rest_lengths(packet)); });
  }
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
