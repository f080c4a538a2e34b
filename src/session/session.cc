#include "session/session.h"

#include <algorithm>

namespace ndcast::session {
namespace {

// A client resends what it has no ack for after ack_timeout_ms (250 ms): at 120 updates a second that is 30 frames.
constexpr std::size_t kRememberedAnswers = 64;

}  // namespace

const AnsweredUpdates::Answer* AnsweredUpdates::find(std::string_view frame_id, std::string_view intent_id) const {
  const auto it = std::ranges::find_if(
      answers_, [&](const Answer& answer) { return answer.frame_id == frame_id && answer.intent_id == intent_id; });
  return it == answers_.end() ? nullptr : &*it;
}

void AnsweredUpdates::remember(Answer answer) {
  if (answers_.size() == kRememberedAnswers) answers_.pop_front();
  answers_.push_back(std::move(answer));
}

ledger::Author Session::author() const {
  const bool is_agent = actor.kind == protocol::ActorKind::Agent;
  return {
      .actor = actor.name, .origin = is_agent ? ledger::Origin::Agent : ledger::Origin::Client, .session = id.value};
}

}  // namespace ndcast::session
