#pragma once
// Samples narrower than a byte, or of an odd number of bits, unpacked to whole elements: TIFF and PNG pack them most
// significant bit first and start each row on a byte.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "image/dtype.h"

namespace ndcast::convert {

enum class SampleKind { Unsigned, Signed, Float };

/// The element type that holds such samples: 1 bit is bool, 2 to 7 are 8, 9 to 15 are 16, 17 to 31 are 32. Nothing for
/// widths that no type holds.
std::optional<image::DType> dtype_of_samples(int bits, SampleKind kind);

/// True when samples of that width are elements already.
constexpr bool is_whole(int bits) { return bits == 8 || bits == 16 || bits == 32 || bits == 64; }

/// One row of `count` samples of `bits` (at most 32). `out` holds `count` elements of dtype_of_samples().
void unpack_row(std::span<const std::byte> row, int bits, SampleKind kind, std::size_t count, std::byte* out);

}  // namespace ndcast::convert
