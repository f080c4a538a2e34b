// ndcast journal show | export | verify: what a server kept of its rooms, also while it runs.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <set>

#include "ledger/journal_store.h"
#include "protocol/journal_row.h"
#include "protocol/values.h"
#include "server/commands.h"
#include "server/state_dir.h"

namespace ndcast::server {
namespace {

using ledger::JournalRow;
using ledger::JournalStore;

std::string time_text(double unix_s) {
  const auto seconds = static_cast<std::time_t>(unix_s);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:03}Z", text, static_cast<int>(std::fmod(unix_s, 1.0) * 1000));
}

std::string value_text(const scene::Value& value) {
  if (std::holds_alternative<scene::Gone>(value)) return "-";
  std::string text = to_string(protocol::to_json(value));
  constexpr std::size_t kWidth = 60;
  if (text.size() > kWidth) text = text.substr(0, kWidth) + "...";
  return text;
}

std::string name_text(const scene::RegisterId& id) {
  return fmt::format("{}/{}{}{}/{}", to_string(id.scope), id.view, id.view.empty() ? "" : "/", id.target,
                     scene::spec_of(id.scope, id.key).name);
}

void show_row(const JournalRow& row) {
  fmt::print("{:>10}  {}  {:<16} {:<7}", row.server_seq, time_text(row.unix_s), row.actor, to_string(row.origin));
  const auto changes = protocol::changes_from_text(row.changes);
  if (!changes) {
    fmt::print("  unreadable: {}\n", changes.error().message);
    return;
  }
  if (changes->size() == 1) {
    const protocol::JournalChange& only = changes->front();
    fmt::print("  {}: {} -> {}\n", name_text(only.id), value_text(only.before), value_text(only.after));
    return;
  }
  std::set<std::string_view> scopes;
  for (const auto& change : *changes) scopes.insert(to_string(change.id.scope));
  fmt::print("  {} registers of {}\n", changes->size(), fmt::join(scopes, ", "));
}

Result<void> show(JournalStore& store, const JournalStore::RoomInfo& room, const JournalOptions& options) {
  fmt::print("room {}: history {}, numbers up to {} reserved{}\n", room.room, room.history_id, room.reserved_seq,
             room.checkpoint ? fmt::format(", checkpoint at {}", room.checkpoint->server_seq) : "");
  ND_ASSIGN(std::vector<JournalRow> rows,
            store.read_history(room.room, {.limit = options.last, .actor = options.actor}));
  std::ranges::reverse(rows);
  for (const JournalRow& row : rows) show_row(row);
  return {};
}

Result<void> export_rows(JournalStore& store, const JournalStore::RoomInfo& room) {
  return store.for_each_row(room.room, [&](const JournalRow& row) {
    Json out = Json::make_object({{"room", room.room},
                                  {"history_id", room.history_id},
                                  {"server_seq", row.server_seq},
                                  {"unix_s", row.unix_s},
                                  {"actor", row.actor},
                                  {"origin", to_string(row.origin)}});
    if (!row.intent_id.empty()) out.set("intent_id", row.intent_id);
    if (row.client_seq) out.set("client_seq", *row.client_seq);
    if (!row.interaction_id.empty()) out.set("interaction_id", row.interaction_id);
    if (!row.phase.empty()) out.set("phase", row.phase);
    auto changes = parse_json(row.changes);
    out.set(changes ? "changes" : "unreadable", changes ? std::move(*changes) : Json(row.changes));
    fmt::print("{}\n", to_string(out));
    return true;
  });
}

/// What is wrong with a room's rows, as it goes through them.
class Verifier {
 public:
  Verifier(const JournalStore::RoomInfo& room, std::vector<std::uint64_t> gaps) : room_(room), gaps_(std::move(gaps)) {}

  void take(const JournalRow& row) {
    ++rows_;
    if (row.server_seq > room_.reserved_seq) {
      complain(row.server_seq, fmt::format("is above {}, the numbers reserved", room_.reserved_seq));
    }
    // Where something was not kept, old values start afresh.
    while (next_gap_ < gaps_.size() && row.server_seq > gaps_[next_gap_]) {
      last_.clear();
      ++next_gap_;
    }
    const auto changes = protocol::changes_from_text(row.changes);
    if (!changes) return complain(row.server_seq, "does not read: " + changes.error().message);
    if (changes->empty()) complain(row.server_seq, "changes nothing");
    for (const protocol::JournalChange& change : *changes) {
      const auto last = last_.find(change.id);
      if (last != last_.end() && last->second != change.before) {
        complain(row.server_seq, fmt::format("{}: the old value is {}, the new one before was {}", name_text(change.id),
                                             value_text(change.before), value_text(last->second)));
      }
      last_.insert_or_assign(change.id, change.after);
    }
  }

  void finish() {
    if (!room_.checkpoint) return;
    if (room_.checkpoint->server_seq > room_.reserved_seq) complain(room_.checkpoint->server_seq, "is not reserved");
    const auto registers = protocol::registers_from_text(room_.checkpoint->registers);
    if (!registers) complain(room_.checkpoint->server_seq, "does not read: " + registers.error().message);
  }

  std::uint64_t rows() const { return rows_; }
  std::uint64_t complaints() const { return complaints_; }

 private:
  void complain(std::uint64_t server_seq, const std::string& what) {
    ++complaints_;
    if (complaints_ <= 20) fmt::print("room {}: {} {}\n", room_.room, server_seq, what);
  }

  const JournalStore::RoomInfo& room_;
  const std::vector<std::uint64_t> gaps_;
  std::size_t next_gap_ = 0;
  std::map<scene::RegisterId, scene::Value> last_;
  std::uint64_t rows_ = 0;
  std::uint64_t complaints_ = 0;
};

/// How many things are wrong.
Result<std::uint64_t> verify(JournalStore& store, const JournalStore::RoomInfo& room) {
  ND_ASSIGN(std::vector<std::uint64_t> gaps, store.gaps(room.room));
  Verifier verifier(room, gaps);
  ND_TRY(store.for_each_row(room.room, [&](const JournalRow& row) {
    verifier.take(row);
    return true;
  }));
  verifier.finish();
  fmt::print("room {}: {} rows, {} gaps, {} wrong\n", room.room, verifier.rows(), gaps.size(), verifier.complaints());
  return verifier.complaints();
}

Result<int> look(const JournalOptions& options) {
  const auto directory = options.state_dir.empty() ? default_state_dir() : options.state_dir;
  ND_ASSIGN(JournalStore store, JournalStore::open_to_read(directory));
  using Action = JournalOptions::Action;
  int status = 0;
  if (options.action == Action::Verify) {
    ND_ASSIGN(const std::string integrity, store.integrity());
    fmt::print("database: {}\n", integrity);
    if (integrity != "ok") status = 1;
  }
  ND_ASSIGN(const std::vector<JournalStore::RoomInfo> rooms, store.rooms());
  bool is_found = options.room.empty();
  for (const JournalStore::RoomInfo& room : rooms) {
    if (!options.room.empty() && room.room != options.room) continue;
    is_found = true;
    if (options.action == Action::Show) ND_TRY(show(store, room, options));
    if (options.action == Action::Export) ND_TRY(export_rows(store, room));
    if (options.action == Action::Verify) {
      ND_ASSIGN(const std::uint64_t wrong, verify(store, room));
      if (wrong > 0) status = 1;
    }
  }
  if (!is_found) return fail(ErrorCode::NotFound, "the journal has no room {}", options.room);
  return status;
}

}  // namespace

int run(const JournalOptions& options) {
  const Result<int> status = look(options);
  if (status) return *status;
  fmt::print(stderr, "ndcast journal: {}\n", status.error().message);
  return 1;
}

}  // namespace ndcast::server
