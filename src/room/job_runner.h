#pragma once
// A room's jobs (WP35) on a thread of their own that yields to others, one after another, with their progress and a way
// to end them early.
//
//   runner.start("job-1", [](JobControl& control) -> Result<Json> {
//     for (…) if (!control.progress(done, total)) return fail(ErrorCode::Cancelled, "…");
//     return Json::make_object(…);
//   });
//   runner.cancel("job-1");

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "room/background.h"
#include "session/room_services.h"

namespace ndcast::room {

/// What a job sees of its surroundings; belongs to the job's thread.
class JobControl {
 public:
  JobControl(std::shared_ptr<const std::atomic<bool>> cancelled, std::function<void(session::JobProgress)> tell)
      : cancelled_(std::move(cancelled)), tell_(std::move(tell)) {}

  /// Cheap: people hear of it a few times a second. False: nobody wants it any more, end with Cancelled.
  bool progress(std::uint64_t done, std::uint64_t total);
  bool is_cancelled() const { return *cancelled_; }

 private:
  static constexpr std::chrono::milliseconds kInterval{200};

  const std::shared_ptr<const std::atomic<bool>> cancelled_;
  const std::function<void(session::JobProgress)> tell_;
  const SystemClock clock_;
  std::optional<MonotonicTime> told_at_;
};

using JobWork = std::function<Result<Json>(JobControl& control)>;

/// Control thread only.
class JobRunner {
 public:
  struct Callbacks {
    std::function<void(std::string job, session::JobProgress)> on_progress;  ///< job's thread
    std::function<void(std::string job, session::JobEnd)> on_end;            ///< job's thread, or the caller's
  };

  explicit JobRunner(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}
  /// Cancels what there is and waits for the job at work to see it.
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  /// Errors: Limit (too many wait).
  Result<void> start(const std::string& job, JobWork work);
  void cancel(const std::string& job);
  /// Its end was heard.
  void forget(const std::string& job) { cancelled_.erase(job); }

 private:
  const Callbacks callbacks_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> cancelled_;  ///< of the jobs that have not ended
  std::unique_ptr<Background> thread_;                                   ///< from the first job on
};

}  // namespace ndcast::room
