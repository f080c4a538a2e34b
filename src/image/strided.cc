#include "image/strided.h"

#include <algorithm>
#include <cstring>

namespace ndcast::image {
namespace {

using Strides = std::vector<std::size_t>;

Strides strides_of(std::span<const std::int64_t> shape, std::size_t element_bytes) {
  Strides out(shape.size());
  std::size_t stride = element_bytes;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    out[axis] = stride;
    stride *= static_cast<std::size_t>(shape[axis]);
  }
  return out;
}

std::size_t offset_of(BoxSide side, const Strides& strides) {
  std::size_t offset = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    offset += strides[axis] * static_cast<std::size_t>(side.start[axis]);
  }
  return offset;
}

/// Walks the rows (runs along the last axis) of a box, keeping two byte offsets. A box of no axes is one row.
template <class Row>
void for_each_row(std::span<const std::int64_t> extent, const Strides& a, std::size_t a_offset, const Strides& b,
                  std::size_t b_offset, Row&& row) {
  if (std::ranges::any_of(extent, [](std::int64_t count) { return count == 0; })) return;
  const std::size_t outer = extent.empty() ? 0 : extent.size() - 1;
  std::vector<std::int64_t> position(outer, 0);
  for (;;) {
    row(a_offset, b_offset);
    std::size_t axis = outer;
    for (; axis-- > 0;) {
      a_offset += a[axis];
      b_offset += b[axis];
      if (++position[axis] < extent[axis]) break;
      a_offset -= a[axis] * static_cast<std::size_t>(extent[axis]);
      b_offset -= b[axis] * static_cast<std::size_t>(extent[axis]);
      position[axis] = 0;
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

std::size_t row_elements(std::span<const std::int64_t> extent) {
  return extent.empty() ? 1 : static_cast<std::size_t>(extent.back());
}

template <class Word>
void gather(std::byte* target, const std::byte* source, std::size_t count, std::size_t source_stride) {
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(target + i * sizeof(Word), source + i * source_stride, sizeof(Word));
  }
}

using Gather = void (*)(std::byte*, const std::byte*, std::size_t, std::size_t);

Gather gather_of(std::size_t element_bytes) {
  switch (element_bytes) {
    case 1:
      return gather<std::uint8_t>;
    case 2:
      return gather<std::uint16_t>;
    case 4:
      return gather<std::uint32_t>;
    default:
      return gather<std::uint64_t>;
  }
}

}  // namespace

void copy_box(std::span<const std::int64_t> extent, std::size_t element_bytes, const std::byte* source,
              BoxSide source_side, std::byte* target, BoxSide target_side) {
  const Strides from = strides_of(source_side.shape, element_bytes);
  const Strides to = strides_of(target_side.shape, element_bytes);
  const std::size_t row_bytes = row_elements(extent) * element_bytes;
  for_each_row(extent, from, offset_of(source_side, from), to, offset_of(target_side, to),
               [&](std::size_t a, std::size_t b) { std::memcpy(target + b, source + a, row_bytes); });
}

void fill_elements(std::span<std::byte> out, std::span<const std::byte> element) {
  if (out.empty()) return;
  if (std::ranges::all_of(element, [&](std::byte byte) { return byte == element[0]; })) {
    std::memset(out.data(), std::to_integer<int>(element[0]), out.size());
    return;
  }
  // Doubling copies: the filled part is the source of the next one.
  std::memcpy(out.data(), element.data(), element.size());
  for (std::size_t filled = element.size(); filled < out.size();) {
    const std::size_t step = std::min(filled, out.size() - filled);
    std::memcpy(out.data() + filled, out.data(), step);
    filled += step;
  }
}

void fill_box(std::span<const std::int64_t> extent, std::span<const std::byte> element, std::byte* target,
              BoxSide target_side) {
  const Strides to = strides_of(target_side.shape, element.size());
  const std::size_t row_bytes = row_elements(extent) * element.size();
  const std::size_t start = offset_of(target_side, to);
  for_each_row(extent, to, start, to, start,
               [&](std::size_t, std::size_t b) { fill_elements({target + b, row_bytes}, element); });
}

Buffer unpermute(std::span<const std::byte> source, std::span<const std::int64_t> result_shape,
                 std::span<const std::size_t> order, std::size_t element_bytes) {
  const std::size_t ndim = result_shape.size();
  std::vector<std::int64_t> source_shape(ndim);
  for (std::size_t i = 0; i < ndim; ++i) source_shape[i] = result_shape[order[i]];
  const Strides source_strides = strides_of(source_shape, element_bytes);
  Strides by_result_axis(ndim);
  for (std::size_t i = 0; i < ndim; ++i) by_result_axis[order[i]] = source_strides[i];
  const Strides to = strides_of(result_shape, element_bytes);
  Buffer out(source.size());
  const std::size_t count = row_elements(result_shape);
  const std::size_t stride = ndim == 0 ? element_bytes : by_result_axis.back();
  const Gather gather_row = gather_of(element_bytes);
  for_each_row(result_shape, by_result_axis, 0, to, 0,
               [&](std::size_t a, std::size_t b) { gather_row(out.data() + b, source.data() + a, count, stride); });
  return out;
}

}  // namespace ndcast::image
