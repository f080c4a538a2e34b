#pragma once
// What a viewer's connection carries, from what it was sent, how long that waited, and what the viewer says has
// arrived (WP22). Pure: the caller brings the time.
//
//   LinkEstimate link(8'000'000);
//   link.on_sent(seq, bytes, LinkEstimate::Kind::Frame, now);  // handed to the socket
//   link.on_drained(now);                                      // and all of it on to the kernel
//   link.on_arrived(seq, held_by_viewer, now);                 // the viewer's note
//   rendition.reconfigure(link.rate_bps(), …);
//
// It looks at a stretch of some 400 ms of traffic at a time. Congested is a stretch during most of which the socket
// took nothing, or all of whose notes came late: then the rate falls below what arrived in it. After calm stretches it
// rises, slowly where the last limit was. That is the plan of delay-based controllers (Google Congestion Control, IETF
// draft-ietf-rmcat-gcc-02 §5), with what arrived measured on one TCP connection and at ten notes a second.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace ndcast::plan {

class LinkEstimate {
 public:
  /// A Bulk message may fill the link for a while: it can show that the link carries more, never that it carries less.
  enum class Kind : std::uint8_t { Frame, Bulk };

  /// Below it pictures of a few hundred pixels are no longer recognisable, and a link is as good as down.
  static constexpr std::int64_t kLeastBps = 150'000;

  explicit LinkEstimate(std::int64_t ceiling_bps) : ceiling_bps_(ceiling_bps), rate_bps_(ceiling_bps) {}

  /// The rate is never above; an estimate that stood at the old ceiling goes along to the new one.
  void set_ceiling(std::int64_t ceiling_bps);
  /// `seq` counts up by one a message and wraps.
  void on_sent(std::uint32_t seq, std::size_t bytes, Kind kind, MonotonicTime now);
  void on_drained(MonotonicTime now);
  /// A note about message `seq`, which the viewer had for `held` before it wrote the note (decoding, waiting for the
  /// display). Of messages long past nothing is learnt.
  void on_arrived(std::uint32_t seq, std::chrono::nanoseconds held, MonotonicTime now);

  /// Bits a second to send from now on; starts at the ceiling.
  std::int64_t rate_bps() const { return rate_bps_; }
  /// Of the last message noted, without what the viewer held it.
  std::optional<std::chrono::nanoseconds> round_trip() const { return round_trip_; }
  /// The part of it that the link's queues account for.
  std::optional<std::chrono::nanoseconds> queueing() const;

 private:
  struct Sent {
    std::uint32_t seq = 0;
    MonotonicTime at{};
    std::uint64_t bytes_so_far = 0;  ///< this message's included
    bool is_known = false;
  };
  /// One stretch of traffic.
  struct Stretch {
    MonotonicTime begin{};
    std::chrono::nanoseconds blocked{};
    std::uint64_t bytes_sent = 0;
    bool has_bulk = false;
    int notes = 0;
    std::chrono::nanoseconds least_queueing{};
    MonotonicTime first_note_at{};
    MonotonicTime last_note_at{};
    std::uint64_t bytes_at_first_note = 0;
    std::uint64_t bytes_at_last_note = 0;
  };

  void look(MonotonicTime now);
  std::optional<double> arrived_bps(const Stretch& over) const;
  void slow_down(double carried_bps, MonotonicTime now);
  void speed_up(const Stretch& over, MonotonicTime now);
  void note_base(std::chrono::nanoseconds round_trip, MonotonicTime now);
  void set_rate(double bps);

  std::int64_t ceiling_bps_;
  std::int64_t rate_bps_;
  std::array<Sent, 128> sent_{};  ///< by seq modulo its size: two seconds of frames and more
  std::uint64_t bytes_so_far_ = 0;
  std::optional<MonotonicTime> blocked_since_;
  bool blocks_in_bulk_ = false;
  std::optional<Stretch> stretch_;
  std::optional<std::chrono::nanoseconds> round_trip_;
  /// The least round trip of the two last spells of kBaseSpell: the path without queues.
  std::array<std::optional<std::chrono::nanoseconds>, 2> base_{};
  MonotonicTime base_spell_begin_{};
  std::optional<MonotonicTime> settles_until_;  ///< after slowing down: what is queued has to drain first
  std::optional<MonotonicTime> limit_at_;       ///< when the link was last found full
  double limit_bps_ = 0;                        ///< what it carried then
  int late_in_a_row_ = 0;                       ///< congested stretches one after another by late notes alone
};

}  // namespace ndcast::plan
