#pragma once
// A scene file: what a picture needs to be made again. GET /api/v1/scene returns one, `ndcast render --scene` reads
// one.
//
//   {"ndcast_scene":1,"registers":[{"scope":"dims","target":"z","key":"index","value":12}, …]}
//
// It holds the main view's registers whose keys say so (scene::Keep::file), without versions and authors; plays, ops,
// streams, restore caches and settings belong to a running room.

#include <map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "scene/register.h"

namespace ndcast::protocol {

inline constexpr int kSceneFileVersion = 1;

using SceneRegisters = std::vector<std::pair<scene::RegisterId, scene::Value>>;

Json scene_to_json(const std::map<scene::RegisterId, ledger::Register>& registers);

/// Reads what scene_to_json() wrote, or a person. Every value has its key's type; whether registers fit each other is
/// the reader's to judge. Errors: Invalid (not a scene file, another version, unknown key, wrong type, a register
/// twice), quoting the register.
Result<SceneRegisters> scene_from_json(const Json& json);

}  // namespace ndcast::protocol
