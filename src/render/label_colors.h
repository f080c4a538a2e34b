#pragma once
// The colours of a label image, whose voxels are names of objects rather than quantities: each object has a colour of
// its own, the same in every picture and session. Voxels of value 0 are no object.
//
//   look.labels = std::make_shared<const LabelColors>(image.label->colors);
//   const LabelColors::Rgba rgba = look.labels->colors()[look.labels->entry_of(label)];

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "image/dtype.h"
#include "image/image.h"

namespace ndcast::render {

/// A voxel of an integer type as the 64-bit pattern that LabelInfo counts by: signed types are extended with their
/// sign.
std::uint64_t label_at(image::DType dtype, const std::byte* voxel);

class LabelColors {
 public:
  using Rgba = std::array<std::uint8_t, 4>;

  /// Colours that values without one of their own are hashed to: so many that neighbours rarely share one.
  static constexpr std::size_t kHashed = 4096;
  /// The entry of what is not shown.
  static constexpr std::size_t kHidden = kHashed;

  /// `given` are the colours that the image's metadata names, sorted by value; a value 0 among them is shown.
  explicit LabelColors(std::span<const image::LabelInfo::Color> given = {});
  /// The same colours with every other object hidden.
  LabelColors showing_only(std::uint64_t label) const;

  std::size_t entry_of(std::uint64_t label) const;
  /// By entry: the hashed ones, the hidden one (transparent), the given ones.
  const std::vector<Rgba>& colors() const { return colors_; }
  bool shows(std::uint64_t label) const { return colors_[entry_of(label)][3] != 0; }

 private:
  std::vector<std::uint64_t> given_;  ///< sorted; entry kHidden + 1 + i
  std::optional<std::uint64_t> only_;
  std::vector<Rgba> colors_;
};

}  // namespace ndcast::render
