#include "render/cpu/volume_march.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

// AVX-512, AVX2 and a scalar fallback: each target more costs half a minute of compiling.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/volume_march.cc"
#include <hwy/foreach_target.h>  // keep before highway.h
#include <hwy/highway.h>

#include "render/cpu/volume_modes-inl.h"
#include "render/cpu/volume_slabs-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

/// A packet's lanes into a plane of the tile, rows apart.
HWY_INLINE void keep_lanes(V values, std::size_t first_pixel, std::array<float, kTilePixels>& plane) {
  const D d;
  HWY_ALIGN std::array<float, kMostLanes> lanes;
  hn::Store(values, d, lanes.data());
  for (std::size_t lane = 0; lane < hn::Lanes(d); lane += packet_width(), first_pixel += kMarchTile) {
    std::copy_n(&lanes[lane], packet_width(), &plane[first_pixel]);
  }
}

void keep(const SeenValues& seen, std::size_t first_pixel, SeenTile& tile) {
  keep_lanes(seen.value, first_pixel, tile.red);
  keep_lanes(hn::IfThenElseZero(seen.any, hn::Set(D(), 1.0F)), first_pixel, tile.alpha);
}

void keep(const Slabs<3>& gathered, const MarchView& /*view*/, std::size_t first_pixel, SeenTile& tile) {
  keep_lanes(gathered.color[0], first_pixel, tile.red);
  keep_lanes(gathered.color[1], first_pixel, tile.green);
  keep_lanes(gathered.color[2], first_pixel, tile.blue);
  keep_lanes(gathered.alpha, first_pixel, tile.alpha);
}

void keep(const Slabs<1>& gathered, const MarchView& view, std::size_t first_pixel, SeenTile& tile) {
  const auto component = [&](std::size_t i) { return hn::Mul(gathered.color[0], hn::Set(D(), view.hue[i])); };
  keep_lanes(component(0), first_pixel, tile.red);
  keep_lanes(component(1), first_pixel, tile.green);
  keep_lanes(component(2), first_pixel, tile.blue);
  keep_lanes(gathered.alpha, first_pixel, tile.alpha);
}

/// A layer's levels, and how their voxels are sampled.
struct Levels {
  std::span<const MarchView> views;
  std::array<Samplers, kMostVolumes> samplers;

  explicit Levels(std::span<const MarchView> of) : views(of) {
    for (std::size_t i = 0; i < views.size(); ++i) samplers[i] = choose_samplers(views[i]);
  }
};

/// Calls visit(view, samplers, packet) for each piece of the packet's way, from the eye on, until it returns false.
template <class Visit>
HWY_INLINE void visit_pieces(const Levels& levels, int left, int top, Visit&& visit) {
  const std::size_t count = levels.views.size();
  std::array<Depths, kMostVolumes> in;
  bool meets = false;
  for (std::size_t i = 0; i < count; ++i) meets = depths_in(levels.views[i], left, top, in[i]) || meets;
  if (!meets) return;
  std::array<Depths, kMostPieces> pieces;
  if (count > 1) cut(std::span(in).first(count), pieces);
  Packet packet;
  for (std::size_t i = 0; i < 2 * count - 1; ++i) {
    const std::size_t level = volume_of_piece(i, count);
    set_up(levels.views[level], left, top, count > 1 ? pieces[i] : in[0], packet);
    if (packet.misses()) continue;
    if (!visit(levels.views[level], levels.samplers[level], packet)) return;
  }
}

/// The modes whose rays gather colour.
template <std::size_t kColors>
void gather_color(const Levels& levels, int left, int top, std::size_t first_pixel, SeenTile& tile) {
  Slabs<kColors> gathered = no_slabs<kColors>();
  visit_pieces(levels, left, top, [&](const MarchView& view, const Samplers& samplers, const Packet& packet) {
    return view.rendering == scene::Rendering::Translucent ? march_translucent(view, samplers, packet, gathered)
                                                           : march_additive(view, samplers, packet, gathered);
  });
  keep(gathered, levels.views.front(), first_pixel, tile);
}

void march_packet(const Levels& levels, int left, int top, std::size_t first_pixel, MarchScratch& scratch) {
  using scene::Rendering;
  const auto march = [&](auto& seen, auto&& one_piece) -> auto& {
    visit_pieces(levels, left, top, [&](const MarchView& view, const Samplers& samplers, const Packet& packet) {
      return one_piece(view, samplers, packet, seen);
    });
    return seen;
  };
  const D d;
  const MarchView& view = levels.views.front();
  switch (view.rendering) {
    case Rendering::Mip:
    case Rendering::Minip: {
      Extreme extreme(view, scratch.bounds);
      return keep(march(extreme, march_extreme).seen(), first_pixel, scratch.seen);
    }
    case Rendering::Average: {
      Mean mean{hn::Zero(d), hn::Zero(d)};
      return keep(march(mean, march_average).seen(), first_pixel, scratch.seen);
    }
    case Rendering::AttenuatedMip: {
      Dimmed dimmed{hn::Zero(d), hn::Zero(d), none()};
      return keep(march(dimmed, march_attenuated).seen(), first_pixel, scratch.seen);
    }
    case Rendering::Iso: {
      SeenValues surface{hn::Zero(d), none()};
      return keep(march(surface, march_iso), first_pixel, scratch.seen);
    }
    case Rendering::Translucent:
    case Rendering::Additive:
      return view.one_hue ? gather_color<1>(levels, left, top, first_pixel, scratch.seen)
                          : gather_color<3>(levels, left, top, first_pixel, scratch.seen);
  }
}

void march(std::span<const MarchView> views, int left, int top, MarchScratch& scratch) {
  const D d;
  const int width = static_cast<int>(packet_width());
  const int height = static_cast<int>(hn::Lanes(d)) / width;
  const Levels levels(views);
  for (int row = 0; row < kMarchTile; row += height) {
    for (int column = 0; column < kMarchTile; column += width) {
      march_packet(levels, left + column, top + row,
                   static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column), scratch);
    }
  }
}

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

/// Nanoseconds that the samples of a packet take on its way through a volume, the shortest of a few.
double sampling_ns(MarchView view, const Packet& packet, VoxelLoads loads) {
  using Clock = std::chrono::steady_clock;
  HWY_ALIGN std::array<float, kMostLanes * kMostBlock> values;
  view.loads = loads;
  const Samplers samplers = choose_samplers(view);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    const auto begin = Clock::now();
    for (int step = 0; step < packet.most_steps; step += kMostBlock) {
      samplers.steps(view, packet, step, step + kMostBlock, values.data());
    }
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  return best;
}

VoxelLoads faster_loads() {
  constexpr int kSide = 64;
  constexpr int kSteps = 4 * kMostBlock;
  const std::vector<std::uint8_t> voxels(static_cast<std::size_t>(kSide) * kSide * kSide);
  MarchView view;
  view.dtype = image::DType::UInt8;
  view.voxels = voxels.data();
  view.size = {kSide, kSide, kSide};
  view.linear = true;
  Packet packet;
  packet.most_steps = kSteps;
  packet.count.fill(kSteps);
  for (std::size_t lane = 0; lane < kMostLanes; ++lane) {
    for (std::size_t i = 0; i < 3; ++i) {
      packet.first[i][lane] = 2.5F + static_cast<float>(i == 0 ? lane % 4 : lane / 4) * 0.9F;
      packet.advance[i][lane] = (kSide - 10.0F) / kSteps;
    }
  }
  packet.box = box_of(packet);
  return sampling_ns(view, packet, VoxelLoads::Gathered) < sampling_ns(view, packet, VoxelLoads::Inserted)
             ? VoxelLoads::Gathered
             : VoxelLoads::Inserted;
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ndcast::render {

HWY_EXPORT(march);
HWY_EXPORT(target_name);
HWY_EXPORT(faster_loads);

namespace {

std::atomic<VoxelLoads>& chosen_loads() {
  static std::atomic<VoxelLoads> chosen{HWY_DYNAMIC_DISPATCH(faster_loads)()};
  return chosen;
}

}  // namespace

VoxelLoads voxel_loads() { return chosen_loads(); }

void use_voxel_loads(VoxelLoads loads) { chosen_loads() = loads; }

void march_tile(std::span<const MarchView> levels, int left, int top, MarchScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(march)(levels, left, top, scratch);
}

const char* march_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

}  // namespace ndcast::render
#endif
