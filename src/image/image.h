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

#include "image/address.h"
#include "image/image_watch.h"
#include "image/open_store.h"
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

/// What image-label metadata says of a label image.
struct LabelInfo {
  /// Of the voxel value with this 64-bit pattern (uint64 above 2^63 - 1 wraps).
  struct Color {
    std::int64_t value = 0;
    std::array<std::uint8_t, 4> rgba{};
  };
  struct Properties {
    std::int64_t value = 0;
    Json members;  ///< the entry as written, an object
  };
  std::vector<Color> colors;           ///< one a value, sorted
  std::vector<Properties> properties;  ///< one a value, sorted
  /// Key in the store of the image that the labels are of; nothing when that lies above what was opened.
  std::optional<std::string> source;
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
  bool is_label = false;            ///< carries image-label metadata: voxels are ids of objects
  std::optional<LabelInfo> label;   ///< of a label image
  std::vector<std::string> labels;  ///< keys in the store of the label images that belong to this one
  std::vector<std::string> warnings;
  /// Says whether the image is still what it was when it was opened; null for one that was made from a store at hand.
  std::shared_ptr<const ImageWatch> watch;

  int ndim() const { return static_cast<int>(axes.size()); }
  /// The first axis of that type.
  std::optional<int> axis_of(AxisType type) const;
};

/// A path or URI (open_store.h) of a multiscale group or of an array; "#…" behind it chooses one of several
/// (address.h). A plate opens as a grid of one field of each well; a well or a bioformats2raw series opens its first
/// image, with a warning that says so. Blocks. Errors: NotFound, Forbidden (outside what access allows), Invalid,
/// Unsupported, Limit.
Result<std::shared_ptr<const Image>> open_image(std::string_view uri_or_path, const Access& access = {});

/// The same from any store; `path` is the key of the group or array, `uri` only labels the image.
Result<std::shared_ptr<const Image>> open_image(const std::shared_ptr<const Store>& store, const std::string& path,
                                                std::string uri, const ImageChoice& choice = {});

}  // namespace ndcast::image
