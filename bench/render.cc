// Milliseconds that a volume costs on the CPU: every rendering mode, over an embryo and made-up fibres of three
// densities, beside VTK's volume ray caster and a shader on llvmpipe (where tools/bench_peers.sh has installed them), a
// plain loop over the same samples, and what loading their voxels takes alone; and a slice at 1920 × 1080 beside a
// plain loop. Orbits of the same angles, in rounds that take turns; the figure is the process' processor time over the
// number of threads, so that what else the machine does counts little. The pictures are alike by at least 30 dB, and it
// is printed how much.
//
//   build/release/bench/render [--json FILE] [--size 256] [--width 1280] [--height 720] [--rounds 3]
//                              [--volumes sparse,dense,…] [--modes mip,average,…]
//
// With `--threads 1,2,4,…` instead how frames get shorter with threads (bench/render/scaling.h).

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/render/load_limit.h"
#include "bench/render/picture_peer.h"
#include "bench/render/plain_loop.h"
#include "bench/render/scaling.h"
#include "bench/render/slices.h"
#include "bench/render/volumes.h"
#include "bench/report.h"
#include "scene/colormap.h"

namespace ndcast::bench {
namespace {

constexpr std::size_t kThreads = 2;
constexpr const char* kEmbryo = NDCAST_SOURCE_DIR "/samples/blastocyst.ome.zarr";
constexpr double kOpacity = 0.1;  ///< of modes that gather

struct Options {
  int size = 256;
  int width = 1280;
  int height = 720;
  int rounds = 3;
  std::string json_file;
  std::vector<int> threads;          ///< not empty: how it scales
  std::vector<std::string> volumes;  ///< empty: all
  std::vector<std::string> modes;    ///< empty: all
};

std::vector<std::string> words(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
  return words;
}

bool is_wanted(const std::vector<std::string>& wanted, std::string_view name) {
  return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
}

std::vector<int> numbers(const std::string& list) {
  std::vector<int> numbers;
  for (const std::string& word : words(list)) numbers.push_back(std::atoi(word.c_str()));
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
    if (name == "--volumes") options.volumes = words(argv[i + 1]);
    if (name == "--modes") options.modes = words(argv[i + 1]);
    if (name == "--json") options.json_file = argv[i + 1];
  }
  return options;
}

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double distance_of(const render::VolumeLevel& volume) {
  return 1.6 * std::max({volume.size[0], volume.size[1], volume.size[2]});
}

/// The volume fills the height of the picture, as after "reset view".
render::FrameInput frame_of(const Options& options, std::shared_ptr<const render::VolumeLevel> volume,
                            scene::Rendering rendering) {
  render::FrameInput frame;
  frame.width = options.width;
  frame.height = options.height;
  frame.mode = scene::Mode::Volume;
  const std::array<int, 3>& size = volume->size;
  frame.volume = {.center = {size[0] / 2.0, size[1] / 2.0, size[2] / 2.0},
                  .angles = {30, 20, 0},
                  .distance = distance_of(*volume),
                  .fov = 35};
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

constexpr std::array<double, 3> kAzimuths{30, 55, 80};

/// Mean over the angles of one orbit.
double orbit_ms(render::FrameInput frame, const Draw& draw) {
  render::Picture picture;
  const double before = processor_ms();
  for (const double azimuth : kAzimuths) {
    frame.volume.angles[0] = azimuth;
    draw(frame, picture);
  }
  return (processor_ms() - before) / kAzimuths.size() / kThreads;
}

double mean_samples(render::FrameInput frame) {
  double samples = 0;
  for (const double azimuth : kAzimuths) {
    frame.volume.angles[0] = azimuth;
    samples += static_cast<double>(samples_of(frame));
  }
  return samples / kAzimuths.size();
}

/// Mean of a few pictures that differ in nothing.
double slice_ms(const render::FrameInput& frame, const Draw& draw) {
  constexpr int kPictures = 10;
  render::Picture picture;
  const double before = processor_ms();
  for (int i = 0; i < kPictures; ++i) draw(frame, picture);
  return (processor_ms() - before) / kPictures / kThreads;
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

  void run(const std::string& name, const std::shared_ptr<const render::VolumeLevel>& volume) {
    fmt::print("{}: {:.1f} % of {} x {} x {} voxels stand out\n", name, 100 * visible_share(*volume), volume->size[0],
               volume->size[1], volume->size[2]);
    peers_.clear();
    for (const PicturePeer::Kind& kind : PicturePeer::kinds()) {
      auto peer = PicturePeer::start(kind, *volume, distance_of(*volume), options_.width, options_.height, kOpacity);
      if (!peer) fmt::print("  without {}: tools/bench_peers.sh installs it\n", kind.name);
      if (peer) peers_.push_back(std::move(peer));
    }
    for (const std::string_view word : scene::enum_words<scene::Rendering>()) {
      if (!is_wanted(options_.modes, word)) continue;
      run_mode(name, *scene::enum_from_string<scene::Rendering>(word), volume);
    }
  }

  /// What wider voxels cost, of the same values.
  void run_types(const std::string& name, const render::VolumeLevel& volume) {
    const auto bytes = std::shared_ptr<const render::VolumeLevel>(std::shared_ptr<void>(), &volume);
    for (const image::DType dtype : {image::DType::UInt16, image::DType::Float32}) {
      const auto wide = widened(volume, dtype, pool_);
      for (const scene::Rendering rendering : {scene::Rendering::Mip, scene::Rendering::Translucent}) {
        if (!is_wanted(options_.modes, scene::to_string(rendering))) continue;
        const render::FrameInput frame = frame_of(options_, wide, rendering);
        const render::FrameInput narrow = frame_of(options_, bytes, rendering);
        check_alike("uint8", drawn(ours_, frame), drawn(ours_, narrow));
        std::vector<double> own;
        std::vector<double> others;
        for (int round = 0; round < options_.rounds; ++round) {
          own.push_back(orbit_ms(frame, ours_));
          others.push_back(orbit_ms(narrow, ours_));
        }
        const std::string what =
            fmt::format("{} of {}, {}", name, image::to_string(dtype), scene::to_string(rendering));
        rows_.push_back(beside({.what = what, .value = percentile(own, 0.5), .unit = "ms"}, "uint8",
                               percentile(others, 0.5), std::nullopt));
      }
    }
  }

  /// At least five times as fast as the plain loop.
  void run_slices() {
    for (const int channels : {1, 3}) {
      const NamedFrame named = slice_frame(1920, 1080, channels, 0.9, 0.8);
      check_alike("plain loop, " + named.name, drawn(ours_, named.frame), drawn(plain_slices_, named.frame));
      std::vector<double> own;
      std::vector<double> plain;
      for (int round = 0; round < options_.rounds; ++round) {
        own.push_back(slice_ms(named.frame, ours_));
        plain.push_back(slice_ms(named.frame, plain_slices_));
      }
      rows_.push_back(beside({.what = named.name, .value = percentile(own, 0.5), .unit = "ms"}, "plain loop",
                             percentile(plain, 0.5), 1.0 / 5));
    }
  }
  int finish() const { return report("render", rows_, options_.json_file); }

 private:
  void run_mode(const std::string& name, scene::Rendering rendering,
                const std::shared_ptr<const render::VolumeLevel>& volume) {
    const render::FrameInput frame = frame_of(options_, volume, rendering);
    const bool has_plain = rendering == scene::Rendering::Mip || rendering == scene::Rendering::Translucent;
    const render::Picture own_picture = drawn(ours_, frame);
    if (has_plain) check_alike("plain loop", own_picture, drawn(plain_, frame));
    std::vector<PicturePeer*> peers;
    for (const auto& peer : peers_) {
      if (!peer->draws(rendering)) continue;
      peer->draw_ms(rendering, frame.volume.angles[0]);
      check_alike(fmt::format("{}, {} {}", peer->name(), name, scene::to_string(rendering)), own_picture,
                  peer->picture());
      peers.push_back(peer.get());
    }
    std::vector<double> own;
    std::vector<double> plain;
    std::vector<double> limit;
    std::map<PicturePeer*, std::vector<double>> theirs;
    for (int round = 0; round < options_.rounds; ++round) {
      own.push_back(orbit_ms(frame, ours_));
      if (has_plain) plain.push_back(orbit_ms(frame, plain_));
      for (PicturePeer* const peer : peers) theirs[peer].push_back(orbit_ms(*peer, rendering));
      if (rendering == scene::Rendering::Average) limit.push_back(load_ns(*volume, pool_, kThreads));
    }
    Row row{
        .what = fmt::format("{}, {}", name, scene::to_string(rendering)), .value = percentile(own, 0.5), .unit = "ms"};
    if (has_plain) rows_.push_back(beside(row, "plain loop", percentile(plain, 0.5), std::nullopt));
    for (PicturePeer* const peer : peers) {
      rows_.push_back(beside(row, peer->name(), percentile(theirs[peer], 0.5), reach(*peer, name, rendering)));
    }
    if (!limit.empty()) {
      const double samples = mean_samples(frame);
      fmt::print("  {:.0f} million samples, {:.0f} million a second and thread\n", samples / 1e6,
                 samples / kThreads / row.value / 1e3);
      rows_.push_back(beside(row, "its loads alone", samples * percentile(limit, 0.5) / 1e6 / kThreads, std::nullopt));
    }
    if (!has_plain && peers.empty() && limit.empty()) rows_.push_back(std::move(row));
  }

  static Row beside(Row row, const std::string& peer, double time, std::optional<double> reach) {
    row.peer = peer;
    row.peer_value = time;
    row.reach = reach;
    return row;
  }

  /// What a volume is to cost of VTK's time at full quality.
  static std::optional<double> reach(const PicturePeer& peer, const std::string& name, scene::Rendering rendering) {
    if (peer.name() != std::string_view("VTK")) return std::nullopt;
    if (name == "sparse" && rendering == scene::Rendering::Mip) return 1.0 / 16;
    if (name == "sparse" && rendering == scene::Rendering::Translucent) return 1.0 / 10;
    return 1.0 / 3;
  }

  static double orbit_ms(PicturePeer& peer, scene::Rendering rendering) {
    double total = 0;
    for (const double azimuth : kAzimuths) total += peer.draw_ms(rendering, azimuth);
    return total / kAzimuths.size() / kThreads;
  }
  static double orbit_ms(const render::FrameInput& frame, const Draw& draw) { return bench::orbit_ms(frame, draw); }

  static render::Picture drawn(const Draw& draw, const render::FrameInput& frame) {
    render::Picture picture;
    draw(frame, picture);
    return picture;
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
  Draw plain_slices_ = [this](const render::FrameInput& frame, render::Picture& picture) {
    draw_plain_slices(frame, pool_, picture);
  };
  std::vector<std::unique_ptr<PicturePeer>> peers_;  ///< of the volume at hand
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
  frames.push_back(slice_frame(1920, 1080, 2));
  return report("render_scaling", scaling_rows(frames, options.threads, options.rounds), options.json_file);
}

int run(const Options& options) {
  ThreadPool pool("cells", kThreads);
  Bench bench(options);
  const auto run_wanted = [&](const std::string& name, auto&& make) {
    if (is_wanted(options.volumes, name)) bench.run(name, make());
  };
  if (is_wanted(options.volumes, "slices")) bench.run_slices();
  run_wanted("blastocyst", [&] { return from_image(kEmbryo, 0, 1, 1500, pool); });
  run_wanted("sparse", [&] { return fibres(options.size, 0.05, pool); });
  if (is_wanted(options.volumes, "types")) bench.run_types("sparse", *fibres(options.size, 0.05, pool));
  run_wanted("medium", [&] { return fibres(options.size, 0.15, pool); });
  run_wanted("dense", [&] { return fibres(options.size, 0.4, pool); });
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
