#pragma once
// The original dialect's view of the ledger: which notify.* frames a flush means, and which a newcomer gets
// (docs/protocol.md §9; order scene, dims, level, layers, camera, stream).
//
//   for (const Notice& notice : mirror.on_flush(values, flush.to, now)) send to each session of the dialect
//   for (const Notice& notice : mirror.baseline(layers_token)) send to the newcomer
//
// It composes its frames from the scene as it was told, not from the ledger's newest snapshot: what an op holds back
// (WP13) must not show in a frame about something else. All its sessions look at the main view.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ledger/history.h"
#include "ledger/ledger.h"
#include "protocol/handshake.h"
#include "scene/snapshot.h"
#include "session/original_topics.h"

namespace ndcast::session {

/// One notify frame before it is addressed.
struct Notice {
  std::string type;
  Json payload;
  std::optional<protocol::Cursor> cursor;        ///< for the resumable topics
  std::shared_ptr<const ledger::Author> author;  ///< whose intent it answers; null for the server's own
};

/// What a flush changed, in the terms of the dialect.
struct OriginalChanges {
  bool replaced = false;  ///< source or axes: everything is told anew
  bool scene = false;     ///< a layer came, went or moved
  bool dims = false;
  bool camera = false;
  bool stream = false;
  std::map<scene::LayerId, std::set<scene::Key>> layers;  ///< changed controls of layers that live
  std::vector<scene::LayerId> removed;
};
OriginalChanges original_changes(const std::vector<ledger::ToldRegister>& values, const scene::ViewId& view);

class OriginalMirror {
 public:
  /// What a client's resume tokens still name, by topic.
  std::map<std::string, protocol::Cursor> known_cursors(
      const std::map<std::string, std::optional<std::string>>& tokens) const;

  /// Adopts the ledger as told. Before the first baseline, and only while nothing is held or untold.
  void adopt(const ledger::Ledger& ledger);
  /// False until the scene that was told has a view.
  bool can_tell() const;
  /// What a newcomer to a room without an image gets: an idle scene. The image's own baseline follows when it is there.
  std::vector<Notice> idle_baseline() const;
  /// Everything a newcomer needs. With a known `layers_token` only the layers' deltas after it.
  std::vector<Notice> baseline(std::string_view layers_token) const;

  /// What a flush means. Nothing until adopt() was called once: without clients there is nobody to keep a history for.
  std::vector<Notice> on_flush(const std::vector<ledger::ToldRegister>& values, std::uint64_t to, MonotonicTime now);

 private:
  void apply(const std::vector<ledger::ToldRegister>& values, std::uint64_t to);
  std::vector<Notice> changed_notices(const OriginalChanges& changes, const std::vector<ledger::ToldRegister>& values,
                                      MonotonicTime now);
  void remember_told();
  void append_layers(const OriginalChanges& changes, MonotonicTime now, std::vector<Notice>& out);
  std::uint64_t version_of(const scene::LayerId& layer, scene::Key key) const;
  const scene::ViewState& view() const;

  OriginalTopics topics_;
  std::map<scene::RegisterId, ledger::Register> told_;
  scene::SnapshotPtr snapshot_;  ///< composed of told_; null until adopt()
  // What the last frames of these topics said: the dialect tells content, not registers.
  Json last_dims_;
  Json last_level_;
  Json last_pose_;
};

}  // namespace ndcast::session
