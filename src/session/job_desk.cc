#include "session/job_desk.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/limits.h"

namespace ndcast::session {

using protocol::JobState;

Result<void> JobDesk::begin(const std::string& job, std::string kind, std::string actor, SessionId session) {
  const auto running = static_cast<std::size_t>(std::ranges::count_if(jobs_, &Job::is_running));
  if (running >= limits::kJobsRunning) {
    return fail(ErrorCode::Limit, "{} jobs are under way in this room; wait for one or cancel it", running);
  }
  jobs_.push_back(
      {.now = {.job = job, .kind = std::move(kind), .actor = std::move(actor)}, .session = std::move(session)});
  return {};
}

void JobDesk::forget(const std::string& job) {
  std::erase_if(jobs_, [&](const Job& held) { return held.now.job == job; });
}

void JobDesk::progress(const std::string& job, const JobProgress& progress) {
  Job* const held = find_running(job);
  if (!held) return;
  held->now.done = static_cast<std::int64_t>(progress.done);
  held->now.total = static_cast<std::int64_t>(progress.total);
  held->now.message = progress.message;
  held->changed = true;
}

void JobDesk::end(const std::string& job, JobEnd end) {
  Job* const held = find_running(job);
  if (!held) return;
  held->changed = true;
  protocol::JobNotice& now = held->now;
  if (auto* result = std::get_if<Json>(&end)) {
    now.state = JobState::Done;
    now.done = now.total;
    now.message.clear();
    now.result = std::move(*result);
  } else if (const auto* error = std::get_if<Error>(&end)) {
    now.state = JobState::Failed;
    now.message = error->message;
  } else {
    now.state = JobState::Cancelled;
    now.message.clear();
  }
}

std::vector<protocol::JobNotice> JobDesk::take(MonotonicTime now) {
  std::vector<protocol::JobNotice> out;
  for (Job& job : jobs_) {
    if (!job.changed) continue;
    if (job.is_running() && job.told_at && now < *job.told_at + kInterval) continue;
    job.changed = false;
    job.told_at = now;
    out.push_back(job.now);
  }
  auto ended = static_cast<std::size_t>(std::ranges::count_if(jobs_, std::not_fn(&Job::is_running)));
  std::erase_if(jobs_, [&](const Job& job) { return !job.is_running() && ended > limits::kJobsEnded && ended-- > 0; });
  return out;
}

std::optional<MonotonicTime> JobDesk::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  for (const Job& job : jobs_) {
    if (!job.changed) continue;
    const MonotonicTime due = job.is_running() && job.told_at ? *job.told_at + kInterval : MonotonicTime{};
    earliest = earliest ? std::min(*earliest, due) : due;
  }
  return earliest;
}

const JobDesk::Job* JobDesk::find(const std::string& job) const {
  const auto it = std::ranges::find(jobs_, job, [](const Job& held) { return held.now.job; });
  return it == jobs_.end() ? nullptr : &*it;
}

JobDesk::Job* JobDesk::find_running(const std::string& job) {
  const auto it = std::ranges::find(jobs_, job, [](const Job& held) { return held.now.job; });
  return it == jobs_.end() || !it->is_running() ? nullptr : &*it;
}

}  // namespace ndcast::session
