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

/// Premultiplied colour and alpha, a lane a ray: a slab, or what has been gathered. Of the colour all three components,
/// or the one that the others are multiples of (MarchView::lead).
template <std::size_t kColors>
struct Slabs {
  std::array<V, kColors> color;
  V alpha;

  /// Adds so much of each lane's slab.
  HWY_INLINE void add(const Slabs& slab, V share) {
    for (std::size_t i = 0; i < kColors; ++i) color[i] = hn::MulAdd(slab.color[i], share, color[i]);
    alpha = hn::MulAdd(slab.alpha, share, alpha);
  }
  /// Adds the slabs behind what there is.
  HWY_INLINE void add_behind(const Slabs& slab) {
    const D d;
    const V left = hn::Sub(hn::Set(d, 1.0F), alpha);
    add(slab, hn::IfThenElseZero(hn::Ge(left, hn::Set(d, kPasses)), left));
  }
};

template <std::size_t kColors>
HWY_INLINE Slabs<kColors> no_slabs() {
  const V zero = hn::Zero(D());
  if constexpr (kColors == 1) {
    return {{zero}, zero};
  } else {
    return {{zero, zero, zero}, zero};
  }
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
template <std::size_t kColors>
HWY_INLINE Slabs<kColors> slabs_at(const MarchView& view, VI entries, M shown) {
  const D d;
  const DI di;
  static_assert(sizeof(ColorAlpha) == 4 * sizeof(float));
  const float* const table = &view.slabs->red;
  const std::size_t first = kColors == 1 ? view.lead : 0;
  Slabs<kColors> slabs = no_slabs<kColors>();
  if (view.loads == VoxelLoads::Gathered) {
    const VI at = hn::ShiftLeft<2>(entries);
    const auto part = [&](std::size_t i) { return hn::IfThenElseZero(shown, hn::GatherIndex(d, table + i, at)); };
    for (std::size_t i = 0; i < kColors; ++i) slabs.color[i] = part(first + i);
    slabs.alpha = part(3);
    return slabs;
  }
  HWY_ALIGN std::array<std::int32_t, kMostLanes> entry;
  HWY_ALIGN std::array<std::array<float, kMostLanes>, kColors + 1> parts{};
  hn::Store(entries, di, entry.data());
  for (std::uint64_t lanes = bits_of(shown); lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::size_t>(__builtin_ctzll(lanes));
    const float* const slab = table + std::ptrdiff_t{4} * entry[lane];
    for (std::size_t i = 0; i < kColors; ++i) parts[i][lane] = slab[first + i];
    parts[kColors][lane] = slab[3];
  }
  for (std::size_t i = 0; i < kColors; ++i) slabs.color[i] = hn::Load(d, parts[i].data());
  slabs.alpha = hn::Load(d, parts[kColors].data());
  return slabs;
}

/// Calls add(slabs) with those of the lanes of `active` whose value shows, clear in the others, if any does.
template <std::size_t kColors, class Add>
HWY_INLINE void visit_shown(const MarchView& view, V value, M active, Add&& add) {
  const D d;
  const bool curved = view.curve != nullptr;
  M shown = hn::And(active, finite(value));
  if (!curved) shown = hn::And(shown, hn::Gt(value, hn::Set(d, view.low)));
  if (hn::AllFalse(d, shown)) return;
  V place = place_in(value, view.low, view.per_unit);
  if (view.rooted) place = hn::Sqrt(hn::Sqrt(hn::Max(place, hn::Zero(d))));
  Slabs<kColors> slabs = slabs_at<kColors>(view, entries_of(place), shown);
  if (curved) {
    const VI entries = entries_of(place_in(value, view.curve_low, view.curve_per_unit));
    // Alpha of the slabs is 1 where they show.
    Slabs<kColors> thinned = no_slabs<kColors>();
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
HWY_INLINE bool lets_light_through(const Packet& packet, V alpha) {
  const D d;
  const M meets = hn::Or(packet.has_step(0), has_rest(packet));
  return !hn::AllFalse(d, hn::And(meets, hn::Le(alpha, hn::Set(d, 1.0F - kPasses))));
}

/// Slabs cut to `lengths` of them, in [0, 1].
template <std::size_t kColors>
HWY_INLINE Slabs<kColors> part_of(const Slabs<kColors>& slabs, V lengths) {
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
  Slabs<kColors> part = no_slabs<kColors>();
  part.add(slabs, hn::IfThenElseZero(any, hn::Div(hn::Load(d, alphas.data()), hn::IfThenElse(any, slabs.alpha, one))));
  return part;
}

template <std::size_t kColors>
bool march_translucent(const MarchView& view, const Samplers& samplers, const Packet& packet,
                       Slabs<kColors>& gathered) {
  const D d;
  bool passes = lets_light_through(packet, gathered.alpha);
  if (!passes) return true;  // lanes that miss this piece may meet the next
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown<kColors>(view, value, active, [&](const Slabs<kColors>& slabs) { gathered.add_behind(slabs); });
    });
    passes = lets_light_through(packet, gathered.alpha);
    return passes;
  });
  if (const M rest = showing_rests(view, bounds_of, packet); passes && !hn::AllFalse(d, rest)) {
    visit_shown<kColors>(view, samplers.value_at(view, packet.rest_position()), rest, [&](const Slabs<kColors>& slabs) {
      gathered.add_behind(part_of(slabs, rest_lengths(packet)));
    });
  }
  return true;
}

template <std::size_t kColors>
bool march_additive(const MarchView& view, const Samplers& samplers, const Packet& packet, Slabs<kColors>& gathered) {
  const D d;
  const V one = hn::Set(d, 1.0F);
  BlockBounds bounds_of(view, packet);
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, bounds_of, begin)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown<kColors>(view, value, active, [&](const Slabs<kColors>& slabs) { gathered.add(slabs, one); });
    });
    return true;
  });
  if (const M rest = showing_rests(view, bounds_of, packet); !hn::AllFalse(d, rest)) {
    visit_shown<kColors>(view, samplers.value_at(view, packet.rest_position()), rest,
                         [&](const Slabs<kColors>& slabs) { gathered.add(slabs, rest_lengths(packet)); });
  }
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
