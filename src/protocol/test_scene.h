#pragma once
// A ledger with a scene for this folder's tests: axes z (50), y (100), x (120), one layer of three levels that halve
// all axes, view "main" in 2D at level 1, index z 20.

#include "base/clock.h"
#include "ledger/ledger.h"
#include "scene/controls.h"
#include "scene/snapshot.h"

namespace ndcast::protocol::testing {

inline scene::LayerMeta test_meta() {
  scene::LayerMeta meta{.uri = "mem://test", .dtype = "uint16", .data_range = {0, 4095}};
  meta.levels = {{{50, 100, 120}, {1, 1, 1}}, {{25, 50, 60}, {2, 2, 2}}, {{13, 25, 30}, {4, 4, 4}}};
  return meta;
}

inline void add_layer(std::vector<ledger::Change>& changes, const std::string& id, std::int64_t order) {
  using scene::Key;
  const auto set = [&](Key key, scene::Value value) {
    changes.push_back({{scene::Scope::Layer, id, key, {}}, std::move(value)});
  };
  scene::LayerControls controls;
  controls.name = "cells";
  controls.order = order;
  controls.contrast_limits = {10, 1000};
  controls.iso_threshold = 505;
  set(Key::Meta, test_meta());
  scene::for_each_control([&](Key key, auto member) { set(key, controls.*member); });
}

inline ledger::Transaction test_transaction() {
  using scene::Key;
  using scene::Scope;
  ledger::Transaction out{.author = {.actor = "system"}};
  const auto set = [&](Scope scope, std::string target, Key key, scene::Value value, std::string view = {}) {
    out.changes.push_back({{scope, std::move(target), key, std::move(view)}, std::move(value)});
  };
  set(Scope::Scene, "main", Key::Source, scene::Source{scene::SourceStatus::Ready, "mem://test", "test", ""});
  scene::AxesSpec axes;
  axes.axes = {{"z", scene::AxisRole::Space, "micrometer", 50, 0, 2},
               {"y", scene::AxisRole::Space, "micrometer", 100, 0, 0.5},
               {"x", scene::AxisRole::Space, "micrometer", 120, 0, 0.5}};
  set(Scope::Axes, "main", Key::Spec, axes);
  set(Scope::View, "main", Key::Ndisplay, std::int64_t{2});
  set(Scope::View, "main", Key::Order, std::vector<std::int64_t>{0, 1, 2});
  set(Scope::View, "main", Key::CanvasSize, scene::Canvas{640, 480, 1.0});
  set(Scope::View, "main", Key::Meta, scene::ViewMeta{"left", "ada"});
  set(Scope::Dims, "z", Key::Index, std::int64_t{20}, "main");
  set(Scope::Dims, "y", Key::Index, std::int64_t{50}, "main");
  set(Scope::Dims, "x", Key::Index, std::int64_t{60}, "main");
  scene::PlanePose plane{.rect = {0, 0, 60, 45}, .center = {30, 22.5}, .zoom = 10};
  scene::VolumePose volume{.center = {30, 25, 50}, .distance = 120};
  set(Scope::Camera, "main", Key::Plane, plane);
  set(Scope::Camera, "main", Key::Volume, volume);
  for (const Scope scope : {Scope::Multiscale, Scope::Settings}) {
    for (auto& [key, value] : scene::default_values(scope)) set(scope, "main", key, std::move(value));
  }
  for (const char* axis : {"z", "y", "x"}) {
    for (auto& [key, value] : scene::default_values(Scope::Dims)) set(Scope::Dims, axis, key, std::move(value), "main");
  }
  set(Scope::Lod, "main", Key::Shown, scene::LodShown{1, 1, 3, false, false, "bootstrap"});
  set(Scope::RestoreCache, "main", Key::Plane, scene::PlaneRestore{1, {20, 50, 60}, plane});
  set(Scope::RestoreCache, "main", Key::Volume, scene::VolumeRestore{2, {20, 50, 60}, volume});
  set(Scope::Stream, "main", Key::Config, scene::StreamConfig{"h264", 640, 480, 60, "AUIAKP/hAAA="});
  add_layer(out.changes, "cells", 0);
  out.opens = scene::OpKind::Bootstrap;
  return out;
}

struct TestScene {
  FakeClock clock;
  ledger::Ledger ledger{clock};

  TestScene() { ledger.commit(test_transaction()); }

  scene::SnapshotPtr snapshot() const { return ledger.snapshot(); }
  void set(scene::RegisterId id, scene::Value value, ledger::Author author = {.actor = "ada"}) {
    ledger.commit({.changes = {{std::move(id), std::move(value)}}, .author = std::move(author)});
  }
};

}  // namespace ndcast::protocol::testing
