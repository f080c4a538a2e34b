#pragma once
// Strided copies of voxels between dense arrays whose axes need not be in the same order: what puts a chunk of an n-D
// array into a slice or volume along any displayed axes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ndcast::render {

/// One loop of a copy; strides in elements.
struct GatherAxis {
  std::int64_t count = 1;
  std::int64_t source_stride = 0;
  std::int64_t target_stride = 0;
};

/// target[Σ i·target_stride] = source[Σ i·source_stride] for all i below the counts; `axes` outermost first. Elements
/// of 1, 2, 4 or 8 bytes.
void gather(const std::byte* source, std::byte* target, std::size_t element_bytes,
            const std::array<GatherAxis, 3>& axes);

/// The same with one element for all.
void scatter_element(std::span<const std::byte> element, std::byte* target, const std::array<GatherAxis, 3>& axes);

}  // namespace ndcast::render
