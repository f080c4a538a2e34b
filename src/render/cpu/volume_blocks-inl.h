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

#include "render/cpu/volume_packet-inl.h"
#include "render/cpu/volume_sampler-inl.h"
#include "render/volume_cells.h"

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

/// Numbers along x, y, z and one that means nothing.
using Axes = float __attribute__((vector_size(16)));
using AxisNumbers = std::int32_t __attribute__((vector_size(16)));

/// The bounds of a packet's blocks.
class BlockBounds {
 public:
  BlockBounds(const MarchView& view, const Packet& packet) : cells_(view.cells), line_(view.grid[0]) {
    plane_ = static_cast<std::ptrdiff_t>(view.grid[0]) * view.grid[1];
    // Between its ends a block lies furthest out at one of them.
    const float length = static_cast<float>(view.block - 1);
    for (int i = 0; i < 3; ++i) {
      const auto axis = static_cast<std::size_t>(i);
      const MovingBox& box = packet.box;
      low_[i] = box.low[axis] + std::min(box.low_advance[axis] * length, 0.0F) - kBoxSlack;
      high_[i] = box.high[axis] + std::max(box.high_advance[axis] * length, 0.0F) + kBoxSlack;
      low_advance_[i] = box.low_advance[axis];
      high_advance_[i] = box.high_advance[axis];
      last_voxel_[i] = static_cast<float>(view.size[axis] - 1);
    }
  }

  /// {minimum, maximum} over the cells that the samples from `begin` on lie in.
  HWY_INLINE std::array<float, 2> operator()(int begin) const {
    const float at = static_cast<float>(begin);
    const AxisNumbers first = cells_at(low_ + low_advance_ * at);
    // A cell tells of the next one too.
    const AxisNumbers before_last = cells_at(high_ + high_advance_ * at) - 1;
    const AxisNumbers last = before_last > first ? before_last : first;
    std::array<float, 2> bounds{kInfinite, -kInfinite};
    for (int z = first[2];; z = std::min(z + 2, last[2])) {
      for (int y = first[1];; y = std::min(y + 2, last[1])) {
        const std::array<float, 2>* const line = cells_ + z * plane_ + static_cast<std::ptrdiff_t>(y) * line_;
        for (int x = first[0];; x = std::min(x + 2, last[0])) {
          bounds[0] = std::min(bounds[0], line[x][0]);
          bounds[1] = std::max(bounds[1], line[x][1]);
          if (x == last[0]) break;
        }
        if (y == last[1]) break;
      }
      if (z == last[2]) break;
    }
    return bounds;
  }

 private:
  HWY_INLINE AxisNumbers cells_at(Axes at) const {
    const Axes zero{};
    at = at > zero ? at : zero;
    at = at < last_voxel_ ? at : last_voxel_;
    return __builtin_convertvector(at, AxisNumbers) / kCellVoxels;
  }

  const std::array<float, 2>* cells_;
  std::ptrdiff_t plane_;
  std::ptrdiff_t line_;
  Axes low_{};
  Axes low_advance_{};
  Axes high_{};
  Axes high_advance_{};
  Axes last_voxel_{};
};

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
