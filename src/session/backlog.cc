#include "session/backlog.h"

#include <algorithm>

#include "base/limits.h"

namespace ndcast::session {

void Backlog::note_sent(std::size_t bytes, MonotonicTime now, Counts counts) {
  if (chunks_.empty()) progress_at_ = now;
  sent_ += bytes;
  const std::size_t counted = counts == Counts::Yes ? bytes : 0;
  counted_ += counted;
  chunks_.push_back({sent_, counted, now});
}

Backlog::State Backlog::observe(std::size_t queued, MonotonicTime now) {
  const std::uint64_t taken = sent_ - std::min<std::uint64_t>(queued, sent_);
  if (taken > taken_) {
    taken_ = taken;
    progress_at_ = now;
  }
  while (!chunks_.empty() && chunks_.front().end <= taken_) {
    counted_ -= chunks_.front().counted;
    chunks_.pop_front();
  }
  if (chunks_.empty()) return State::KeepsUp;
  if (counted_ > limits::kSendQueueBytes || now - progress_at_ >= limits::kSendStalled) return State::Stuck;
  return lags(now) ? State::Lags : State::KeepsUp;
}

bool Backlog::lags(MonotonicTime now) const {
  if (counted_ > limits::kSendLagBytes) return true;
  const auto oldest = std::ranges::find_if(chunks_, [](const Chunk& chunk) { return chunk.counted > 0; });
  return oldest != chunks_.end() && now - oldest->since >= limits::kSendLag;
}

std::optional<MonotonicTime> Backlog::next_deadline() const {
  if (chunks_.empty()) return std::nullopt;
  return progress_at_ + limits::kSendStalled;
}

}  // namespace ndcast::session
