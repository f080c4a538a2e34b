#pragma once
// TIFF images: what several planes of one or more TIFF files are together. OME-TIFF says so in OME-XML, ImageJ in its
// description (also its files above 4 GiB: one directory, the planes one after the other); else the directories that
// look like the first are a stack along z.
//
//   ND_ASSIGN(const std::unique_ptr<Source> source, open_tiff("cells.ome.tif"));

#include <filesystem>

#include "convert/source.h"

namespace ndcast::convert {

/// `image`: which Image of an OME-TIFF. Errors: NotFound, Io, Invalid, Unsupported, Corrupt, Limit.
Result<std::unique_ptr<Source>> open_tiff(const std::filesystem::path& path, std::size_t image = 0);

/// What ImageJ writes into the first directory's ImageDescription. Fields that are absent or make no sense keep their
/// defaults.
struct ImageJDescription {
  std::int64_t images = 1, channels = 1, slices = 1, frames = 1;
  std::string unit;
  double spacing = 0;         ///< along z; 0: not given
  double frame_interval = 0;  ///< seconds; 0: not given
};

/// Nothing for a text that is not ImageJ's.
std::optional<ImageJDescription> parse_imagej_description(std::string_view text);

}  // namespace ndcast::convert
