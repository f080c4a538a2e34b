#pragma once
// What the commands that open an image answer alike.

#include <string>

#include "session/command.h"
#include "session/room_services.h"

namespace ndcast::session {

/// The argument `path`. Errors: Invalid, for none.
Result<std::string> path_argument(const protocol::CallCommand& call);

/// zarr.disambiguate, with what there is to choose from.
void fail_ambiguous(const Responder& responder, const Ambiguous& choice);
void fail_opening(const Responder& responder, const std::string& path, const Error& error);

}  // namespace ndcast::session
