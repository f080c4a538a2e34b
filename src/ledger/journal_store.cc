#include "ledger/journal_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/limits.h"

namespace ndcast::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kVersion = 1;

constexpr std::string_view kRowColumns =
    "server_seq, unix_s, actor, origin, intent_id, client_seq, interaction_id, phase, changes";

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS rooms(
  room TEXT PRIMARY KEY, history_id TEXT NOT NULL, reserved_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows(
  room TEXT NOT NULL, server_seq INTEGER NOT NULL, unix_s REAL NOT NULL, actor TEXT NOT NULL, origin TEXT NOT NULL,
  intent_id TEXT NOT NULL, client_seq INTEGER, interaction_id TEXT NOT NULL, phase TEXT NOT NULL,
  changes TEXT NOT NULL, PRIMARY KEY(room, server_seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints(
  room TEXT PRIMARY KEY, server_seq INTEGER NOT NULL, unix_s REAL NOT NULL, after_gap INTEGER NOT NULL,
  registers TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gaps(
  room TEXT NOT NULL, server_seq INTEGER NOT NULL, PRIMARY KEY(room, server_seq)) WITHOUT ROWID;
)sql";

Origin origin_of(std::string_view word) {
  for (const Origin origin : {Origin::Client, Origin::Agent, Origin::Worker, Origin::Policy}) {
    if (to_string(origin) == word) return origin;
  }
  return Origin::System;
}

std::uint64_t number(const Statement& row, int column) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, row.integer(column)));
}

JournalRow read_row(const Statement& row) {
  JournalRow out{.server_seq = number(row, 0),
                 .unix_s = row.real(1),
                 .actor = row.text(2),
                 .origin = origin_of(row.text(3)),
                 .intent_id = row.text(4)};
  if (!row.is_null(5)) out.client_seq = row.integer(5);
  out.interaction_id = row.text(6);
  out.phase = row.text(7);
  out.changes = row.text(8);
  return out;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> identity_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>{status.st_dev, status.st_ino};
}

}  // namespace

Result<JournalStore> JournalStore::open(const fs::path& directory, Durability durability) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), S_IRWXU) != 0 && !fs::is_directory(directory, error)) {
    return fail(ErrorCode::Io, "{}: cannot be made: {}", directory.string(), std::generic_category().message(errno));
  }
  ::chmod(directory.c_str(), S_IRWXU);
  const fs::path file = file_in(directory);
  // SQLite would make it with the process' umask, readable by others for a moment.
  if (const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR); descriptor >= 0) {
    ::close(descriptor);
  } else {
    return fail(ErrorCode::Io, "{}: cannot be opened for writing: {}", file.string(),
                std::generic_category().message(errno));
  }
  ND_ASSIGN(Database db, Database::open(file, Database::Mode::Write));
  JournalStore store(std::move(db), file);
  ND_TRY(store.prepare_writing(durability));
  return store;
}

Result<JournalStore> JournalStore::open_to_read(const fs::path& directory) {
  const fs::path file = file_in(directory);
  std::error_code error;
  if (!fs::exists(file, error)) return fail(ErrorCode::NotFound, "there is no journal at {}", file.string());
  ND_ASSIGN(Database db, Database::open(file, Database::Mode::Read));
  JournalStore store(std::move(db), file);
  ND_TRY(store.check_version());
  return store;
}

Result<void> JournalStore::check_version() {
  ND_ASSIGN(Statement version, db_.prepare("PRAGMA user_version"));
  ND_TRY(version.step());
  if (version.integer(0) == kVersion) return {};
  return fail(ErrorCode::Corrupt, "{}: expected a journal of version {}, found version {}", file_.string(), kVersion,
              version.integer(0));
}

Result<void> JournalStore::prepare_writing(Durability durability) {
  // NORMAL syncs only when the log moves into the file, so a power cut damages nothing and kill -9 loses nothing.
  const std::string_view synchronous = durability == Durability::Disk ? "FULL" : "NORMAL";
  ND_TRY(
      db_.execute("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
                  "PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;"));
  ND_TRY(db_.execute(fmt::format("PRAGMA synchronous={}", synchronous)));
  {
    ND_ASSIGN(Statement version, db_.prepare("PRAGMA user_version"));
    ND_TRY(version.step());
    if (version.integer(0) == 0) {
      version.reset();
      ND_TRY(db_.execute(fmt::format("BEGIN IMMEDIATE;{}PRAGMA user_version={};COMMIT", kTables, kVersion)));
    }
  }
  ND_TRY(check_version());
  ND_ASSIGN(insert_row_,
            db_.prepare(fmt::format("INSERT INTO rows(room, {}) VALUES(?,?,?,?,?,?,?,?,?,?)", kRowColumns)));
  ND_ASSIGN(insert_checkpoint_, db_.prepare("INSERT OR REPLACE INTO checkpoints VALUES(?,?,?,?,?)"));
  ND_ASSIGN(update_reserved_, db_.prepare("INSERT INTO rooms VALUES(?1,?3,?2) ON CONFLICT(room) DO UPDATE SET "
                                          "reserved_seq=max(reserved_seq,?2), history_id=?3"));
  const auto identity = identity_of(file_);
  if (!identity) return fail(ErrorCode::Io, "{}: deleted while it was opened", file_.string());
  identity_ = *identity;
  return {};
}

bool JournalStore::is_in_place() const { return identity_of(file_) == identity_; }

Result<void> JournalStore::begin() { return db_.execute("BEGIN IMMEDIATE"); }
Result<void> JournalStore::commit() { return db_.execute("COMMIT"); }
void JournalStore::roll_back() {
  if (db_.in_transaction()) static_cast<void>(db_.execute("ROLLBACK"));  // it fails only when there is none
}

Result<StoredRoom> JournalStore::open_room(const std::string& room, const std::string& fresh_history_id) {
  StoredRoom stored{.history_id = fresh_history_id};
  ND_ASSIGN(Statement find, db_.prepare("SELECT history_id, reserved_seq FROM rooms WHERE room=?"));
  find.bind(1, room);
  ND_ASSIGN(const bool is_known, find.step());
  if (is_known) {
    stored.history_id = find.text(0);
    stored.first_seq = number(find, 1);
  }
  find.reset();
  if (stored.history_id.empty() || stored.first_seq > limits::kMaxServerSeq / 2) {
    return fail(ErrorCode::Corrupt, "room {}: history \"{}\" with {} numbers used is no room's", room,
                stored.history_id, stored.first_seq);
  }
  stored.reserved_seq = stored.first_seq + limits::kReservedSeqs;
  ND_TRY(reserve(room, stored.reserved_seq, stored.history_id));
  ND_ASSIGN(stored.checkpoint, read_checkpoint(room));
  ND_ASSIGN(Statement rows, db_.prepare(fmt::format("SELECT {} FROM rows WHERE room=? AND server_seq>? "
                                                    "ORDER BY server_seq",
                                                    kRowColumns)));
  rows.bind(1, room);
  rows.bind(2, stored.checkpoint ? stored.checkpoint->server_seq : 0);
  while (true) {
    ND_ASSIGN(const bool is_row, rows.step());
    if (!is_row) break;
    stored.rows.push_back(read_row(rows));
  }
  return stored;
}

Result<std::optional<Checkpoint>> JournalStore::read_checkpoint(const std::string& room) {
  ND_ASSIGN(Statement find,
            db_.prepare("SELECT server_seq, unix_s, after_gap, registers FROM checkpoints WHERE room=?"));
  find.bind(1, room);
  ND_ASSIGN(const bool is_known, find.step());
  if (!is_known) return std::nullopt;
  return Checkpoint{number(find, 0), find.real(1), find.text(3), find.integer(2) != 0, "", 0};
}

Result<void> JournalStore::append(const std::string& room, const JournalRow& row) {
  Statement& insert = insert_row_;
  insert.bind(1, std::string_view(room));
  insert.bind(2, row.server_seq);
  insert.bind(3, row.unix_s);
  insert.bind(4, std::string_view(row.actor));
  insert.bind(5, to_string(row.origin));
  insert.bind(6, std::string_view(row.intent_id));
  if (row.client_seq) {
    insert.bind(7, *row.client_seq);
  } else {
    insert.bind_null(7);
  }
  insert.bind(8, std::string_view(row.interaction_id));
  insert.bind(9, std::string_view(row.phase));
  insert.bind(10, std::string_view(row.changes));
  return insert.run();
}

Result<void> JournalStore::checkpoint(const std::string& room, const Checkpoint& checkpoint) {
  Statement& insert = insert_checkpoint_;
  insert.bind(1, std::string_view(room));
  insert.bind(2, checkpoint.server_seq);
  insert.bind(3, checkpoint.unix_s);
  insert.bind(4, std::int64_t{checkpoint.after_gap});
  insert.bind(5, std::string_view(checkpoint.registers));
  ND_TRY(insert.run());
  if (!checkpoint.history_id.empty()) {
    // Rows that an earlier process left above it belong to a history that could not be read.
    ND_ASSIGN(Statement remove, db_.prepare("DELETE FROM rows WHERE room=? AND server_seq>?"));
    remove.bind(1, std::string_view(room));
    remove.bind(2, checkpoint.server_seq);
    ND_TRY(remove.run());
    ND_TRY(reserve(room, std::max(checkpoint.reserved_seq, checkpoint.server_seq), checkpoint.history_id));
  }
  if (checkpoint.after_gap) {
    ND_ASSIGN(Statement gap, db_.prepare("INSERT OR IGNORE INTO gaps VALUES(?,?)"));
    gap.bind(1, std::string_view(room));
    gap.bind(2, checkpoint.server_seq);
    ND_TRY(gap.run());
  }
  return {};
}

Result<void> JournalStore::reserve(const std::string& room, std::uint64_t reserved_seq, const std::string& history_id) {
  update_reserved_.bind(1, std::string_view(room));
  update_reserved_.bind(2, reserved_seq);
  update_reserved_.bind(3, std::string_view(history_id));
  return update_reserved_.run();
}

Result<std::uint64_t> JournalStore::prune(const std::string& room, const Retention& retention, double now_unix_s,
                                          std::uint64_t most) {
  ND_ASSIGN(const std::optional<Checkpoint> checkpoint, read_checkpoint(room));
  if (!checkpoint) return 0;
  std::uint64_t bytes = 0;
  if (retention.bytes > 0) {
    ND_ASSIGN(Statement sum, db_.prepare("SELECT sum(length(changes)) FROM rows WHERE room=?"));
    sum.bind(1, std::string_view(room));
    ND_TRY(sum.step());
    bytes = number(sum, 0);
  }
  ND_ASSIGN(Statement oldest, db_.prepare("SELECT server_seq, unix_s, length(changes) FROM rows WHERE room=? AND "
                                          "server_seq<=? ORDER BY server_seq LIMIT ?"));
  oldest.bind(1, std::string_view(room));
  oldest.bind(2, checkpoint->server_seq);
  oldest.bind(3, most);
  std::uint64_t last = 0;
  std::uint64_t count = 0;
  while (true) {
    ND_ASSIGN(const bool is_row, oldest.step());
    if (!is_row) break;
    const bool is_old = retention.age_s > 0 && oldest.real(1) < now_unix_s - retention.age_s;
    const bool is_too_much = retention.bytes > 0 && bytes > retention.bytes;
    if (!is_old && !is_too_much) break;
    bytes -= std::min(bytes, number(oldest, 2));
    last = number(oldest, 0);
    ++count;
  }
  oldest.reset();
  if (count == 0) return 0;
  for (const char* table : {"rows", "gaps"}) {
    ND_ASSIGN(Statement remove, db_.prepare(fmt::format("DELETE FROM {} WHERE room=? AND server_seq<=?", table)));
    remove.bind(1, std::string_view(room));
    remove.bind(2, last);
    ND_TRY(remove.run());
  }
  return count;
}

Result<void> JournalStore::tidy() {
  ND_TRY(db_.execute("PRAGMA incremental_vacuum(256)"));
  ND_TRY(db_.checkpoint_log());
  return {};
}

Result<std::vector<JournalStore::RoomInfo>> JournalStore::rooms() {
  std::vector<RoomInfo> out;
  ND_ASSIGN(Statement all, db_.prepare("SELECT room, history_id, reserved_seq FROM rooms ORDER BY room"));
  while (true) {
    ND_ASSIGN(const bool is_row, all.step());
    if (!is_row) break;
    out.push_back({all.text(0), all.text(1), number(all, 2), std::nullopt});
  }
  for (RoomInfo& info : out) {
    ND_ASSIGN(info.checkpoint, read_checkpoint(info.room));
  }
  return out;
}

Result<std::vector<JournalRow>> JournalStore::read_history(const std::string& room, const HistoryRequest& request) {
  ND_ASSIGN(Statement find, db_.prepare(fmt::format("SELECT {} FROM rows WHERE room=?1 AND server_seq<?2 AND "
                                                    "(?3='' OR actor=?3) ORDER BY server_seq DESC LIMIT ?4",
                                                    kRowColumns)));
  find.bind(1, std::string_view(room));
  find.bind(2, std::min<std::uint64_t>(request.before_seq, INT64_MAX));
  find.bind(3, std::string_view(request.actor));
  find.bind(4, static_cast<std::uint64_t>(std::min<std::size_t>(request.limit, INT64_MAX)));
  std::vector<JournalRow> page;
  while (true) {
    ND_ASSIGN(const bool is_row, find.step());
    if (!is_row) break;
    page.push_back(read_row(find));
  }
  return page;
}

Result<void> JournalStore::for_each_row(const std::string& room, const std::function<bool(const JournalRow&)>& each) {
  ND_ASSIGN(Statement rows,
            db_.prepare(fmt::format("SELECT {} FROM rows WHERE room=? ORDER BY server_seq", kRowColumns)));
  rows.bind(1, std::string_view(room));
  while (true) {
    ND_ASSIGN(const bool is_row, rows.step());
    if (!is_row || !each(read_row(rows))) return {};
  }
}

Result<std::vector<std::uint64_t>> JournalStore::gaps(const std::string& room) {
  ND_ASSIGN(Statement all, db_.prepare("SELECT server_seq FROM gaps WHERE room=? ORDER BY server_seq"));
  all.bind(1, std::string_view(room));
  std::vector<std::uint64_t> out;
  while (true) {
    ND_ASSIGN(const bool is_row, all.step());
    if (!is_row) return out;
    out.push_back(number(all, 0));
  }
}

Result<std::string> JournalStore::integrity() {
  ND_ASSIGN(Statement check, db_.prepare("PRAGMA integrity_check(10)"));
  std::string found;
  while (true) {
    ND_ASSIGN(const bool is_row, check.step());
    if (!is_row) return found;
    found += (found.empty() ? "" : "; ") + check.text(0);
  }
}

}  // namespace ndcast::ledger
