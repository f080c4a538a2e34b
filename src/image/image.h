#pragma once
// An opened image: axes, levels finest first, channels. OME-Zarr 0.4 (zarr v2) and 0.5 (zarr v3) multiscales; a plain
// zarr array becomes an image of one level. Read once, then immutable and shared by scene, planner and renderers.
//
//   ND_ASSIGN(const std::shared_ptr<const Image> image, open_image("/data/6001240.zarr"));
//   const auto z_axis = image->axis_of(AxisType::Time);
//   const ImageLevel& coarsest = image->levels.back();

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/file_store.h"
#include "image/zarr_array.h"

namespace ndcast::image {

enum class AxisType { Space, Time, Channel, Other };

/// NGFF's name: "space", "time", "channel", "other".
std::string_view to_string(AxisType type);

struct ImageAxis {
  std::string name;
  AxisType type = AxisType::Other;
  std::string unit;  ///< as written (UDUNITS names: "micrometer", "second"); "" if none
};

/// world = scale · index + translation, one number an axis, in the axis' unit; index 0 maps to `translation`. The
/// multiscale's own transformation is already applied. Scales are finite and not zero.
struct ImageLevel {
  std::shared_ptr<const ZarrArray> array;
  std::vector<double> scale;
  std::vector<double> translation;
};

/// What omero metadata says of one channel.
struct ChannelInfo {
  std::string label;
  std::array<std::uint8_t, 3> color{255, 255, 255};
  bool has_color = false;
  /// Contrast limits [start, end] in a slider range [min, max], data units.
  struct Window {
    double min = 0;
    double max = 1;
    double start = 0;
    double end = 1;
  };
  std::optional<Window> window;
  bool active = true;
  bool inverted = false;
};

struct Image {
  std::string uri;
  std::string name;
  /// Minor version of OME-NGFF (4: 0.4, 5: 0.5; 1 to 3 are read too); 0 for a plain array.
  int ngff_minor = 0;
  std::vector<ImageAxis> axes;        ///< one an array axis, slowest first
  std::vector<ImageLevel> levels;     ///< finest first, at least one; all of the same ndim
  std::vector<ChannelInfo> channels;  ///< one a position of the channel axis (one if there is none)
  bool greyscale = false;             ///< omero.rdefs.model is "greyscale"
  std::optional<std::int64_t> default_t;
  std::optional<std::int64_t> default_z;
  bool is_label = false;  ///< carries image-label metadata: voxels are ids of objects
  std::vector<std::string> warnings;

  int ndim() const { return static_cast<int>(axes.size()); }
  /// The first axis of that type.
  std::optional<int> axis_of(AxisType type) const;
};

/// A local path or file:// URI of a multiscale group or of an array. A collection (plate, well, bioformats2raw series)
/// opens its first image, with a warning that says so. Blocks. Errors: NotFound, Forbidden (outside the jail), Invalid,
/// Unsupported, Limit.
Result<std::shared_ptr<const Image>> open_image(std::string_view uri_or_path, const Jail& jail = {});

/// The same from any store; `path` is the key of the group or array, `uri` only labels the image.
Result<std::shared_ptr<const Image>> open_image(const std::shared_ptr<const Store>& store, const std::string& path,
                                                std::string uri);

}  // namespace ndcast::image
