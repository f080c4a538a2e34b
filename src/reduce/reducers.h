#pragma once
// The reducer of each kind of intent; reduce() picks one. Each is pure and returns normalised changes or a refusal.

#include <fmt/format.h>

#include "reduce/reduce.h"

namespace ndcast::reduce {

Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetNdisplay&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetOrder&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetCanvas&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetIndex&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::StepIndex&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetMargin&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetPlay&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::LockLevel&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetBias&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetSetting&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::SetLayerControl&);
Outcome reduce_one(const scene::SceneSnapshot&, const scene::ViewState&, const scene::CameraVerb&);

template <class... Args>
std::unexpected<scene::Refusal> refuse(scene::StateCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(scene::Refusal{code, fmt::format(format, std::forward<Args>(args)...)});
}

/// Register ids by what they mean.
inline scene::RegisterId view_register(const scene::ViewId& view, scene::Scope scope, scene::Key key) {
  return {scope, view.value, key, {}};
}
inline scene::RegisterId dims_register(const scene::ViewId& view, const std::string& axis, scene::Key key) {
  return {scene::Scope::Dims, axis, key, view.value};
}
inline scene::RegisterId index_register(const scene::ViewId& view, const std::string& axis) {
  return dims_register(view, axis, scene::Key::Index);
}
inline scene::RegisterId layer_register(const scene::LayerId& layer, scene::Key key) {
  return {scene::Scope::Layer, layer.value, key, {}};
}

}  // namespace ndcast::reduce
