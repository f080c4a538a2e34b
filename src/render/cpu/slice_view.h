#pragma once
// What the CPU renderer prepares once a frame for its rows of slices: which voxels each pixel column and row is made
// of, and which colour each table entry has. Everything is axis-aligned, so columns and rows are apart; both are
// computed in double precision as the reference does, so that the voxels are exactly its own.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "render/cpu/look.h"
#include "render/cpu/slice_rows.h"
#include "render/label_colors.h"
#include "render/look.h"
#include "render/renderer.h"

namespace ndcast::render {

static_assert(LabelColors::kHidden == kNothing);

/// Pixels [begin, end) whose voxels lie in the same blocks, the first of them to the last.
struct Span {
  int begin;
  int end;
  std::array<int, 2> block;
};

/// What a pixel column (or row) is made of where the interpolation is cubic.
struct CubicTaps {
  std::array<std::int32_t, 4> at;
  std::array<float, 4> share;
};

/// One axis of a level seen through the view: which voxels a pixel column (or row) is made of.
struct AxisTable {
  int begin = 0;  ///< pixels [begin, end) lie inside the data
  int end = 0;
  std::vector<std::int32_t> at;    ///< a pixel: the voxel below
  std::vector<std::int32_t> next;  ///< a pixel: the voxel above
  std::vector<float> weight;       ///< a pixel: share of the voxel above
  std::vector<CubicTaps> taps;     ///< a pixel, with cubic interpolation
  std::vector<Span> spans;         ///< of equal blocks, in order
};

/// A level made ready for the frame.
struct LevelView {
  const SliceLevel* slice;
  AxisTable columns;
  AxisTable rows;
  int block_columns;

  /// All blocks from the first to the last of the columns and rows given.
  bool is_loaded(std::array<int, 2> block_x, std::array<int, 2> block_y) const {
    if (slice->loaded.empty()) return true;
    for (int y = block_y[0]; y <= block_y[1]; ++y) {
      for (int x = block_x[0]; x <= block_x[1]; ++x) {
        if (slice->loaded[static_cast<std::size_t>(y) * static_cast<std::size_t>(block_columns) +
                          static_cast<std::size_t>(x)] == 0) {
          return false;
        }
      }
    }
    return true;
  }
};

/// A layer made ready for the frame. `colors` has kLookEntries colours and kNothing's, as blend_row() takes them; those
/// of the lowest layer already lie over the background.
struct SliceLayerView {
  std::optional<RowBlend> blend;        ///< nothing for the lowest layer, but where its opacity varies
  std::optional<Pixel16> under;         ///< what lies under it then, where it shows anything
  const LabelColors* labels = nullptr;  ///< then `colors` are by its entries
  int contour = 0;                      ///< LayerLook::contour
  scene::Interpolation interpolation = scene::Interpolation::Nearest;
  Window window;
  LookIndex index;
  std::vector<Pixel16> colors;
  /// With an opacity curve that counts: kLookEntries factors over [first stop, last stop], and kNothing's.
  std::vector<std::uint16_t> curve;
  std::optional<Window> curve_window;  ///< over loaded values
  std::vector<LevelView> levels;
};

/// A colour and its alpha in [0, 1].
Pixel16 pixel16(const Rgb<double>& color, double alpha);

/// `layer` is one of `input.layers`, which has passed check_frame().
SliceLayerView slice_layer_view(const LayerInput& layer, const FrameInput& input, const Rgb<double>& background);

}  // namespace ndcast::render
