// nd.history: who changed what, newest first, as the journal keeps it (WP29).

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.h"
#include "protocol/journal_row.h"
#include "protocol/native.h"
#include "protocol/values.h"
#include "session/arguments.h"
#include "session/command_registry.h"

namespace ndcast::session {
namespace {

using protocol::CommandCode;

constexpr std::uint64_t kDefaultPage = 50;

Result<ledger::HistoryRequest> read_request(const protocol::CallCommand& call) {
  ledger::HistoryRequest request;
  ND_ASSIGN(const std::string cursor, string_argument(call, "cursor", "", limits::kNameBytes));
  if (!cursor.empty()) {
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), request.before_seq);
    if (error != std::errc() || end != cursor.data() + cursor.size()) {
      return fail(ErrorCode::Invalid, "cursor: expected the next_cursor of the page before");
    }
  }
  ND_ASSIGN(const std::uint64_t limit, count_argument(call, "limit", kDefaultPage));
  request.limit = std::clamp<std::uint64_t>(limit, 1, limits::kHistoryPage);
  ND_ASSIGN(request.actor, string_argument(call, "actor", "", limits::kNameBytes));
  return request;
}

Json print_change(const protocol::JournalChange& change, std::string_view view) {
  Json out = Json::make_object({{"scope", to_string(change.id.scope)},
                                {"target", protocol::wire_target(change.id, view)},
                                {"key", scene::spec_of(change.id.scope, change.id.key).name}});
  if (!std::holds_alternative<scene::Gone>(change.before)) out.set("old", protocol::to_json(change.before));
  if (!std::holds_alternative<scene::Gone>(change.after)) out.set("new", protocol::to_json(change.after));
  return out;
}

/// Rows are outside bytes; one that does not read is shown as such.
Json print_entry(const ledger::JournalRow& row, std::string_view view) {
  Json out = Json::make_object({{"server_seq", row.server_seq},
                                {"unix_s", row.unix_s},
                                {"actor", row.actor},
                                {"origin", to_string(row.origin)}});
  if (!row.interaction_id.empty()) out.set("interaction_id", row.interaction_id);
  if (!row.phase.empty()) out.set("phase", row.phase);
  Json::Array changes;
  if (const auto read = protocol::changes_from_text(row.changes)) {
    for (const protocol::JournalChange& change : *read) changes.push_back(print_change(change, view));
  } else {
    out.set("unreadable", read.error().message);
  }
  out.set("changes", std::move(changes));
  return out;
}

}  // namespace

void call_history(const CommandContext& context) {
  Result<ledger::HistoryRequest> request = read_request(context.call);
  if (!request) return context.responder.fail({CommandCode::Invalid, request.error().message, {}});
  const std::size_t limit = request->limit;
  context.hub.services().read_history(
      std::move(*request),
      [responder = context.responder, limit, view = context.session.view.value,
       durability = context.hub.services().durability()](const Result<std::vector<ledger::JournalRow>>& rows) {
        if (!rows) return responder.fail({CommandCode::Retryable, rows.error().message, {}});
        Json::Array entries;
        for (const ledger::JournalRow& row : *rows) entries.push_back(print_entry(row, view));
        Json result = Json::make_object({{"entries", std::move(entries)}, {"durability", durability}});
        if (rows->size() == limit) result.set("next_cursor", std::to_string(rows->back().server_seq));
        responder.reply(std::move(result));
      });
}

}  // namespace ndcast::session
