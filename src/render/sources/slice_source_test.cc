// Slices against a gather by brute force, over random arrays, orders, levels, rectangles and arrival orders.

#include "render/sources/slice_source.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "render/engine/test_scene.h"

namespace ndcast::render {
namespace {

using test::Shape;
using test::TestImage;

/// Chunks that have "arrived"; the rest is not resident.
class Residence {
 public:
  void admit(const image::ZarrArray& array, const std::vector<std::int64_t>& chunk) {
    auto decoded = array.read_chunk(chunk);
    ASSERT_TRUE(decoded) << decoded.error().message;
    chunks_[{array.id(), chunk}] = *decoded;
  }
  void evict_all() { chunks_.clear(); }
  std::size_t size() const { return chunks_.size(); }
  ChunkFinder finder() {
    return [this](const image::ZarrArray& array, std::span<const std::int64_t> chunk) -> image::ChunkPtr {
      const auto found = chunks_.find({array.id(), {chunk.begin(), chunk.end()}});
      return found == chunks_.end() ? nullptr : found->second;
    };
  }

 private:
  std::map<std::pair<std::uint64_t, std::vector<std::int64_t>>, image::ChunkPtr> chunks_;
};

std::shared_ptr<scene::AxesSpec> axes_of(const image::Image& image) {
  auto axes = std::make_shared<scene::AxesSpec>();
  for (std::size_t i = 0; i < image.axes.size(); ++i) {
    axes->axes.push_back({image.axes[i].name, scene::AxisRole::Space, "", image.levels[0].array->shape()[i],
                          image.levels[0].translation[i], image.levels[0].scale[i]});
  }
  return axes;
}

LayerTarget target_of(const std::shared_ptr<const image::Image>& image, std::vector<int> displayed, int level,
                      std::vector<std::int64_t> index) {
  LayerTarget target;
  target.image = image;
  target.axes = plan::layer_axes(*image, std::nullopt, image->ndim());
  target.scene_axes = axes_of(*image);
  for (const int axis : displayed) index[static_cast<std::size_t>(axis)] = 0;
  target.displayed = std::move(displayed);
  target.index = std::move(index);
  target.level = level;
  return target;
}

void load_everything(SliceSource& source, Residence& residence, ThreadPool& pool) {
  for (int round = 0; round < 3; ++round) {
    source.fetch(residence.finder(), pool);
    std::vector<image::ChunkRequest> requests;
    source.request(requests);
    for (const auto& request : requests) residence.admit(*request.array, request.chunk);
  }
  source.fetch(residence.finder(), pool);
}

/// Compares every loaded voxel of the finest slice with the formula; returns how many were compared.
std::int64_t check_voxels(const TestImage& image, const LayerTarget& target, const SliceLevel& slice, int level) {
  const image::ImageLevel& at = image.image->levels[static_cast<std::size_t>(level)];
  Shape voxel(image.image->axes.size());
  for (std::size_t i = 0; i < voxel.size(); ++i) {
    const double world = static_cast<double>(target.index[i]) * image.image->levels[0].scale[i];
    voxel[i] = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(world / at.scale[i] + 0.5)), 0,
                                        at.array->shape()[i] - 1);
  }
  const auto y_axis = static_cast<std::size_t>(target.displayed[0]);
  const auto x_axis = static_cast<std::size_t>(target.displayed[1]);
  const auto x0 = std::llround(slice.origin[0] / slice.step[0]);
  const auto y0 = std::llround(slice.origin[1] / slice.step[1]);
  const int columns = slice.block[0] > 0 ? (slice.width + slice.block[0] - 1) / slice.block[0] : 1;
  std::int64_t compared = 0;
  for (int row = 0; row < slice.height; ++row) {
    for (int column = 0; column < slice.width; ++column) {
      if (!slice.loaded.empty() &&
          slice.loaded[static_cast<std::size_t>(row / slice.block[1]) * static_cast<std::size_t>(columns) +
                       static_cast<std::size_t>(column / slice.block[0])] == 0) {
        continue;
      }
      voxel[y_axis] = y0 + row;
      voxel[x_axis] = x0 + column;
      std::uint16_t value = 0;
      std::memcpy(&value, slice.data + 2 * (static_cast<std::ptrdiff_t>(row) * slice.width + column), 2);
      if (value != image.value(level, voxel)) {
        ADD_FAILURE() << "voxel (" << column << ", " << row << ") of level " << level << " is " << value
                      << ", expected " << image.value(level, voxel);
        return compared;
      }
      ++compared;
    }
  }
  return compared;
}

TEST(SliceSource, AgreesWithBruteForceOverRandomArrays) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  ThreadPool pool("test", 2);
  for (int round = 0; round < 300; ++round) {
    const int ndim = pick(2, 5);
    std::vector<std::pair<Shape, Shape>> levels;
    std::vector<std::string> names;
    Shape shape;
    Shape chunk;
    for (int i = 0; i < ndim; ++i) {
      names.push_back(fmt::format("a{}", i));
      shape.push_back(pick(1, 24));
      chunk.push_back(pick(1, 9));
    }
    levels.emplace_back(shape, chunk);
    for (std::int64_t& extent : shape) extent = (extent + 1) / 2;
    levels.emplace_back(shape, chunk);
    const TestImage image(names, levels);

    std::vector<int> order(static_cast<std::size_t>(ndim));
    for (int i = 0; i < ndim; ++i) order[static_cast<std::size_t>(i)] = i;
    std::ranges::shuffle(order, random);
    const std::vector<int> displayed = {order[order.size() - 2], order.back()};
    SliceSource source(/*with_fallbacks=*/false);
    Residence residence;
    for (int move = 0; move < 6; ++move) {
      std::vector<std::int64_t> index;
      index.reserve(static_cast<std::size_t>(ndim));
      for (int i = 0; i < ndim; ++i)
        index.push_back(pick(0, static_cast<int>(levels[0].first[static_cast<std::size_t>(i)]) - 1));
      const int level = pick(0, 1);
      const LayerTarget target = target_of(image.image, displayed, level, index);
      const std::array<double, 4> rect = {static_cast<double>(pick(-5, 15)), static_cast<double>(pick(-5, 15)),
                                          static_cast<double>(pick(1, 20)), static_cast<double>(pick(1, 20))};
      source.aim(target, rect, pick(0, 1));
      if (pick(0, 1) == 0) residence.evict_all();
      if (pick(0, 2) == 0) {
        // Some chunks only: whatever counts as loaded must be right, also after the next move takes it over.
        std::vector<image::ChunkRequest> requests;
        source.request(requests);
        for (const auto& request : requests) {
          if (pick(0, 1) == 0) residence.admit(*request.array, request.chunk);
        }
        source.fetch(residence.finder(), pool);
        for (const auto& slice : source.slices()) check_voxels(image, target, *slice, level);
        continue;
      }
      load_everything(source, residence, pool);
      EXPECT_TRUE(source.complete());
      for (const auto& slice : source.slices()) check_voxels(image, target, *slice, level);

      // Every voxel that the rectangle touches is loaded.
      const plan::PlaneLattice lattice{target.lattice(level, 0), target.lattice(level, 1)};
      const plan::Roi visible = plan::visible_roi(lattice, rect);
      EXPECT_EQ(source.slices().empty(), visible.empty());
      EXPECT_EQ(source.level_shown(), level);
    }
  }
}

/// The result of a projection by brute force, over the slab of the voxels (in level `level`) that lie within the
/// margins.
double projected(const TestImage& image, const LayerTarget& target, int level, Shape voxel) {
  const image::ImageLevel& at = image.image->levels[static_cast<std::size_t>(level)];
  std::vector<double> values;
  const auto visit = [&](auto&& self, std::size_t axis) -> void {
    if (axis == voxel.size()) return values.push_back(image.value(level, voxel));
    if (std::ranges::count(target.displayed, static_cast<int>(axis)) > 0) return self(self, axis + 1);
    const double world = static_cast<double>(target.index[axis]) * image.image->levels[0].scale[axis];
    const auto nearest = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(world / at.scale[axis] + 0.5)),
                                                  0, at.array->shape()[axis] - 1);
    for (std::int64_t i = 0; i < at.array->shape()[axis]; ++i) {
      const double center = static_cast<double>(i) * at.scale[axis];
      const bool within = center >= world - target.margins.below[axis] && center <= world + target.margins.above[axis];
      if (!within && i != nearest) continue;
      voxel[axis] = i;
      self(self, axis + 1);
    }
  };
  visit(visit, 0);
  switch (target.projection) {
    case scene::ProjectionMode::Max:
      return std::ranges::max(values);
    case scene::ProjectionMode::Min:
      return std::ranges::min(values);
    default: {
      double sum = 0;
      for (const double value : values) sum += value;
      return target.projection == scene::ProjectionMode::Sum ? sum : sum / static_cast<double>(values.size());
    }
  }
}

TEST(SliceSource, ProjectsWhatLiesWithinTheMargins) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  ThreadPool pool("test", 2);
  std::int64_t compared = 0;
  for (int round = 0; round < 200; ++round) {
    const int ndim = pick(2, 4);
    Shape shape;
    Shape chunk;
    std::vector<std::string> names;
    for (int i = 0; i < ndim; ++i) {
      names.push_back(fmt::format("a{}", i));
      shape.push_back(pick(1, 14));
      chunk.push_back(pick(1, 6));
    }
    Shape coarse = shape;
    for (std::int64_t& extent : coarse) extent = (extent + 1) / 2;
    const TestImage image(names, {{shape, chunk}, {coarse, chunk}});
    std::vector<int> order(static_cast<std::size_t>(ndim));
    for (int i = 0; i < ndim; ++i) order[static_cast<std::size_t>(i)] = i;
    std::ranges::shuffle(order, random);
    SliceSource source(/*with_fallbacks=*/false);
    Residence residence;
    for (int move = 0; move < 4; ++move) {
      std::vector<std::int64_t> index;
      for (int i = 0; i < ndim; ++i) index.push_back(pick(0, static_cast<int>(shape[static_cast<std::size_t>(i)]) - 1));
      LayerTarget target = target_of(image.image, {order[order.size() - 2], order.back()}, pick(0, 1), index);
      target.projection = static_cast<scene::ProjectionMode>(pick(1, 4));
      for (int i = 0; i < ndim; ++i) {
        target.margins.below.push_back(pick(0, 12) / 2.0);
        target.margins.above.push_back(pick(0, 12) / 2.0);
      }
      source.aim(target, {static_cast<double>(pick(-3, 4)), static_cast<double>(pick(-3, 4)), 8, 8}, 0);
      if (pick(0, 1) == 0) residence.evict_all();
      if (pick(0, 1) == 0) {  // some of a block's chunks alone make no block
        std::vector<image::ChunkRequest> requests;
        source.request(requests);
        for (const auto& request : requests) {
          if (pick(0, 1) == 0) residence.admit(*request.array, request.chunk);
        }
        source.fetch(residence.finder(), pool);
      } else {
        load_everything(source, residence, pool);
        EXPECT_TRUE(source.complete());
      }
      for (const auto& slice : source.slices()) {
        const auto x0 = std::llround(slice->origin[0] / slice->step[0]);
        const auto y0 = std::llround(slice->origin[1] / slice->step[1]);
        const int columns = (slice->width + slice->block[0] - 1) / slice->block[0];
        for (int row = 0; row < slice->height; ++row) {
          for (int column = 0; column < slice->width; ++column) {
            const int block = row / slice->block[1] * columns + column / slice->block[0];
            if (!slice->loaded.empty() && slice->loaded[static_cast<std::size_t>(block)] == 0) continue;
            Shape voxel(static_cast<std::size_t>(ndim));
            voxel[static_cast<std::size_t>(target.displayed[0])] = y0 + row;
            voxel[static_cast<std::size_t>(target.displayed[1])] = x0 + column;
            const auto at = static_cast<std::size_t>(row * slice->width + column);
            const double found =
                image::value_as_double(slice->dtype, slice->data + at * image::byte_size(slice->dtype));
            ASSERT_NEAR(found, projected(image, target, target.level, voxel), 0.01) << row << " " << column;
            ++compared;
          }
        }
      }
    }
  }
  EXPECT_GT(compared, 10'000);
}

TEST(SlabProjection, WhatIsNotFiniteDoesNotCount) {
  const float nan = std::nanf("");
  const std::array<float, 6> voxels = {nan, 2, 5, 7, std::numeric_limits<float>::infinity(), nan};  // 3 × 2
  const std::array<std::int64_t, 3> slab = {0, 2, 4};
  const std::array<GatherAxis, 3> axes = {GatherAxis{1, 0, 0}, {1, 0, 0}, {2, 1, 1}};
  const auto result = [&](scene::ProjectionMode mode) {
    SlabProjection projection(image::DType::Float32, mode, 2);
    projection.take(reinterpret_cast<const std::byte*>(voxels.data()), slab, axes, 0);
    projection.finish(axes, 0);
    EXPECT_EQ(projection.dtype(), image::DType::Float32);
    std::array<float, 2> out{};
    std::memcpy(out.data(), projection.data(), sizeof out);
    return out;
  };
  using enum scene::ProjectionMode;
  for (const auto& [mode, second] : {std::pair{Sum, 9.0F}, {Mean, 4.5F}, {Max, 7.0F}, {Min, 2.0F}}) {
    EXPECT_EQ(result(mode)[0], 5.0F) << to_string(mode);
    EXPECT_EQ(result(mode)[1], second) << to_string(mode);
  }
}

TEST(SliceSource, AsksOnlyForVisibleChunksMiddleFirst) {
  const TestImage image({"z", "y", "x"}, {{{4, 40, 40}, {2, 10, 10}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  source.aim(target_of(image.image, {1, 2}, 0, {3, 0, 0}), {9.6, 9.6, 19.8, 19.8}, 0);
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  ASSERT_EQ(requests.size(), 4U);
  for (const auto& request : requests) {
    EXPECT_EQ(request.chunk[0], 1);
    EXPECT_TRUE(request.chunk[1] == 1 || request.chunk[1] == 2);
  }
  EXPECT_EQ(source.visible_chunks(), 4U);
}

TEST(SliceSource, FetchesEarlyWhereTheSliderGoes) {
  const TestImage image({"z", "y", "x"}, {{{40, 40, 40}, {2, 10, 10}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  const auto ahead_at = [&](std::int64_t z) {
    source.aim(target_of(image.image, {1, 2}, 0, {z, 0, 0}), {-0.5, -0.5, 10, 10}, 0);
    std::vector<image::ChunkRequest> requests;
    source.request(requests);
    std::vector<std::int64_t> planes;
    for (const image::ChunkRequest& request : requests) {
      EXPECT_EQ(request.tier == image::LoadTier::Visible, request.chunk[0] == z / 2);
      if (request.tier == image::LoadTier::Prefetch) planes.push_back(request.chunk[0]);
    }
    return planes;
  };
  using Planes = std::vector<std::int64_t>;
  EXPECT_EQ(ahead_at(10), (Planes{}));
  EXPECT_EQ(ahead_at(11), (Planes{6})) << "11 shares a chunk with 10, 12 and 13 another";
  EXPECT_EQ(ahead_at(13), (Planes{7, 8, 9, 5})) << "15, 17, 19, and 11 behind";
  EXPECT_EQ(ahead_at(12), (Planes{5})) << "turned round: 11 and 10";

  SliceSource still(/*with_fallbacks=*/false);
  std::vector<image::ChunkRequest> requests;
  for (const std::int64_t z : {10, 12}) {
    still.aim(target_of(image.image, {1, 2}, 0, {z, 0, 0}), {-0.5, -0.5, 10, 10}, 0);
  }
  still.request(requests);
  EXPECT_EQ(requests.size(), 1U);
}

TEST(SliceSource, ShowsTheCoarsestFirstThenSharpens) {
  const TestImage image({"y", "x"}, {{{64, 64}, {8, 8}}, {{16, 16}, {8, 8}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  Residence residence;
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {0, 0, 64, 64}, 0);
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  ASSERT_EQ(requests.size(), 64U + 4U);
  std::ranges::stable_sort(requests, std::ranges::greater{}, &image::ChunkRequest::priority);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(requests[i].array, image.image->levels[1].array) << "the coarsest comes first";
    residence.admit(*requests[i].array, requests[i].chunk);
  }
  EXPECT_TRUE(source.slices().empty());
  EXPECT_TRUE(source.fetch(residence.finder(), pool).changed);
  ASSERT_EQ(source.slices().size(), 1U);
  EXPECT_EQ(source.level_shown(), 1);
  EXPECT_FALSE(source.complete());

  residence.admit(*requests[10].array, requests[10].chunk);
  EXPECT_TRUE(source.fetch(residence.finder(), pool).changed);
  ASSERT_EQ(source.slices().size(), 2U);
  EXPECT_DOUBLE_EQ(source.slices()[0]->step[0], 1.0) << "finest first";
  EXPECT_EQ(source.slices()[0]->loaded.size(), 64U);

  load_everything(source, residence, pool);
  EXPECT_TRUE(source.complete());
  ASSERT_EQ(source.slices().size(), 1U) << "nothing but the wanted level once it is in";
  EXPECT_TRUE(source.slices()[0]->loaded.empty());
}

TEST(SliceSource, TheLevelShownBeforeStandsInAfterALevelChange) {
  const TestImage image({"y", "x"}, {{{64, 64}, {8, 8}}, {{32, 32}, {8, 8}}, {{16, 16}, {8, 8}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  Residence residence;
  source.aim(target_of(image.image, {0, 1}, 1, {0, 0}), {0, 0, 64, 64}, 0);
  load_everything(source, residence, pool);
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {0, 0, 32, 32}, 0);
  ASSERT_EQ(source.slices().size(), 1U);
  EXPECT_DOUBLE_EQ(source.slices()[0]->step[0], 2.0);
  EXPECT_EQ(source.level_shown(), 1);

  // Back before anything came: nothing has to be loaded again.
  residence.evict_all();
  source.aim(target_of(image.image, {0, 1}, 1, {0, 0}), {0, 0, 64, 64}, 0);
  EXPECT_TRUE(source.complete());
}

TEST(SliceSource, AnotherIndexShowsNothingOfTheOldOne) {
  const TestImage image({"z", "y", "x"}, {{{4, 16, 16}, {1, 8, 8}}, {{4, 8, 8}, {1, 8, 8}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  Residence residence;
  source.aim(target_of(image.image, {1, 2}, 0, {0, 0, 0}), {0, 0, 16, 16}, 0);
  load_everything(source, residence, pool);
  ASSERT_FALSE(source.slices().empty());
  source.aim(target_of(image.image, {1, 2}, 0, {1, 0, 0}), {0, 0, 16, 16}, 0);
  EXPECT_TRUE(source.slices().empty());
  EXPECT_FALSE(source.complete());
}

TEST(SliceSource, MovedRangeKeepsWhatItHolds) {
  const TestImage image({"y", "x"}, {{{80, 80}, {8, 8}}});
  ThreadPool pool("test", 1);
  SliceSource source;
  Residence residence;
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {-0.4, -0.4, 31, 31}, 0);
  load_everything(source, residence, pool);
  residence.evict_all();
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {7.6, -0.4, 31, 31}, 0);
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  EXPECT_EQ(requests.size(), 4U) << "one new column of four chunks; the rest was taken over";
  load_everything(source, residence, pool);
  EXPECT_GT(check_voxels(image, target_of(image.image, {0, 1}, 0, {0, 0}), *source.slices()[0], 0), 31 * 31);
}

TEST(SliceSource, FillChunksAreFilled) {
  const TestImage image({"y", "x"}, {{{16, 16}, {8, 8}}});
  image.levels[0].store->set_sparse(true);
  ThreadPool pool("test", 1);
  SliceSource source;
  Residence residence;
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {0, 0, 16, 16}, 0);
  load_everything(source, residence, pool);
  ASSERT_TRUE(source.complete());
  for (int i = 0; i < 256; ++i) {
    std::uint16_t value = 0;
    std::memcpy(&value, source.slices()[0]->data + 2 * i, 2);
    ASSERT_EQ(value, 7);
  }
}

TEST(SliceSource, ViewBesideTheDataIsCompleteAndEmpty) {
  const TestImage image({"y", "x"}, {{{16, 16}, {8, 8}}});
  SliceSource source;
  source.aim(target_of(image.image, {0, 1}, 0, {0, 0}), {100, 100, 16, 16}, 0);
  EXPECT_TRUE(source.complete());
  EXPECT_TRUE(source.slices().empty());
  std::vector<image::ChunkRequest> requests;
  source.request(requests);
  EXPECT_TRUE(requests.empty());
}

}  // namespace
}  // namespace ndcast::render
