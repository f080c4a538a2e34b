#include "session/session_hub.h"

#include <utility>

#include "session/hub_core.h"

namespace ndcast::session {

SessionHub::SessionHub(RoomServices& services, const Clock& clock, HubConfig config)
    : core_(std::make_shared<HubCore>(services, clock, std::move(config))) {}
SessionHub::~SessionHub() = default;

SessionId SessionHub::open(std::shared_ptr<Sink> sink, ConnectionInfo info) {
  return core_->open(std::move(sink), std::move(info));
}
void SessionHub::on_text(const SessionId& session, std::string_view text) { core_->on_text(session, text); }
bool SessionHub::on_writable(const SessionId& session) { return core_->on_writable(session); }
void SessionHub::on_close(const SessionId& session) { core_->on_close(session); }
void SessionHub::on_commit(const ledger::Committed& committed, const std::optional<OpenedOp>& opened) {
  core_->on_commit(committed, opened);
}
void SessionHub::on_watermark(const scene::ViewId& view) { core_->on_watermark(view); }
void SessionHub::on_durable() { core_->on_durable(); }
void SessionHub::on_history_renewed() { core_->on_history_renewed(); }
void SessionHub::on_thumbnail(protocol::ThumbnailNotice thumbnail) { core_->on_thumbnail(std::move(thumbnail)); }
void SessionHub::on_job_progress(const std::string& job, const JobProgress& progress) {
  core_->on_job_progress(job, progress);
}
void SessionHub::on_job_ended(const std::string& job, JobEnd end) { core_->on_job_ended(job, std::move(end)); }
void SessionHub::on_durability(const std::optional<std::string>& trouble) { core_->on_durability(trouble); }
void SessionHub::on_render_trouble(const std::string& trouble) { core_->on_render_trouble(trouble); }
std::optional<MonotonicTime> SessionHub::next_deadline() const { return core_->next_deadline(); }
void SessionHub::tick() { core_->tick(); }
std::optional<SessionHub::Bound> SessionHub::bound_view(const SessionId& session) const {
  return core_->bound_view(session);
}
HubStats SessionHub::stats() const { return core_->stats(); }
void SessionHub::shut_down(std::string_view reason) { core_->shut_down(reason); }

}  // namespace ndcast::session
