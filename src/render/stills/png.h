#pragma once
// Pictures as PNG files: what `ndcast render` and stills write, what tests compare. 8-bit RGBA through libspng.
//
//   ND_TRY(write_png("out.png", picture));
//   ND_ASSIGN(const Picture golden, read_png("golden.png"));

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "render/picture.h"

namespace ndcast::render {

/// A complete PNG. Filter "none" and deflate level 1: stills at rest must not cost a frame time, and rendered noise
/// hardly shrinks further. Errors: Invalid (an empty picture, or rgba that does not fit the size), Limit, Internal.
Result<std::vector<std::byte>> encode_png(const Picture& picture);

/// Any PNG, converted to RGBA. Errors: Corrupt, Limit (more than limits::kStillPixels).
Result<Picture> decode_png(std::span<const std::byte> bytes);

/// encode_png() into a file, which is replaced. Errors: those of encode_png(), Io.
Result<void> write_png(const std::filesystem::path& path, const Picture& picture);

/// Errors: those of decode_png(), NotFound, Io.
Result<Picture> read_png(const std::filesystem::path& path);

}  // namespace ndcast::render
