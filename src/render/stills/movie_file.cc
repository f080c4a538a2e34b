#include "render/stills/movie_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "render/stills/png.h"

extern char** environ;

namespace ndcast::render {
namespace {

namespace fs = std::filesystem;

/// Where in a name "%d" or "%04d" stands, and how many digits it asks for.
struct Placeholder {
  std::size_t begin;
  std::size_t end;
  int digits;
};

std::optional<Placeholder> placeholder(const std::string& name) {
  const std::size_t begin = name.find('%');
  if (begin == std::string::npos || name.find('%', begin + 1) != std::string::npos) return std::nullopt;
  std::size_t end = begin + 1;
  int digits = 0;
  while (end < name.size() && name[end] >= '0' && name[end] <= '9' && end - begin < 4) {
    digits = digits * 10 + (name[end++] - '0');
  }
  if (end >= name.size() || name[end] != 'd' || digits > 20) return std::nullopt;
  return Placeholder{begin, end + 1, digits};
}

/// 0 while there is none.
std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file, error);
  return error ? 0 : bytes;
}

class NumberedPictures final : public MovieFile {
 public:
  explicit NumberedPictures(fs::path file) : file_(std::move(file)) {}
  Result<void> add(const Picture& picture) override {
    const fs::path file = numbered(file_, next_++);
    ND_TRY(write_png(file, picture));
    bytes_ += size_of(file);
    return {};
  }
  std::uint64_t bytes() const override { return bytes_; }
  Result<void> finish() override { return {}; }

 private:
  const fs::path file_;
  std::int64_t next_ = 0;
  std::uint64_t bytes_ = 0;
};

/// ffmpeg's way from RGBA to what players expect: BT.709 and said so, with few enough losses that a scientist sees
/// none.
std::vector<std::string> ffmpeg_arguments(MovieFormat format, int width, int height, double fps, const fs::path& file) {
  std::vector<std::string> arguments = {"ffmpeg",
                                        "-loglevel",
                                        "error",
                                        "-y",
                                        "-f",
                                        "rawvideo",
                                        "-pix_fmt",
                                        "rgba",
                                        "-video_size",
                                        fmt::format("{}x{}", width, height),
                                        "-framerate",
                                        fmt::format("{}", fps),
                                        "-i",
                                        "-",
                                        "-an",
                                        "-vf",
                                        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
                                        "-colorspace",
                                        "bt709",
                                        "-color_primaries",
                                        "bt709",
                                        "-color_trc",
                                        "bt709",
                                        "-color_range",
                                        "tv"};
  const std::vector<std::string> codec =
      format == MovieFormat::Mp4
          ? std::vector<std::string>{"-c:v", "libx264",   "-preset",    "medium", "-crf",
                                     "16",   "-movflags", "+faststart", "-f",     "mp4"}
          : std::vector<std::string>{"-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-row-mt", "1", "-f", "webm"};
  arguments.insert(arguments.end(), codec.begin(), codec.end());
  // An absolute path, which cannot be taken for an option or a protocol.
  arguments.push_back("file:" + fs::absolute(file).string());
  return arguments;
}

class FfmpegMovie final : public MovieFile {
 public:
  FfmpegMovie(fs::path file, fs::path part, int pipe, pid_t process)
      : file_(std::move(file)), part_(std::move(part)), pipe_(pipe), process_(process) {}
  FfmpegMovie(const FfmpegMovie&) = delete;
  FfmpegMovie& operator=(const FfmpegMovie&) = delete;
  ~FfmpegMovie() override {
    if (pipe_ < 0) return;
    ::kill(process_, SIGKILL);
    wait();
    std::error_code ignored;
    fs::remove(part_, ignored);
  }

  Result<void> add(const Picture& picture) override {
    const auto* at = reinterpret_cast<const char*>(picture.rgba.data());
    std::size_t left = picture.rgba.size();
    while (left > 0) {
      const ssize_t written = ::write(pipe_, at, left);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(ErrorCode::Io, "{}: ffmpeg takes no more pictures", file_.string());
      at += written;
      left -= static_cast<std::size_t>(written);
    }
    return {};
  }

  std::uint64_t bytes() const override { return size_of(part_); }

  Result<void> finish() override {
    const int status = wait();
    std::error_code error;
    if (status == 0) fs::rename(part_, file_, error);
    if (status == 0 && !error) return {};
    std::error_code ignored;
    fs::remove(part_, ignored);
    if (error) return fail(ErrorCode::Io, "cannot write {}: {}", file_.string(), error.message());
    return fail(ErrorCode::Io, "{}: ffmpeg ended with status {}", file_.string(), status);
  }

 private:
  /// Its exit status; 128 and more for a signal, kUnknownStatus when somebody else took it.
  int wait() {
    ::close(std::exchange(pipe_, -1));
    int status = 0;
    pid_t ended = -1;
    do ended = ::waitpid(process_, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return kUnknownStatus;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  static constexpr int kUnknownStatus = -1;

  const fs::path file_;
  const fs::path part_;  ///< what is written until it is whole
  int pipe_;
  const pid_t process_;
};

Result<std::unique_ptr<MovieFile>> open_ffmpeg(const fs::path& file, MovieFormat format, int width, int height,
                                               double fps) {
  fs::path part = file;
  part += ".part";
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ErrorCode::Io, "no pipe: {}", std::strerror(errno));
  std::vector<std::string> arguments = ffmpeg_arguments(format, width, height, fps, part);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  // A server's sockets are not marked to close: one that ffmpeg held would not end for its client.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  // A server's threads block the signals that one of them waits for.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, "ffmpeg", &actions, &attributes, pointers.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  if (error != 0) {
    ::close(ends[1]);
    return fail(ErrorCode::NotFound,
                "the ffmpeg program cannot be run ({}); install it, or have ndcast render write a row of pictures: "
                "--out frame-%04d.png",
                std::strerror(error));
  }
  // A movie whose program ended is an error, not the end of this one.
  std::signal(SIGPIPE, SIG_IGN);
  return std::make_unique<FfmpegMovie>(file, std::move(part), ends[1], process);
}

}  // namespace

std::optional<MovieFormat> movie_format(const fs::path& file) {
  const fs::path extension = file.extension();
  if (extension == ".mp4") return MovieFormat::Mp4;
  if (extension == ".webm") return MovieFormat::WebM;
  if (extension == ".png" && placeholder(file.filename().string())) return MovieFormat::Pictures;
  return std::nullopt;
}

fs::path numbered(const fs::path& file, std::int64_t number) {
  const std::string name = file.filename().string();
  const Placeholder place = *placeholder(name);
  return file.parent_path() / fmt::format("{}{:0{}}{}", name.substr(0, place.begin), number, std::max(place.digits, 1),
                                          name.substr(place.end));
}

Result<std::unique_ptr<MovieFile>> open_movie(const fs::path& file, int width, int height, double fps) {
  const std::optional<MovieFormat> format = movie_format(file);
  if (!format) return fail(ErrorCode::Invalid, "{}: expected .mp4, .webm or a %d.png", file.string());
  if (*format == MovieFormat::Pictures) return std::make_unique<NumberedPictures>(file);
  if (width % 2 != 0 || height % 2 != 0) {
    return fail(ErrorCode::Invalid, "a movie of {}×{} pixels: expected even numbers", width, height);
  }
  return open_ffmpeg(file, *format, width, height, fps);
}

}  // namespace ndcast::render
