#pragma once
// OME-NGFF attributes (0.1 to 0.5) as structs: multiscales and omero. Only says what is written there; image.cc joins
// it with the arrays.

#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "image/node.h"

namespace ndcast::image {

/// One entry of datasets[]; transforms not yet joined with the multiscale's own.
struct MultiscaleLevel {
  std::string path;  ///< key relative to the group, checked
  std::optional<std::vector<double>> scale;
  std::optional<std::vector<double>> translation;
};

struct Multiscale {
  std::string name;
  int ngff_minor = 0;
  std::vector<ImageAxis> axes;  ///< empty when the metadata has none (0.1, 0.2)
  std::vector<MultiscaleLevel> levels;
  std::optional<std::vector<double>> scale;  ///< of the multiscale, applied after a level's own
  std::optional<std::vector<double>> translation;
  std::vector<std::string> warnings;
};

/// The object that holds multiscales, omero, labels, plate, …: v3's attributes.ome, v2's attributes.
const Json& ome_attributes(const Node& node);

/// The one of multiscales[] with that name or, failing that, position ("" is the first), or nothing when the node is no
/// multiscale. Errors: NotFound (no such one), Invalid (a field, with what was found and expected), Unsupported (a
/// newer version, a transformation that is neither scale nor translation).
Result<std::optional<Multiscale>> parse_multiscale(const Node& node, std::string_view which = "");

struct Omero {
  std::vector<ChannelInfo> channels;
  bool greyscale = false;
  std::optional<std::int64_t> default_t;
  std::optional<std::int64_t> default_z;
};

/// Decoration, so never an error: what cannot be read is left out and told in `warnings`.
Omero parse_omero(const Node& node, std::vector<std::string>& warnings);

/// image-label of the node at `path`, or nothing when it carries none. Decoration too: entries that cannot be used are
/// left out and told in `warnings`.
std::optional<LabelInfo> parse_label(const Node& node, std::string_view path, std::vector<std::string>& warnings);

/// Keys of the label images of the image at `path`, as its "labels" group lists them; empty when there is none. Errors:
/// Invalid, Io, Limit.
Result<std::vector<std::string>> list_labels(const Store& store, const std::string& path);

/// By name: t time, c channel, z y x space; else Other.
AxisType guess_axis_type(std::string_view name);

/// world = outer_scale · (translation + scale · index) + outer_translation, missing parts being 1 and 0.
struct Transform {
  std::vector<double> scale;
  std::vector<double> translation;
};
Transform join_transforms(const Multiscale& multiscale, const MultiscaleLevel& level,
                          const std::vector<double>& default_scale);

}  // namespace ndcast::image
