#pragma once
// A scene file over an image as it is now: the one way in which `ndcast render --scene` and PUT /api/v1/scene (WP33)
// take a file's registers. They are outside bytes: each is judged as its reducer would judge it from a client.
//
//   ND_ASSIGN(auto registers, protocol::scene_from_json(json));
//   const std::string uri = image_of_scene_file(registers);         // to open and to describe
//   ND_ASSIGN(auto changes, scene_file_changes(registers, described));
//   // behind those of reduce::replace_scene, in one transaction

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "protocol/scene_file.h"
#include "reduce/reduce.h"

namespace ndcast::room {

/// URI of the image that the file shows; empty when it names none.
std::string image_of_scene_file(const protocol::SceneRegisters& registers);

/// Addresses of the other images that the file's layers show, as it writes them, at most limits::kLayers.
std::vector<std::string> added_images_of_scene_file(const protocol::SceneRegisters& registers);

/// The file's layers over this image's voxels, and its view. Axes must be the image's. Errors: Invalid, with what does
/// not fit; whether the registers fit each other is Ledger::violation's.
Result<std::vector<ledger::Change>> scene_file_changes(const protocol::SceneRegisters& registers,
                                                       const reduce::NewScene& described);

/// The error for a violation of such a transaction.
std::unexpected<Error> misfitting_scene_file(std::string_view violation);

}  // namespace ndcast::room
