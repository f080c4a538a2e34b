#include "render/frame_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/ranges.h>

#include "base/limits.h"
#include "render/look.h"
#include "render/volume_cells.h"

namespace ndcast::render {
namespace {

// Far outside what anybody looks through (0.1 to 4), and near enough that a ray ends.
constexpr double kLeastSampleStep = 0.01;
constexpr double kMostSampleStep = 1000;

// Far above what shows anything (0.001 to 1), and small enough that a product with a ray's length is a float.
constexpr double kMostAttenuation = 1e6;

// Voxels are counted in 32 bits.
constexpr std::int64_t kMostVoxels = std::numeric_limits<std::int32_t>::max();

template <std::size_t N>
bool all_finite(const std::array<double, N>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

template <std::size_t N>
bool is_grid(const std::array<double, N>& origin, const std::array<double, N>& step) {
  return all_finite(origin) && all_finite(step) && std::ranges::find(step, 0.0) == step.end();
}

Result<void> check_size(const FrameInput& input) {
  if (input.width <= 0 || input.height <= 0) {
    return fail(ErrorCode::Invalid, "a picture of {} × {} pixels cannot be drawn", input.width, input.height);
  }
  if (static_cast<std::int64_t>(input.width) * input.height > limits::kStillPixels) {
    return fail(ErrorCode::Limit, "a picture of {} × {} pixels is larger than {} pixels", input.width, input.height,
                limits::kStillPixels);
  }
  return {};
}

Result<void> check_sample_step(double step) {
  if (step >= kLeastSampleStep && step <= kMostSampleStep) return {};
  return fail(ErrorCode::Invalid, "a sample step of {} voxels is not between {} and {}", step, kLeastSampleStep,
              kMostSampleStep);
}

Result<void> check_pose(const FrameInput& input) {
  if (input.mode == scene::Mode::Plane) {
    const std::array<double, 4>& rect = input.plane.rect;
    if (!all_finite(rect) || rect[2] == 0 || rect[3] == 0) {
      return fail(ErrorCode::Invalid, "rectangle {} is not finite or empty", rect);
    }
    return {};
  }
  const scene::VolumePose& pose = input.volume;
  if (!all_finite(pose.center) || !all_finite(pose.angles) || !std::isfinite(pose.distance) ||
      !std::isfinite(pose.fov)) {
    return fail(ErrorCode::Invalid, "the pose at center {}, angles {}, distance {}, fov {} is not finite", pose.center,
                pose.angles, pose.distance, pose.fov);
  }
  return check_sample_step(input.sample_step);
}

Result<void> check_look(const LayerLook& look, scene::Mode mode) {
  if (!all_finite(look.contrast_limits) || !std::isfinite(look.gamma) || look.gamma <= 0 || !(look.opacity >= 0) ||
      look.opacity > 1 || look.colors == nullptr) {
    return fail(ErrorCode::Invalid, "contrast limits {}, gamma {} or opacity {} cannot be drawn", look.contrast_limits,
                look.gamma, look.opacity);
  }
  const auto& curve = look.opacity_curve;
  const auto is_stop = [](const auto& stop) { return std::isfinite(stop[0]) && stop[1] >= 0 && stop[1] <= 1; };
  if (!curve.empty() && (curve.size() < 2 || !std::ranges::all_of(curve, is_stop) ||
                         !std::ranges::is_sorted(curve, {}, [](const auto& stop) { return stop[0]; }))) {
    return fail(ErrorCode::Invalid, "opacity curve {} cannot be drawn", curve);
  }
  for (const HalfSpace& shown : look.shown_in) {
    if (!all_finite(shown.position) || !all_finite(shown.normal)) {
      return fail(ErrorCode::Invalid, "a clip plane at {} of normal {} cannot be drawn", shown.position, shown.normal);
    }
  }
  if (mode == scene::Mode::Volume &&
      (!(look.attenuation >= 0 && look.attenuation <= kMostAttenuation) || !std::isfinite(look.iso_threshold))) {
    return fail(ErrorCode::Invalid, "attenuation {} or iso threshold {} cannot be drawn", look.attenuation,
                look.iso_threshold);
  }
  return {};
}

Result<void> check_slice(const SliceLevel& slice) {
  if (slice.width <= 0 || slice.height <= 0 || slice.data == nullptr || !is_grid(slice.origin, slice.step)) {
    return fail(ErrorCode::Invalid, "a slice of {} × {} voxels of step {} at {} cannot be drawn", slice.width,
                slice.height, slice.step, slice.origin);
  }
  if (slice.loaded.empty()) return {};
  const auto blocks = [&](std::size_t i, int size) {
    return slice.block[i] <= 0 ? 0 : (static_cast<std::int64_t>(size) + slice.block[i] - 1) / slice.block[i];
  };
  const std::int64_t expected = blocks(0, slice.width) * blocks(1, slice.height);
  if (expected == 0 || static_cast<std::int64_t>(slice.loaded.size()) != expected) {
    return fail(ErrorCode::Invalid, "{} loaded marks for a slice of {} × {} voxels in blocks of {}; expected {}",
                slice.loaded.size(), slice.width, slice.height, slice.block, expected);
  }
  return {};
}

Result<void> check_volume(const VolumeLevel& volume) {
  if (std::ranges::any_of(volume.size, [](int size) { return size <= 0; }) || volume.data == nullptr ||
      !is_grid(volume.origin, volume.step)) {
    return fail(ErrorCode::Invalid, "a volume of {} voxels of step {} at {} cannot be drawn", volume.size, volume.step,
                volume.origin);
  }
  const std::int64_t voxels = static_cast<std::int64_t>(volume.size[0]) * volume.size[1];
  if (voxels > kMostVoxels || voxels * volume.size[2] > kMostVoxels) {
    return fail(ErrorCode::Limit, "a volume of {} voxels is larger than {} voxels", volume.size, kMostVoxels);
  }
  const std::array<int, 3> grid = cell_grid(volume.size);
  const std::size_t cells =
      static_cast<std::size_t>(grid[0]) * static_cast<std::size_t>(grid[1]) * static_cast<std::size_t>(grid[2]);
  if (!volume.cells.empty() && volume.cells.size() != cells) {
    return fail(ErrorCode::Invalid, "{} cells for a volume of {} voxels; expected {}", volume.cells.size(), volume.size,
                cells);
  }
  return {};
}

Result<void> check_volumes(const LayerInput& layer) {
  if (layer.volumes.size() > kMostVolumes) {
    return fail(ErrorCode::Limit, "a layer of {} volumes cannot be drawn; expected at most {}", layer.volumes.size(),
                kMostVolumes);
  }
  if (!(layer.unit >= 0) || !std::isfinite(layer.unit)) {
    return fail(ErrorCode::Invalid, "a unit of length of {} cannot be drawn", layer.unit);
  }
  for (const auto& volume : layer.volumes) {
    ND_TRY(check_volume(*volume));
    if (volume->dtype != layer.volumes.front()->dtype) {
      return fail(ErrorCode::Unsupported, "a layer of {} and {} voxels cannot be drawn; expected one type",
                  image::to_string(layer.volumes.front()->dtype), image::to_string(volume->dtype));
    }
  }
  return {};
}

Result<void> check_labels(const LayerInput& layer) {
  const auto is_floating = [](const auto& level) { return image::is_floating(level->dtype); };
  if (layer.look.labels &&
      (std::ranges::any_of(layer.slices, is_floating) || std::ranges::any_of(layer.volumes, is_floating))) {
    return fail(ErrorCode::Unsupported, "labels of floating-point voxels cannot be drawn; expected integers");
  }
  return {};
}

}  // namespace

Result<void> check_frame(const FrameInput& input) {
  ND_TRY(check_size(input));
  ND_TRY(check_pose(input));
  for (const LayerInput& layer : input.layers) {
    ND_TRY(check_look(layer.look, input.mode));
    ND_TRY(check_labels(layer));
    if (input.mode == scene::Mode::Plane) {
      for (const auto& slice : layer.slices) ND_TRY(check_slice(*slice));
    } else if (!layer.volumes.empty()) {
      ND_TRY(check_volumes(layer));
      ND_TRY(check_sample_step(input.sample_step * layer.look.sample_step));
    }
  }
  return {};
}

}  // namespace ndcast::render
