#include "bench/render/vtk_peer.h"

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

bool is_installed() {
  return std::system(
             fmt::format("command -v xvfb-run >/dev/null && {} -c 'import vtk, numpy' 2>/dev/null", kPython).c_str()) ==
         0;
}

}  // namespace

bool VtkPeer::draws(scene::Rendering rendering) {
  using enum scene::Rendering;
  return rendering == Mip || rendering == Minip || rendering == Translucent;
}

std::unique_ptr<VtkPeer> VtkPeer::start(const render::VolumeLevel& volume, int width, int height, double opacity) {
  if (!is_installed()) return nullptr;
  const fs::path folder = fs::temp_directory_path() / ("ndcast-bench-vtk-" + random_hex(8));
  fs::create_directories(folder);
  const std::size_t voxels = static_cast<std::size_t>(volume.size[0]) * static_cast<std::size_t>(volume.size[1]) *
                             static_cast<std::size_t>(volume.size[2]);
  std::ofstream(folder / "volume", std::ios::binary)
      .write(reinterpret_cast<const char*>(volume.data), static_cast<std::streamsize>(voxels));
  std::unique_ptr<VtkPeer> peer(new VtkPeer(folder, width, height));
  peer->spawn(volume.size[0], opacity);
  return peer;
}

void VtkPeer::spawn(int size, double opacity) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  std::vector<std::string> arguments = {"xvfb-run",
                                        "-a",
                                        kPython,
                                        std::string(NDCAST_SOURCE_DIR) + "/bench/render/vtk_peer.py",
                                        (folder_ / "volume").string(),
                                        std::to_string(size),
                                        std::to_string(width_),
                                        std::to_string(height_),
                                        std::to_string(opacity)};
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, "xvfb-run", &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  to_ = input[1];
  from_ = ::fdopen(output[0], "r");
  if (error != 0) throw std::runtime_error("xvfb-run cannot be run");
  process_ = process;
}

VtkPeer::~VtkPeer() {
  if (to_ >= 0) ::close(to_);
  if (from_ != nullptr) std::fclose(from_);
  if (process_ != 0) ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string VtkPeer::ask(const std::string& line) {
  const std::string text = line + "\n";
  std::array<char, 256> answer{};
  if (::write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      std::fgets(answer.data(), static_cast<int>(answer.size()), from_) == nullptr) {
    throw std::runtime_error("VTK ended at \"" + line + "\"");
  }
  return answer.data();
}

double VtkPeer::draw_ms(scene::Rendering rendering, double azimuth) {
  return std::stod(ask(fmt::format("{} {}", scene::to_string(rendering), azimuth)));
}

render::Picture VtkPeer::picture() {
  const fs::path file = folder_ / "picture";
  ask("save " + file.string());
  render::Picture picture;
  picture.resize(width_, height_);
  std::ifstream stream(file, std::ios::binary);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    stream.read(reinterpret_cast<char*>(picture.rgba.data() + i), 3);
    picture.rgba[i + 3] = 255;
  }
  if (!stream) throw std::runtime_error("VTK's picture is too short");
  return picture;
}

}  // namespace ndcast::bench
