#include "scene/film.h"

#include <vector>

#include <gtest/gtest.h>

namespace ndcast::scene {
namespace {

/// Axes t, z, y, x of 5, 10, 20, 30 positions.
SceneSnapshot scene_of(Mode mode) {
  SceneSnapshot snapshot;
  auto axes = std::make_shared<AxesSpec>();
  for (const auto& [label, size] : {std::pair{"t", 5}, {"z", 10}, {"y", 20}, {"x", 30}}) {
    axes->axes.push_back({.label = label, .size = size});
  }
  snapshot.axes = axes;
  ViewState& view = snapshot.views[kMainView];
  view.id = kMainView;
  auto block = std::make_shared<ViewBlock>();
  block->mode = mode;
  block->ndim = 4;
  block->order = {0, 1, 2, 3};
  block->displayed = mode == Mode::Volume ? std::vector{1, 2, 3} : std::vector{2, 3};
  view.view = block;
  view.index = std::make_shared<IndexBlock>(IndexBlock{{2, 3, 0, 0}});
  auto camera = std::make_shared<CameraBlock>();
  camera->volume.angles = {30, 10, 0};
  view.camera = camera;
  return snapshot;
}

std::string refusal(const Result<Film>& film) { return film ? "taken" : film.error().message; }

TEST(Film, ATurntableGoesAroundOnceAndLoops) {
  const SceneSnapshot start = scene_of(Mode::Volume);
  const auto film = turntable(start, kMainView, 4);
  ASSERT_TRUE(film);
  EXPECT_EQ(film->pictures, 4);
  std::vector<double> azimuths;
  for (std::int64_t i = 0; i < 4; ++i) {
    const SceneSnapshot turned = film->scene(i);
    const CameraBlock& camera = *turned.views.at(kMainView).camera;
    azimuths.push_back(camera.volume.angles[0]);
    EXPECT_EQ(camera.volume.angles[1], 10);
    EXPECT_EQ(turned.views.at(kMainView).index, start.views.at(kMainView).index) << "shared, not copied";
  }
  EXPECT_EQ(azimuths, (std::vector<double>{30, 120, 210, 300}));
  EXPECT_EQ(start.views.at(kMainView).camera->volume.angles[0], 30);
}

TEST(Film, AnAxisIsWalkedForwardsAndBackwards) {
  const SceneSnapshot start = scene_of(Mode::Plane);
  const auto positions = [&](const AxisWay& way) {
    std::vector<std::int64_t> out;
    const auto film = film_along(start, kMainView, way);
    if (!film) return out;
    for (std::int64_t i = 0; i < film->pictures; ++i) {
      const SceneSnapshot moved = film->scene(i);
      const auto& index = moved.views.at(kMainView).index->value;
      out.push_back(way.axis == "t" ? index[0] : index[1]);
    }
    return out;
  };
  EXPECT_EQ(positions({.axis = "t", .first = {}, .last = {}}), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(positions({.axis = "z", .first = 8, .last = 1, .every = 3}), (std::vector<std::int64_t>{8, 5, 2}));
  EXPECT_EQ(positions({.axis = "Z", .first = 4, .last = 4}), (std::vector<std::int64_t>{4}));
}

TEST(Film, WhatCannotBeShownIsSaid) {
  const SceneSnapshot plane = scene_of(Mode::Plane);
  const SceneSnapshot volume = scene_of(Mode::Volume);
  EXPECT_EQ(refusal(turntable(plane, kMainView, 4)),
            "turntable: the view shows a slice; there is something to turn in 3D");
  EXPECT_EQ(refusal(turntable(volume, ViewId{"gone"}, 4)), "view: there is no view gone");
  EXPECT_EQ(refusal(film_along(plane, kMainView, {.axis = "q", .first = {}, .last = {}})),
            "along q: the image has no such axis");
  EXPECT_EQ(refusal(film_along(volume, kMainView, {.axis = "z", .first = {}, .last = {}})),
            "along z: this axis is displayed, it has no slider");
  EXPECT_EQ(refusal(film_along(plane, kMainView, {.axis = "t", .first = 3, .last = 5})),
            "from 3 to 5: t has positions 0 to 4");
}

}  // namespace
}  // namespace ndcast::scene
