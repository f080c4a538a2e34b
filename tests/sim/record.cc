#include "tests/sim/record.h"

#include <utility>

#include "protocol/values.h"
#include "tests/sim/names.h"

namespace ndcast::sim {

void Record::on_commit(const ledger::Committed& committed, const ledger::Ledger& ledger) {
  if (committed.changed.empty()) return;
  Row row{committed.server_seq, committed.unix_s, committed.author, {}};
  for (std::size_t i = 0; i < committed.changed.size(); ++i) {
    const ledger::Register* now = ledger.find(committed.changed[i]);
    row.changes.push_back({committed.changed[i], committed.before[i].value, now ? now->value : scene::Gone{}});
  }
  rows_.push_back(std::move(row));
}

void Record::lose_behind(std::uint64_t server_seq) {
  std::erase_if(rows_, [&](const Row& row) { return row.server_seq > server_seq; });
}

Json Record::print(const Row& row, const scene::ViewId& seen) {
  Json out = Json::make_object({{"server_seq", row.server_seq},
                                {"unix_s", row.unix_s},
                                {"actor", row.author->actor},
                                {"origin", ledger::to_string(row.author->origin)}});
  if (!row.author->interaction_id.empty()) out.set("interaction_id", row.author->interaction_id);
  if (!row.author->phase.empty()) out.set("phase", row.author->phase);
  Json::Array changes;
  for (const Change& change : row.changes) {
    Json told = Json::make_object({{"scope", to_string(change.id.scope)},
                                   {"target", told_target(change.id, seen)},
                                   {"key", scene::spec_of(change.id.scope, change.id.key).name}});
    if (!std::holds_alternative<scene::Gone>(change.before)) told.set("old", protocol::to_json(change.before));
    if (!std::holds_alternative<scene::Gone>(change.after)) told.set("new", protocol::to_json(change.after));
    changes.push_back(std::move(told));
  }
  out.set("changes", std::move(changes));
  return out;
}

Json Record::page(std::uint64_t before_seq, std::size_t limit, const std::string& actor, const scene::ViewId& seen,
                  const std::string& durability) const {
  Json::Array entries;
  std::uint64_t last = 0;
  for (auto row = rows_.rbegin(); row != rows_.rend() && entries.size() < limit; ++row) {
    if (row->server_seq >= before_seq || (!actor.empty() && row->author->actor != actor)) continue;
    entries.push_back(print(*row, seen));
    last = row->server_seq;
  }
  const bool is_full = entries.size() == limit;
  Json page = Json::make_object({{"entries", std::move(entries)}, {"durability", durability}});
  if (is_full) page.set("next_cursor", std::to_string(last));
  return page;
}

}  // namespace ndcast::sim
