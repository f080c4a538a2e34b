#include "plan/frame_pacing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace ndcast::plan {
namespace {

constexpr std::array<Quality, 4> kPlaneLadder{{{1, 1, 1.0}, {3, 4, 1.0}, {1, 2, 1.0}, {1, 3, 1.0}}};
constexpr std::array<Quality, 8> kVolumeLadder{
    {{1, 1, 1.0}, {1, 1, 1.5}, {3, 4, 1.5}, {3, 4, 2.0}, {1, 2, 2.0}, {1, 3, 2.0}, {1, 3, 3.0}, {1, 4, 3.0}}};

double share_of_full(const Quality& quality) {
  const double side = static_cast<double>(quality.numerator) / quality.denominator;
  return side * side / quality.sample_step;
}

double pixels(const scene::Canvas& canvas) { return static_cast<double>(canvas.width) * canvas.height; }

}  // namespace

PictureSize picture_size(const Quality& quality, const scene::Canvas& canvas) {
  const auto side = [&](int full) { return std::max(full * quality.numerator / quality.denominator & ~1, 2); };
  if (quality.numerator == quality.denominator) return {canvas.width, canvas.height};
  return {side(canvas.width), side(canvas.height)};
}

double PixelCost::predicted_ms(const Quality& quality, const scene::Canvas& canvas) const {
  std::array<double, 3> sorted = ms_per_pixel_;
  std::ranges::sort(sorted);
  return sorted[1] * work_ * pixels(canvas) * share_of_full(quality);
}

void PixelCost::note(const Quality& quality, const scene::Canvas& canvas, double elapsed_ms) {
  const double work = work_ * pixels(canvas) * share_of_full(quality);
  if (!(work > 0.0) || !(elapsed_ms >= 0.0)) return;
  ms_per_pixel_[next_] = elapsed_ms / work;
  next_ = (next_ + 1) % ms_per_pixel_.size();
}

double moving_budget_ms(double fps_target) { return std::max(kCpuBudgetMs, 1000.0 / fps_target); }

Quality choose_quality(const PixelCost& cost, scene::Mode mode, const scene::Canvas& canvas, bool moving,
                       double budget_ms, double keep) {
  const std::span<const Quality> ladder =
      mode == scene::Mode::Plane ? std::span<const Quality>(kPlaneLadder) : std::span<const Quality>(kVolumeLadder);
  if (!moving) return ladder.front();
  const auto rungs = 1 + static_cast<std::size_t>(
                             std::lround((1.0 - std::clamp(keep, 0.0, 1.0)) * static_cast<double>(ladder.size() - 1)));
  for (const Quality& quality : ladder.first(rungs)) {
    if (cost.predicted_ms(quality, canvas) <= budget_ms) return quality;
  }
  return ladder[rungs - 1];
}

}  // namespace ndcast::plan
