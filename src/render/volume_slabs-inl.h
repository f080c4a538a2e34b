// Rays of a packet that gather colour: translucent and additive (ray_modes.h).
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_SLABS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_SLABS_INL_H
#undef NDCAST_RENDER_VOLUME_SLABS_INL_H
#else
#define NDCAST_RENDER_VOLUME_SLABS_INL_H
#endif

#include <array>
#include <cstdint>

#include <hwy/highway.h>

#include "render/volume_blocks-inl.h"

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

/// Calls add(lane, table entry) for each lane of `active` whose value shows.
template <class Add>
HWY_INLINE void visit_shown(const MarchView& view, V value, M active, Add&& add) {
  const D d;
  const DI di;
  const V low = hn::Set(d, view.low);
  const M shown = hn::And(hn::And(active, hn::Gt(value, low)), finite(value));
  if (hn::AllFalse(d, shown)) return;
  V place = hn::Min(hn::Mul(hn::Sub(value, low), hn::Set(d, view.per_unit)), hn::Set(d, 1.0F));
  if (view.rooted) place = hn::Sqrt(hn::Sqrt(place));
  place = hn::IfThenElseZero(shown, place);
  HWY_ALIGN std::array<std::int32_t, kMostLanes> entries;
  hn::Store(hn::ConvertTo(di, hn::MulAdd(place, hn::Set(d, kSlabEntries - 1.0F), hn::Set(d, 0.5F))), di,
            entries.data());
  for (std::uint64_t lanes = bits_of(shown); lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::size_t>(__builtin_ctzll(lanes));
    add(lane, view.slabs[entries[lane]]);
  }
}

HWY_INLINE bool shows_nothing(const MarchView& view, const Packet& packet, int begin, int end) {
  return view.cells != nullptr && !(block_bounds(view, packet, begin, end)[1] > view.low);
}

/// False when every lane that meets the volume is as good as opaque.
HWY_INLINE bool lets_light_through(const Packet& packet, const Sums& sums) {
  const D d;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    if (packet.count[lane] + packet.rest[lane] > 0 && sums[lane].alpha <= 1.0F - kPasses) return true;
  }
  return false;
}

/// The whole steps; `rest_value` is what lies in the rest, whose slab the table does not have.
void march_translucent(const MarchView& view, const Samplers& samplers, const Packet& packet, Sums& sums,
                       V& rest_value) {
  const D d;
  bool passes = true;
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, packet, begin, end)) return true;
    visit_steps(view, samplers, packet, begin, end, [&](V value, M active, int) {
      visit_shown(view, value, active, [&](std::size_t lane, const ColorAlpha& slab) { add_behind(slab, sums[lane]); });
    });
    passes = lets_light_through(packet, sums);
    return passes;
  });
  if (passes && !hn::AllFalse(d, has_rest(packet))) rest_value = samplers.value_at(view, packet.rest_position());
}

void march_additive(const MarchView& view, const Samplers& samplers, const Packet& packet, Sums& sums) {
  const D d;
  visit_blocks(view, packet, [&](int begin, int end) {
    if (shows_nothing(view, packet, begin, end)) return true;
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
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
