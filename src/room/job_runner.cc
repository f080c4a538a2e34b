#include "room/job_runner.h"

#include <utility>

#include "base/thread_pool.h"

namespace ndcast::room {

bool JobControl::progress(std::uint64_t done, std::uint64_t total) {
  const MonotonicTime now = clock_.now();
  if (!told_at_ || now - *told_at_ >= kInterval) {
    told_at_ = now;
    tell_({.done = done, .total = total, .message = {}});
  }
  return !*cancelled_;
}

JobRunner::~JobRunner() {
  for (const auto& [job, cancelled] : cancelled_) *cancelled = true;
}

Result<void> JobRunner::start(const std::string& job, JobWork work) {
  if (!thread_) {
    thread_ = std::make_unique<Background>("jobs");
    thread_->post(yield_to_others);
  }
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  const bool posted = thread_->post([job, cancelled, work = std::move(work), callbacks = callbacks_] {
    JobControl control(cancelled,
                       [&](session::JobProgress progress) { callbacks.on_progress(job, std::move(progress)); });
    Result<Json> result = *cancelled ? fail(ErrorCode::Cancelled, "cancelled before it began") : work(control);
    if (result) {
      callbacks.on_end(job, std::move(*result));
    } else if (result.error().code == ErrorCode::Cancelled) {
      callbacks.on_end(job, session::JobCancelled{});
    } else {
      callbacks.on_end(job, std::move(result.error()));
    }
  });
  if (!posted) return fail(ErrorCode::Limit, "too many jobs wait");
  cancelled_[job] = cancelled;
  return {};
}

void JobRunner::cancel(const std::string& job) {
  if (const auto it = cancelled_.find(job); it != cancelled_.end()) *it->second = true;
}

}  // namespace ndcast::room
