#pragma once
// VTK's fixed-point volume ray caster (python3-vtk9, vtk_peer.py) in a process of its own, as tools/bench_peers.sh
// installs it.

#include <filesystem>
#include <memory>
#include <string>

#include "render/picture.h"
#include "render/renderer.h"

namespace ndcast::bench {

class VtkPeer {
 public:
  /// Null when VTK or Xvfb is not installed. `volume` is of uint8, `opacity` that of the modes that gather.
  static std::unique_ptr<VtkPeer> start(const render::VolumeLevel& volume, int width, int height, double opacity);
  ~VtkPeer();
  VtkPeer(const VtkPeer&) = delete;
  VtkPeer& operator=(const VtkPeer&) = delete;

  /// True for modes that VTK has too; its additive is another.
  static bool draws(scene::Rendering rendering);
  /// Processor milliseconds of one picture, all threads together. Throws when VTK does not answer.
  double draw_ms(scene::Rendering rendering, double azimuth);
  /// The last one.
  render::Picture picture();

 private:
  VtkPeer(std::filesystem::path folder, int width, int height)
      : folder_(std::move(folder)), width_(width), height_(height) {}
  void spawn(int size, double opacity);
  std::string ask(const std::string& line);

  const std::filesystem::path folder_;
  const int width_;
  const int height_;
  int to_ = -1;
  std::FILE* from_ = nullptr;
  int process_ = 0;
};

}  // namespace ndcast::bench
