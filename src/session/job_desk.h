#pragma once
// The room's jobs (WP35): which are under way, how far each is, how the last ones ended, and what of it everybody has
// yet to hear.
//
//   ND_ASSIGN(std::string job, desk.begin("job-1", "stats", "ada", session));
//   desk.progress("job-1", {.done = 3, .total = 40});
//   desk.end("job-1", Json::make_object(…));
//   for (const auto& notice : desk.take(now)) tell_everybody(notice);
//
// Control thread only (or any one thread: it has no clock and calls nobody).

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "protocol/job.h"
#include "session/room_services.h"

namespace ndcast::session {

class JobDesk {
 public:
  /// Between two notices of a job that goes on; its end is told at once.
  static constexpr std::chrono::milliseconds kInterval{500};

  struct Job {
    protocol::JobNotice now;
    SessionId session;  ///< that asked for it; it may be gone
    bool changed = true;
    std::optional<MonotonicTime> told_at;

    bool is_running() const { return now.state == protocol::JobState::Running; }
  };

  /// Errors: Limit, when limits::kJobsRunning are under way.
  Result<void> begin(const std::string& job, std::string kind, std::string actor, SessionId session);
  /// It never began.
  void forget(const std::string& job);
  // Jobs that are unknown or have ended already stay as they are.
  void progress(const std::string& job, const JobProgress& progress);
  void end(const std::string& job, JobEnd end);

  /// What is to be told now.
  std::vector<protocol::JobNotice> take(MonotonicTime now);
  /// Nothing while nothing waits to be told; never a time before the last take().
  std::optional<MonotonicTime> next_deadline() const;

  /// Null when there is none.
  const Job* find(const std::string& job) const;
  /// Those that run and the last limits::kJobsEnded that do not, oldest first.
  const std::deque<Job>& jobs() const { return jobs_; }

 private:
  Job* find_running(const std::string& job);

  std::deque<Job> jobs_;
};

}  // namespace ndcast::session
