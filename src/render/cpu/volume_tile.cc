#include "render/cpu/volume_tile.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "render/ray_modes.h"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/volume_tile.cc"
#include <hwy/foreach_target.h>  // keep before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ndcast::render {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kMostLanes = 16;

using D = hn::CappedTag<float, kMostLanes>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;

using Colors = std::array<V, 3>;

/// What a layer shows in a vector of pixels, as blend() takes it.
struct Above {
  Colors source;
  Colors premultiplied;
  V alpha;
  M any;
};

template <BlendStep kStep>
HWY_INLINE V blended(V below, V source, V premultiplied, V alpha) {
  const V one = hn::Set(D(), 1.0F);
  switch (kStep) {
    case BlendStep::Over:
      return hn::MulAdd(below, hn::Sub(one, alpha), premultiplied);
    case BlendStep::Add:
      return hn::Min(hn::Add(premultiplied, below), one);
    case BlendStep::Add0:
      return premultiplied;
    case BlendStep::Replace:
      return source;
    case BlendStep::Minimum:
      return hn::Min(source, below);
    case BlendStep::Maximum:
      return hn::Max(source, below);
    case BlendStep::Multiply:
      return hn::Mul(source, below);
  }
}

template <BlendStep kStep>
HWY_INLINE void lay_over(const Above& above, float share, std::size_t pixel, Tile& tile) {
  const D d;
  const V shares = hn::Set(d, share);
  const V alpha = hn::Mul(above.alpha, shares);
  for (std::size_t i = 0; i < 3; ++i) {
    float* const target = &tile.colors[i][pixel];
    const V below = hn::LoadU(d, target);
    const V mixed = blended<kStep>(below, above.source[i], hn::Mul(above.premultiplied[i], shares), alpha);
    hn::StoreU(hn::IfThenElse(above.any, mixed, below), d, target);
  }
}

HWY_INLINE Above covering(const Colors& color, V alpha, M any) {
  return {color, {hn::Mul(color[0], alpha), hn::Mul(color[1], alpha), hn::Mul(color[2], alpha)}, alpha, any};
}

// --- modes that show a value ---

/// LoadedWindow's operator().
HWY_INLINE V place_in_window(const LoadedWindow& window, V loaded) {
  const D d;
  const V place = hn::Mul(hn::Sub(loaded, hn::Set(d, window.low())), hn::Set(d, window.per_unit()));
  return hn::IfThenElseZero(hn::Gt(place, hn::Zero(d)), hn::Min(place, hn::Set(d, 1.0F)));
}

/// The opacity curve's alpha for `values`: loaded, or with `placed` places in the window.
HWY_INLINE V curved_alpha(const VolumeLayerView& layer, const float* values, bool placed) {
  const D d;
  HWY_ALIGN std::array<float, kMostLanes> alphas;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    const double value =
        placed ? layer.data_window.value_at(static_cast<double>(values[lane])) : layer.data_of(values[lane]);
    alphas[lane] = static_cast<float>(opacity_at(*layer.look, value));
  }
  return hn::Load(d, alphas.data());
}

/// `seen` is a value; with `placed` its place in the window.
HWY_INLINE Above value_above(const VolumeLayerView& layer, bool placed, const float* seen, M any) {
  const D d;
  const DI di;
  V place = hn::LoadU(d, seen);
  if (!placed) place = place_in_window(layer.window, place);
  if (layer.index.rooted()) place = hn::Sqrt(hn::Sqrt(place));
  const V entry = hn::MulAdd(place, hn::Set(d, static_cast<float>(kLookEntries - 1)), hn::Set(d, 0.5F));
  const auto at = hn::ShiftLeft<2>(hn::IfThenElseZero(hn::RebindMask(di, any), hn::ConvertTo(di, entry)));
  static_assert(sizeof(ColorAlpha) == 4 * sizeof(float));
  const float* const table = &layer.colors.front().red;
  const Colors color{hn::GatherIndex(d, table, at), hn::GatherIndex(d, table + 1, at),
                     hn::GatherIndex(d, table + 2, at)};
  const bool curved = !layer.look->opacity_curve.empty();
  return covering(color, curved ? curved_alpha(layer, seen, placed) : hn::GatherIndex(d, table + 3, at), any);
}

// --- modes that show colours ---

HWY_INLINE Above surface_above(const VolumeLayerView& layer, const float* facing, M any) {
  const D d;
  const Rgb<float> base{layer.surface.red, layer.surface.green, layer.surface.blue};
  HWY_ALIGN std::array<std::array<float, kMostLanes>, 3> color;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    const Rgb<float> shown = lit<float>(base, facing[lane]);
    for (std::size_t i = 0; i < 3; ++i) color[i][lane] = shown[i];
  }
  return covering({hn::Load(d, color[0].data()), hn::Load(d, color[1].data()), hn::Load(d, color[2].data())},
                  hn::Set(d, layer.surface.alpha), any);
}

template <BlendStep kStep>
HWY_INLINE Above gathered_above(const SeenTile& seen, std::size_t pixel, M any) {
  const D d;
  const V one = hn::Set(d, 1.0F);
  const auto part = [&](const std::array<float, kTilePixels>& of) {
    return hn::Min(hn::LoadU(d, &of[pixel]), one);  // light may add up to more
  };
  Above above{{}, {part(seen.red), part(seen.green), part(seen.blue)}, part(seen.alpha), any};
  // gathered_source()
  constexpr bool kDarkens = kStep == BlendStep::Minimum || kStep == BlendStep::Multiply;
  for (std::size_t i = 0; i < 3; ++i) {
    above.source[i] = kDarkens ? hn::Add(above.premultiplied[i], hn::Sub(one, above.alpha)) : above.premultiplied[i];
  }
  return above;
}

template <BlendStep kStep>
void blend_tile(const VolumeLayerView& layer, const SeenTile& seen, Tile& tile) {
  using scene::Rendering;
  const D d;
  const Rendering rendering = layer.look->rendering;
  const bool gathers = rendering == Rendering::Translucent || rendering == Rendering::Additive;
  const std::size_t end = static_cast<std::size_t>(tile.height) * kMarchTile;
  for (std::size_t pixel = 0; pixel < end; pixel += hn::Lanes(d)) {
    const M any = hn::Gt(hn::LoadU(d, &seen.alpha[pixel]), hn::Zero(d));
    if (hn::AllFalse(d, any)) continue;
    const float* const values = &seen.red[pixel];
    const Above above = gathers ? gathered_above<kStep>(seen, pixel, any)
                        : rendering == Rendering::Iso
                            ? surface_above(layer, values, any)
                            : value_above(layer, rendering == Rendering::AttenuatedMip, values, any);
    lay_over<kStep>(above, layer.share, pixel, tile);
  }
}

void blend_seen(const VolumeLayerView& layer, const SeenTile& seen, Tile& tile) {
  switch (layer.step) {
    case BlendStep::Over:
      return blend_tile<BlendStep::Over>(layer, seen, tile);
    case BlendStep::Add:
      return blend_tile<BlendStep::Add>(layer, seen, tile);
    case BlendStep::Add0:
      return blend_tile<BlendStep::Add0>(layer, seen, tile);
    case BlendStep::Replace:
      return blend_tile<BlendStep::Replace>(layer, seen, tile);
    case BlendStep::Minimum:
      return blend_tile<BlendStep::Minimum>(layer, seen, tile);
    case BlendStep::Maximum:
      return blend_tile<BlendStep::Maximum>(layer, seen, tile);
    case BlendStep::Multiply:
      return blend_tile<BlendStep::Multiply>(layer, seen, tile);
  }
}

/// A row of pixels as bytes; more than `width` are computed.
void store_row(const Tile& tile, int row, std::uint8_t* rgba) {
  const D d;
  const DI di;
  const auto first = static_cast<std::size_t>(row) * kMarchTile;
  HWY_ALIGN std::array<std::int32_t, kMarchTile> pixels;
  for (std::size_t column = 0; column < kMarchTile; column += hn::Lanes(d)) {
    // to_byte()
    const auto byte = [&](std::size_t i) {
      const V value = hn::Min(hn::LoadU(d, &tile.colors[i][first + column]), hn::Set(d, 1.0F));
      return hn::ConvertTo(di, hn::MulAdd(value, hn::Set(d, 255.0F), hn::Set(d, 0.5F)));
    };
    const auto color = hn::Or(byte(0), hn::Or(hn::ShiftLeft<8>(byte(1)), hn::ShiftLeft<16>(byte(2))));
    hn::StoreU(hn::Or(color, hn::Set(di, static_cast<std::int32_t>(0xff000000U))), di, &pixels[column]);
  }
  std::memcpy(rgba, pixels.data(), static_cast<std::size_t>(tile.width) * 4);
}

}  // namespace HWY_NAMESPACE
}  // namespace ndcast::render
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ndcast::render {

HWY_EXPORT(blend_seen);
HWY_EXPORT(store_row);

void fill(Tile& tile, const Rgb<float>& color) {
  for (std::size_t i = 0; i < 3; ++i) tile.colors[i].fill(color[i]);
}

void blend_layer(const VolumeLayerView& layer, const SeenTile& seen, Tile& tile) {
  HWY_DYNAMIC_DISPATCH(blend_seen)(layer, seen, tile);
}

void blend_pixel(const VolumeLayerView& layer, const Contribution& above, std::size_t pixel, Tile& tile) {
  const float alpha = static_cast<float>(above.alpha) * layer.share;
  for (std::size_t i = 0; i < 3; ++i) {
    float& below = tile.colors[i][pixel];
    below = blend(layer.step, below, static_cast<float>(above.source[i]),
                  static_cast<float>(above.premultiplied[i]) * layer.share, alpha);
  }
}

void store(const Tile& tile, Picture& picture) {
  for (int row = 0; row < tile.height; ++row) {
    const std::size_t first = static_cast<std::size_t>(tile.top + row) * static_cast<std::size_t>(picture.width) +
                              static_cast<std::size_t>(tile.left);
    HWY_DYNAMIC_DISPATCH(store_row)(tile, row, picture.rgba.data() + first * 4);
  }
}

}  // namespace ndcast::render
#endif
