#pragma once
// Keeps small pictures of a room's layers as its first view shows them (WP34), while somebody wants them: one at a
// time, at most one a layer and second, made on a thread that nothing else waits for.
//
//   thumbnailer.want(true);
//   thumbnailer.note(snapshot, images);                    // after each commit; cheap
//   arm_timer(thumbnailer.run(now));                       // begins what is due, says when to come back

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "protocol/thumbnail.h"
#include "render/stills/thumbnail.h"
#include "room/background.h"

namespace ndcast::room {

/// Control thread only.
class Thumbnailer {
 public:
  static constexpr std::chrono::seconds kInterval{1};

  /// `post` brings a function to the control thread, and drops it when this object is gone. `on_done` is called there
  /// after each attempt, with what came of it; run() has more to do then.
  Thumbnailer(std::shared_ptr<Background> thread, std::shared_ptr<image::ChunkLoader> loader,
              std::function<void(std::function<void()>)> post,
              std::function<void(std::optional<protocol::ThumbnailNotice>)> on_done);

  void want(bool wanted);
  void note(scene::SnapshotPtr snapshot, std::shared_ptr<const render::Images> images);
  /// When to call it again; nothing while nothing is due or one is being made.
  std::optional<MonotonicTime> run(MonotonicTime now);

 private:
  struct Made {
    render::ThumbnailSubject subject;
    MonotonicTime at;
  };
  struct Work;

  void finish(const std::shared_ptr<Work>& work);

  const std::shared_ptr<Background> thread_;
  const std::shared_ptr<image::ChunkLoader> loader_;
  const std::function<void(std::function<void()>)> post_;
  const std::function<void(std::optional<protocol::ThumbnailNotice>)> on_done_;
  bool wanted_ = false;
  bool working_ = false;
  bool unlooked_ = false;  ///< false: every layer is as its picture shows it
  scene::SnapshotPtr snapshot_;
  std::shared_ptr<const render::Images> images_;
  std::map<scene::LayerId, Made> made_;
};

}  // namespace ndcast::room
