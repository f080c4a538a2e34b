#pragma once
// Files of every format that can be imported, made for the battery in sources_test.cc.

#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "convert/testing.h"

namespace ndcast::convert {

/// What a maker wrote, and what has to come out.
struct Made {
  std::vector<std::string> names;
  SourceOptions options;
  Shape shape;
  std::string axes;
  image::DType dtype = image::DType::UInt16;
  std::vector<std::byte> voxels;
};

struct Maker {
  std::string name;
  std::function<Made(const testing::TempFolder&)> make;
};

/// NIfTI, NRRD, MetaImage and raw: voxels behind a header.
std::vector<Maker> volume_makers();
/// TIFF in all its kinds, PNG: pictures, one a plane.
std::vector<Maker> picture_makers();

template <class T>
std::vector<std::byte> as_bytes(const std::vector<T>& values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

inline Made made(std::string name, Shape shape, std::string axes, image::DType dtype, std::vector<std::byte> voxels) {
  return {{std::move(name)}, {}, std::move(shape), std::move(axes), dtype, std::move(voxels)};
}

/// Of most volumes.
inline const Shape kShape = {11, 70, 90};

inline std::vector<std::uint16_t> volume() { return testing::image_like<std::uint16_t>(11 * 70 * 90); }

}  // namespace ndcast::convert
