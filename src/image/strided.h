#pragma once
// Copies of boxes between dense C-order arrays: what turns chunks into regions, regions into chunks, and permuted axes
// back into place.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.h"

namespace ndcast::image {

/// One side of a copy: a dense array and where the box starts in it.
struct BoxSide {
  std::span<const std::int64_t> shape;
  std::span<const std::int64_t> start;
};

/// Copies the box `extent` from `source` to `target`; both boxes must lie inside their arrays. Elements are
/// `element_bytes` long; all spans have ndim entries.
void copy_box(std::span<const std::int64_t> extent, std::size_t element_bytes, const std::byte* source,
              BoxSide source_side, std::byte* target, BoxSide target_side);

/// Fills the box with one element.
void fill_box(std::span<const std::int64_t> extent, std::span<const std::byte> element, std::byte* target,
              BoxSide target_side);

/// Repeats `element` over `out`, whose size is a multiple of the element's.
void fill_elements(std::span<std::byte> out, std::span<const std::byte> element);

/// Axis i of `source` is axis order[i] of the result: the inverse of the permutation that made `source`.
/// `result_shape` is the result's.
Buffer unpermute(std::span<const std::byte> source, std::span<const std::int64_t> result_shape,
                 std::span<const std::size_t> order, std::size_t element_bytes);

}  // namespace ndcast::image
