#pragma once
// For fuzzers: bytes as a file that the importers open by name, and a look at what they make of it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "convert/source.h"

namespace ndcast::convert {

/// A file in memory, until the next one.
inline std::string fuzz_file(const std::uint8_t* data, std::size_t size) {
  static const int descriptor = ::memfd_create("fuzz", MFD_CLOEXEC);
  ND_CHECK(descriptor >= 0 && ::ftruncate(descriptor, 0) == 0);
  ND_CHECK(::pwrite(descriptor, data, size, 0) == static_cast<ssize_t>(size));
  return "/proc/self/fd/" + std::to_string(descriptor);
}

/// What an opened source says must hold together, and its first voxels must be readable or refused.
inline void look_at(const Result<std::unique_ptr<Source>>& source) {
  if (!source) {
    ND_CHECK(!source.error().message.empty());
    return;
  }
  const SourceInfo& info = (*source)->info();
  ND_CHECK(info.shape.size() >= 2 && info.axes.size() == info.shape.size() && info.grain.size() == info.shape.size());
  for (const SourceAxis& axis : info.axes) ND_CHECK(axis.scale > 0 && std::isfinite(axis.scale));
  ND_CHECK(checked_volume_bytes(info.shape, info.dtype, "").has_value());
  if (info.scratch_bytes > (std::size_t{64} << 20)) return;
  Box box{Shape(info.shape.size(), 0), Shape(info.shape.size(), 1)};
  std::size_t bytes = info.voxel_bytes();
  for (std::size_t axis = info.shape.size(); axis-- > 0 && bytes < 4096;) {
    box.extent[axis] = std::min<std::int64_t>(info.shape[axis], 16);
    bytes *= static_cast<std::size_t>(box.extent[axis]);
  }
  std::vector<std::byte> voxels(bytes);
  static_cast<void>((*source)->read(box, {voxels.data(), box.extent, Shape(info.shape.size(), 0)}));
}

}  // namespace ndcast::convert
