// Whole scenes: what a bootstrap or a replacement writes in one transaction.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "reduce/reducers.h"
#include "scene/controls.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

void remove_old(const SceneSnapshot& snapshot, const NewScene& next, std::vector<ledger::Change>& changes) {
  std::set<LayerId> kept;
  for (const NewLayer& layer : next.layers) kept.insert(layer.id);
  for (const auto& layer : snapshot.layers) {
    if (kept.contains(layer->id)) continue;
    for (const KeySpec& spec : key_table()) {
      if (spec.scope == Scope::Layer) changes.push_back({layer_register(layer->id, spec.key), Gone{}});
    }
  }
  std::set<std::string> labels;
  for (const Axis& axis : next.axes.axes) labels.insert(axis.label);
  for (const Axis& axis : snapshot.axes->axes) {
    if (labels.contains(axis.label)) continue;
    for (const auto& [view, state] : snapshot.views) {
      for (const KeySpec& spec : key_table()) {
        if (spec.scope == Scope::Dims) changes.push_back({dims_register(view, axis.label, spec.key), Gone{}});
      }
    }
  }
}

void write_layer(const NewLayer& layer, std::vector<ledger::Change>& changes) {
  const auto set = [&](Key key, Value value) { changes.push_back({layer_register(layer.id, key), std::move(value)}); };
  set(Key::Meta, layer.meta);
  for_each_control([&](Key key, auto member) { set(key, layer.controls.*member); });
}

/// What a view keeps when the scene under it is replaced.
struct Kept {
  Canvas canvas;
  StreamConfig stream;
  ViewMeta meta;
};

void add_view(const ViewId& view, const NewScene& next, const NewScene::Poses& poses, const Kept& kept,
              std::vector<ledger::Change>& changes) {
  const auto set = [&](Scope scope, Key key, Value value) {
    changes.push_back({view_register(view, scope, key), std::move(value)});
  };
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < next.axes.axes.size(); ++i) {
    order.push_back(static_cast<std::int64_t>(i));
    const std::string& axis = next.axes.axes[i].label;
    changes.push_back({index_register(view, axis), next.index[i]});
    for (auto& [key, value] : default_values(Scope::Dims)) {
      changes.push_back({dims_register(view, axis, key), std::move(value)});
    }
  }
  std::size_t levels = 1;
  for (const NewLayer& layer : next.layers) levels = std::max(levels, layer.meta.levels.size());
  LodShown shown;
  shown.level = shown.wanted = next.plane_level;
  shown.levels = static_cast<int>(levels);
  shown.reason = "bootstrap";
  set(Scope::View, Key::Ndisplay, std::int64_t{2});
  set(Scope::View, Key::Order, std::move(order));
  set(Scope::View, Key::CanvasSize, kept.canvas);
  set(Scope::View, Key::Meta, kept.meta);
  set(Scope::Camera, Key::Plane, poses.plane);
  set(Scope::Camera, Key::Volume, poses.volume);
  for (auto& [key, value] : default_values(Scope::Multiscale)) set(Scope::Multiscale, key, std::move(value));
  set(Scope::Lod, Key::Shown, std::move(shown));
  set(Scope::RestoreCache, Key::Plane, PlaneRestore{next.plane_level, next.index, poses.plane});
  set(Scope::RestoreCache, Key::Volume, VolumeRestore{next.volume_level, next.index, poses.volume});
  set(Scope::Stream, Key::Config, kept.stream);
}

}  // namespace

std::vector<ledger::Change> add_layers(const SceneSnapshot& snapshot, std::vector<NewLayer>& layers) {
  std::set<std::string> taken;
  std::int64_t order = -1;
  for (const auto& each : snapshot.layers) {
    taken.insert(each->id.value);
    order = std::max(order, each->controls.order);
  }
  std::vector<ledger::Change> changes;
  std::size_t number = snapshot.layers.size();
  for (NewLayer& layer : layers) {
    do {
      layer.id.value = fmt::format("layer-{}", number++);
    } while (!taken.insert(layer.id.value).second);
    layer.controls.order = ++order;
    write_layer(layer, changes);
  }
  return changes;
}

std::vector<ledger::Change> remove_layers(const std::vector<LayerId>& layers) {
  std::vector<ledger::Change> changes;
  for (const LayerId& layer : layers) {
    for (const KeySpec& spec : key_table()) {
      if (spec.scope == Scope::Layer) changes.push_back({{Scope::Layer, layer.value, spec.key, {}}, Gone{}});
    }
  }
  return changes;
}

Reduction replace_scene(const SceneSnapshot& snapshot, const ViewId& view, const NewScene& next, const Canvas& canvas) {
  ND_CHECK(next.index.size() == next.axes.axes.size() && next.axes.axes.size() >= 2, "a scene needs at least two axes");
  Reduction reduction;
  remove_old(snapshot, next, reduction.changes);
  reduction.changes.push_back({{Scope::Scene, "main", Key::Source, {}}, next.source});
  reduction.changes.push_back({{Scope::Axes, "main", Key::Spec, {}}, next.axes});
  for (const NewLayer& layer : next.layers) write_layer(layer, reduction.changes);
  // The room's settings stay; the first scene brings them.
  for_each_setting([&](Key key, auto member) {
    reduction.changes.push_back({{Scope::Settings, "main", key, {}}, *snapshot.settings.*member});
  });
  const ViewState* state = snapshot.find_view(view);
  const NewScene::Poses own{next.plane, next.volume};
  add_view(view, next, own, state ? Kept{canvas, *state->stream, *state->meta} : Kept{canvas, {}, {}},
           reduction.changes);
  for (const auto& [id, other] : snapshot.views) {
    if (id == view) continue;
    const auto poses = next.others.find(id);
    add_view(id, next, poses == next.others.end() ? own : poses->second,
             {other.view->canvas, *other.stream, *other.meta}, reduction.changes);
    reduction.also_in.push_back(id);
  }
  reduction.opens = state ? OpKind::SceneReplace : OpKind::Bootstrap;
  reduction.answer = {Scope::Scene, "main", Key::Source, {}};
  return reduction;
}

}  // namespace ndcast::reduce
