#pragma once
// Sessions of a whole process: rooms share one Seats, each session holds a Seat.
//
//   auto seats = std::make_shared<Seats>(4096);
//   std::optional<Seat> seat = take_seat(seats);   // nothing: the house is full

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace ndcast::session {

/// Control thread.
struct Seats {
  explicit Seats(std::size_t at_most) : total(at_most) {}
  const std::size_t total;
  std::size_t taken = 0;
};

/// One taken seat, free again when this is gone. One of no Seats counts nothing.
class Seat {
 public:
  Seat() = default;
  explicit Seat(std::shared_ptr<Seats> seats) : seats_(std::move(seats)) { ++seats_->taken; }
  Seat(Seat&& other) noexcept = default;
  Seat& operator=(Seat&& other) noexcept {
    std::swap(seats_, other.seats_);
    return *this;
  }
  ~Seat() {
    if (seats_) --seats_->taken;
  }

 private:
  std::shared_ptr<Seats> seats_;
};

inline std::optional<Seat> take_seat(const std::shared_ptr<Seats>& seats) {
  if (!seats) return Seat();
  if (seats->taken >= seats->total) return std::nullopt;
  return Seat(seats);
}

}  // namespace ndcast::session
