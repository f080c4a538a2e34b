#pragma once
// Cursors of the original dialect's resumable topics (WP16): each has an epoch, named by the delta_token of its start,
// and a seq that rises by one a live change. Only live changes count: an arrival is answered from the current state and
// the current cursor, and moves nobody's epoch.
//
// notify.scene, notify.level and notify.stream are known by their latest cursor alone; notify.layers keeps its deltas,
// so that a client that was away for a moment is sent only those after its token.

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "protocol/handshake.h"

namespace ndcast::session {

enum class Topic { Scene, Level, Layers, Stream };
inline constexpr std::array<std::string_view, 4> kTopicNames = {"notify.scene", "notify.level", "notify.layers",
                                                                "notify.stream"};
constexpr std::string_view to_string(Topic topic) { return kTopicNames[static_cast<std::size_t>(topic)]; }

class OriginalTopics {
 public:
  struct LayersDelta {
    protocol::Cursor cursor;
    Json payload;
    MonotonicTime at;
    std::size_t bytes = 0;
  };

  OriginalTopics();

  const protocol::Cursor& current(Topic topic) const { return cursors_[static_cast<std::size_t>(topic)]; }
  /// Moves a topic on by one live change. A scene's seq is always 0, so each of its changes starts an epoch.
  protocol::Cursor advance(Topic topic);
  /// Moves notify.layers on and keeps the delta.
  protocol::Cursor advance_layers(const Json& payload, MonotonicTime now);
  /// The scene was replaced: all topics begin anew and no earlier token is known.
  void start_epoch();

  /// The cursor that a token names, if it is still known.
  std::optional<protocol::Cursor> known(Topic topic, std::string_view token) const;
  /// The deltas after a known token, oldest first; nothing for an unknown one.
  std::optional<std::vector<LayersDelta>> layers_after(std::string_view token) const;

 private:
  void prune(MonotonicTime now);

  std::array<protocol::Cursor, kTopicNames.size()> cursors_;
  protocol::Cursor before_layers_;  ///< cursor that the oldest kept delta follows
  std::deque<LayersDelta> layers_;
  std::size_t layers_bytes_ = 0;
};

}  // namespace ndcast::session
