// Milliseconds that a volume costs on the CPU: every rendering mode, over made-up fibres of three densities, beside
// VTK's volume ray caster (where tools/bench_peers.sh has installed it) and a plain loop over the same samples. Orbits
// of the same angles, in rounds that take turns; the figure is the process' processor time over the number of threads,
// so that what else the machine does counts little. The pictures are alike by at least 30 dB, and it is printed how
// much.
//
//   build/release/bench/render [--json FILE] [--size 256] [--width 1280] [--height 720] [--rounds 3]
//
// With `--threads 1,2,4,…` instead how frames get shorter with threads (bench/render/scaling.h).

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/render/plain_loop.h"
#include "bench/render/scaling.h"
#include "bench/render/volumes.h"
#include "bench/render/vtk_peer.h"
#include "bench/report.h"
#include "scene/colormap.h"

namespace ndcast::bench {
namespace {

constexpr std::size_t kThreads = 2;
constexpr int kAngles = 3;
constexpr double kOpacity = 0.1;  ///< of modes that gather

struct Options {
  int size = 256;
  int width = 1280;
  int height = 720;
  int rounds = 3;
  std::string json_file;
  std::vector<int> threads;  ///< not empty: how it scales
};

std::vector<int> numbers(const std::string& list) {
  std::vector<int> numbers;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) numbers.push_back(std::atoi(word.c_str()));
  return numbers;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--size") options.size = std::atoi(argv[i + 1]);
    if (name == "--width") options.width = std::atoi(argv[i + 1]);
    if (name == "--height") options.height = std::atoi(argv[i + 1]);
    if (name == "--rounds") options.rounds = std::atoi(argv[i + 1]);
    if (name == "--threads") options.threads = numbers(argv[i + 1]);
    if (name == "--json") options.json_file = argv[i + 1];
  }
  return options;
}

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// The volume fills the height of the picture, as after "reset view".
render::FrameInput frame_of(const Options& options, std::shared_ptr<const render::VolumeLevel> volume,
                            scene::Rendering rendering) {
  const double size = options.size;
  render::FrameInput frame;
  frame.width = options.width;
  frame.height = options.height;
  frame.mode = scene::Mode::Volume;
  frame.volume = {.center = {size / 2, size / 2, size / 2}, .angles = {30, 20, 0}, .distance = 1.6 * size, .fov = 35};
  render::LayerInput layer;
  layer.look.contrast_limits = {kVisible, 230};
  layer.look.colors = std::make_shared<const scene::ColorTable>(scene::color_table("gray"));
  layer.look.interpolation = scene::Interpolation::Linear;
  layer.look.rendering = rendering;
  layer.look.iso_threshold = 100;
  if (rendering == scene::Rendering::Translucent || rendering == scene::Rendering::Additive)
    layer.look.opacity = kOpacity;
  layer.volumes.push_back(std::move(volume));
  frame.layers.push_back(std::move(layer));
  return frame;
}

using Draw = std::function<void(const render::FrameInput&, render::Picture&)>;

/// Mean over the angles of one orbit.
double orbit_ms(render::FrameInput frame, const Draw& draw) {
  render::Picture picture;
  const double before = processor_ms();
  for (int i = 0; i < kAngles; ++i) {
    frame.volume.angles[0] = 30 + 25 * i;
    draw(frame, picture);
  }
  return (processor_ms() - before) / kAngles / kThreads;
}

double psnr_db(const render::Picture& a, const render::Picture& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.rgba.size(); ++i) {
    const double apart = static_cast<double>(a.rgba[i]) - b.rgba[i];
    squares += apart * apart;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.rgba.size()) / std::max(squares, 1e-9));
}

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {
    auto renderer = render::make_renderer("cpu", kThreads);
    if (!renderer) throw std::runtime_error(renderer.error().message);
    renderer_ = *std::move(renderer);
  }

  void run(const std::string& density, const std::shared_ptr<const render::VolumeLevel>& volume) {
    fmt::print("{}: {:.1f} % of {}^3 voxels stand out\n", density, 100 * visible_share(*volume), options_.size);
    vtk_ = VtkPeer::start(*volume, options_.width, options_.height, kOpacity);
    if (!vtk_) fmt::print("  without VTK: tools/bench_peers.sh installs it\n");
    for (const std::string_view word : scene::enum_words<scene::Rendering>()) {
      run_mode(density, *scene::enum_from_string<scene::Rendering>(word), volume);
    }
  }
  int finish() const { return report("render", rows_, options_.json_file); }

 private:
  void run_mode(const std::string& density, scene::Rendering rendering,
                const std::shared_ptr<const render::VolumeLevel>& volume) {
    const render::FrameInput frame = frame_of(options_, volume, rendering);
    const bool has_plain = rendering == scene::Rendering::Mip || rendering == scene::Rendering::Translucent;
    const bool has_vtk = vtk_ && VtkPeer::draws(rendering);
    render::Picture own_picture;
    ours_(frame, own_picture);
    if (has_plain) check_alike("plain loop", own_picture, drawn_plain(frame));
    if (has_vtk)
      check_alike(fmt::format("VTK, {} {}", density, scene::to_string(rendering)), own_picture, drawn_by_vtk(frame));
    std::vector<double> own;
    std::vector<double> plain;
    std::vector<double> vtk;
    for (int round = 0; round < options_.rounds; ++round) {
      own.push_back(orbit_ms(frame, ours_));
      if (has_plain) plain.push_back(orbit_ms(frame, plain_));
      if (has_vtk) vtk.push_back(vtk_orbit_ms(frame));
    }
    Row row{.what = fmt::format("{}, {}", density, scene::to_string(rendering)),
            .value = percentile(own, 0.5),
            .unit = "ms"};
    if (has_plain) rows_.push_back(beside(row, "plain loop", plain, std::nullopt));
    if (has_vtk) rows_.push_back(beside(row, "VTK", vtk, reach(density, rendering)));
    if (!has_plain && !has_vtk) rows_.push_back(std::move(row));
  }

  static Row beside(Row row, const std::string& peer, const std::vector<double>& times, std::optional<double> reach) {
    row.peer = peer;
    row.peer_value = percentile(times, 0.5);
    row.reach = reach;
    return row;
  }

  /// What sparse volumes are to cost of VTK's time at full quality, and any at most.
  static double reach(const std::string& density, scene::Rendering rendering) {
    if (density == "sparse" && rendering == scene::Rendering::Mip) return 1.0 / 16;
    if (density == "sparse" && rendering == scene::Rendering::Translucent) return 1.0 / 10;
    return 1.0 / 3;
  }

  double vtk_orbit_ms(const render::FrameInput& frame) const {
    double total = 0;
    for (int i = 0; i < kAngles; ++i) total += vtk_->draw_ms(frame.layers.front().look.rendering, 30 + 25 * i);
    return total / kAngles / kThreads;
  }

  render::Picture drawn_plain(const render::FrameInput& frame) const {
    render::Picture picture;
    plain_(frame, picture);
    return picture;
  }
  render::Picture drawn_by_vtk(const render::FrameInput& frame) const {
    vtk_->draw_ms(frame.layers.front().look.rendering, frame.volume.angles[0]);
    return vtk_->picture();
  }

  static void check_alike(const std::string& peer, const render::Picture& own, const render::Picture& other) {
    const double alike = psnr_db(own, other);
    fmt::print("  {}: pictures alike by {:.1f} dB\n", peer, alike);
    if (alike < 30) throw std::runtime_error(fmt::format("{} draws something else: {:.1f} dB", peer, alike));
  }

  Options options_;
  ThreadPool pool_{"plain", kThreads};
  std::unique_ptr<render::Renderer> renderer_;
  Draw ours_ = [this](const render::FrameInput& frame, render::Picture& picture) {
    if (const auto drawn = renderer_->render(frame, picture); !drawn) throw std::runtime_error(drawn.error().message);
  };
  Draw plain_ = [this](const render::FrameInput& frame, render::Picture& picture) {
    draw_plain(frame, pool_, picture);
  };
  std::unique_ptr<VtkPeer> vtk_;  ///< of the volume at hand
  std::vector<Row> rows_;
};

int run_scaling(const Options& options) {
  using scene::Rendering;
  ThreadPool pool("cells", kThreads);
  const auto volume = fibres(options.size, 0.15, pool);
  std::vector<NamedFrame> frames;
  for (const Rendering rendering : {Rendering::Mip, Rendering::Translucent, Rendering::Average}) {
    frames.push_back({fmt::format("medium, {}", scene::to_string(rendering)), frame_of(options, volume, rendering)});
  }
  frames.push_back(slice_frame(1920, 1080));
  return report("render_scaling", scaling_rows(frames, options.threads, options.rounds), options.json_file);
}

int run(const Options& options) {
  ThreadPool pool("cells", kThreads);
  Bench bench(options);
  bench.run("sparse", fibres(options.size, 0.05, pool));
  bench.run("medium", fibres(options.size, 0.15, pool));
  bench.run("dense", fibres(options.size, 0.4, pool));
  return bench.finish();
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  return ndcast::bench::guarded("render", [&] {
    const ndcast::bench::Options options = ndcast::bench::parse(argc, argv);
    return options.threads.empty() ? ndcast::bench::run(options) : ndcast::bench::run_scaling(options);
  });
}
