#pragma once
// PNG and JPEG pictures: one plane y, x, with a channel axis when a pixel has several samples. A read decodes the whole
// picture; what they are for are stacks (stack.h).

#include <filesystem>

#include "convert/source.h"

namespace ndcast::convert {

/// Samples as stored: 1 bit is bool, 2 and 4 bits are 8, a palette is resolved to its colours.
Result<std::unique_ptr<Source>> open_png(const std::filesystem::path& path);
/// Grey stays one sample, anything else becomes RGB.
Result<std::unique_ptr<Source>> open_jpeg(const std::filesystem::path& path);

/// For both: what a picture of that kind looks like as a source, apart from its pixels.
SourceInfo picture_info(std::string_view format, const std::filesystem::path& path, std::int64_t width,
                        std::int64_t height, std::int64_t samples, image::DType dtype);

/// Copies a box out of a decoded picture into its place.
void copy_picture(const SourceInfo& info, const std::vector<std::byte>& pixels, const Box& box, const Target& target);

}  // namespace ndcast::convert
