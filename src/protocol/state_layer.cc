// Keys of scope layer, of volume, which is another name for the first image layer's, and of settings.

#include "protocol/state_scopes.h"
#include "protocol/state_value.h"
#include "protocol/values.h"

namespace ndcast::protocol {
namespace {

using scene::StateCode;

/// The original client's name for the one layer it expects to find.
constexpr std::string_view kOriginalLayer = "layer-0";

Understanding parse_layer_control(const ScopeRequest& request, const scene::KeySpec& spec, scene::LayerId layer) {
  auto value = parse_value(request, spec.type);
  if (!value) return std::unexpected(std::move(value).error());
  Json echo = to_json(*value);
  return Understood{request.own_view, scene::SetLayerControl{std::move(layer), spec.key, std::move(*value)},
                    std::move(echo)};
}

}  // namespace

Understanding parse_layer_key(const ScopeRequest& request) {
  const scene::KeySpec* spec = scene::find_key(scene::Scope::Layer, request.key);
  if (!spec) return refuse_key(request);
  if (!spec->editable) {
    return refuse(StateCode::Invalid, "{} {} is written by the server alone", request.scope, request.key);
  }
  scene::LayerId layer{std::string(request.target)};
  if (layer.value == kOriginalLayer && !request.snapshot.find_layer(layer)) layer.value.clear();
  return parse_layer_control(request, *spec, std::move(layer));
}

Understanding parse_volume_key(const ScopeRequest& request) {
  const scene::KeySpec* spec = scene::find_key(scene::Scope::Layer, request.key);
  if (!spec || !spec->volume_alias) return refuse_key(request);
  return parse_layer_control(request, *spec, scene::LayerId{});
}

Understanding parse_settings_key(const ScopeRequest& request) {
  const scene::KeySpec* spec = scene::find_key(scene::Scope::Settings, request.key);
  if (!spec) return refuse_key(request);
  if (!request.target.empty() && request.target != "main") {
    return refuse(StateCode::UnknownTarget, "settings have the target \"main\", found \"{}\"", excerpt(request.target));
  }
  auto value = parse_value(request, spec->type);
  if (!value) return std::unexpected(std::move(value).error());
  Json echo = to_json(*value);
  return Understood{request.own_view, scene::SetSetting{spec->key, std::move(*value)}, std::move(echo)};
}

}  // namespace ndcast::protocol
