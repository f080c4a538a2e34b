#pragma once
// Register values as they stand on the wire, in scene files and in the journal: one JSON form for each type of
// scene::Value, strict in both directions.
//
//   Json json = to_json(scene::Value(scene::Canvas{640, 480, 1.0}));      // {"width":640,"height":480,"dpr":1}
//   Result<scene::Value> back = value_from_json(scene::ValueType::Canvas, json);

#include "base/json.h"
#include "base/result.h"
#include "scene/register.h"

namespace ndcast::protocol {

/// Gone is null. Every double must be finite (reducers see to it).
Json to_json(const scene::Value& value);
Json to_json(const scene::PlanePose& pose);
Json to_json(const scene::VolumePose& pose);

/// Inverse of to_json(): all members required, none unknown, numbers finite, integers within ±2^53. Errors: Invalid,
/// with the member's path, what was expected and what was found.
Result<scene::Value> value_from_json(scene::ValueType type, const Json& json);

}  // namespace ndcast::protocol
