#pragma once
// From what a user names to a source: by the file's first bytes where they tell, else by its ending. Several files, a
// folder or a pattern with * or ? are a stack.
//
//   ND_ASSIGN(const std::unique_ptr<Source> source, open_source({"/data/brain.nii.gz"}, {}));

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convert/raw.h"
#include "convert/source.h"

namespace ndcast::convert {

enum class AxisOrder {
  File,  ///< as the file has them: level 0 holds the file's voxels in the file's order
  Ngff,  ///< t, c, others, z, y, x, as OME-NGFF 0.4 and 0.5 demand
};

struct SourceOptions {
  std::optional<RawDescription> raw;  ///< the files are raw voxels
  std::string axes;                   ///< other names, a letter an axis; empty: the file's
  std::vector<double> scale;          ///< in place of the file's, one an axis; empty: the file's
  std::string unit;                   ///< of the axes of space, in place of the file's; empty: the file's
  std::size_t image = 0;              ///< which one of an OME-TIFF
  AxisOrder order = AxisOrder::File;
};

/// Errors: those of the formats; Unsupported for a file that is none of them, Invalid for options that do not fit.
Result<std::unique_ptr<Source>> open_source(const std::vector<std::string>& names, const SourceOptions& options);

/// True for names that end as an image of one of the formats does.
bool is_importable(const std::filesystem::path& path);

}  // namespace ndcast::convert
