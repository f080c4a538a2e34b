#pragma once
// What a user wants otherwise than the file says: other names of axes, other scales, another order.

#include "convert/open_source.h"

namespace ndcast::convert {

/// The source itself when nothing is to be changed. Errors: Invalid (as many names or scales as axes are needed; a
/// name twice).
Result<std::unique_ptr<Source>> adapt(std::unique_ptr<Source> source, const SourceOptions& options);

/// Positions of the axes in OME-NGFF's order: time, channel, others, then space (z, y, x).
std::vector<std::size_t> ngff_order(const std::vector<SourceAxis>& axes);

}  // namespace ndcast::convert
