// Blocks of a packet's samples: their bounds, and a walk through them.
// Included once a target by Highway's foreach_target: the guard toggles, and `#pragma once` would be wrong.
#if defined(NDCAST_RENDER_VOLUME_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef NDCAST_RENDER_VOLUME_BLOCKS_INL_H
#undef NDCAST_RENDER_VOLUME_BLOCKS_INL_H
#else
#define NDCAST_RENDER_VOLUME_BLOCKS_INL_H
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

#include <hwy/highway.h>

#include "render/volume_packet-inl.h"
#include "render/volume_sampler-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

constexpr float kInfinite = std::numeric_limits<float>::infinity();

HWY_INLINE M none() {
  const D d;
  return hn::Lt(hn::Zero(d), hn::Zero(d));
}

HWY_INLINE M finite(V value) {
  const D d;
  return hn::Lt(hn::Abs(value), hn::Set(d, kInfinite));
}

/// A bit a lane.
HWY_INLINE std::uint64_t bits_of(M mask) {
  const D d;
  std::array<std::uint8_t, 8> bytes{};
  hn::StoreMaskBits(d, mask, bytes.data());
  std::uint64_t bits;
  std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

HWY_INLINE V rest_lengths(const Packet& packet) {
  const D d;
  return hn::Load(d, packet.rest.data());
}

HWY_INLINE M has_rest(const Packet& packet) {
  const D d;
  return hn::Gt(rest_lengths(packet), hn::Zero(d));
}

/// Bounds over the cells that the samples [begin, end) of the packet's active lanes lie in.
std::array<float, 2> block_bounds(const MarchView& view, const Packet& packet, int begin, int end) {
  const D d;
  const M active = packet.has_step(begin);
  const Position from = packet.at(begin);
  const Position to = packet.at(end - 1);
  const V infinity = hn::Set(d, kInfinite);
  const V minus_infinity = hn::Set(d, -kInfinite);
  std::array<int, 3> least;
  std::array<int, 3> most;
  const auto cells_along = [&](V a, V b, std::size_t i) {
    const V low = hn::IfThenElse(active, hn::Min(a, b), infinity);
    const V high = hn::IfThenElse(active, hn::Max(a, b), minus_infinity);
    const auto cell = [&](float position) {
      return static_cast<int>(std::clamp(position, 0.0F, static_cast<float>(view.size[i] - 1))) / 8;
    };
    least[i] = cell(hn::GetLane(hn::MinOfLanes(d, low)));
    most[i] = cell(hn::GetLane(hn::MaxOfLanes(d, high)));
  };
  cells_along(from.x, to.x, 0);
  cells_along(from.y, to.y, 1);
  cells_along(from.z, to.z, 2);
  std::array<float, 2> bounds{kInfinite, -kInfinite};
  for (int z = least[2]; z <= most[2]; ++z) {
    for (int y = least[1]; y <= most[1]; ++y) {
      const std::array<float, 2>* const line =
          view.cells + (static_cast<std::ptrdiff_t>(z) * view.grid[1] + y) * view.grid[0];
      for (int x = least[0]; x <= most[0]; ++x) {
        bounds[0] = std::min(bounds[0], line[x][0]);
        bounds[1] = std::max(bounds[1], line[x][1]);
      }
    }
  }
  return bounds;
}

/// Samples the steps [begin, end), at most kMostBlock, and calls visit(value, active lanes, step) for each, from the
/// eye on. Values of lanes that are not active mean nothing.
template <class Visit>
HWY_INLINE void visit_steps(const MarchView& view, const Samplers& samplers, const Packet& packet, int begin, int end,
                            Visit&& visit) {
  const D d;
  HWY_ALIGN std::array<float, kMostLanes * kMostBlock> values;
  samplers.steps(view, packet, begin, end, values.data());
  const float* value = values.data();
  for (int step = begin; step < end; ++step, value += kMostLanes) {
    visit(hn::Load(d, value), packet.has_step(step), step);
  }
}

/// The steps of the packet in blocks from the eye on: calls visit(begin, end) until it returns false.
template <class Visit>
HWY_INLINE void visit_blocks(const MarchView& view, const Packet& packet, Visit&& visit) {
  for (int begin = 0; begin < packet.most_steps; begin += view.block) {
    if (!visit(begin, std::min(begin + view.block, packet.most_steps))) return;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#endif
