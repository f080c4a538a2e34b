// Layer intents: one control of one layer, normalised.

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "reduce/reducers.h"
#include "scene/colormap.h"

namespace ndcast::reduce {
namespace {

using namespace scene;

/// The value as it will stand, or why not.
using Normalised = std::expected<Value, Refusal>;

Normalised normalise_number(Key key, double value) {
  if (key == Key::Opacity) return Value(std::clamp(value, 0.0, 1.0));
  if (!(value > 0.0)) return refuse(StateCode::Invalid, "gamma {}: expected a number above 0", value);
  return Value(std::clamp(value, 0.01, 100.0));
}

Normalised normalise_limits(std::array<double, 2> limits) {
  if (limits[0] > limits[1]) std::swap(limits[0], limits[1]);
  if (limits[0] == limits[1]) {
    return refuse(StateCode::Invalid, "contrast_limits [{}, {}]: expected two different numbers", limits[0], limits[1]);
  }
  if (!std::isfinite(limits[1] - limits[0])) {
    return refuse(StateCode::Invalid, "contrast_limits [{}, {}]: their difference is not a finite number", limits[0],
                  limits[1]);
  }
  return Value(limits);
}

Normalised normalise_text(Key key, const std::string& text) {
  if (key == Key::Colormap) {
    std::optional<std::string> name = canonical_colormap(text);
    if (!name) {
      return refuse(StateCode::Invalid, "colormap \"{}\": expected a name from the capabilities or #rrggbb",
                    text.substr(0, 64));
    }
    return Value(std::move(*name));
  }
  if (text.empty() || text.size() > limits::kNameBytes) {
    return refuse(StateCode::Invalid, "name of {} bytes: expected 1 to {}", text.size(), limits::kNameBytes);
  }
  return Value(text);
}

Normalised normalise(Key key, const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return normalise_number(key, *number);
  if (const auto* limits = std::get_if<std::array<double, 2>>(&value)) return normalise_limits(*limits);
  if (const auto* text = std::get_if<std::string>(&value)) return normalise_text(key, *text);
  return value;
}

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
  Normalised value = normalise(intent.key, intent.value);
  if (!value) return std::unexpected(std::move(value).error());
  reduction.changes.push_back({reduction.answer, std::move(*value)});
  return reduction;
}

}  // namespace ndcast::reduce
