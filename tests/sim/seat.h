#pragma once
// One person's program and its connection, of whichever dialect and role.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/sim/link.h"
#include "tests/sim/native_player.h"
#include "tests/sim/original_player.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/verdict.h"

namespace ndcast::sim {

struct Seat {
  std::string name;
  auth::Role role = auth::Role::Editor;
  std::optional<NativePlayer> native;
  std::optional<OriginalPlayer> original;
  std::shared_ptr<Link> link;
  session::SessionId id;
  MonotonicTime since;                             ///< its socket opened
  std::optional<std::string> last_update;          ///< as sent, for a repetition right after it
  std::shared_ptr<const std::string> delayed_ack;  ///< of a planted bug
  std::map<std::string, std::string> calls;        ///< frame_id → command, of this connection
  std::map<std::string, Verdict> verdicts;         ///< frame_id → what the server's answer has to be
  int frames = 0;

  bool connected() const { return link != nullptr; }
  bool is_live() const { return connected() && (native ? native->is_live() : original->is_live()); }
  const std::string& session() const { return native ? native->session() : original->session(); }
  /// Its actor, as the room calls it.
  std::string actor() const { return native ? name : "test-client"; }

  /// The socket is gone; what the program knows stays.
  void unplug() {
    link.reset();
    last_update.reset();
    delayed_ack.reset();
    calls.clear();
    verdicts.clear();
  }
};

}  // namespace ndcast::sim
