#pragma once
// WP18: how far behind a session's socket is. It knows what was handed over and when, is told how much is still queued,
// and says whether the session keeps up, lags (its next state is one fresh snapshot instead of every commit) or is
// stuck (it is closed, and may resume).
//
//   backlog.note_sent(text.size(), now, Backlog::Counts::Yes);
//   switch (backlog.observe(sink.queued_bytes(), now)) …

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace ndcast::session {

class Backlog {
 public:
  /// A snapshot sent to a laggard does not count: else a large scene would keep it a laggard.
  enum class Counts { Yes, No };
  enum class State { KeepsUp, Lags, Stuck };

  void note_sent(std::size_t bytes, MonotonicTime now, Counts counts);
  /// `queued` is the sink's queued_bytes().
  State observe(std::size_t queued, MonotonicTime now);
  /// True when all was taken at the last observe().
  bool drained() const { return chunks_.empty(); }
  /// When observe() may newly say Stuck or Lags without anything being sent; nothing while drained.
  std::optional<MonotonicTime> next_deadline() const;

 private:
  struct Chunk {
    std::uint64_t end = 0;  ///< total handed over up to here
    std::size_t counted = 0;
    MonotonicTime since;
  };
  bool lags(MonotonicTime now) const;

  std::deque<Chunk> chunks_;  ///< not taken yet, oldest first
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t counted_ = 0;  ///< sum over chunks_
  MonotonicTime progress_at_{};
};

}  // namespace ndcast::session
