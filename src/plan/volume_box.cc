#include "plan/volume_box.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Sides of the pyramid, or of the endless beam, that a picture is of.
struct Sight {
  std::vector<HalfSpace> sides;
  std::optional<Point> eye;  ///< of a perspective camera: its tip
};

Sight sight_of(const scene::VolumePose& pose, const scene::Canvas& canvas) {
  const ViewPlane plane = view_plane(pose);
  // right × forward = up, so forward = up × right.
  const Point& r = plane.right;
  const Point& u = plane.up;
  const Point forward = {u[1] * r[2] - u[2] * r[1], u[2] * r[0] - u[0] * r[2], u[0] * r[1] - u[1] * r[0]};
  const double half_height = 0.5 * scene::height_at_center(pose);
  const double half_width = half_height * canvas.width / std::max(canvas.height, 1);
  Sight sight;
  const auto add = [&](const Point& across, double half) {
    for (const double sign : {1.0, -1.0}) {
      if (pose.fov == 0.0) {
        const Point inwards = {across[0] * -sign, across[1] * -sign, across[2] * -sign};
        sight.sides.push_back({inwards, dot(inwards, pose.center) - half});
      } else {
        // Through the eye: half / distance of the depth to the side.
        const Point inwards =
            sum({across[0] * -sign, across[1] * -sign, across[2] * -sign}, forward, half / pose.distance);
        sight.sides.push_back({inwards, dot(inwards, sum(pose.center, forward, -pose.distance))});
      }
    }
  };
  add(plane.right, half_width);
  add(plane.up, half_height);
  if (pose.fov != 0.0) sight.eye = sum(pose.center, forward, -pose.distance);
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

/// The faces of a world box.
std::vector<std::vector<Point>> faces_of(const Point& low, const Point& high) {
  std::vector<std::vector<Point>> faces;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t a = (axis + 1) % 3;
    const std::size_t b = (axis + 2) % 3;
    for (const double at : {low[axis], high[axis]}) {
      std::vector<Point> face(4);
      for (std::size_t i = 0; i < 4; ++i) {
        face[i][axis] = at;
        face[i][a] = i == 1 || i == 2 ? high[a] : low[a];
        face[i][b] = i >= 2 ? high[b] : low[b];
      }
      faces.push_back(std::move(face));
    }
  }
  return faces;
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

VolumeBox visible_box(const VolumeLattice& lattice, const scene::VolumePose& pose, const scene::Canvas& canvas) {
  Point low;
  Point high;
  for (std::size_t i = 0; i < 3; ++i) {
    const LatticeAxis& axis = lattice[2 - i];
    const double first = axis.origin - 0.5 * axis.step;
    const double last = axis.origin + (static_cast<double>(axis.size) - 0.5) * axis.step;
    low[i] = std::min(first, last);
    high[i] = std::max(first, last);
  }
  const Sight sight = sight_of(pose, canvas);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Point least{kInfinity, kInfinity, kInfinity};
  Point most{-kInfinity, -kInfinity, -kInfinity};
  const auto take = [&](const Point& point) {
    for (std::size_t i = 0; i < 3; ++i) {
      least[i] = std::min(least[i], point[i]);
      most[i] = std::max(most[i], point[i]);
    }
  };
  for (std::vector<Point> face : faces_of(low, high)) {
    for (const HalfSpace& side : sight.sides) face = clipped(face, side);
    for (const Point& corner : face) take(corner);
  }
  const auto inside = [&](const Point& point) {
    return std::ranges::equal(point, low, std::greater_equal{}) && std::ranges::equal(point, high, std::less_equal{});
  };
  if (sight.eye && inside(*sight.eye)) take(*sight.eye);
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

VolumeBox next_box(const VolumeLattice& lattice, const VolumeBox& visible, const std::optional<VolumeBox>& previous) {
  VolumeBox next;
  VolumeBox needed;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t spare = visible[i].size() / 8;
    next[i] = aligned(clamped(visible[i].start - spare, visible[i].stop + spare, lattice[i].size), lattice[i]);
    needed[i] = aligned(visible[i], lattice[i]);
  }
  if (previous && covers(*previous, visible) && voxels_of(*previous) / kBoxSlack <= voxels_of(needed)) return *previous;
  return next;
}

}  // namespace ndcast::plan
