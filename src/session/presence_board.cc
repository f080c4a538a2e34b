#include "session/presence_board.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ndcast::session {
namespace {

/// Told apart on a dark ground, also by most who are colour-blind: Paul Tol's "light" and "bright" schemes
/// (https://personal.sron.nl/~pault/), without greys.
constexpr std::array<std::string_view, 12> kPalette = {"#77aadd", "#ee8866", "#44bb99", "#ffaabb",
                                                       "#eedd88", "#aa3377", "#99ddff", "#bbcc33",
                                                       "#ee6677", "#4477aa", "#ccbb44", "#228833"};

}  // namespace

std::size_t PresenceBoard::rarest_color() const {
  return static_cast<std::size_t>(std::ranges::min_element(color_users_) - color_users_.begin());
}

void PresenceBoard::note(protocol::Present present) {
  const auto known = arrivals_.find(present.session);
  if (known == arrivals_.end()) {
    const Arrival arrival = next_arrival_++;
    const std::size_t color = rarest_color();
    ++color_users_[color];
    colors_[arrival] = color;
    present.color = kPalette[color];
    arrivals_.emplace(present.session, arrival);
    people_.emplace(arrival, std::move(present));
    changed_.insert(arrival);
    count_changed_ = true;
    find_last_shown();
    return;
  }
  protocol::Present& here = people_.at(known->second);
  present.color = std::move(here.color);
  present.cursor = std::move(here.cursor);
  here = std::move(present);
  changed_.insert(known->second);
}

void PresenceBoard::point(const SessionId& session, std::optional<std::vector<double>> cursor) {
  const auto known = arrivals_.find(session.value);
  if (known == arrivals_.end()) return;
  protocol::Present& here = people_.at(known->second);
  if (here.cursor == cursor) return;
  here.cursor = std::move(cursor);
  changed_.insert(known->second);
}

void PresenceBoard::drop(const SessionId& session) {
  const auto known = arrivals_.find(session.value);
  if (known == arrivals_.end()) return;
  const Arrival arrival = known->second;
  arrivals_.erase(known);
  people_.erase(arrival);
  --color_users_[colors_.at(arrival)];
  colors_.erase(arrival);
  changed_.erase(arrival);
  count_changed_ = true;
  if (is_shown(arrival)) gone_.push_back(session.value);
  const Arrival shown_before = std::exchange(last_shown_, 0);
  find_last_shown();
  // Who was waiting behind the others is shown in the place that is free.
  if (last_shown_ > shown_before) changed_.insert(last_shown_);
}

void PresenceBoard::find_last_shown() {
  if (people_.empty()) {
    last_shown_ = 0;
  } else if (people_.size() <= kPeopleShown) {
    last_shown_ = people_.rbegin()->first;
  } else {
    last_shown_ = std::next(people_.begin(), kPeopleShown - 1)->first;
  }
}

MonotonicTime PresenceBoard::due() const {
  const auto crowd = static_cast<int>(1 + people_.size() / kPeopleShown);
  return told_at_ ? *told_at_ + kInterval * crowd : MonotonicTime{};
}

std::optional<MonotonicTime> PresenceBoard::next_deadline() const {
  if (changed_.empty() && gone_.empty() && !count_changed_) return std::nullopt;
  return due();
}

std::optional<protocol::PresenceNotice> PresenceBoard::take(MonotonicTime now) {
  const auto deadline = next_deadline();
  if (!deadline || now < *deadline) return std::nullopt;
  protocol::PresenceNotice notice{.sessions = std::ssize(people_)};
  for (const Arrival arrival : std::exchange(changed_, {})) {
    if (is_shown(arrival)) notice.here.push_back(people_.at(arrival));
  }
  notice.gone = std::exchange(gone_, {});
  const bool has_news = std::exchange(count_changed_, false) || !notice.here.empty() || !notice.gone.empty();
  if (!has_news) return std::nullopt;
  told_at_ = now;
  return notice;
}

protocol::PresenceNotice PresenceBoard::whole() const {
  protocol::PresenceNotice notice{.whole = true, .sessions = std::ssize(people_)};
  for (const auto& [arrival, present] : people_) {
    if (!is_shown(arrival)) break;
    notice.here.push_back(present);
  }
  return notice;
}

}  // namespace ndcast::session
