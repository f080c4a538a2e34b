#pragma once
// Others that draw the same volume: VTK's fixed-point ray caster (vtk_peer.py) and a fragment shader on llvmpipe
// (llvmpipe_peer.py), each in a process of its own, as tools/bench_peers.sh installs them.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "render/picture.h"
#include "render/renderer.h"

namespace ndcast::bench {

class PicturePeer {
 public:
  struct Kind {
    const char* name;
    const char* script;                   ///< beside this file
    const char* modules;                  ///< of Python, that it imports
    bool on_x = false;                    ///< needs an X server: Xvfb
    std::vector<scene::Rendering> modes;  ///< that mean there what they mean here
  };
  static std::span<const Kind> kinds();

  /// Null when what it needs is not installed. `volume` is of uint8, its voxels cubes of side 1 at the origin;
  /// `distance` is the eye's from its centre, `opacity` that of the modes that gather.
  static std::unique_ptr<PicturePeer> start(const Kind& kind, const render::VolumeLevel& volume, double distance,
                                            int width, int height, double opacity);
  ~PicturePeer();
  PicturePeer(const PicturePeer&) = delete;
  PicturePeer& operator=(const PicturePeer&) = delete;

  const char* name() const { return kind_.name; }
  bool draws(scene::Rendering rendering) const;
  /// Processor milliseconds of one picture, all threads together. Throws when the peer does not answer.
  double draw_ms(scene::Rendering rendering, double azimuth);
  /// The last one.
  render::Picture picture();

 private:
  PicturePeer(const Kind& kind, std::filesystem::path folder, int width, int height)
      : kind_(kind), folder_(std::move(folder)), width_(width), height_(height) {}
  void spawn(const std::array<int, 3>& size, double distance, double opacity);
  std::string ask(const std::string& line);

  const Kind& kind_;
  const std::filesystem::path folder_;
  const int width_;
  const int height_;
  int to_ = -1;
  std::FILE* from_ = nullptr;
  int process_ = 0;
};

}  // namespace ndcast::bench
