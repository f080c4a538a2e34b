#include "plan/link_estimate.h"

#include <algorithm>
#include <cmath>

namespace ndcast::plan {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Four notes at 10 Hz.
constexpr milliseconds kStretch{400};
/// Traffic that paused for so long begins a new stretch.
constexpr milliseconds kPause{1000};
/// A socket that takes nothing for most of a stretch is full. At the rate aimed at it is for a third, about.
constexpr double kBlockedShare = 0.6;
/// Every note later than this: two frames wait somewhere. Jitter of wireless links stays below in one note of four.
constexpr milliseconds kLate{60};
/// Of what the full link carried (GCC's beta): the queue drains while frames go on.
constexpr double kBackOff = 0.85;
constexpr milliseconds kSettle{300};
constexpr seconds kBaseSpell{15};
/// Growth a second: careful around a limit found lately, else doubling in a second and a half.
constexpr double kGrowthNearLimit = 0.08;
constexpr double kGrowth = 0.6;
constexpr double kNearLimit = 0.8;
constexpr seconds kLimitHolds{10};
/// A sender that uses less of its rate than this learns nothing by a higher one, so it rises only after kCalm.
constexpr double kUsed = 0.4;
constexpr seconds kCalm{5};
/// Late notes that slowing down twice did not mend are not of this connection's making: the path became longer, or
/// somebody else fills it.
constexpr int kLateInVain = 2;

double seconds_of(nanoseconds span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

void LinkEstimate::set_rate(double bps) {
  const double within =
      std::clamp(bps, static_cast<double>(std::min(kLeastBps, ceiling_bps_)), static_cast<double>(ceiling_bps_));
  rate_bps_ = std::llround(within);
}

void LinkEstimate::set_ceiling(std::int64_t ceiling_bps) {
  const bool at_ceiling = rate_bps_ == ceiling_bps_;
  ceiling_bps_ = ceiling_bps;
  set_rate(static_cast<double>(at_ceiling ? ceiling_bps : rate_bps_));
}

void LinkEstimate::on_sent(std::uint32_t seq, std::size_t bytes, Kind kind, MonotonicTime now) {
  if (!stretch_) stretch_ = Stretch{.begin = now};
  if (!blocked_since_) {
    blocked_since_ = now;
    blocks_in_bulk_ = false;
  }
  blocks_in_bulk_ |= kind == Kind::Bulk;
  bytes_so_far_ += bytes;
  stretch_->bytes_sent += bytes;
  stretch_->has_bulk |= kind == Kind::Bulk;
  sent_[seq % sent_.size()] = {.seq = seq, .at = now, .bytes_so_far = bytes_so_far_, .is_known = true};
}

void LinkEstimate::on_drained(MonotonicTime now) {
  if (!blocked_since_) return;
  if (stretch_) stretch_->blocked += now - std::max(*blocked_since_, stretch_->begin);
  blocked_since_.reset();
  look(now);
}

std::optional<nanoseconds> LinkEstimate::queueing() const {
  if (!round_trip_) return std::nullopt;
  nanoseconds base = *round_trip_;
  for (const auto& least : base_) base = least ? std::min(base, *least) : base;
  return *round_trip_ - base;
}

void LinkEstimate::note_base(nanoseconds round_trip, MonotonicTime now) {
  if (now - base_spell_begin_ >= kBaseSpell) {
    base_ = {base_[1], std::nullopt};
    base_spell_begin_ = now;
  }
  base_[1] = base_[1] ? std::min(*base_[1], round_trip) : round_trip;
}

void LinkEstimate::on_arrived(std::uint32_t seq, nanoseconds held, MonotonicTime now) {
  const Sent& message = sent_[seq % sent_.size()];
  if (!message.is_known || message.seq != seq) return;
  round_trip_ = std::max(now - message.at - held, nanoseconds(0));
  note_base(*round_trip_, now);
  if (!stretch_) return;
  Stretch& now_in = *stretch_;
  now_in.least_queueing = now_in.notes == 0 ? *queueing() : std::min(now_in.least_queueing, *queueing());
  if (now_in.notes++ == 0) {
    now_in.first_note_at = now;
    now_in.bytes_at_first_note = message.bytes_so_far;
  }
  now_in.last_note_at = now;
  // A note on a strip, which takes its time to decode, may come after one on a later frame.
  now_in.bytes_at_last_note = std::max(now_in.bytes_at_last_note, message.bytes_so_far);
  look(now);
}

/// Between the first note of a stretch and its last.
std::optional<double> LinkEstimate::arrived_bps(const Stretch& over) const {
  const nanoseconds span = over.last_note_at - over.first_note_at;
  if (over.notes < 2 || span < kStretch / 4) return std::nullopt;
  return 8.0 * static_cast<double>(over.bytes_at_last_note - over.bytes_at_first_note) / seconds_of(span);
}

void LinkEstimate::slow_down(double carried_bps, MonotonicTime now) {
  limit_bps_ = carried_bps;
  limit_at_ = now;
  set_rate(std::min(kBackOff * carried_bps, static_cast<double>(rate_bps_)));
  settles_until_ = now + kSettle + round_trip_.value_or(nanoseconds(0));
}

void LinkEstimate::speed_up(const Stretch& over, MonotonicTime now) {
  const double rate = static_cast<double>(rate_bps_);
  if (over.has_bulk) {
    // Two strips at a time seldom fill a long link, so what arrived is the least that it carries.
    if (const auto arrived = arrived_bps(over)) set_rate(std::max(rate, kBackOff * *arrived));
    return;
  }
  const double span = std::min(seconds_of(now - over.begin), seconds_of(kPause));
  const bool is_used = 8.0 * static_cast<double>(over.bytes_sent) / span > kUsed * rate;
  const nanoseconds since_limit = limit_at_ ? now - *limit_at_ : nanoseconds::max();
  if (!is_used && since_limit < kCalm) return;
  const bool near_limit = since_limit < kLimitHolds && rate > kNearLimit * limit_bps_;
  set_rate(rate * (1 + (near_limit ? kGrowthNearLimit : kGrowth) * span));
}

void LinkEstimate::look(MonotonicTime now) {
  if (!stretch_ || now - stretch_->begin < kStretch) return;
  Stretch over = *stretch_;
  if (blocked_since_) over.blocked += now - std::max(*blocked_since_, over.begin);
  stretch_ = Stretch{.begin = now, .has_bulk = blocked_since_ && blocks_in_bulk_};
  const nanoseconds span = now - over.begin;
  if (settles_until_ && now < *settles_until_) return;
  settles_until_.reset();
  // What blocked it without anything sent was counted with the stretch that sent it.
  const bool is_full = over.bytes_sent > 0 && seconds_of(over.blocked) > kBlockedShare * seconds_of(span);
  const auto arrived = arrived_bps(over);
  const bool is_late = over.notes >= 2 && over.least_queueing > kLate && arrived.has_value();
  const bool is_congested = !over.has_bulk && (is_full || is_late);
  if (!is_congested) {
    late_in_a_row_ = 0;
    if (over.bytes_sent > 0 && span < kPause) speed_up(over, now);
    return;
  }
  if (!is_full && ++late_in_a_row_ > kLateInVain) {
    late_in_a_row_ = 0;
    base_ = {std::nullopt, *round_trip_};
    base_spell_begin_ = now;
    return;
  }
  slow_down(is_full ? 8.0 * static_cast<double>(over.bytes_sent) / seconds_of(span) : *arrived, now);
}

}  // namespace ndcast::plan
