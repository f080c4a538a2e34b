#include "render/volume_march.h"

#include <array>
#include <cstdint>

// AVX-512, AVX2 and a scalar fallback: each target more costs half a minute of compiling.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/volume_march.cc"
#include <hwy/foreach_target.h>  // keep before highway.h
#include <hwy/highway.h>

#include "render/volume_modes-inl.h"
#include "render/volume_slabs-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

/// The pixel of a lane, of the tile.
HWY_INLINE std::size_t pixel_of(std::size_t first_pixel, std::size_t lane) {
  return first_pixel + lane / packet_width() * kMarchTile + lane % packet_width();
}

void keep(const SeenValues& seen, std::size_t first_pixel, MarchScratch& scratch) {
  const D d;
  HWY_ALIGN std::array<float, kMostLanes> values;
  hn::Store(seen.value, d, values.data());
  const std::uint64_t any = bits_of(seen.any);
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    scratch.seen[pixel_of(first_pixel, lane)] = {.red = values[lane], .alpha = (any >> lane & 1U) != 0 ? 1.0F : 0.0F};
  }
}

void march_gathering(const MarchView& view, const Samplers& samplers, const Packet& packet, std::size_t first_pixel,
                     MarchScratch& scratch) {
  const D d;
  Sums sums{};
  V rest_value = hn::Zero(d);
  const bool translucent = view.rendering == scene::Rendering::Translucent;
  if (translucent) {
    march_translucent(view, samplers, packet, sums, rest_value);
  } else {
    march_additive(view, samplers, packet, sums);
  }
  HWY_ALIGN std::array<float, kMostLanes> rest_values;
  hn::Store(rest_value, d, rest_values.data());
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    const std::size_t pixel = pixel_of(first_pixel, lane);
    scratch.seen[pixel] = sums[lane];
    scratch.rest[pixel] = {rest_values[lane], translucent ? packet.rest[lane] : 0.0F};
  }
}

void march_packet(const MarchView& view, const Samplers& samplers, const Packet& packet, std::size_t first_pixel,
                  MarchScratch& scratch) {
  using scene::Rendering;
  switch (view.rendering) {
    case Rendering::Mip:
    case Rendering::Minip:
      return keep(march_extreme(view, samplers, packet, scratch), first_pixel, scratch);
    case Rendering::Average:
      return keep(march_average(view, samplers, packet), first_pixel, scratch);
    case Rendering::AttenuatedMip:
      return keep(march_attenuated(view, samplers, packet), first_pixel, scratch);
    case Rendering::Iso:
      return keep(march_iso(view, samplers, packet), first_pixel, scratch);
    case Rendering::Translucent:
    case Rendering::Additive:
      return march_gathering(view, samplers, packet, first_pixel, scratch);
  }
}

void march(const MarchView& view, int left, int top, MarchScratch& scratch) {
  const D d;
  const int width = static_cast<int>(packet_width());
  const int height = static_cast<int>(hn::Lanes(d)) / width;
  const Samplers samplers = choose_samplers(view);
  Packet packet;
  for (int row = 0; row < kMarchTile; row += height) {
    for (int column = 0; column < kMarchTile; column += width) {
      set_up(view, left + column, top + row, packet);
      march_packet(view, samplers, packet,
                   static_cast<std::size_t>(row) * kMarchTile + static_cast<std::size_t>(column), scratch);
    }
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
