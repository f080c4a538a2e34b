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

/// The bounds of a packet's blocks, looked up for as many blocks at once as there are lanes.
class BlockBounds {
 public:
  /// {minimum, maximum} of a block a lane.
  struct OfBlocks {
    V low;
    V high;
  };

  BlockBounds(const MarchView& view, const Packet& packet) : view_(view) {
    // Between its ends a block lies furthest out at one of them.
    const float length = static_cast<float>(view.block - 1);
    for (std::size_t i = 0; i < 3; ++i) {
      const MovingBox& box = packet.box;
      low_[i] = box.low[i] + std::min(box.low_advance[i] * length, 0.0F) - kBoxSlack;
      high_[i] = box.high[i] + std::max(box.high_advance[i] * length, 0.0F) + kBoxSlack;
      low_advance_[i] = box.low_advance[i];
      high_advance_[i] = box.high_advance[i];
      last_voxel_[i] = static_cast<float>(view.size[i] - 1);
    }
  }

  static int at_once() { return static_cast<int>(hn::Lanes(D())); }

  /// Over the cells that the samples of the blocks `block`, `block` + 1, … lie in. Of blocks behind the packet's last
  /// they mean nothing.
  OfBlocks of_blocks(int block) const {
    const D d;
    const V begin = hn::Mul(hn::Iota(d, static_cast<float>(block)), hn::Set(d, static_cast<float>(view_.block)));
    std::array<VI, 3> first{hn::Zero(DI()), hn::Zero(DI()), hn::Zero(DI())};
    std::array<VI, 3> last = first;
    std::array<int, 3> looks{};  // cells overlap: every kCellSpan-th is looked at, and the last that is needed
    for (std::size_t i = 0; i < 3; ++i) {
      first[i] = cell_at(hn::MulAdd(begin, hn::Set(d, low_advance_[i]), hn::Set(d, low_[i])), i);
      const VI end = cell_at(hn::MulAdd(begin, hn::Set(d, high_advance_[i]), hn::Set(d, high_[i])), i);
      last[i] = hn::Max(hn::Sub(end, hn::Set(DI(), kCellSpan - 1)), first[i]);
      looks[i] = (hn::GetLane(hn::MaxOfLanes(DI(), hn::Sub(last[i], first[i]))) + kCellSpan - 1) / kCellSpan + 1;
    }
    const auto step = [&](std::size_t i, int look) {
      return hn::Min(hn::Add(first[i], hn::Set(DI(), kCellSpan * look)), last[i]);
    };
    OfBlocks bounds{hn::Set(d, kInfinite), hn::Set(d, -kInfinite)};
    for (int k = 0; k < looks[2]; ++k) {
      const VI planes = hn::Mul(step(2, k), hn::Set(DI(), view_.grid[1]));
      for (int j = 0; j < looks[1]; ++j) {
        const VI lines = hn::Mul(hn::Add(planes, step(1, j)), hn::Set(DI(), view_.grid[0]));
        for (int i = 0; i < looks[0]; ++i) {
          const OfBlocks cells = of_cells(hn::Add(lines, step(0, i)));
          bounds.low = hn::Min(bounds.low, cells.low);
          bounds.high = hn::Max(bounds.high, cells.high);
        }
      }
    }
    return as_loaded(bounds);
  }

  /// Of a position a lane: bounds of the sample there.
  HWY_INLINE OfBlocks at(const Position& position) const {
    const DI di;
    const VI lines = hn::Add(cell_at(position.y, 1), hn::Mul(cell_at(position.z, 2), hn::Set(di, view_.grid[1])));
    return as_loaded(of_cells(hn::Add(cell_at(position.x, 0), hn::Mul(lines, hn::Set(di, view_.grid[0])))));
  }

  /// {minimum, maximum} of the block whose first sample is `begin`.
  HWY_INLINE std::array<float, 2> operator()(int begin) {
    const int block = begin / view_.block;
    if (block >= held_ + at_once()) {
      const D d;
      const OfBlocks bounds = of_blocks(block);
      hn::Store(bounds.low, d, lows_.data());
      hn::Store(bounds.high, d, highs_.data());
      held_ = block;
    }
    const auto lane = static_cast<std::size_t>(block - held_);
    return {lows_[lane], highs_[lane]};
  }

 private:
  HWY_INLINE VI cell_at(V position, std::size_t i) const {
    static_assert(kCellVoxels == 2);
    const D d;
    const V inside = hn::Min(hn::Max(position, hn::Zero(d)), hn::Set(d, last_voxel_[i]));
    return hn::ShiftRight<1>(hn::ConvertTo(DI(), inside));
  }

  HWY_INLINE OfBlocks of_cells(VI cells) const {
    const D d;
    const DU du;
    const DI di;
    if (view_.cell_words == nullptr) {
      const float* const floats = view_.cell_floats->data();
      const VI at = hn::ShiftLeft<1>(cells);
      return {hn::GatherIndex(d, floats, at), hn::GatherIndex(d, floats + 1, at)};
    }
    const auto words = hn::GatherIndex(du, view_.cell_words, cells);
    const V base = hn::Set(d, view_.cell_base);
    const auto from_base = [&](hn::Vec<DU> number) { return hn::Add(hn::ConvertTo(d, hn::BitCast(di, number)), base); };
    return {from_base(hn::And(words, hn::Set(du, 0xffffU))), from_base(hn::ShiftRight<16>(words))};
  }

  OfBlocks as_loaded(const OfBlocks& bounds) const {
    if (!view_.loads_windowed) return bounds;
    const D d;
    HWY_ALIGN std::array<float, kMostLanes> lows;
    HWY_ALIGN std::array<float, kMostLanes> highs;
    hn::Store(bounds.low, d, lows.data());
    hn::Store(bounds.high, d, highs.data());
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      for (float* const bound : {&lows[lane], &highs[lane]}) {
        *bound = static_cast<float>((double{*bound} - view_.load_low) * view_.load_per_unit);
      }
    }
    return {hn::Load(d, lows.data()), hn::Load(d, highs.data())};
  }

  const MarchView& view_;
  std::array<float, 3> low_{};
  std::array<float, 3> low_advance_{};
  std::array<float, 3> high_{};
  std::array<float, 3> high_advance_{};
  std::array<float, 3> last_voxel_{};

  int held_ = -static_cast<int>(kMostLanes);  ///< the first block of those whose bounds are at hand
  HWY_ALIGN std::array<float, kMostLanes> lows_;
  HWY_ALIGN std::array<float, kMostLanes> highs_;
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
