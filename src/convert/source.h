#pragma once
// A foreign image file as the importer sees it: what it says about itself, and boxes of its voxels on demand. The first
// step of `ndcast import`; each format is a sibling of nifti.h, nrrd.h, metaimage.h, raw.h, tiff_source.h and stack.h,
// and one line of the table in open_source.cc.
//
//   ND_ASSIGN(const std::unique_ptr<Source> source, open_source({"brain.nii.gz"}, {}));
//   std::vector<std::byte> plane(…);
//   ND_TRY(source->read({.start = {0, 0, 0}, .extent = {1, ny, nx}}, {plane.data(), {1, ny, nx}, {0, 0, 0}}));

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "image/dtype.h"
#include "image/image.h"

namespace ndcast::convert {

using Shape = std::vector<std::int64_t>;

/// One number an axis, slowest first.
struct Box {
  Shape start;
  Shape extent;
};

/// Where a box of voxels goes: a dense C-order array of `shape`, in which the box's first voxel lands at `start`.
struct Target {
  std::byte* data = nullptr;
  Shape shape;
  Shape start;
};

/// world = scale · index + translation.
struct SourceAxis {
  std::string name;  ///< "t", "c", "z", "y", "x", or another word for another kind
  image::AxisType type = image::AxisType::Other;
  std::string unit;  ///< UDUNITS name ("micrometer"); "" when the file says none
  double scale = 1;  ///< finite, above 0
  double translation = 0;
};

struct SourceChannel {
  std::string label;
  std::optional<std::array<std::uint8_t, 3>> color;
};

struct SourceInfo {
  std::string format;  ///< "TIFF", "OME-TIFF", "NIfTI-1", …
  std::string path;    ///< of the first file, for messages
  image::DType dtype = image::DType::UInt8;
  Shape shape;                            ///< slowest first; every extent at least 1
  std::vector<SourceAxis> axes;           ///< as many as `shape`
  std::vector<SourceChannel> channels;    ///< one a position of the channel axis (one without such an axis), or empty
  bool labels = false;                    ///< voxels are ids of objects, as far as the file says
  Json attributes = Json::make_object();  ///< what OME-Zarr has no word for (orientation, value scale); kept verbatim
  std::vector<std::string> notes;         ///< what was left out or taken in a surprising way, for people

  /// Reads have to go forward in C order; one that goes back starts again from the first byte.
  bool sequential = false;
  /// What is decoded at once, per axis: reads of multiples waste nothing. 1 where it does not matter.
  Shape grain;
  /// Memory of one read besides its target.
  std::size_t scratch_bytes = 0;
  /// Sizes and times of the files: another text, another content.
  std::string identity;

  std::size_t voxel_bytes() const { return image::byte_size(dtype); }
};

/// read() may be called from several threads at once unless the source is sequential.
class Source {
 public:
  virtual ~Source() = default;
  const SourceInfo& info() const { return info_; }
  /// Native-endian voxels of a box inside the shape. Blocks. Errors: Io, Corrupt, Unsupported; they name the file.
  virtual Result<void> read(const Box& box, const Target& target) = 0;

 protected:
  SourceInfo info_;
};

/// Product of extents times the voxel's size. Errors: Limit above limits::kImportBytes (overflow included), Invalid for
/// an extent below 1; messages open with `where`.
Result<std::uint64_t> checked_volume_bytes(const Shape& shape, image::DType dtype, std::string_view where);

/// Axis of that name with its usual type: t, c, z, y, x, and Other for the rest.
SourceAxis make_axis(std::string_view name, double scale = 1, std::string_view unit = "");

/// "um", "µm", "microns", "mm", "sec", … as UDUNITS writes it; "" for what nobody knows.
std::string udunits_name(std::string_view unit);

/// A scale that OME-Zarr can carry: |scale| when finite and not 0, else 1.
double usable_scale(double scale);

}  // namespace ndcast::convert
