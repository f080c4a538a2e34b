#include "ledger/compose.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "scene/controls.h"

namespace ndcast::ledger {
namespace {

using namespace scene;

/// Typed access to registers that the invariants promise to be there.
class Reader {
 public:
  explicit Reader(const Registers& registers) : registers_(registers) {}

  template <class T>
  const T& get(Scope scope, const std::string& target, Key key, const std::string& view = {}) const {
    const auto it = registers_.find({scope, target, key, view});
    ND_CHECK(it != registers_.end(), "a block's register is missing");
    return std::get<T>(it->second.value);
  }
  bool has(Scope scope, const std::string& target, Key key) const {
    return registers_.contains({scope, target, key, {}});
  }

 private:
  const Registers& registers_;
};

/// What has to be composed again.
struct Dirty {
  bool source = false;
  bool axes = false;
  bool settings = false;
  std::map<std::string, std::vector<Key>> layers;  ///< a layer's keys
  std::map<std::string, std::set<Scope>> views;    ///< a view's scopes; RestoreCache stands for both caches
};

Dirty find_dirty(std::span<const RegisterId> changed) {
  Dirty dirty;
  for (const RegisterId& id : changed) {
    switch (id.scope) {
      case Scope::Scene:
        dirty.source = true;
        break;
      case Scope::Axes:
        dirty.axes = true;
        break;
      case Scope::Settings:
        dirty.settings = true;
        break;
      case Scope::Layer:
        dirty.layers[id.target].push_back(id.key);
        break;
      case Scope::Dims:
        dirty.views[id.view].insert(Scope::Dims);
        break;
      case Scope::Multiscale:
        dirty.views[id.target].insert(Scope::Lod);
        break;
      default:
        dirty.views[id.target].insert(id.scope);
    }
  }
  return dirty;
}

std::shared_ptr<const ViewBlock> compose_view(const Reader& reader, const std::string& id) {
  ViewBlock block;
  const auto ndisplay = reader.get<std::int64_t>(Scope::View, id, Key::Ndisplay);
  const auto& order = reader.get<std::vector<std::int64_t>>(Scope::View, id, Key::Order);
  block.mode = mode_of(static_cast<int>(ndisplay));
  block.order.assign(order.begin(), order.end());
  block.displayed.assign(order.end() - ndisplay, order.end());
  block.ndim = static_cast<int>(order.size());
  block.canvas = reader.get<Canvas>(Scope::View, id, Key::CanvasSize);
  return std::make_shared<const ViewBlock>(std::move(block));
}

IndexBlock compose_index(const Reader& reader, const std::string& id, const AxesSpec& axes) {
  IndexBlock block;
  for (const Axis& axis : axes.axes)
    block.value.push_back(reader.get<std::int64_t>(Scope::Dims, axis.label, Key::Index, id));
  return block;
}

MarginBlock compose_margins(const Reader& reader, const std::string& id, const AxesSpec& axes) {
  MarginBlock block;
  for (const Axis& axis : axes.axes) {
    block.left.push_back(reader.get<double>(Scope::Dims, axis.label, Key::MarginLeft, id));
    block.right.push_back(reader.get<double>(Scope::Dims, axis.label, Key::MarginRight, id));
  }
  return block;
}

PlayBlock compose_play(const Reader& reader, const std::string& id, const AxesSpec& axes) {
  PlayBlock block;
  for (const Axis& axis : axes.axes) {
    block.value.push_back(reader.get<std::optional<Play>>(Scope::Dims, axis.label, Key::Play, id));
  }
  return block;
}

template <class T>
std::shared_ptr<const T> share(const T& value) {
  return std::make_shared<const T>(value);
}

/// A block that is as before keeps its pointer.
template <class T>
void share_if_new(std::shared_ptr<const T>& shared, const T& value) {
  if (!shared || *shared != value) shared = share(value);
}

/// Index, margins and plays have one scope, and each its own block.
void compose_dims(const Reader& reader, const std::string& id, const AxesSpec& axes, ViewState& state) {
  share_if_new(state.index, compose_index(reader, id, axes));
  share_if_new(state.margins, compose_margins(reader, id, axes));
  share_if_new(state.play, compose_play(reader, id, axes));
}

void compose_view_state(const Reader& reader, const std::string& id, const std::set<Scope>& dirty, const AxesSpec& axes,
                        ViewState& state) {
  const bool is_new = state.view == nullptr;
  const auto touched = [&](Scope scope) { return is_new || dirty.contains(scope); };
  state.id = ViewId{id};
  if (touched(Scope::View)) {
    state.view = compose_view(reader, id);
    state.meta = share(reader.get<ViewMeta>(Scope::View, id, Key::Meta));
  }
  if (touched(Scope::Dims)) compose_dims(reader, id, axes, state);
  if (touched(Scope::Lod)) {
    state.lod = share(LodBlock{reader.get<LodShown>(Scope::Lod, id, Key::Shown),
                               reader.get<std::optional<std::int64_t>>(Scope::Multiscale, id, Key::Level),
                               static_cast<int>(reader.get<std::int64_t>(Scope::Multiscale, id, Key::Bias))});
  }
  if (touched(Scope::Camera)) {
    state.camera = share(CameraBlock{reader.get<PlanePose>(Scope::Camera, id, Key::Plane),
                                     reader.get<VolumePose>(Scope::Camera, id, Key::Volume)});
  }
  if (touched(Scope::RestoreCache)) {
    state.plane_restore = share(reader.get<PlaneRestore>(Scope::RestoreCache, id, Key::Plane));
    state.volume_restore = share(reader.get<VolumeRestore>(Scope::RestoreCache, id, Key::Volume));
  }
  if (touched(Scope::Op)) state.op = share(reader.get<Op>(Scope::Op, id, Key::State));
  if (touched(Scope::Stream)) state.stream = share(reader.get<StreamConfig>(Scope::Stream, id, Key::Config));
}

/// Of a layer that was there before only what changed is read: a drag changes one key of some thirty.
std::shared_ptr<const LayerBlock> compose_layer(const Reader& reader, const std::string& id, const LayerBlock* previous,
                                                const std::vector<Key>& changed) {
  LayerBlock block = previous ? *previous : LayerBlock{.id = LayerId{id}};
  const auto touched = [&](Key key) { return !previous || std::ranges::find(changed, key) != changed.end(); };
  if (touched(Key::Meta)) block.meta = reader.get<LayerMeta>(Scope::Layer, id, Key::Meta);
  for_each_control([&](Key key, auto member) {
    if (!touched(key)) return;
    using Control = std::remove_cvref_t<decltype(block.controls.*member)>;
    block.controls.*member = reader.get<Control>(Scope::Layer, id, key);
  });
  return std::make_shared<const LayerBlock>(std::move(block));
}

std::shared_ptr<const Settings> compose_settings(const Reader& reader) {
  Settings settings;
  for_each_setting([&](Key key, auto member) {
    using Setting = std::remove_cvref_t<decltype(settings.*member)>;
    settings.*member = reader.get<Setting>(Scope::Settings, "main", key);
  });
  return share(settings);
}

void compose_layers(const Reader& reader, const std::map<std::string, std::vector<Key>>& dirty, SceneSnapshot& next) {
  bool reorders = false;
  for (const auto& [id, changed] : dirty) {
    const auto place = std::ranges::find(next.layers, id, [](const auto& layer) -> auto& { return layer->id.value; });
    const bool was_there = place != next.layers.end();
    if (!reader.has(Scope::Layer, id, Key::Meta)) {
      if (was_there) next.layers.erase(place);
      continue;
    }
    auto layer = compose_layer(reader, id, was_there ? place->get() : nullptr, changed);
    reorders |= !was_there || (*place)->controls.order != layer->controls.order;
    if (was_there) {
      *place = std::move(layer);
    } else {
      next.layers.push_back(std::move(layer));
    }
  }
  if (!reorders) return;
  std::ranges::sort(next.layers, {},
                    [](const auto& layer) { return std::pair(layer->controls.order, layer->id.value); });
}

}  // namespace

SnapshotPtr idle_snapshot(const std::string& history_id) {
  SceneSnapshot snapshot;
  snapshot.history_id = history_id;
  snapshot.source = std::make_shared<const Source>();
  snapshot.axes = std::make_shared<const AxesSpec>();
  return std::make_shared<const SceneSnapshot>(std::move(snapshot));
}

SnapshotPtr compose(const SceneSnapshot& previous, const Registers& registers, std::span<const RegisterId> changed,
                    std::uint64_t server_seq) {
  const Reader reader(registers);
  Dirty dirty = find_dirty(changed);
  SceneSnapshot next = previous;
  next.server_seq = server_seq;
  if (dirty.source) next.source = share(reader.get<Source>(Scope::Scene, "main", Key::Source));
  if (dirty.settings) next.settings = compose_settings(reader);
  if (dirty.axes) {
    next.axes = share(reader.get<AxesSpec>(Scope::Axes, "main", Key::Spec));
    for (const auto& [id, state] : next.views) dirty.views[id.value].insert(Scope::Dims);
  }
  for (const auto& [id, scopes] : dirty.views) {
    if (reader.has(Scope::View, id, Key::Ndisplay)) {
      compose_view_state(reader, id, scopes, *next.axes, next.views[ViewId{id}]);
    } else {
      next.views.erase(ViewId{id});
    }
  }
  compose_layers(reader, dirty.layers, next);
  return std::make_shared<const SceneSnapshot>(std::move(next));
}

}  // namespace ndcast::ledger
