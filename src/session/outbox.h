#pragma once
// Frames that wait until what they tell is on disk (WP26): one queue a room, first in, first out, so that everybody is
// told everything in server_seq order. Empty, and in nobody's way, without a journal.
//
//   outbox.push({services.awaited_seq(), session.id, text, counts});
//   while (auto held = outbox.pop(services.durable_seq())) deliver(*held);

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "session/backlog.h"
#include "session/room_services.h"

namespace ndcast::session {

struct HeldFrame {
  std::uint64_t awaited_seq = 0;
  SessionId session;
  std::shared_ptr<const std::string> text;
  Backlog::Counts counts{};
};

class Outbox {
 public:
  bool empty() const { return frames_.empty(); }
  /// Of texts; a text that many sessions share counts for each.
  std::size_t bytes() const { return bytes_; }

  void push(HeldFrame frame) {
    bytes_ += frame.text->size();
    frames_.push_back(std::move(frame));
  }
  /// The oldest frame, if it waits for nothing newer than `durable_seq`.
  std::optional<HeldFrame> pop(std::uint64_t durable_seq) {
    if (frames_.empty() || frames_.front().awaited_seq > durable_seq) return std::nullopt;
    HeldFrame frame = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= frame.text->size();
    return frame;
  }

 private:
  std::deque<HeldFrame> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace ndcast::session
