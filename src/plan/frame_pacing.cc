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

std::span<const Quality> ladder_of(scene::Mode mode) {
  if (mode == scene::Mode::Plane) return kPlaneLadder;
  return kVolumeLadder;
}

/// The best of some rungs that is predicted to take at most `budget_ms`, or the last.
Quality best_within(std::span<const Quality> rungs, const PixelCost& cost, const scene::Canvas& canvas,
                    double budget_ms) {
  const auto found =
      std::ranges::find_if(rungs, [&](const Quality& rung) { return cost.predicted_ms(rung, canvas) <= budget_ms; });
  return found == rungs.end() ? rungs.back() : *found;
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

Quality choose_quality(const PixelCost& cost, scene::Mode mode, const scene::Canvas& canvas, double budget_ms,
                       double keep) {
  const std::span<const Quality> ladder = ladder_of(mode);
  const auto rungs = 1 + static_cast<std::size_t>(
                             std::lround((1.0 - std::clamp(keep, 0.0, 1.0)) * static_cast<double>(ladder.size() - 1)));
  return best_within(ladder.first(rungs), cost, canvas, budget_ms);
}

Quality choose_quality_at_rest(const PixelCost& cost, scene::Mode mode, const scene::Canvas& canvas,
                               const std::optional<Quality>& shown, bool loading) {
  const std::span<const Quality> ladder = ladder_of(mode);
  const Quality full = ladder.front();
  if (cost.predicted_ms(full, canvas) <= kPatienceMs) return full;
  const Quality step = best_within(ladder, cost, canvas, kStepMs);
  const double seen = shown ? share_of_full(*shown) : 0.0;
  if (loading) return share_of_full(step) > seen ? step : *shown;
  return share_of_full(step) >= 2.0 * seen ? step : full;
}

}  // namespace ndcast::plan
