#pragma once
// A value of an editable register as it will stand: clamped, ordered, canonical; or why it cannot stand there. The
// bounds are the key table's (scene/register.cc).
//
//   auto value = normalise(spec_of(Scope::Layer, Key::Gamma), Value(500.0), snapshot);      // 100.0

#include <expected>

#include "scene/intent.h"
#include "scene/register.h"
#include "scene/snapshot.h"

namespace ndcast::reduce {

/// `value` has the key's type. `snapshot` tells how many axes there are. Refusals: Invalid.
std::expected<scene::Value, scene::Refusal> normalise(const scene::KeySpec& spec, const scene::Value& value,
                                                      const scene::SceneSnapshot& snapshot);

}  // namespace ndcast::reduce
