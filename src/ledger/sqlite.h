#pragma once
// SQLite's C handles, owned, and its result codes as errors. Nothing of SQLite is visible outside of the journal's
// files.
//
//   ND_ASSIGN(Database db, Database::open(path, Database::Mode::Write));
//   ND_ASSIGN(Statement select, db.prepare("SELECT a FROM t WHERE b = ?"));
//   select.bind(1, text);
//   while (true) { ND_ASSIGN(const bool row, select.step()); if (!row) break; use(select.text(0)); }

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ndcast::ledger {

/// One thread at a time. Errors: Corrupt (no database, or a damaged one), Io (everything else: full, read-only, busy).
class Statement {
 public:
  Statement() = default;

  // Indices of parameters count from 1. A text must live until reset().
  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind_null(int index);

  /// True when there is a row to read.
  Result<bool> step();
  /// step() of what returns no rows, then reset().
  Result<void> run();
  void reset();

  // Of the row; columns count from 0. A value of another kind reads as 0 or "".
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { Write, Read };

  Database() = default;
  /// Write makes the file (mode 0600) where there is none.
  static Result<Database> open(const std::filesystem::path& path, Mode mode);

  Result<Statement> prepare(std::string_view sql);
  /// One or several statements without parameters.
  Result<void> execute(const std::string& sql);
  /// Moves what it can from the write-ahead log into the file without waiting for anybody; pages left in the log.
  Result<int> checkpoint_log();
  /// True between BEGIN and its end.
  bool in_transaction() const;
  explicit operator bool() const { return db_ != nullptr; }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace ndcast::ledger
