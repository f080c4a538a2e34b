#pragma once
// Contrast limits of each channel of a pyramid that has just been written.

#include <filesystem>

#include "convert/value_range.h"
#include "convert/zarr_metadata_text.h"

namespace ndcast::convert {

/// min and max are `ranges`, of every voxel; start and end leave out the darkest and the brightest thousandth of a
/// sample of the coarsest level. Blocks. Errors: those of reading.
Result<std::vector<ChannelWindow>> measure_windows(const std::filesystem::path& root, const SourceInfo& source,
                                                   const Pyramid& pyramid, const std::vector<ValueRange>& ranges);

}  // namespace ndcast::convert
