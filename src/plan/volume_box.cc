#include "plan/volume_box.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "plan/camera.h"

namespace ndcast::plan {
namespace {

using Point = std::array<double, 3>;  // world x, y, z

/// Voxels around a sample that its value (2) and its shading (1 more) read.
constexpr double kMargin = 2;

double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Point sum(const Point& a, const Point& b, double factor) {
  return {a[0] + b[0] * factor, a[1] + b[1] * factor, a[2] + b[2] * factor};
}

/// What lies where dot(normal, point) ≥ least.
struct HalfSpace {
  Point normal;
  double least;
  double above(const Point& point) const { return dot(normal, point) - least; }
};

/// What lies in all of these half-spaces; `faces` are its own, corner by corner.
struct Body {
  std::vector<HalfSpace> sides;
  std::vector<std::vector<Point>> faces;
};

/// The faces of what has these corners; a bit of the number each for the side of an axis.
std::vector<std::vector<Point>> faces_of(const std::array<Point, 8>& corners) {
  std::vector<std::vector<Point>> faces;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const unsigned a = 1U << (axis + 1) % 3;
    const unsigned b = 1U << (axis + 2) % 3;
    for (const unsigned at : {0U, 1U << axis}) {
      faces.push_back({corners[at], corners[at | a], corners[at | a | b], corners[at | b]});
    }
  }
  return faces;
}

Body box_of(const Point& low, const Point& high) {
  Body box;
  std::array<Point, 8> corners;
  for (unsigned corner = 0; corner < 8; ++corner) {
    for (unsigned axis = 0; axis < 3; ++axis)
      corners[corner][axis] = (corner >> axis & 1U) != 0 ? high[axis] : low[axis];
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    Point outwards{};
    outwards[axis] = -1;
    box.sides.push_back({outwards, -high[axis]});
    outwards[axis] = 1;
    box.sides.push_back({outwards, low[axis]});
  }
  box.faces = faces_of(corners);
  return box;
}

/// The part of the pyramid, or of the endless beam, that a picture is of, from `near` to `far` of its centre along the
/// view.
Body sight_of(const scene::VolumePose& pose, const scene::Canvas& canvas, double near, double far) {
  const ViewPlane plane = view_plane(pose);
  // right × forward = up, so forward = up × right.
  const Point& r = plane.right;
  const Point& u = plane.up;
  const Point forward = {u[1] * r[2] - u[2] * r[1], u[2] * r[0] - u[0] * r[2], u[0] * r[1] - u[1] * r[0]};
  const double half_height = 0.5 * scene::height_at_center(pose);
  const double half_width = half_height * canvas.width / std::max(canvas.height, 1);
  const bool narrows = pose.fov != 0.0;
  if (narrows) near = std::max(near, -pose.distance);
  far = std::max(far, near);
  Body sight;
  const auto add = [&](const Point& across, double half) {
    for (const double sign : {1.0, -1.0}) {
      const Point outwards = {across[0] * -sign, across[1] * -sign, across[2] * -sign};
      if (narrows) {
        // Through the eye: half / distance of the depth to the side.
        const Point inwards = sum(outwards, forward, half / pose.distance);
        sight.sides.push_back({inwards, dot(inwards, sum(pose.center, forward, -pose.distance))});
      } else {
        sight.sides.push_back({outwards, dot(outwards, pose.center) - half});
      }
    }
  };
  add(plane.right, half_width);
  add(plane.up, half_height);
  const Point backward = {-forward[0], -forward[1], -forward[2]};
  sight.sides.push_back({forward, dot(forward, pose.center) + near});
  sight.sides.push_back({backward, dot(backward, pose.center) - far});
  std::array<Point, 8> corners;
  for (unsigned corner = 0; corner < 8; ++corner) {
    const auto sign = [&](unsigned bit) { return (corner >> bit & 1U) != 0 ? 1.0 : -1.0; };
    const double depth = (corner >> 2 & 1U) != 0 ? far : near;
    const double scale = narrows ? 1 + depth / pose.distance : 1.0;
    corners[corner] = sum(sum(sum(pose.center, forward, depth), plane.right, sign(0) * half_width * scale), plane.up,
                          sign(1) * half_height * scale);
  }
  sight.faces = faces_of(corners);
  return sight;
}

/// The part of a convex polygon in a half-space (Sutherland and Hodgman 1974).
std::vector<Point> clipped(const std::vector<Point>& polygon, const HalfSpace& side) {
  std::vector<Point> kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point& here = polygon[i];
    const Point& next = polygon[(i + 1) % polygon.size()];
    const double above = side.above(here);
    const double above_next = side.above(next);
    if (above >= 0) kept.push_back(here);
    if ((above >= 0) != (above_next >= 0)) {
      const double share = above / (above - above_next);
      kept.push_back({here[0] + (next[0] - here[0]) * share, here[1] + (next[1] - here[1]) * share,
                      here[2] + (next[2] - here[2]) * share});
    }
  }
  return kept;
}

Span clamped(std::int64_t start, std::int64_t stop, std::int64_t size) {
  return {std::clamp<std::int64_t>(start, 0, size), std::clamp<std::int64_t>(stop, 0, size)};
}

Span aligned(const Span& span, const LatticeAxis& axis) {
  return clamped(span.start / axis.chunk * axis.chunk, (span.stop + axis.chunk - 1) / axis.chunk * axis.chunk,
                 axis.size);
}

}  // namespace

std::int64_t voxels_of(const VolumeBox& box) {
  std::int64_t voxels = 1;
  for (const Span& span : box) {
    if (span.empty()) return 0;
    if (__builtin_mul_overflow(voxels, span.size(), &voxels)) return std::numeric_limits<std::int64_t>::max();
  }
  return voxels;
}

bool covers(const VolumeBox& box, const VolumeBox& other) {
  return voxels_of(other) == 0 ||
         std::ranges::equal(box, other, [](const Span& a, const Span& b) { return a.covers(b); });
}

VolumeBox whole_box(const VolumeLattice& lattice) {
  return {Span{0, lattice[0].size}, Span{0, lattice[1].size}, Span{0, lattice[2].size}};
}

VolumeBox visible_box(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas,
                      double half_depth) {
  Point low;
  Point high;
  double reach = 0;  // from the centre to the farthest corner
  for (std::size_t i = 0; i < 3; ++i) {
    const LatticeAxis& axis = lattice[2 - i];
    const double first = axis.origin - 0.5 * axis.step;
    const double last = axis.origin + (static_cast<double>(axis.size) - 0.5) * axis.step;
    std::tie(low[i], high[i]) = std::minmax({first, last});
    reach = std::hypot(reach, std::max(std::abs(low[i] - pose.center[i]), std::abs(high[i] - pose.center[i])));
  }
  half_depth = std::min(half_depth, reach);
  const Body volume = box_of(low, high);
  const Body sight = sight_of(pose, canvas, -half_depth, half_depth);
  // The corners of what two bodies share lie on a face of the one within the other.
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Point least{kInfinity, kInfinity, kInfinity};
  Point most{-kInfinity, -kInfinity, -kInfinity};
  const auto take = [&](const Body& of, const Body& within) {
    for (std::vector<Point> face : of.faces) {
      for (const HalfSpace& side : within.sides) face = clipped(face, side);
      for (const Point& corner : face) {
        for (std::size_t i = 0; i < 3; ++i) {
          least[i] = std::min(least[i], corner[i]);
          most[i] = std::max(most[i], corner[i]);
        }
      }
    }
  };
  take(volume, sight);
  take(sight, volume);
  VolumeBox box;
  for (std::size_t i = 0; i < 3; ++i) {
    const LatticeAxis& axis = lattice[2 - i];
    if (!(least[i] <= most[i])) return {};
    const auto [from, to] = std::minmax({(least[i] - axis.origin) / axis.step, (most[i] - axis.origin) / axis.step});
    const auto size = static_cast<double>(axis.size);
    box[2 - i] = {static_cast<std::int64_t>(std::clamp(std::floor(from - kMargin), 0.0, size)),
                  static_cast<std::int64_t>(std::clamp(std::ceil(to + kMargin) + 1, 0.0, size))};
  }
  return box;
}

VolumeBox next_box(const VolumeLattice& lattice, const VolumeBox& wanted, const VolumeBox& needed,
                   const std::optional<VolumeBox>& previous) {
  VolumeBox next;
  VolumeBox least;
  for (std::size_t i = 0; i < 3; ++i) {
    // Chunks stick out by half of one on the average.
    const std::int64_t spare = std::max<std::int64_t>(wanted[i].size() / 8 - lattice[i].chunk / 2, 0);
    next[i] = aligned(clamped(wanted[i].start - spare, wanted[i].stop + spare, lattice[i].size), lattice[i]);
    least[i] = aligned(wanted[i], lattice[i]);
  }
  if (previous && covers(*previous, needed) && voxels_of(*previous) / kBoxSlack <= voxels_of(least)) return *previous;
  return next;
}

Focus focus_of(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas,
               std::int64_t most_voxels) {
  const auto fits = [&](const VolumeBox& wanted) {
    return voxels_of(next_box(lattice, wanted, wanted, std::nullopt)) <= most_voxels;
  };
  const VolumeBox all = visible_box(lattice, pose, canvas);
  if (fits(all)) return {all, all};
  double enough = kLeastFocus * scene::height_at_center(pose);
  if (!(enough > 0)) return {};
  const VolumeBox least = visible_box(lattice, pose, canvas, enough);
  if (voxels_of(least) == 0 || !fits(least)) return {};
  // Depths in between, by halving: a sixteenth of what is possible is as good as all.
  double too_much = 16 * enough;
  while (fits(visible_box(lattice, pose, canvas, too_much))) too_much *= 2;
  while (too_much - enough > enough / 16) {
    const double middle = 0.5 * (enough + too_much);
    (fits(visible_box(lattice, pose, canvas, middle)) ? enough : too_much) = middle;
  }
  return {visible_box(lattice, pose, canvas, enough), visible_box(lattice, pose, canvas, 0.5 * enough)};
}

}  // namespace ndcast::plan
