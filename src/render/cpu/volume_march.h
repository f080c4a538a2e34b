#pragma once
// The inner loop of volumes on the CPU: packets of neighbouring rays march through one layer together, one ray a SIMD
// lane, through Highway with run-time dispatch. Stands below cpu/volume.cc, which turns what rays saw into colours.
//
//   std::vector<MarchView> levels = …;                   // once a frame and layer, the finest first
//   MarchScratch scratch;                                // once a thread
//   march_tile(levels, left, top, scratch);              // scratch.seen then holds kMarchTile² rays
//
// Samples lie where volume_rays.h says, and show what ray_modes.h says. The samples of a packet in a piece of its way,
// which lies in one level, are cut into blocks about a cell long; a block is sampled as a whole by a function that
// knows the voxels (volume_sampler-inl.h), and its values go to one that knows the mode (volume_modes-inl.h,
// volume_slabs-inl.h).
//
// Skipping: a block's bounds are those of the cells that the packet's samples in it lie in. mip visits its blocks from
// the largest bound down and stops when none can raise the smallest maximum of the packet, minip likewise; average
// takes a block of one value for granted; the others go front to back, leave out blocks that show nothing, and stop
// when nothing behind is seen.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/dtype.h"
#include "scene/types.h"

namespace ndcast::render {

/// Pixels along a side of a tile.
inline constexpr int kMarchTile = 32;

/// Entries of the table of translucent samples: 16 KiB, which stays in the first cache.
inline constexpr int kSlabEntries = 1024;

/// Samples of a block at most.
inline constexpr int kMostBlock = 64;

/// Premultiplied colour and alpha.
struct alignas(16) ColorAlpha {
  float red = 0;
  float green = 0;
  float blue = 0;
  float alpha = 0;
};

/// Loads voxels[from + offset] and voxels[from + offset + to_next] of `count` offsets as floats (cpu/look.h's
/// VoxelLoader).
using LoadPairs = void (*)(const void* voxels, const std::int32_t* offsets, std::ptrdiff_t from, std::int32_t to_next,
                           std::size_t count, double low, double per_unit, float* at, float* next);

/// How voxels come into the lanes of a vector: loaded and inserted one after another, or by the processor's gather
/// instruction. Which is faster differs by processor, and the gather's price by microcode: 4 to 30 cycles.
enum class VoxelLoads : std::uint8_t { Inserted, Gathered };

/// What march_tile() is to do here: timed when it is first asked, which takes a millisecond.
VoxelLoads voxel_loads();
/// From now on, instead. For tests: both show the same.
void use_voxel_loads(VoxelLoads loads);

/// A level of a layer and a camera, as plain numbers. All positions and directions are in voxels of the level.
struct MarchView {
  image::DType dtype = image::DType::UInt8;
  const void* voxels = nullptr;
  std::array<std::int32_t, 3> size{};
  LoadPairs load_pairs = nullptr;  ///< of types that have no faster way
  bool loads_windowed = false;     ///< what is loaded of a voxel is (its value − load_low) · load_per_unit
  double load_low = 0;
  double load_per_unit = 1;

  /// at + px·along_x + py·along_y for pixel centre (px, py).
  struct Fan {
    std::array<double, 3> at{};
    std::array<double, 3> along_x{};
    std::array<double, 3> along_y{};
  };
  // A ray runs from its origin along its direction, in voxels a unit of depth; the same direction in the world is
  // length_at(px, py) long.
  Fan origins;
  Fan directions;
  double begins = 0;                       ///< depth where the visible begins
  std::array<double, 2> tangent_origin{};  ///< length² = 1 + Σ (tangent_origin + p·tangent_step)²
  std::array<double, 2> tangent_step{};
  double step_length = 1;  ///< of one sample, world units
  float units = 1;         ///< of one sample, LayerInput::unit
  /// Half-spaces that cut the rays: {a, b, c, d} shows where a·x + b·y + c·z ≥ d.
  const std::array<double, 4>* shown_in = nullptr;
  std::size_t shown_count = 0;

  /// Bounds of volume_cells.h's cells, x fastest: CellBounds::words, which count from cell_base, or ::floats.
  const std::uint32_t* cell_words = nullptr;
  float cell_base = 0;
  const std::array<float, 2>* cell_floats = nullptr;
  std::array<std::int32_t, 3> grid{};
  bool has_cells() const { return cell_words != nullptr || cell_floats != nullptr; }
  int block = 8;  ///< samples of a block, 1 … kMostBlock

  scene::Rendering rendering = scene::Rendering::Mip;
  float low = 0;  ///< LoadedWindow
  float high = 1;
  float per_unit = 1;
  bool held = true;  ///< values outside the window look like its ends
  bool linear = false;
  VoxelLoads loads = VoxelLoads::Inserted;
  bool rooted = false;                ///< LookIndex
  const ColorAlpha* slabs = nullptr;  ///< translucent, additive: kSlabEntries; one step long
  /// Colours of the slabs are multiples of `hue`, whose component `lead` is 1 and no other is larger: rays gather that
  /// one alone. The same in all levels of a layer.
  bool one_hue = false;
  std::size_t lead = 0;  ///< 0 … 2
  std::array<float, 3> hue{1, 1, 1};
  /// With an opacity curve: kSlabEntries alphas of one step over the loaded values from curve_low on, and how many of
  /// those before each entry, and before the end, are above 0. Then alpha in `slabs` is 1.
  const float* curve = nullptr;
  const std::int32_t* curve_visible = nullptr;
  float curve_low = 0;
  float curve_per_unit = 1;
  float attenuation = 0;             ///< attenuated_mip: of one step whose place in the window is 1
  float threshold = 0;               ///< iso: a loaded value
  std::array<float, 3> per_voxel{};  ///< iso: 1 / world units of a voxel along each axis, signed
};

inline constexpr std::size_t kTilePixels = static_cast<std::size_t>(kMarchTile) * kMarchTile;

/// What the rays of a tile saw, a plane a component, by row · kMarchTile + column.
/// mip, minip, average: red is the loaded value; attenuated_mip: its place in [0, 1] in the window, dimmed; iso: how
/// much the surface faces the eye. Of these alpha is 1 where the ray saw any, else 0, and green and blue mean nothing.
/// translucent, additive: premultiplied colour and alpha.
struct SeenTile {
  alignas(64) std::array<float, kTilePixels> red;
  std::array<float, kTilePixels> green;
  std::array<float, kTilePixels> blue;
  std::array<float, kTilePixels> alpha;
};

/// What the rays of a tile saw, and the working memory of one thread.
struct MarchScratch {
  SeenTile seen;
  /// mip, minip: what each block of a packet may raise the picture to; −infinity: not at all.
  std::vector<float> bounds;
};

/// Marches the rays of the tile whose top left pixel is (left, top), past the picture's edge too. `levels` are those of
/// LayerInput::volumes, with one camera and mode.
void march_tile(std::span<const MarchView> levels, int left, int top, MarchScratch& scratch);

/// The instruction set that march_tile() runs on here: "AVX3", "AVX2", "SSE2", ….
const char* march_target();

}  // namespace ndcast::render
