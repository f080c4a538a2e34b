#pragma once
// Pictures, one after another, into a file that players open: H.264 in MP4 or VP9 in WebM through the ffmpeg program,
// or a row of numbered PNG files. A program rather than a library: its codecs are many times the size of ndcast, and
// who makes movies has it.
//
//   ND_ASSIGN(auto movie, open_movie("turn.mp4", 1280, 720, 30));
//   ND_TRY(movie->add(picture));
//   ND_TRY(movie->finish());

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "render/picture.h"

namespace ndcast::render {

enum class MovieFormat { Mp4, WebM, Pictures };

/// By the file's name: .mp4, .webm, or a .png with one %d (%04d, …) in it; nothing for other names.
std::optional<MovieFormat> movie_format(const std::filesystem::path& file);

/// The name of one of a row of pictures; `file` is of MovieFormat::Pictures.
std::filesystem::path numbered(const std::filesystem::path& file, std::int64_t number);

class MovieFile {
 public:
  virtual ~MovieFile() = default;
  /// Of the size that the movie was opened with. Errors: Io.
  virtual Result<void> add(const Picture& picture) = 0;
  /// Of what is on disk by now; an encoder may hold the newest pictures still.
  virtual std::uint64_t bytes() const = 0;
  /// Puts the finished file in its place; without it no movie is left behind. Errors: Io.
  virtual Result<void> finish() = 0;
};

/// Errors: Invalid (name, or sides that are not even, which the codecs need), NotFound (no ffmpeg), Io.
/// ffmpeg runs as nicely as the calling thread.
Result<std::unique_ptr<MovieFile>> open_movie(const std::filesystem::path& file, int width, int height, double fps);

}  // namespace ndcast::render
