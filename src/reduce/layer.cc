// Layer intents: one control of one layer, normalised.

#include <algorithm>

#include "reduce/normalise.h"
#include "reduce/reducers.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

/// Moves `layer` to place `position` of the drawing order and numbers all layers 0 … n−1 again.
void reorder(const SceneSnapshot& snapshot, const LayerId& layer, std::int64_t position,
             std::vector<ledger::Change>& changes) {
  std::vector<LayerId> ids;
  for (const auto& block : snapshot.layers) {
    if (block->id != layer) ids.push_back(block->id);
  }
  const auto place = std::clamp<std::int64_t>(position, 0, static_cast<std::int64_t>(ids.size()));
  ids.insert(ids.begin() + place, layer);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    changes.push_back({layer_register(ids[i], Key::LayerOrder), static_cast<std::int64_t>(i)});
  }
}

const LayerBlock* find_target(const SceneSnapshot& snapshot, const LayerId& id) {
  if (!id.value.empty()) return snapshot.find_layer(id);
  const auto it =
      std::ranges::find_if(snapshot.layers, [](const auto& layer) { return layer->meta.kind == LayerKind::Image; });
  return it == snapshot.layers.end() ? nullptr : it->get();
}

}  // namespace

Outcome reduce_one(const SceneSnapshot& snapshot, const ViewState&, const SetLayerControl& intent) {
  const LayerBlock* layer = find_target(snapshot, intent.layer);
  if (!layer) {
    std::vector<std::string_view> ids;
    ids.reserve(snapshot.layers.size());
    for (const auto& block : snapshot.layers) ids.push_back(block->id.value);
    return refuse(StateCode::UnknownTarget, "there is no layer \"{}\"; the layers are {}",
                  intent.layer.value.substr(0, 64), fmt::join(ids, ", "));
  }
  Reduction reduction;
  reduction.answer = layer_register(layer->id, intent.key);
  if (intent.key == Key::LayerOrder) {
    reorder(snapshot, layer->id, std::get<std::int64_t>(intent.value), reduction.changes);
    return reduction;
  }
  auto value = normalise(spec_of(Scope::Layer, intent.key), intent.value, snapshot);
  if (!value) return std::unexpected(std::move(value).error());
  reduction.changes.push_back({reduction.answer, std::move(*value)});
  return reduction;
}

}  // namespace ndcast::reduce
