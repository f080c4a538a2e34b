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

#include "render/volume_cells.h"
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

/// Positions are computed in floats, twice over.
constexpr float kBoxSlack = 1e-3F;

/// The cells, first and last along x, y and z, that the samples [begin, end) of the packet lie in.
struct CellBox {
  std::array<int, 3> first;
  std::array<int, 3> last;
};

HWY_INLINE CellBox cells_of(const MarchView& view, const Packet& packet, int begin, int end) {
  const float from = static_cast<float>(begin);
  const float to = static_cast<float>(end - 1);
  const MovingBox& box = packet.box;
  CellBox cells;
  for (std::size_t i = 0; i < 3; ++i) {
    const float low = box.low[i] + box.low_advance[i] * (box.low_advance[i] < 0 ? to : from) - kBoxSlack;
    const float high = box.high[i] + box.high_advance[i] * (box.high_advance[i] > 0 ? to : from) + kBoxSlack;
    const float last_voxel = static_cast<float>(view.size[i] - 1);
    cells.first[i] = static_cast<int>(std::min(std::max(low, 0.0F), last_voxel)) / kCellVoxels;
    cells.last[i] = static_cast<int>(std::min(std::max(high, 0.0F), last_voxel)) / kCellVoxels;
  }
  return cells;
}

/// Takes `count` cells from `line` on into bounds.
HWY_INLINE void widen(const std::array<float, 2>* line, int count, std::array<float, 2>& bounds) {
  for (int i = 0; i < count; ++i) {
    bounds[0] = std::min(bounds[0], line[i][0]);
    bounds[1] = std::max(bounds[1], line[i][1]);
  }
}

/// Bounds over the cells that the samples [begin, end) of the packet lie in.
HWY_INLINE std::array<float, 2> block_bounds(const MarchView& view, const Packet& packet, int begin, int end) {
  const CellBox cells = cells_of(view, packet, begin, end);
  const int count = cells.last[0] - cells.first[0] + 1;
  std::array<float, 2> bounds{kInfinite, -kInfinite};
  const auto visit_lines = [&](auto&& visit) {
    for (int z = cells.first[2]; z <= cells.last[2]; ++z) {
      for (int y = cells.first[1]; y <= cells.last[1]; ++y) {
        visit(view.cells + (static_cast<std::ptrdiff_t>(z) * view.grid[1] + y) * view.grid[0] + cells.first[0]);
      }
    }
  };
#if HWY_TARGET != HWY_SCALAR
  // Cells are pairs of a minimum and a maximum: both are taken of all numbers, and of each the half that counts.
  const hn::CappedTag<float, 2 * kCellsAtOnce> d;
  constexpr int kPairs = static_cast<int>(hn::MaxLanes(d) / 2);
  if (count <= kPairs) {
    const auto wanted = hn::FirstN(d, static_cast<std::size_t>(count) * 2);
    auto least = hn::Set(d, kInfinite);
    auto most = hn::Set(d, -kInfinite);
    visit_lines([&](const std::array<float, 2>* line) {
      const auto numbers = hn::LoadU(d, line->data());
      least = hn::Min(least, numbers);
      most = hn::Max(most, numbers);
    });
    least = hn::OddEven(hn::Set(d, kInfinite), hn::IfThenElse(wanted, least, hn::Set(d, kInfinite)));
    most = hn::OddEven(hn::IfThenElse(wanted, most, hn::Set(d, -kInfinite)), hn::Set(d, -kInfinite));
    return {hn::GetLane(hn::MinOfLanes(d, least)), hn::GetLane(hn::MaxOfLanes(d, most))};
  }
#endif
  visit_lines([&](const std::array<float, 2>* line) { widen(line, count, bounds); });
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
