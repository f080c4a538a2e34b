#pragma once
// A tile of a volume picture: what the rays of its layers saw, laid over each other, then bytes of the picture. Through
// Highway with run-time dispatch, as the march.
//
//   Tile tile{…};
//   fill(tile, background);
//   march_tile(layer.march, tile.left, tile.top, scratch);       // each layer, the lowest first
//   blend_layer(layer, scratch.seen, tile);
//   store(tile, picture);

#include <array>
#include <cstddef>

#include "render/cpu/volume_march.h"
#include "render/cpu/volume_view.h"
#include "render/look.h"
#include "render/picture.h"

namespace ndcast::render {

/// A plane a component, by row · kMarchTile + column.
struct Tile {
  int left = 0;
  int top = 0;
  int width = 0;  ///< of what lies in the picture, as height
  int height = 0;
  alignas(64) std::array<std::array<float, kTilePixels>, 3> colors;
};

void fill(Tile& tile, const Rgb<float>& color);

/// Lays what a layer's rays saw over a tile; not of label images.
void blend_layer(const VolumeLayerView& layer, const SeenTile& seen, Tile& tile);

/// One pixel of a label image's layer.
void blend_pixel(const VolumeLayerView& layer, const Contribution& above, std::size_t pixel, Tile& tile);

/// The tile's part of the picture, opaque.
void store(const Tile& tile, Picture& picture);

}  // namespace ndcast::render
