#include "bench/render/picture_peer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ids.h"

extern char** environ;

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPython = "/usr/bin/python3";

bool is_installed(const PicturePeer::Kind& kind) {
  const std::string imports = fmt::format("{} -c 'import {}' 2>/dev/null", kPython, kind.modules);
  return std::system(imports.c_str()) == 0 && (!kind.on_x || std::system("command -v xvfb-run >/dev/null") == 0);
}

}  // namespace

std::span<const PicturePeer::Kind> PicturePeer::kinds() {
  using enum scene::Rendering;
  // VTK's additive is another.
  static const std::array<Kind, 2> all{{
      {"VTK", "vtk_peer.py", "vtk, numpy", true, {Mip, Minip, Translucent}},
      {"llvmpipe", "llvmpipe_peer.py", "moderngl, numpy", false, {Mip, Minip, Average, Translucent}},
  }};
  return all;
}

bool PicturePeer::draws(scene::Rendering rendering) const {
  return std::ranges::find(kind_.modes, rendering) != kind_.modes.end();
}

std::unique_ptr<PicturePeer> PicturePeer::start(const Kind& kind, const render::VolumeLevel& volume, double distance,
                                                int width, int height, double opacity) {
  if (!is_installed(kind)) return nullptr;
  const fs::path folder = fs::temp_directory_path() / ("ndcast-bench-peer-" + random_hex(8));
  fs::create_directories(folder);
  const std::size_t voxels = static_cast<std::size_t>(volume.size[0]) * static_cast<std::size_t>(volume.size[1]) *
                             static_cast<std::size_t>(volume.size[2]);
  std::ofstream(folder / "volume", std::ios::binary)
      .write(reinterpret_cast<const char*>(volume.data), static_cast<std::streamsize>(voxels));
  std::unique_ptr<PicturePeer> peer(new PicturePeer(kind, folder, width, height));
  peer->spawn(volume.size, distance, opacity);
  return peer;
}

void PicturePeer::spawn(const std::array<int, 3>& size, double distance, double opacity) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  std::vector<std::string> arguments = {kPython,
                                        fmt::format("{}/bench/render/{}", NDCAST_SOURCE_DIR, kind_.script),
                                        (folder_ / "volume").string(),
                                        fmt::format("{},{},{}", size[0], size[1], size[2]),
                                        std::to_string(distance),
                                        std::to_string(width_),
                                        std::to_string(height_),
                                        std::to_string(opacity)};
  if (kind_.on_x) arguments.insert(arguments.begin(), {"xvfb-run", "-a"});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, pointers.front(), &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  to_ = input[1];
  from_ = ::fdopen(output[0], "r");
  if (error != 0) throw std::runtime_error(arguments.front() + " cannot be run");
  process_ = process;
}

PicturePeer::~PicturePeer() {
  if (to_ >= 0) ::close(to_);
  if (from_ != nullptr) std::fclose(from_);
  if (process_ != 0) ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PicturePeer::ask(const std::string& line) {
  const std::string text = line + "\n";
  std::array<char, 256> answer{};
  if (::write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      std::fgets(answer.data(), static_cast<int>(answer.size()), from_) == nullptr) {
    throw std::runtime_error(fmt::format("{} ended at \"{}\"", kind_.name, line));
  }
  return answer.data();
}

double PicturePeer::draw_ms(scene::Rendering rendering, double azimuth) {
  return std::stod(ask(fmt::format("{} {}", scene::to_string(rendering), azimuth)));
}

render::Picture PicturePeer::picture() {
  const fs::path file = folder_ / "picture";
  ask("save " + file.string());
  render::Picture picture;
  picture.resize(width_, height_);
  std::ifstream stream(file, std::ios::binary);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    stream.read(reinterpret_cast<char*>(picture.rgba.data() + i), 3);
    picture.rgba[i + 3] = 255;
  }
  if (!stream) throw std::runtime_error(fmt::format("the picture of {} is too short", kind_.name));
  return picture;
}

}  // namespace ndcast::bench
