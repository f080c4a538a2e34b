#pragma once
// Renderers turn one FrameInput into one Picture. They know voxels, poses and looks; not ledgers, chunks, files or
// sockets. Siblings: `reference` (scalar, double precision, no skipping: the truth in tests), `cpu` (tiles over all
// cores). The `null` sibling paints the background. A GPU renderer joins beside them with the same shape.
//
//   FrameInput input = …;                    // built by RenderTxn from a snapshot and what is resident
//   renderer->render(input, picture);

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/dtype.h"
#include "render/picture.h"
#include "scene/colormap.h"
#include "scene/types.h"

namespace ndcast::render {

using scene::ColorTable;
class LabelColors;  // label_colors.h

/// What lies on the side that `normal` (of length 1) points to, `position` included. World units, (x, y, z).
struct HalfSpace {
  std::array<double, 3> position{0, 0, 0};
  std::array<double, 3> normal{0, 0, 1};
};

/// How a layer looks; the same in 2D and 3D.
struct LayerLook {
  std::array<double, 2> contrast_limits{0, 1};  ///< data units
  double gamma = 1.0;                           ///< t' = t^gamma after windowing, as napari
  std::shared_ptr<const ColorTable> colors;
  double opacity = 1.0;
  scene::Blending blending = scene::Blending::Translucent;
  scene::Interpolation interpolation = scene::Interpolation::Nearest;
  scene::Rendering rendering = scene::Rendering::Mip;
  double attenuation = 0.05;   ///< of attenuated_mip
  double iso_threshold = 0.5;  ///< data units
  double sample_step = 1.0;    ///< 3D: times the frame's
  /// Opacity over the value: {data units, 0 … 1}, by value, linear between stops and held outside them; of two stops at
  /// one value the later counts. It multiplies `opacity`; empty: look.h's own.
  std::vector<std::array<double, 2>> opacity_curve;
  /// Of a label image, whose voxels are integers: then nothing of the above counts but opacity, blending and
  /// sample_step.
  std::shared_ptr<const LabelColors> labels;
  /// Of a label image in 2D, when above 0: a pixel shows its object only where one of the eight pixels so far off,
  /// straight or diagonally, has another colour; beyond the picture's edge there is none, where no voxel is it has
  /// none.
  int contour = 0;
  std::vector<HalfSpace> shown_in;  ///< 3D: what lies in all of them is shown
};

/// A dense 2D array of voxels of one pyramid level: `data` is height × width, row-major, native endian. Voxel (col,
/// row) has its centre at world x = origin[0] + col·step[0], y = origin[1] + row·step[1] (step may be of either sign,
/// never 0), and covers half a step to each side.
struct SliceLevel {
  image::DType dtype = image::DType::UInt8;
  const std::byte* data = nullptr;
  int width = 0;
  int height = 0;
  std::array<double, 2> origin{0, 0};
  std::array<double, 2> step{1, 1};
  /// Which blocks of the slice are loaded: `loaded` is rows × columns of blocks of `block` voxels {x, y}; empty means
  /// all. Voxels of a block that is not loaded are not to be read.
  std::array<int, 2> block{0, 0};
  std::vector<std::uint8_t> loaded;
  std::shared_ptr<const void> keep_alive;  ///< owns `data`
};

/// What the cells of a volume hold at least and at most (volume_cells.h), x fastest: one of the lists, or neither when
/// they are not built.
struct CellBounds {
  /// Of types of 8 and 16 bits: maximum << 16 | minimum, both counted from the type's least value.
  std::vector<std::uint32_t> words;
  /// Of others: {minimum, maximum}.
  std::vector<std::array<float, 2>> floats;

  bool empty() const { return words.empty() && floats.empty(); }
  std::size_t size() const { return words.size() + floats.size(); }
  std::size_t bytes() const { return words.size() * sizeof(words[0]) + floats.size() * sizeof(floats[0]); }
  void clear() { *this = {}; }
  bool operator==(const CellBounds&) const = default;
};

/// A dense 3D array of one pyramid level: `data` is depth × height × width (z, y, x). Voxel (x, y, z) has its centre at
/// world origin + (x, y, z)·step.
struct VolumeLevel {
  image::DType dtype = image::DType::UInt8;
  const std::byte* data = nullptr;
  std::array<int, 3> size{0, 0, 0};  ///< width, height, depth
  std::array<double, 3> origin{0, 0, 0};
  std::array<double, 3> step{1, 1, 1};
  CellBounds cells;  ///< lets a renderer skip what cannot change the pixel
  std::shared_ptr<const void> keep_alive;
};

/// Volumes of a layer at most: rays are cut where each begins and ends.
inline constexpr std::size_t kMostVolumes = 4;

/// A layer of the frame. Only the member of the frame's mode is used; both lists run from the finest level to the
/// coarsest. 2D: each pixel takes the finest level whose block is loaded there. 3D: each ray takes the finest volume
/// where it has one; all but the last are boxes within the next.
struct LayerInput {
  LayerLook look;
  std::vector<std::shared_ptr<const SliceLevel>> slices;
  std::vector<std::shared_ptr<const VolumeLevel>> volumes;  ///< kMostVolumes at most
  /// 3D: the length in world units that opacity, attenuation and added light count by, so that they do not depend on
  /// the level; 0: the smallest voxel side of the first volume.
  double unit = 0;
};

struct FrameInput {
  int width = 0;
  int height = 0;
  scene::Mode mode = scene::Mode::Plane;
  scene::PlanePose plane;
  scene::VolumePose volume;
  std::vector<LayerInput> layers;  ///< drawing order, lowest first; invisible layers are left out
  std::array<std::uint8_t, 3> background{0, 0, 0};
  /// Ray step in voxels of the level marched (smallest voxel side), times the layer's own; 1 is full quality, larger
  /// while moving.
  double sample_step = 1.0;
  /// Looked at now and then while much is left to do, unless null: once it is true render() may end with Cancelled and
  /// an unfinished picture.
  const std::atomic<bool>* cancelled = nullptr;
};

inline bool is_cancelled(const FrameInput& input) {
  return input.cancelled != nullptr && input.cancelled->load(std::memory_order_relaxed);
}

/// Not thread-safe: one caller at a time; may use its own threads inside.
class Renderer {
 public:
  virtual ~Renderer() = default;
  virtual std::string_view name() const = 0;
  /// Resizes `out` to the input's size and paints every pixel. Errors: Unsupported (a look that this renderer does not
  /// do, by name), Limit (too large), Invalid (a size, pose or array that cannot be drawn), Cancelled, Internal.
  virtual Result<void> render(const FrameInput& input, Picture& out) = 0;
};

/// "reference", "cpu" or "null"; NotFound for another name, listing those there are. `threads` 0 means one a core.
Result<std::unique_ptr<Renderer>> make_renderer(std::string_view name, std::size_t threads = 0);

}  // namespace ndcast::render
