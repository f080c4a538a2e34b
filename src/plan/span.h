#pragma once
// A range of voxels along one axis.

#include <cstdint>

namespace ndcast::plan {

/// Half-open range of voxel indices.
struct Span {
  std::int64_t start = 0;
  std::int64_t stop = 0;
  std::int64_t size() const { return stop - start; }
  bool empty() const { return stop <= start; }
  bool covers(const Span& other) const { return other.empty() || (start <= other.start && stop >= other.stop); }
  friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace ndcast::plan
