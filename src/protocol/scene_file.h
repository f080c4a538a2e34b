#pragma once
// A scene file: what a picture needs to be made again. GET /api/v1/scene returns one, `ndcast render --scene` reads
// one.
//
//   {"ndcast_scene":1,"registers":[{"scope":"dims","target":"z","key":"index","value":12}, …]}
//
// It holds the registers of scope scene, axes, view, dims, camera, multiscale, lod and layer of the main view, without
// versions and authors; ops, streams and restore caches belong to a running room.

#include <map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "scene/register.h"

namespace ndcast::protocol {

inline constexpr int kSceneFileVersion = 1;

/// Whether registers of this scope belong to a scene file.
bool is_in_scene_file(scene::Scope scope);

Json scene_to_json(const std::map<scene::RegisterId, ledger::Register>& registers);

/// Reads what scene_to_json() wrote, or a person. Every value has its key's type; whether registers fit each other is
/// the reader's to judge. Errors: Invalid (not a scene file, another version, unknown key, wrong type, a register
/// twice), quoting the register.
Result<std::vector<std::pair<scene::RegisterId, scene::Value>>> scene_from_json(const Json& json);

}  // namespace ndcast::protocol
