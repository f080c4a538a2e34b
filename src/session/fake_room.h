#pragma once
// For tests and fuzzers: a room without threads, over a ledger of its own. What its services are asked is noted; what
// they answer late, the test answers.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "reduce/reduce.h"
#include "session/session_hub.h"

namespace ndcast::session::testing {

class FakeRoom : public RoomServices {
 public:
  explicit FakeRoom(const Clock& clock) : ledger_(clock) {}

  ledger::Ledger& ledger() override { return ledger_; }
  ledger::Committed commit(ledger::Transaction transaction) override {
    std::optional<OpenedOp> opened;
    if (transaction.opens) opened = OpenedOp{transaction.view, *transaction.opens, transaction.also_in};
    const ledger::Committed committed = ledger_.commit(std::move(transaction));
    const bool is_drag =
        committed.author && (committed.author->phase == "start" || committed.author->phase == "update");
    if (has_slow_disk && !committed.changed.empty() && !is_drag) awaited = committed.server_seq;
    if (hub) hub->on_commit(committed, opened);
    return committed;
  }
  std::uint64_t awaited_seq() const override { return awaited; }
  std::uint64_t durable_seq() const override { return has_slow_disk ? durable : UINT64_MAX; }
  std::string durability() const override { return has_slow_disk ? "process" : "none"; }
  void read_history(ledger::HistoryRequest request,
                    std::function<void(Result<std::vector<ledger::JournalRow>>)> done) override {
    history_requests.push_back(std::move(request));
    done(history);
  }
  /// The disk has what was committed up to `server_seq`.
  void keep_up_to(std::uint64_t server_seq) {
    durable = server_seq;
    hub->on_durable();
  }
  std::uint64_t queue_camera(const scene::ViewId&, const scene::CameraVerb& verb,
                             const ledger::Author& author) override {
    camera_verbs.emplace_back(verb, author);
    return camera_verbs.size();
  }
  void request_keyframe(const SessionId& session) override { keyframes.push_back(session); }
  std::string mint_pixel_ticket(const SessionId&, const scene::ViewId& view) override {
    return fmt::format("ticket-{}-{}", view.value, ++tickets);
  }
  void list_directory(ListDirectory request, std::function<void(Result<DirectoryPage>)> done) override {
    listings.emplace_back(std::move(request), std::move(done));
  }
  void load_zarr(std::string path, ledger::Author author, std::function<void(LoadOutcome)> done) override {
    loads.push_back({std::move(path), std::move(author), std::move(done)});
  }
  void add_layers(std::string path, ledger::Author author, std::function<void(AddOutcome)> done) override {
    additions.push_back({std::move(path), std::move(author), std::move(done)});
  }
  void let_go_of_images() override { ++images_let_go; }
  void count_values(HistogramQuery query, std::function<void(Result<LayerHistogram>)> done) override {
    counts.emplace_back(std::move(query), std::move(done));
  }
  void probe(ProbeQuery query, std::function<void(Result<Probe>)> done) override {
    probes.emplace_back(std::move(query), std::move(done));
  }
  void take_picture(PictureQuery query, std::function<void(Result<TakenPicture>)> done) override {
    pictures.emplace_back(std::move(query), std::move(done));
  }
  void profile(ProfileQuery query, std::function<void(Result<Profile>)> done) override {
    profiles.emplace_back(std::move(query), std::move(done));
  }
  void summarise(RegionQuery query, std::function<void(Result<Region>)> done) override {
    regions.emplace_back(std::move(query), std::move(done));
  }
  Watermark watermark(const scene::ViewId& view) override { return watermarks[view]; }
  Measurements measure(const SessionId&, const scene::ViewId&) override { return measurements; }
  void session_moved(const SessionId& session, const scene::ViewId& view, std::uint8_t binding) override {
    moves.push_back({session, view, binding});
  }
  void view_removed(const scene::ViewId& view) override { removed_views.push_back(view); }
  std::vector<std::string> encoders() override { return {"null"}; }
  void session_closed(const SessionId& session) override { closed.push_back(session); }
  void want_thumbnails(bool wanted) override { thumbnails_wanted = wanted; }
  Result<void> start_job(const std::string& job, JobRequest request) override {
    if (refuses_jobs) return fail(ErrorCode::Limit, "too much is under way");
    jobs.emplace_back(job, std::move(request));
    return {};
  }
  void cancel_job(const std::string& job) override { cancelled_jobs.push_back(job); }
  void op_timed_out(const scene::ViewId& view) override { timed_out.push_back(view); }

  struct Load {
    std::string path;
    ledger::Author author;
    std::function<void(LoadOutcome)> done;
  };
  struct Addition {
    std::string path;
    ledger::Author author;
    std::function<void(AddOutcome)> done;
  };

  struct Move {
    SessionId session;
    scene::ViewId view;
    std::uint8_t binding = 0;
  };

  SessionHub* hub = nullptr;
  bool has_slow_disk = false;  ///< commits but drags are durable when the test says so
  std::uint64_t awaited = 0;
  std::uint64_t durable = 0;
  std::vector<ledger::HistoryRequest> history_requests;
  std::vector<ledger::JournalRow> history;
  std::vector<Move> moves;
  std::vector<scene::ViewId> removed_views;
  std::vector<std::pair<scene::CameraVerb, ledger::Author>> camera_verbs;
  std::vector<SessionId> keyframes;
  int tickets = 0;
  std::vector<std::pair<ListDirectory, std::function<void(Result<DirectoryPage>)>>> listings;
  std::vector<Load> loads;
  std::vector<Addition> additions;
  int images_let_go = 0;
  std::vector<std::pair<HistogramQuery, std::function<void(Result<LayerHistogram>)>>> counts;
  std::vector<std::pair<ProbeQuery, std::function<void(Result<Probe>)>>> probes;
  std::vector<std::pair<PictureQuery, std::function<void(Result<TakenPicture>)>>> pictures;
  std::vector<std::pair<ProfileQuery, std::function<void(Result<Profile>)>>> profiles;
  std::vector<std::pair<RegionQuery, std::function<void(Result<Region>)>>> regions;
  std::map<scene::ViewId, Watermark> watermarks;
  Measurements measurements;
  std::vector<SessionId> closed;
  std::vector<scene::ViewId> timed_out;
  bool thumbnails_wanted = false;
  bool refuses_jobs = false;
  std::vector<std::pair<std::string, JobRequest>> jobs;
  std::vector<std::string> cancelled_jobs;

 private:
  ledger::Ledger ledger_;
};

}  // namespace ndcast::session::testing
