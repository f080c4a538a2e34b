#include "image/read_region.h"

#include <algorithm>

#include "base/limits.h"
#include "image/strided.h"

namespace ndcast::image {
namespace {

using Extents = std::vector<std::int64_t>;

Result<std::size_t> checked_region(const ZarrArray& array, std::span<const std::int64_t> start,
                                   std::span<const std::int64_t> shape) {
  const auto whole = array.shape();
  bool inside = start.size() == whole.size() && shape.size() == whole.size();
  std::size_t bytes = byte_size(array.dtype());
  bool fits = true;
  for (std::size_t axis = 0; inside && axis < whole.size(); ++axis) {
    inside =
        start[axis] >= 0 && shape[axis] >= 0 && start[axis] <= whole[axis] && shape[axis] <= whole[axis] - start[axis];
    fits = fits && !__builtin_mul_overflow(bytes, static_cast<std::size_t>(shape[axis]), &bytes);
  }
  if (!inside) {
    return fail(ErrorCode::Invalid, "{}: the box [{}] + [{}] is outside the array [{}]", array.path(),
                fmt::join(start, ", "), fmt::join(shape, ", "), fmt::join(whole, ", "));
  }
  if (!fits || bytes > limits::kChunkBytes) {
    return fail(ErrorCode::Limit, "{}: a box of [{}] {} elements is over {} bytes", array.path(),
                fmt::join(shape, ", "), to_string(array.dtype()), limits::kChunkBytes);
  }
  return bytes;
}

/// The next position in [first, last] in C order; false after the last one.
bool advance(Extents& position, const Extents& first, const Extents& last) {
  for (std::size_t axis = position.size(); axis-- > 0;) {
    if (++position[axis] <= last[axis]) return true;
    position[axis] = first[axis];
  }
  return false;
}

}  // namespace

Result<Bytes> read_region(const ZarrArray& array, std::span<const std::int64_t> start,
                          std::span<const std::int64_t> shape, const ChunkSource& source) {
  ND_ASSIGN(const std::size_t bytes, checked_region(array, start, shape));
  Bytes out(bytes);
  if (out.empty()) return out;
  const std::size_t ndim = start.size();
  const auto chunk_shape = array.chunk_shape();
  Extents first(ndim);
  Extents last(ndim);
  for (std::size_t axis = 0; axis < ndim; ++axis) {
    first[axis] = start[axis] / chunk_shape[axis];
    last[axis] = (start[axis] + shape[axis] - 1) / chunk_shape[axis];
  }
  Extents position = first;
  Extents extent(ndim);
  Extents in_chunk(ndim);
  Extents in_region(ndim);
  do {
    for (std::size_t axis = 0; axis < ndim; ++axis) {
      const std::int64_t origin = position[axis] * chunk_shape[axis];
      const std::int64_t begin = std::max(origin, start[axis]);
      const std::int64_t end = std::min(origin + chunk_shape[axis], start[axis] + shape[axis]);
      extent[axis] = end - begin;
      in_chunk[axis] = begin - origin;
      in_region[axis] = begin - start[axis];
    }
    ND_ASSIGN(const ChunkPtr chunk, source ? source(position) : array.read_chunk(position));
    const BoxSide target{shape, in_region};
    if (chunk->is_fill) {
      fill_box(extent, array.fill_bytes(), out.data(), target);
    } else {
      copy_box(extent, byte_size(array.dtype()), chunk->data.data(), {chunk_shape, in_chunk}, out.data(), target);
    }
  } while (advance(position, first, last));
  return out;
}

}  // namespace ndcast::image
