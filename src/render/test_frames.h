#pragma once
// Small frames for the renderers' tests: arrays from formulas, looks, and random scenes from a seed.

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "base/thread_pool.h"
#include "image/dtype.h"
#include "render/camera_math.h"
#include "render/renderer.h"
#include "render/volume_cells.h"
#include "scene/colormap.h"

namespace ndcast::render::test {

/// `value` as one voxel of `dtype`; fractions are cut off, nothing is clamped.
inline void store_voxel(image::DType dtype, double value, std::byte* at) {
  if (dtype == image::DType::Float16) {
    // Through the bits of binary32: enough for the normal numbers of tests.
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    std::uint16_t half = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
    const int exponent = static_cast<int>(bits >> 23 & 0xffU) - 112;
    if (std::isnan(value)) {
      half = 0x7e00U;
    } else if (exponent > 0) {
      half = static_cast<std::uint16_t>(half | static_cast<unsigned>(exponent) << 10 | (bits >> 13 & 0x3ffU));
    }
    std::memcpy(at, &half, sizeof half);
    return;
  }
  image::visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<T, image::Half>) {
      const auto voxel = static_cast<T>(value);
      std::memcpy(at, &voxel, sizeof voxel);
    }
  });
}

inline std::shared_ptr<SliceLevel> make_slice(int width, int height, image::DType dtype,
                                              const std::function<double(int x, int y)>& value) {
  const std::size_t size = image::byte_size(dtype);
  auto data = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(width) *
                                                       static_cast<std::size_t>(height) * size);
  std::byte* at = data->data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, at += size) store_voxel(dtype, value(x, y), at);
  }
  auto slice = std::make_shared<SliceLevel>();
  slice->dtype = dtype;
  slice->data = data->data();
  slice->width = width;
  slice->height = height;
  slice->keep_alive = data;
  return slice;
}

inline std::shared_ptr<VolumeLevel> make_volume(const std::array<int, 3>& size, image::DType dtype,
                                                const std::function<double(int x, int y, int z)>& value) {
  const std::size_t bytes = image::byte_size(dtype);
  auto data =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(size[0]) * static_cast<std::size_t>(size[1]) *
                                               static_cast<std::size_t>(size[2]) * bytes);
  std::byte* at = data->data();
  for (int z = 0; z < size[2]; ++z) {
    for (int y = 0; y < size[1]; ++y) {
      for (int x = 0; x < size[0]; ++x, at += bytes) store_voxel(dtype, value(x, y, z), at);
    }
  }
  auto volume = std::make_shared<VolumeLevel>();
  volume->dtype = dtype;
  volume->data = data->data();
  volume->size = size;
  volume->keep_alive = data;
  return volume;
}

inline void add_cells(VolumeLevel& volume) {
  ThreadPool pool("cells", 2);
  build_cells(volume, pool);
}

inline std::shared_ptr<const ColorTable> colors(std::string_view name) {
  return std::make_shared<const ColorTable>(scene::color_table(name));
}

inline LayerLook look_of(std::string_view colormap, double low, double high) {
  return {.contrast_limits = {low, high}, .colors = colors(colormap)};
}

inline std::array<int, 3> pixel_at(const Picture& picture, int column, int row) {
  const std::uint8_t* const rgba =
      picture.rgba.data() + (static_cast<std::ptrdiff_t>(row) * picture.width + column) * 4;
  return {rgba[0], rgba[1], rgba[2]};
}

/// How far two pictures of one size are apart, over all red, green and blue components.
struct Difference {
  double mean = 0;
  int p999 = 0;  ///< 99.9 % differ by at most this
  int most = 0;
  double psnr_db = 0;  ///< infinite when equal
};

inline Difference difference(const Picture& a, const Picture& b) {
  std::array<std::size_t, 256> histogram{};
  std::size_t count = 0;
  double squares = 0;
  Difference result;
  for (std::size_t i = 0; i < a.rgba.size(); ++i) {
    if (i % 4 == 3) continue;
    const int apart = std::abs(int{a.rgba[i]} - int{b.rgba[i]});
    ++histogram[static_cast<std::size_t>(apart)];
    ++count;
    result.mean += apart;
    squares += static_cast<double>(apart) * apart;
    result.most = std::max(result.most, apart);
  }
  std::size_t above = count;
  for (result.p999 = 0; result.p999 < 255; ++result.p999) {
    above -= histogram[static_cast<std::size_t>(result.p999)];
    if (static_cast<double>(above) <= 0.001 * static_cast<double>(count)) break;
  }
  result.mean /= static_cast<double>(count);
  result.psnr_db = 10 * std::log10(255.0 * 255.0 / (squares / static_cast<double>(count)));
  return result;
}

/// Standard deviation of all components: near 0, a picture shows nothing.
inline double deviation(const Picture& picture) {
  double sum = 0;
  double squares = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < picture.rgba.size(); ++i) {
    if (i % 4 == 3) continue;
    sum += picture.rgba[i];
    squares += static_cast<double>(picture.rgba[i]) * picture.rgba[i];
    ++count;
  }
  const double mean = sum / static_cast<double>(count);
  return std::sqrt(std::max(0.0, squares / static_cast<double>(count) - mean * mean));
}

/// Random frames from one seed.
class FrameMaker {
 public:
  explicit FrameMaker(unsigned seed) : random_(seed) {}

  /// Slices that fill much of the picture, seen from a random place and scale.
  FrameInput plane_frame() {
    FrameInput frame = empty_frame();
    frame.mode = scene::Mode::Plane;
    for (int i = 0; i < whole(1, 3); ++i) frame.layers.push_back(plane_layer());
    const double extent = std::exp(between(1.5, 4.5));
    frame.plane.rect = {between(-5, 25) - extent / 2, between(-5, 25) - extent / 2, extent,
                        extent * frame.height / frame.width};
    if (chance(0.1)) frame.plane.rect = {-frame.plane.rect[0], frame.plane.rect[1], -extent, frame.plane.rect[3]};
    return frame;
  }

  /// Volumes from outside and from within.
  FrameInput volume_frame() {
    FrameInput frame = empty_frame();
    frame.mode = scene::Mode::Volume;
    frame.sample_step = chance(0.5) ? 1.0 : between(0.3, 3);
    for (int i = 0; i < whole(1, 2); ++i) frame.layers.push_back(volume_layer());
    const VolumeLevel& volume = *frame.layers.front().volumes.front();
    scene::VolumePose& pose = frame.volume;
    for (std::size_t i = 0; i < 3; ++i) {
      pose.center[i] = volume.origin[i] + volume.step[i] * volume.size[i] * between(0.3, 0.7);
    }
    pose.angles = {between(-180, 180), between(-89, 89), between(-180, 180)};
    if (chance(0.2)) pose.angles = {90.0 * whole(0, 3), 0, 0};
    pose.fov = between(10, 90);
    pose.distance = between(0.1, 20) / std::tan(pose.fov * 0.0087);
    if (chance(0.25)) {
      pose.fov = 0;
      pose.distance = between(5, 60);
    }
    return frame;
  }

 private:
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  template <class Enum>
  Enum any() {
    const auto words = scene::enum_words<Enum>();
    return *scene::enum_from_string<Enum>(
        words[static_cast<std::size_t>(whole(0, static_cast<int>(words.size()) - 1))]);
  }
  bool chance(double probability) { return between(0, 1) < probability; }

  /// Voxels along a side: mostly some dozens, at times 1 or 2, where neighbours are missing.
  int side() { return chance(0.08) ? whole(1, 2) : whole(10, 45); }

  FrameInput empty_frame() {
    FrameInput frame;
    frame.width = whole(16, 120);
    frame.height = whole(16, 90);
    if (chance(0.3)) frame.background = {static_cast<std::uint8_t>(whole(0, 255)), 90, 17};
    return frame;
  }

  /// Not 2: the one sample of a ray that is shorter than a step lies in the middle of its way, where nearest would be a
  /// matter of the last bit.
  int depth() {
    const int voxels = side();
    return voxels == 2 ? 3 : voxels;
  }

  image::DType dtype() { return static_cast<image::DType>(whole(0, 11)); }

  /// Smooth structure and noise in [0, 1].
  std::function<double(double, double, double)> texture() {
    const double a = between(0.05, 0.6);
    const double b = between(0.05, 0.6);
    const double c = between(0.05, 0.6);
    const double phase = between(0, 6);
    const double noise = between(0, 0.3);
    // At times an even ground, whole cells of one value, around what stands out of it.
    const double ground = chance(0.3) ? between(0.1, 0.5) : 0;
    return [=, this](double x, double y, double z) {
      const double wave = 0.5 + 0.5 * std::sin(a * x + phase) * std::cos(b * y) * std::cos(c * z + phase);
      if (wave * wave < ground) return ground;
      return std::clamp(wave * wave + noise * (between(0, 1) - 0.5), 0.0, 1.0);
    };
  }

  /// Data units that `dtype` can hold, around a base that makes 32- and 64-bit types need more than a float.
  struct Units {
    double base;
    double span;
    double operator()(double unit) const { return base + unit * span; }
  };
  static Units units_of(image::DType dtype) {
    using image::DType;
    switch (dtype) {
      case DType::Bool:
        return {0, 1.99};
      case DType::Int8:
        return {-100, 200};
      case DType::UInt8:
        return {0, 255};
      case DType::Int16:
        return {-3000, 9000};
      case DType::UInt16:
        return {100, 4000};
      case DType::Int32:
        return {-1.0e9, 3000};
      case DType::UInt32:
        return {3.0e9, 3000};
      case DType::Int64:
        return {1.0e12, 3000};
      case DType::UInt64:
        return {2.0e12, 3000};
      case DType::Float16:
        return {1, 100};
      case DType::Float32:
        return {-1, 3};
      case DType::Float64:
        return {1.0e9, 2};
    }
    std::unreachable();
  }

  LayerLook look(image::DType dtype) {
    static constexpr std::array kMaps{"gray", "viridis", "magma", "turbo", "red", "bop blue", "I Blue", "gray_r"};
    const Units units = units_of(dtype);
    const double low = between(-0.2, 0.3);
    LayerLook result =
        look_of(kMaps[static_cast<std::size_t>(whole(0, 7))], units(low), units(low + between(0.3, 0.9)));
    if (chance(0.05)) result.contrast_limits[1] = result.contrast_limits[0];
    result.gamma = chance(0.4) ? 1.0 : between(0.2, 2);
    result.opacity = chance(0.5) ? 1.0 : between(0, 1);
    result.blending = any<scene::Blending>();
    result.interpolation = any<scene::Interpolation>();
    result.rendering = any<scene::Rendering>();
    if (chance(0.25)) {
      double at = low - 0.3;
      for (int i = whole(2, 5); i > 0; --i) {
        result.opacity_curve.push_back({units(at), chance(0.3) ? 0.0 : between(0, 1)});
        at += between(0.05, 0.6);
      }
    }
    for (int i = chance(0.25) ? whole(1, 3) : 0; i > 0; --i) {
      const Vec3 normal{between(-1, 1), between(-1, 1), between(-1, 1)};
      const double length = std::sqrt(dot(normal, normal));
      if (chance(0.1)) {
        result.shown_in.push_back({{0, 0, between(0, 20)}, {0, 0, chance(0.5) ? 1.0 : -1.0}});
      } else {
        result.shown_in.push_back({{between(0, 25), between(0, 25), between(0, 25)}, normal * (1 / length)});
      }
    }
    result.attenuation = chance(0.2) ? 0.0 : std::exp(between(-5, 1));
    result.iso_threshold = units(low + between(-0.1, 0.7));
    return result;
  }

  double hole(image::DType dtype, bool holes, double value) {
    return holes && image::is_floating(dtype) && chance(0.02) ? std::nan("") : value;
  }

  LayerInput plane_layer() {
    const image::DType type = dtype();
    const Units units = units_of(type);
    const auto field = texture();
    const bool holes = chance(0.3);
    LayerInput layer{.look = look(type)};
    const int levels = whole(1, 3);
    const std::array<double, 2> fine{between(0.5, 2) * (chance(0.2) ? -1 : 1), between(0.5, 2)};
    for (int k = 0; k < levels; ++k) {
      const double scale = 1 << k;
      auto slice = make_slice(side(), side(), type,
                              [&](int x, int y) { return hole(type, holes, units(field(x * scale, y * scale, 0))); });
      slice->origin = {between(-10, 10), between(-10, 10)};
      slice->step = {fine[0] * scale, fine[1] * scale};
      if (chance(0.6)) mark_some_loaded(*slice);
      layer.slices.push_back(slice);
    }
    return layer;
  }

  void mark_some_loaded(SliceLevel& slice) {
    slice.block = {whole(1, 20), whole(1, 20)};
    const int columns = (slice.width + slice.block[0] - 1) / slice.block[0];
    const int rows = (slice.height + slice.block[1] - 1) / slice.block[1];
    slice.loaded.resize(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
    for (std::uint8_t& mark : slice.loaded) mark = chance(0.6) ? 1 : 0;
  }

  LayerInput volume_layer() {
    const image::DType type = dtype();
    const Units units = units_of(type);
    const auto field = texture();
    const bool holes = chance(0.3);
    auto volume = make_volume({depth(), depth(), depth()}, type,
                              [&](int x, int y, int z) { return hole(type, holes, units(field(x, y, z))); });
    volume->origin = {between(-4, 4), between(-4, 4), between(-4, 4)};
    volume->step = {between(0.5, 1.5), between(0.5, 1.5), between(0.5, 3) * (chance(0.2) ? -1 : 1)};
    if (chance(0.8)) add_cells(*volume);
    LayerInput layer{.look = look(type)};
    layer.volumes.push_back(volume);
    for (int i = chance(0.5) ? whole(1, 3) : 0; i > 0; --i) {
      layer.volumes.push_back(coarser(*layer.volumes.back(), *volume, [&](const Vec3& at) {
        return hole(type, holes, units(field(at[0], at[1], at[2])));
      }));
    }
    if (chance(0.3)) layer.unit = between(0.3, 5);
    return layer;
  }

  /// A volume of coarser voxels around `finer`, at times not quite; `value_at` takes voxels of `finest`.
  std::shared_ptr<const VolumeLevel> coarser(const VolumeLevel& finer, const VolumeLevel& finest,
                                             const std::function<double(const Vec3&)>& value_at) {
    std::array<int, 3> size;
    Vec3 origin;
    Vec3 step;
    for (std::size_t i = 0; i < 3; ++i) {
      const int factor = chance(0.8) ? 2 : 1;
      const int before = whole(-1, 6);
      step[i] = finer.step[i] * factor;
      origin[i] = finer.origin[i] - (before + between(0, 0.5)) * step[i];
      size[i] = std::max((finer.size[i] + factor - 1) / factor + before + whole(0, 6), 1);
    }
    auto volume = make_volume({size[0], size[1], size[2]}, finest.dtype, [&](int x, int y, int z) {
      Vec3 at{static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)};
      for (std::size_t i = 0; i < 3; ++i) at[i] = (origin[i] + at[i] * step[i] - finest.origin[i]) / finest.step[i];
      return value_at(at);
    });
    volume->origin = origin;
    volume->step = step;
    if (chance(0.8)) add_cells(*volume);
    return volume;
  }

  std::mt19937 random_;
};

}  // namespace ndcast::render::test
