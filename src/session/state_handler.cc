#include "session/state_handler.h"

#include <expected>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "protocol/ack.h"
#include "protocol/native.h"
#include "protocol/original.h"
#include "protocol/state_update.h"
#include "protocol/values.h"
#include "reduce/reduce.h"
#include "session/role_table.h"
#include "session/session_frames.h"
#include "session/undo_commands.h"
#include "session/views.h"

namespace ndcast::session {
namespace {

using protocol::Envelope;
using protocol::StateUpdate;
using scene::Refusal;
using scene::StateCode;

struct Accepted {
  Json applied_value;
  std::uint64_t version = 0;
};
using Judgement = std::expected<Accepted, Refusal>;

template <class... Args>
std::unexpected<Refusal> refuse_update(StateCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Refusal{code, fmt::format(format, std::forward<Args>(args)...)});
}

std::expected<void, Refusal> check_order(Session& session, const StateUpdate& update) {
  if (!update.client_seq) return {};
  if (session.last_client_seq && *update.client_seq <= *session.last_client_seq) {
    return refuse_update(StateCode::Stale, "client_seq {} is not above {}, the last one", *update.client_seq,
                         *session.last_client_seq);
  }
  session.last_client_seq = update.client_seq;
  return {};
}

std::expected<void, Refusal> check_role(const HubCore& hub, const Session& session, const StateUpdate& update) {
  const bool owns_view = session::owns_view(hub, session, update.view);
  if (may_update(session.role, update.scope, update.key, owns_view)) return {};
  const auth::Role needed = least_role(update.scope, update.key, owns_view);
  const bool would_reach_own = may_update(session.role, update.scope, update.key, true);
  return refuse_update(StateCode::Forbidden, "{} {} needs the role {}{}; this session is {}", update.scope, update.key,
                       to_string(needed), would_reach_own ? " in a view that is not its own" : "",
                       to_string(session.role));
}

std::expected<void, Refusal> check_base(const ledger::Ledger& ledger, const StateUpdate& update,
                                        const scene::RegisterId& answer) {
  const ledger::Register* current = ledger.find(answer);
  if (!update.base_version || !current) return {};
  if (*update.base_version >= 0 && static_cast<std::uint64_t>(*update.base_version) >= current->version) return {};
  return refuse_update(StateCode::Stale, "{} {} is at version {}, the update was made at {}", update.scope, update.key,
                       current->version, *update.base_version);
}

ledger::Author author_of(const Session& session, const Envelope& envelope, const StateUpdate& update) {
  ledger::Author author = session.author();
  author.intent_id = envelope.intent_id;
  author.frame_id = envelope.frame_id;
  author.client_seq = update.client_seq;
  author.interaction_id = update.interaction_id;
  author.phase = update.phase;
  return author;
}

/// The session's turn: if its window has another size than the picture, the picture follows it.
void take_canvas(HubCore& hub, const Session& session, const StateUpdate& update) {
  if (update.view != session.view || session.is_following()) return;
  give_canvas(hub, session);
}

Accepted answer_of(const ledger::Ledger& ledger, const Session& session, const StateUpdate& update,
                   const scene::RegisterId& answer) {
  const ledger::Register* now = ledger.find(answer);
  if (!now) return {nullptr, ledger.server_seq()};
  Accepted accepted{protocol::to_json(now->value), now->version};
  if (session.dialect == Dialect::Original && answer.scope == scene::Scope::Dims) {
    auto told = protocol::original_dims_value(*ledger.snapshot(), update.view, answer.target, answer.key);
    if (told) accepted.applied_value = *std::move(told);
  }
  return accepted;
}

/// Whose canvas counts is settled before a reducer sees the wish: another session's, and a follower's, is answered with
/// the one that is.
bool keeps_canvas(HubCore& hub, const Session& session, const StateUpdate& update) {
  const auto* wish = std::get_if<scene::SetCanvas>(&update.intent);
  if (!wish) return false;
  if (update.view == session.view && session.is_following()) {
    hub.canvas_owner().note(update.view, session.id, wish->canvas);
    return true;
  }
  return !hub.canvas_owner().claim(update.view, session.id, wish->canvas);
}

/// Dims, camera, level and view keys of what the session sees. The size of its window is no move, nor is what belongs
/// to the room.
bool is_own_move(const Session& session, const StateUpdate& update) {
  return update.view == session.view && !std::holds_alternative<scene::SetCanvas>(update.intent) &&
         !std::holds_alternative<scene::SetLayerControl>(update.intent) &&
         !std::holds_alternative<scene::SetSetting>(update.intent);
}

Judgement apply(HubCore& hub, Session& session, const StateUpdate& update, const ledger::Author& author,
                reduce::Reduction reduction) {
  RoomServices& services = hub.services();
  if (!std::holds_alternative<scene::SetCanvas>(update.intent)) take_canvas(hub, session, update);
  if (reduction.camera) {
    const scene::SnapshotPtr snapshot = services.ledger().snapshot();
    session.undo.note_camera(camera_step(*snapshot->find_view(update.view)), update.interaction_id);
    hub.note_camera_mover(update.view, session.id);
    const std::uint64_t camera_seq = services.queue_camera(update.view, *reduction.camera, author);
    return Accepted{update.echo, camera_seq};
  }
  if (!reduction.changes.empty()) {
    services.commit(
        {.changes = std::move(reduction.changes), .author = author, .opens = reduction.opens, .view = update.view});
  }
  return answer_of(services.ledger(), session, update, reduction.answer);
}

std::expected<StateUpdate, Refusal> read(HubCore& hub, Session& session, const Envelope& envelope) {
  if (envelope.session != session.id.value) {
    return refuse_update(StateCode::Invalid, "session \"{}\" is not this connection's", envelope.session.substr(0, 64));
  }
  const scene::SnapshotPtr snapshot = hub.services().ledger().snapshot();
  auto update = protocol::parse_state_update(envelope.payload, *snapshot, session.view);
  if (!update) return update;
  if (auto order = check_order(session, *update); !order) return std::unexpected(std::move(order.error()));
  if (auto role = check_role(hub, session, *update); !role) return std::unexpected(std::move(role.error()));
  if (session.dialect == Dialect::Original) {
    update->intent = protocol::from_original(update->intent, *snapshot, update->view);
  }
  return update;
}

Judgement judge(HubCore& hub, Session& session, StateUpdate& update, const ledger::Author& author) {
  const ledger::Ledger& ledger = hub.services().ledger();
  auto reduction = reduce::reduce(*ledger.snapshot(), update.view, update.intent);
  if (!reduction) return std::unexpected(std::move(reduction.error()));
  if (auto base = check_base(ledger, update, reduction->answer); !base) {
    return std::unexpected(std::move(base.error()));
  }
  if (keeps_canvas(hub, session, update)) return answer_of(ledger, session, update, reduction->answer);
  if (is_own_move(session, update)) {
    if (session.is_following()) {
      if (auto left = leave_follow(hub, session); !left) return std::unexpected(std::move(left.error()));
      update.view = session.view;
      reduction = reduce::reduce(*ledger.snapshot(), update.view, update.intent);
      ND_CHECK(reduction.has_value(), "a copy of a view refuses what the view took");
    } else if (std::exchange(session.follows, std::nullopt)) {
      hub.note_presence(session);
    }
  }
  return apply(hub, session, update, author, *std::move(reduction));
}

void acknowledge(HubCore& hub, Session& session, const Envelope& envelope, const Judgement& judgement) {
  Json payload;
  if (judgement) {
    payload =
        protocol::accepted_payload(envelope.intent_id, envelope.frame_id, judgement->applied_value, judgement->version);
  } else {
    ++hub.counters().refused_updates;
    payload = protocol::rejected_payload(envelope.intent_id, envelope.frame_id, judgement.error(),
                                         protocol::refusal_details(envelope.payload));
  }
  session.answered.remember({envelope.frame_id, envelope.intent_id, payload});
  hub.answer(session, std::move(payload));
}

std::string_view scope_of(const Json& payload) {
  const Json* scope = payload.find("scope");
  return scope ? scope->as_string().value_or("") : "";
}

}  // namespace

void refuse_hasty_update(HubCore& hub, Session& session, const Envelope& envelope, std::chrono::milliseconds wait) {
  ++hub.counters().refused_updates;
  Json details = protocol::refusal_details(envelope.payload);
  if (!details.is_object()) details = Json::make_object();
  details.set("retry_after_ms", wait.count());
  hub.send(session, "ack.state",
           protocol::rejected_payload(envelope.intent_id, envelope.frame_id,
                                      {StateCode::RateLimited, "more updates than this session may send"},
                                      std::move(details)));
}

void handle_state_update(HubCore& hub, Session& session, const Envelope& envelope) {
  if (const auto* answer = session.answered.find(envelope.frame_id, envelope.intent_id)) {
    return hub.answer(session, answer->payload);
  }
  if (const auto wait = session.rates.take_update(scope_of(envelope.payload), hub.now())) {
    ++hub.counters().rate_limited;
    return refuse_hasty_update(hub, session, envelope, *wait);
  }
  auto update = read(hub, session, envelope);
  if (!update) return acknowledge(hub, session, envelope, std::unexpected(update.error()));
  const ledger::Author author = author_of(session, envelope, *update);
  const Judgement judgement = judge(hub, session, *update, author);
  acknowledge(hub, session, envelope, judgement);
  const auto* verb = std::get_if<scene::CameraVerb>(&update->intent);
  if (judgement && verb) hub.tell_camera_delta(update->view, *verb, update->echo, author);
}

void answer_malformed_update(HubCore& hub, Session& session, const protocol::FrameError& error) {
  const Envelope& partial = error.partial;
  if (partial.intent_id.empty() || partial.frame_id.empty()) return answer_malformed(hub, session, error);
  acknowledge(hub, session, partial, std::unexpected(Refusal{StateCode::Invalid, error.message}));
}

}  // namespace ndcast::session
