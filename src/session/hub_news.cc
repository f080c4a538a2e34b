// What sessions are told besides the scene: who is here, how pictures come about, thumbnails, jobs. The latest counts,
// nothing of it is in the ledger, and nobody waits for a disk to hear it.

#include <optional>
#include <set>
#include <string>

#include "session/hub_core.h"
#include "session/shared_frame.h"

namespace ndcast::session {

// --- who is here ---------------------------------------------------------------------------------------------------

void HubCore::note_presence(const Session& session) {
  presence_.note({.session = session.id.value,
                  .actor = session.actor.name,
                  .kind = session.actor.kind,
                  .role = std::string(auth::to_string(session.role)),
                  .view = session.view.value,
                  .follows = session.goes_along()});
  any_strangers_ = true;
}

void HubCore::tell_presence() {
  if (const auto notice = presence_.take(now())) {
    const SharedFrame frame(
        {.type = "nd.presence", .timestamp = clock_.unix_seconds(), .payload = to_payload(*notice)});
    for (auto& [id, session] : sessions_) {
      if (!session->knows_who_is_here) continue;
      // Who lags gets the latest once it keeps up (WP18); nobody waits for a disk to hear who is there.
      if (takes_broadcasts(*session)) {
        deliver(*session, frame.for_session(id), Backlog::Counts::Yes);
      } else {
        session->knows_who_is_here = false;
        any_strangers_ = true;
      }
    }
  }
  if (any_strangers_) introduce_everybody();
}

void HubCore::introduce_everybody() {
  any_strangers_ = false;
  std::optional<SharedFrame> frame;
  for (auto& [id, session] : sessions_) {
    if (!session->is_open() || session->dialect != Dialect::Native || session->knows_who_is_here) continue;
    if (!takes_broadcasts(*session)) {
      any_strangers_ = any_strangers_ || session->is_open();
      continue;
    }
    if (!frame) {
      frame.emplace(protocol::Envelope{
          .type = "nd.presence", .timestamp = clock_.unix_seconds(), .payload = to_payload(presence_.whole())});
    }
    deliver(*session, frame->for_session(id), Backlog::Counts::Yes);
    session->knows_who_is_here = true;
  }
}

void HubCore::tell_telemetry() {
  for (const SessionId& id : telemetry_.due(now())) {
    Session* const session = find(id);
    const scene::ViewState* view = session ? services_.ledger().snapshot()->find_view(session->view) : nullptr;
    const scene::LodShown shown = view ? view->lod->shown : scene::LodShown();
    const Measurements measured = session ? services_.measure(id, session->view) : Measurements();
    const auto notice = telemetry_.notice(id, session ? session->view : scene::kMainView, measured, shown, now());
    // Who lags is told the latest once it keeps up (WP18).
    if (!notice || !session || !takes_broadcasts(*session)) continue;
    const SharedFrame frame(
        {.type = "nd.telemetry", .timestamp = clock_.unix_seconds(), .payload = to_payload(*notice)});
    deliver(*session, frame.for_session(id), Backlog::Counts::Yes);
  }
}

// --- thumbnails ----------------------------------------------------------------------------------------------------

void HubCore::subscribe_to_thumbnails(const SessionId& session) {
  thumbnails_.keep_only(layer_ids());
  thumbnails_.subscribe(session);
  services_.want_thumbnails(true);
}

void HubCore::drop_thumbnails(const SessionId& session) {
  if (!thumbnails_.has_subscribers()) return;
  thumbnails_.drop(session);
  if (!thumbnails_.has_subscribers()) services_.want_thumbnails(false);
}

void HubCore::on_thumbnail(protocol::ThumbnailNotice thumbnail) {
  thumbnails_.note(std::move(thumbnail));
  thumbnails_.keep_only(layer_ids());
  settle();
}

std::set<std::string> HubCore::layer_ids() {
  std::set<std::string> ids;
  const scene::SnapshotPtr snapshot = services_.ledger().snapshot();
  for (const auto& layer : snapshot->layers) ids.insert(layer->id.value);
  return ids;
}

void HubCore::tell_thumbnails() {
  if (!thumbnails_.owes_any()) return;
  for (const SessionId& id : thumbnails_.subscribers()) {
    Session* const session = find(id);
    // Who lags is shown the latest once it keeps up (WP18).
    if (!session || !takes_broadcasts(*session)) continue;
    for (const protocol::ThumbnailNotice* thumbnail : thumbnails_.take(id)) {
      const SharedFrame frame(
          {.type = "nd.thumbnail", .timestamp = clock_.unix_seconds(), .payload = to_payload(*thumbnail)});
      deliver(*session, frame.for_session(id), Backlog::Counts::Yes);
    }
  }
}

// --- jobs ----------------------------------------------------------------------------------------------------------

void HubCore::on_job_progress(const std::string& job, const JobProgress& progress) {
  jobs_.progress(job, progress);
  settle();
}

void HubCore::on_job_ended(const std::string& job, JobEnd end) {
  jobs_.end(job, std::move(end));
  settle();
}

void HubCore::tell_jobs() {
  for (const protocol::JobNotice& job : jobs_.take(now())) {
    const SharedFrame frame({.type = "nd.job", .timestamp = clock_.unix_seconds(), .payload = to_payload(job)});
    for (auto& [id, session] : sessions_) {
      // Who lags can ask for the list; the next notice says where it stands anyway.
      if (session->dialect != Dialect::Native || !takes_broadcasts(*session)) continue;
      deliver(*session, frame.for_session(id), Backlog::Counts::Yes);
    }
  }
}

}  // namespace ndcast::session
