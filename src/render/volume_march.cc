#include "render/volume_march.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

// AVX-512, AVX2 and a scalar fallback: each target more costs half a minute of compiling.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/volume_march.cc"
#include <hwy/foreach_target.h>  // keep before highway.h
#include <hwy/highway.h>

#include "render/volume_packet-inl.h"
#include "render/volume_sampler-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

/// Light that passes; below it what lies behind changes no 8-bit component by more than one half.
constexpr float kPasses = 1.0F / 512;
constexpr float kInfinite = std::numeric_limits<float>::infinity();

// --- skipping ---

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

template <bool kAlwaysFinite>
HWY_INLINE M finite(V value) {
  const D d;
  if constexpr (kAlwaysFinite) {
    return hn::Eq(hn::Zero(d), hn::Zero(d));
  } else {
    return hn::Lt(hn::Abs(value), hn::Set(d, kInfinite));
  }
}

// --- mip ---

/// The largest finite value of each lane, −infinity where there is none.
struct Largest {
  V value;
  M any;

  template <bool kAlwaysFinite>
  HWY_INLINE void take(V sample, M counts) {
    const M valid = kAlwaysFinite ? counts : hn::And(counts, finite<kAlwaysFinite>(sample));
    any = hn::Or(any, valid);
    value = hn::IfThenElse(valid, hn::Max(value, sample), value);
  }
};

template <class Sample, bool kAlwaysFinite>
void take_steps(const Sample& sample, const Packet& packet, int begin, int end, Largest& largest) {
  for (int step = begin; step < end; ++step) {
    largest.take<kAlwaysFinite>(sample(packet.at(step)), packet.has_step(step));
  }
}

/// Lists the blocks that may raise what is shown, largest bound first; blocks that only tell that there is data set
/// `largest.any`.
void list_blocks(const MarchView& view, const Packet& packet, std::vector<MarchScratch::Block>& blocks,
                 Largest& largest) {
  blocks.clear();
  for (int begin = 0; begin < packet.most_steps; begin += view.block) {
    const int end = std::min(begin + view.block, packet.most_steps);
    const std::array<float, 2> bounds = block_bounds(view, packet, begin, end);
    if (bounds[1] > view.low) {
      blocks.push_back({bounds[1], begin, end});
    } else if (bounds[0] > -kInfinite) {
      largest.any = hn::Or(largest.any, packet.has_step(begin));
    } else if (bounds[1] > -kInfinite) {
      // Voxels that are not finite lie among others: only the samples tell whether the ray met data.
      blocks.push_back({view.low, begin, end});
    }
  }
  std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.bound > b.bound; });
}

/// The value that every unfinished lane has reached; infinite when none is left.
HWY_INLINE float least_reached(const Packet& packet, const Largest& largest) {
  const D d;
  const M hits = packet.has_step(0);
  const V reached = hn::IfThenElse(largest.any, largest.value, hn::Set(d, -kInfinite));
  return hn::GetLane(hn::MinOfLanes(d, hn::IfThenElse(hits, reached, hn::Set(d, kInfinite))));
}

template <class Voxels, bool kLinear>
void march_mip(const MarchView& view, const Packet& packet, MarchScratch& scratch, Largest& largest) {
  using Sample = Sampler<Voxels, kLinear>;
  constexpr bool kAlwaysFinite = Voxels::kAlwaysFinite;
  const D d;
  const Sample sample(view);
  if (view.cells == nullptr) {
    take_steps<Sample, kAlwaysFinite>(sample, packet, 0, packet.most_steps, largest);
  } else {
    list_blocks(view, packet, scratch.blocks, largest);
    float reached = -kInfinite;
    for (const MarchScratch::Block& block : scratch.blocks) {
      if (block.bound <= reached || reached >= view.high) break;
      take_steps<Sample, kAlwaysFinite>(sample, packet, block.begin, block.end, largest);
      reached = least_reached(packet, largest);
    }
  }
  const M has_rest = hn::Gt(hn::Load(d, packet.rest.data()), hn::Zero(d));
  if (!hn::AllFalse(d, has_rest)) largest.take<kAlwaysFinite>(sample(packet.rest_position()), has_rest);
}

// --- translucent ---

/// Sums of each lane: colour over black and alpha.
using Sums = std::array<ColorAlpha, kMostLanes>;

/// Adds a slab of each lane in `lanes` (a bit each) behind what the lane has.
HWY_INLINE void add_slabs(const MarchView& view, const std::int32_t* entries, std::uint64_t lanes, Sums& sums) {
  while (lanes != 0) {
    const auto lane = static_cast<std::size_t>(__builtin_ctzll(lanes));
    lanes &= lanes - 1;
    ColorAlpha& sum = sums[lane];
    const float left = 1.0F - sum.alpha;
    if (left < kPasses) continue;
    const ColorAlpha slab = view.slabs[entries[lane]];
    sum = {sum.red + slab.red * left, sum.green + slab.green * left, sum.blue + slab.blue * left,
           sum.alpha + slab.alpha * left};
  }
}

HWY_INLINE std::uint64_t bits_of(M mask) {
  const D d;
  std::array<std::uint8_t, 8> bytes{};
  hn::StoreMaskBits(d, mask, bytes.data());
  std::uint64_t bits;
  std::memcpy(&bits, bytes.data(), sizeof bits);
  return bits;
}

template <class Sample, bool kAlwaysFinite>
void add_steps(const MarchView& view, const Sample& sample, const Packet& packet, int begin, int end, Sums& sums) {
  const D d;
  const DI di;
  const V low = hn::Set(d, view.low);
  const V one = hn::Set(d, 1.0F);
  for (int step = begin; step < end; ++step) {
    const V value = sample(packet.at(step));
    M shown = hn::And(packet.has_step(step), hn::Gt(value, low));
    if constexpr (!kAlwaysFinite) shown = hn::And(shown, finite<kAlwaysFinite>(value));
    if (hn::AllFalse(d, shown)) continue;
    V place = hn::Min(hn::Mul(hn::Sub(value, low), hn::Set(d, view.per_unit)), one);
    if (view.rooted) place = hn::Sqrt(hn::Sqrt(place));
    place = hn::IfThenElseZero(shown, place);
    HWY_ALIGN std::array<std::int32_t, kMostLanes> entries;
    hn::Store(hn::ConvertTo(di, hn::MulAdd(place, hn::Set(d, kSlabEntries - 1.0F), hn::Set(d, 0.5F))), di,
              entries.data());
    add_slabs(view, entries.data(), bits_of(shown), sums);
  }
}

/// False when every lane that meets the volume is as good as opaque.
HWY_INLINE bool lets_light_through(const Packet& packet, const Sums& sums) {
  const D d;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    if (packet.count[lane] + packet.rest[lane] > 0 && sums[lane].alpha <= 1.0F - kPasses) return true;
  }
  return false;
}

template <class Voxels, bool kLinear>
void march_translucent(const MarchView& view, const Packet& packet, Sums& sums, V& rest_value) {
  using Sample = Sampler<Voxels, kLinear>;
  constexpr bool kAlwaysFinite = Voxels::kAlwaysFinite;
  const D d;
  const Sample sample(view);
  for (int begin = 0; begin < packet.most_steps; begin += view.block) {
    const int end = std::min(begin + view.block, packet.most_steps);
    if (view.cells != nullptr && !(block_bounds(view, packet, begin, end)[1] > view.low)) continue;
    add_steps<Sample, kAlwaysFinite>(view, sample, packet, begin, end, sums);
    if (!lets_light_through(packet, sums)) return;
  }
  const M has_rest = hn::Gt(hn::Load(d, packet.rest.data()), hn::Zero(d));
  if (!hn::AllFalse(d, has_rest)) rest_value = sample(packet.rest_position());
}

// --- tiles ---

template <class Voxels, bool kLinear>
void march_packet(const MarchView& view, const Packet& packet, std::size_t first_pixel, MarchScratch& scratch) {
  const D d;
  const auto pixel_of = [&](std::size_t lane) {
    return first_pixel + lane / packet_width() * kMarchTile + lane % packet_width();
  };
  if (view.translucent) {
    Sums sums{};
    HWY_ALIGN std::array<float, kMostLanes> rest_values;
    V rest_value = hn::Zero(d);
    march_translucent<Voxels, kLinear>(view, packet, sums, rest_value);
    hn::Store(rest_value, d, rest_values.data());
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      scratch.seen[pixel_of(lane)] = sums[lane];
      scratch.rest[pixel_of(lane)] = {rest_values[lane], packet.rest[lane]};
    }
    return;
  }
  Largest largest{hn::Set(d, -kInfinite), hn::Lt(hn::Zero(d), hn::Zero(d))};
  march_mip<Voxels, kLinear>(view, packet, scratch, largest);
  HWY_ALIGN std::array<float, kMostLanes> values;
  hn::Store(largest.value, d, values.data());
  const std::uint64_t any = bits_of(largest.any);
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    scratch.seen[pixel_of(lane)] = {.red = values[lane], .alpha = (any >> lane & 1U) != 0 ? 1.0F : 0.0F};
  }
}

template <class Voxels, bool kLinear>
void march_packets(const MarchView& view, int left, int top, MarchScratch& scratch) {
  const D d;
  const int width = static_cast<int>(packet_width());
  const int height = static_cast<int>(hn::Lanes(d)) / width;
  Packet packet;
  for (int row = 0; row < kMarchTile; row += height) {
    for (int column = 0; column < kMarchTile; column += width) {
      set_up(view, left + column, top + row, packet);
      march_packet<Voxels, kLinear>(
          view, packet, static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column), scratch);
    }
  }
}

template <class Voxels>
void march_with(const MarchView& view, int left, int top, MarchScratch& scratch) {
  if (view.linear) {
    march_packets<Voxels, true>(view, left, top, scratch);
  } else {
    march_packets<Voxels, false>(view, left, top, scratch);
  }
}

void march(const MarchView& view, int left, int top, MarchScratch& scratch) {
  using image::DType;
  const bool paired = view.size[0] > 1;
  if (paired && (view.dtype == DType::UInt8 || view.dtype == DType::Bool)) {
    march_with<PairedIntegers<std::uint8_t>>(view, left, top, scratch);
  } else if (paired && view.dtype == DType::UInt16) {
    march_with<PairedIntegers<std::uint16_t>>(view, left, top, scratch);
  } else if (paired && view.dtype == DType::Int16) {
    march_with<PairedIntegers<std::int16_t>>(view, left, top, scratch);
  } else if (view.dtype == DType::Float32) {
    march_with<Floats>(view, left, top, scratch);
  } else {
    march_with<AnyVoxels>(view, left, top, scratch);
  }
}

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ndcast::render {

HWY_EXPORT(march);
HWY_EXPORT(target_name);

void march_tile(const MarchView& view, int left, int top, MarchScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(march)(view, left, top, scratch);
}

const char* march_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

}  // namespace ndcast::render
#endif
