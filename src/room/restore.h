#pragma once
// A room as it was, from what its journal kept and the image as it is now. Rows are outside bytes: each is parsed, each
// value judged as its reducer would judge a client's, each transaction checked by the ledger; what no longer fits (the
// image shrank) is refused, logged with its number and key, and skipped.
//
//   const std::string uri = stored_uri(stored);                         // the image to open first
//   if (auto restored = restore(stored, described, canvas, clock)) ledger.adopt(restored->registers);

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/journal.h"
#include "reduce/reduce.h"

namespace ndcast::room {

/// URI of the image that the room showed last; empty when it showed none.
std::string stored_uri(const ledger::StoredRoom& stored);

/// URIs of all images besides `uri` and its store's that layers of the room showed at any time that is kept.
std::vector<std::string> stored_added_uris(const ledger::StoredRoom& stored, const std::string& uri);

struct Restored {
  std::map<scene::RegisterId, ledger::Register> registers;  ///< with their versions, times and actors
  std::size_t refused = 0;                                  ///< rows and registers left out
};

/// `described` is the scene of the image as it is now (open_scene.h). Nothing when the rows do not end in a sound scene
/// of that image: the caller shows it as new. `room` is for the log.
std::optional<Restored> restore(const std::string& room, const ledger::StoredRoom& stored,
                                const reduce::NewScene& described, const scene::Canvas& canvas, const Clock& clock);

}  // namespace ndcast::room
