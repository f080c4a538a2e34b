#pragma once
// A small scene for tests: axes t (4), z (50), y (100), x (120), two channels, three levels.

#include "ledger/ledger.h"
#include "reduce/reduce.h"

namespace ndcast::reduce::testing {

inline NewScene small_scene() {
  NewScene next;
  next.source = {scene::SourceStatus::Ready, "mem://small", "small", ""};
  const auto axis = [](const char* label, scene::AxisRole role, std::int64_t size, double step) {
    return scene::Axis{label, role, role == scene::AxisRole::Time ? "second" : "micrometer", size, 0.0, step};
  };
  next.axes.axes = {axis("t", scene::AxisRole::Time, 4, 1.0), axis("z", scene::AxisRole::Space, 50, 2.0),
                    axis("y", scene::AxisRole::Space, 100, 0.5), axis("x", scene::AxisRole::Space, 120, 0.5)};
  for (int channel = 0; channel < 2; ++channel) {
    NewLayer layer;
    layer.id = scene::LayerId{"layer-" + std::to_string(channel)};
    layer.meta.uri = "mem://small";
    layer.meta.channel = channel;
    layer.meta.dtype = "uint16";
    layer.meta.data_range = {0, 4095};
    for (const int factor : {1, 2, 4}) {
      layer.meta.levels.push_back({{4, 50, 100 / factor, 120 / factor}, {1.0, 1.0, 1.0 * factor, 1.0 * factor}});
    }
    layer.controls.name = "channel " + std::to_string(channel);
    layer.controls.order = channel;
    layer.controls.contrast_limits = {0, 1000};
    next.layers.push_back(std::move(layer));
  }
  next.index = {0, 25, 50, 60};
  next.plane.rect = {-0.25, -0.25, 60, 50};
  next.volume.center = {30, 25, 50};
  next.volume.distance = 120;
  next.plane_level = next.volume_level = 2;
  return next;
}

/// Commits a reduction as a client would.
inline ledger::Committed commit(ledger::Ledger& ledger, const Reduction& reduction) {
  return ledger.commit({.changes = reduction.changes,
                        .author = {.actor = "ada", .origin = ledger::Origin::Client},
                        .opens = reduction.opens});
}

inline void open_small_scene(ledger::Ledger& ledger) {
  commit(ledger, replace_scene(*ledger.snapshot(), scene::kMainView, small_scene(), scene::Canvas{}));
}

}  // namespace ndcast::reduce::testing
