#pragma once
// The inner loops of slices on the CPU: rows of floats to table entries, rows of colours onto rows of colours, through
// Highway with run-time dispatch. Stands below cpu/slice.cc.

#include <array>
#include <cstddef>
#include <cstdint>

#include "render/cpu/look.h"

namespace ndcast::render {

/// A colour times its alpha, and the alpha, in 16 bits a component: 65535 is 1.
using Pixel16 = std::array<std::uint16_t, 4>;

/// How a row of colours is laid over another. A transparent pixel is the neutral element: 0 for Over, Add and Maximum,
/// all ones for Minimum and Multiply.
enum class RowBlend { Over, Add, Minimum, Maximum, Multiply };

/// The table entry that stands for a pixel that shows nothing: one past those of LookIndex.
inline constexpr std::int32_t kNothing = kLookEntries;

/// entries[i] = the LookIndex of values[i]; kNothing where `may_be_transparent` and values[i] is not finite.
void index_row(const LoadedWindow& window, bool rooted, bool may_be_transparent, const float* values, std::size_t count,
               std::int32_t* entries);

/// below[i] = above[i] over below[i]. The alpha of `below` is not kept.
void blend_row(RowBlend blend, const Pixel16* above, std::size_t count, Pixel16* below);

/// To 8 bits a component, to nearest, alpha 255.
void store_row(const Pixel16* colors, std::size_t count, std::uint8_t* rgba);

}  // namespace ndcast::render
