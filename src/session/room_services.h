#pragma once
// What sessions may ask of the room they are in: the one seam between who talks to clients and what keeps a scene
// alive. room::Room implements it; tests implement it with a ledger and no threads (room_services_fake.h).
//
//   state.update → reduce → services.commit(…) → Room: ledger, render thread, and back: hub.on_commit(…)
//
// Control thread only. Answers that take time come back on the control thread too, at any later moment, also during the
// call itself; a callback may outlive its session and its hub, and is then a no-op.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/journal.h"
#include "ledger/ledger.h"
#include "protocol/telemetry.h"
#include "scene/intent.h"
#include "session/histogram.h"
#include "session/probe.h"
#include "session/reading.h"
#include "session/taking_away.h"

namespace ndcast::session {

using SessionId = NamedId<struct SessionIdTag>;

/// How far a view's render thread is (WP13, WP19): the newest state applied, and the newest of which every visible
/// chunk at the wanted level was in a picture.
struct Watermark {
  std::uint64_t server_seq = 0;
  std::uint64_t camera_seq = 0;
  std::uint64_t complete_server_seq = 0;
  std::uint64_t complete_camera_seq = 0;
};

struct ListDirectory {
  std::string path;  ///< empty: the first data root
  bool show_hidden = false;
  /// Suffixes of the files to list; directories are always listed. Empty: all.
  std::vector<std::string> only;
  std::string cursor;  ///< of the page before, or empty
};

struct DirectoryEntry {
  /// What a directory that looks like zarr holds; no voxel is read to know it.
  struct Zarr {
    bool is_dataset = false;
    bool has_multiscales = false;
    std::vector<std::string> dataset_children;  ///< at most 16 names
  };
  std::string name;
  std::string path;
  bool is_directory = false;
  std::uint64_t size_bytes = 0;
  double modified_unix_s = 0.0;
  std::optional<Zarr> zarr;
};

struct DirectoryPage {
  std::string path;
  std::vector<DirectoryEntry> entries;  ///< at most limits::kDirectoryEntries, by lower-cased name
  std::string next_cursor;              ///< empty: nothing follows
};

struct Loaded {};
/// `path` holds several images; `options` are relative to it.
struct Ambiguous {
  std::string path;
  std::vector<std::string> options;
};
/// Error codes NotFound → fs.not_found, Forbidden → fs.forbidden, others → zarr.invalid.
using LoadOutcome = std::variant<Loaded, Ambiguous, Error>;

/// The new ones, lowest first.
struct AddedLayers {
  std::vector<scene::LayerId> layers;
};
using AddOutcome = std::variant<AddedLayers, Ambiguous, Error>;

/// How a view's pictures come about; counts rise while its stream lives.
struct Measurements {
  std::uint64_t frames = 0;  ///< encoded
  std::uint64_t bytes = 0;   ///< likewise
  protocol::StageMilliseconds stages_ms;
  protocol::ConnectionTelemetry connection;  ///< the session's
  std::uint64_t chunks_wanted = 0;
  std::uint64_t chunks_visible = 0;
  std::uint64_t chunks_loaded = 0;
  std::uint64_t chunks_failed = 0;
  std::uint64_t cache_bytes = 0;
  std::uint64_t cache_limit_bytes = 0;
  std::uint64_t resident_bytes = 0;
};

/// Exact statistics of all voxels of a layer's finest level.
struct LayerStatsJob {
  scene::LayerId layer;
};
/// A layer's values counted on the finest level that a job may read.
struct LayerHistogramJob {
  HistogramQuery query;
};
using JobRequest = std::variant<LayerStatsJob, LayerHistogramJob, MovieJob>;

struct JobProgress {
  std::uint64_t done = 0;  ///< of `total`, in a unit of the job's own
  std::uint64_t total = 0;
  std::string message;
};
struct JobCancelled {};
/// What came of it: a result, a cancellation, or why it failed.
using JobEnd = std::variant<Json, JobCancelled, Error>;

class RoomServices {
 public:
  virtual ~RoomServices() = default;

  virtual ledger::Ledger& ledger() = 0;

  /// Commits, hands the snapshot to the render thread, and tells the hub (SessionHub::on_commit) before it returns. The
  /// caller has reduced the changes, so a violation is a broken invariant.
  virtual ledger::Committed commit(ledger::Transaction transaction) = 0;

  /// Queues a normalised verb for the render thread (WP11). Returns the view's new camera_seq.
  virtual std::uint64_t queue_camera(const scene::ViewId& view, const scene::CameraVerb& verb,
                                     const ledger::Author& author) = 0;

  /// Owes every pixel socket of the session a keyframe.
  virtual void request_keyframe(const SessionId& session) = 0;
  /// A one-use ticket that binds a pixel socket to the session and to an existing view.
  virtual std::string mint_pixel_ticket(const SessionId& session, const scene::ViewId& view) = 0;

  virtual void list_directory(ListDirectory request, std::function<void(Result<DirectoryPage>)> done) = 0;
  /// Replaces the scene in one transaction that opens an op. `done` after the commit, not after the first picture.
  virtual void load_zarr(std::string path, ledger::Author author, std::function<void(LoadOutcome)> done) = 0;
  /// Those layers of another image that the scene has not, above its own, in one transaction. `done` after the commit.
  /// Errors: those of opening, Unsupported (its axes do not lie along the scene's), Limit (too many layers), Invalid
  /// (no scene, or nothing to add), Cancelled (another scene meanwhile).
  virtual void add_layers(std::string path, ledger::Author author, std::function<void(AddOutcome)> done) = 0;
  /// Images that no layer shows any more, but for the scene's own, are let go.
  virtual void let_go_of_images() = 0;

  /// Counts a layer's values on a level that is quickly looked at (WP36). Errors: NotFound (its image is not open),
  /// Limit (too much is under way), those of the image's chunks.
  virtual void count_values(HistogramQuery query, std::function<void(Result<LayerHistogram>)> done) = 0;

  /// The visible layers' voxels at a place (WP39). Errors: Limit (too much is under way), those of the images' chunks.
  virtual void probe(ProbeQuery query, std::function<void(Result<Probe>)> done) = 0;
  /// Layers along a line (WP41). Errors: NotFound (the image of a layer that is named is not open), Invalid (a coarsest
  /// level of which too much would have to be decoded), Limit (too much is under way), those of the images' chunks.
  virtual void profile(ProfileQuery query, std::function<void(Result<Profile>)> done) = 0;
  /// Layers in a box (WP42). Errors: as profile(), without Invalid.
  virtual void summarise(RegionQuery query, std::function<void(Result<Region>)> done) = 0;

  /// A picture of a view with every visible chunk in it, kept to be fetched (WP43). Errors: Limit (too much is under
  /// way), Invalid (more than can be shown, or larger than is kept), those of the images' chunks and of the renderer.
  virtual void take_picture(PictureQuery query, std::function<void(Result<TakenPicture>)> done) = 0;

  virtual Watermark watermark(const scene::ViewId& view) = 0;
  virtual Measurements measure(const SessionId& session, const scene::ViewId& view) = 0;

  /// The session sees another view now (WP32): its pixel sockets get that view's frames from here on, with `binding` in
  /// them, and so do those that its tickets open. The view is in the ledger, or is the main view.
  virtual void session_moved(const SessionId& session, const scene::ViewId& view, std::uint8_t binding) = 0;
  /// The view's registers are gone; nobody is bound to it any more.
  virtual void view_removed(const scene::ViewId& view) = 0;

  /// Names of the encoders at hand, for the capabilities.
  virtual std::vector<std::string> encoders() = 0;

  /// The session is over: its pixel sockets and tickets go with it. Called once a session that was welcomed.
  virtual void session_closed(const SessionId& session) = 0;
  /// The view's op was not applied within limits::kOpTimeout; it was closed as failed (WP13) and the worker is to be
  /// restarted.
  virtual void op_timed_out(const scene::ViewId& view) = 0;

  /// Whether anybody wants layers in small (WP34): SessionHub::on_thumbnail() whenever one looks otherwise than before.
  virtual void want_thumbnails(bool wanted) = 0;
  /// Begins work of more than a moment (WP35), under a name of the hub's: SessionHub::on_job_progress() while it lasts,
  /// on_job_ended() once, later. Errors: NotFound (what it is about), Limit (too much is under way).
  virtual Result<void> start_job(const std::string& job, JobRequest request) = 0;
  /// It ends soon, as cancelled unless it was done already.
  virtual void cancel_job(const std::string& job) = 0;

  // --- the journal (WP24 – WP29); these are a room's without one ---
  /// What is told now leaves when durable_seq() is at least this. When either changes, SessionHub::on_durable().
  virtual std::uint64_t awaited_seq() const { return 0; }
  virtual std::uint64_t durable_seq() const { return UINT64_MAX; }
  /// More is held back than can be held: from here on, awaited_seq() is 0 until the journal is healthy again.
  virtual void stop_waiting(const std::string& /*why*/) {}
  /// "process", "disk", "relaxed", "degraded" or "none".
  virtual std::string durability() const { return "none"; }
  virtual void read_history(ledger::HistoryRequest request,
                            std::function<void(Result<std::vector<ledger::JournalRow>>)> done) = 0;
};

}  // namespace ndcast::session
