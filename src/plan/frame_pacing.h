#pragma once
// How good a frame may be so that it is ready in time: full at rest, in steps when that takes long; while things move,
// a smaller picture and longer ray steps, chosen from what recent frames cost. Pure.
//
//   const Quality quality = choose_quality(cost, Mode::Volume, canvas, kCpuBudgetMs);
//   … render … ;  cost.note(quality, canvas, elapsed_ms);

#include <array>
#include <cstddef>
#include <optional>

#include "scene/types.h"

namespace ndcast::plan {

/// A frame of 30 a second.
inline constexpr double kCpuBudgetMs = 33.0;

struct Quality {
  int numerator = 1;  ///< picture side = canvas side · numerator / denominator
  int denominator = 1;
  double sample_step = 1.0;  ///< 3D only: voxels a ray step

  bool is_full() const { return numerator == denominator && sample_step == 1.0; }
  friend bool operator==(const Quality&, const Quality&) = default;
};

/// Width and height of the picture; even, at least 2.
struct PictureSize {
  int width = 0;
  int height = 0;
};
PictureSize picture_size(const Quality& quality, const scene::Canvas& canvas);

/// What a pixel of one mode costs at full quality, in milliseconds a unit of work: the median of the last three frames,
/// so that one frame that something else held up does not spoil the next, and a scene that became dearer in a way that
/// its work does not tell counts from its second frame on.
class PixelCost {
 public:
  explicit PixelCost(double ms_per_pixel) { ms_per_pixel_.fill(ms_per_pixel); }
  /// First guesses, from the prototype's figures of 720p on two cores: a slice 5 ms, a volume 107 ms.
  static PixelCost of(scene::Mode mode) {
    return PixelCost((mode == scene::Mode::Plane ? 5.0 : 107.0) / (1280.0 * 720.0));
  }

  /// Of the frame at hand: what a pixel has to do, as a multiple of one of a slice of one layer, or of a volume of 256
  /// voxels a side.
  void set_work(double work) { work_ = work; }

  double predicted_ms(const Quality& quality, const scene::Canvas& canvas) const;
  /// A frame of that quality, with the work set last, took `elapsed_ms`.
  void note(const Quality& quality, const scene::Canvas& canvas, double elapsed_ms);

 private:
  std::array<double, 3> ms_per_pixel_{};
  std::size_t next_ = 0;
  double work_ = 1;
};

/// Milliseconds that a moving frame may take at `fps_target` frames a second: a lower target leaves more for quality; a
/// higher one than 30 does not take more away, for that is what the ladder was made for.
double moving_budget_ms(double fps_target);

/// While moving: the best of the ladder that is predicted to take at most `budget_ms`, its last rung when none is.
/// `keep` from 0 to 1 takes the lowest rungs away: at 1 only full quality is left. Longer steps come before smaller
/// pictures: they cost less of what the eye sees.
Quality choose_quality(const PixelCost& cost, scene::Mode mode, const scene::Canvas& canvas,
                       double budget_ms = kCpuBudgetMs, double keep = 0.0);

/// At rest: a picture of full quality that takes longer than this is not the next that is seen.
inline constexpr double kPatienceMs = 250.0;
/// What may come in between takes no longer than this.
inline constexpr double kStepMs = 125.0;

/// The next picture at rest, after one of the same state in quality `shown`, if there is one. Full quality, but when
/// that takes longer than kPatienceMs the best of the ladder within kStepMs comes first if it takes twice as many
/// samples as what is shown. While voxels come in (`loading`) a picture is soon out of date: then it stays at that
/// step, or at what is shown if that is better.
Quality choose_quality_at_rest(const PixelCost& cost, scene::Mode mode, const scene::Canvas& canvas,
                               const std::optional<Quality>& shown, bool loading);

}  // namespace ndcast::plan
