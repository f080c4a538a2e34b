#pragma once
// What a camera adds to the images that benchmarks make.

#include <cstddef>
#include <random>
#include <vector>

namespace ndcast::bench {

/// Standard normal values, drawn once: a chunk reads them from a place of its own.
inline const std::vector<float>& camera_noise() {
  static const std::vector<float> values = [] {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> out(std::size_t{1} << 22);
    for (float& value : out) value = normal(random);
    return out;
  }();
  return values;
}

}  // namespace ndcast::bench
