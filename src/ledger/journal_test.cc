// One battery over every journal that keeps, and what is the null journal's and SQLite's own.

#include "ledger/journal.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/ids.h"
#include "base/limits.h"
#include "ledger/journal_store.h"
#include "ledger/memory_journal.h"
#include "ledger/sqlite_journal.h"

namespace ndcast::ledger {
namespace {

namespace fs = std::filesystem;

/// What a listener heard, from whichever thread.
class Ear {
 public:
  Journal::Listener listener() {
    return {.on_durable = [this](std::uint64_t seq) { note([&] { durable_.push_back(seq); }); },
            .on_reserved = [this](std::uint64_t seq) { note([&] { reserved_ = seq; }); },
            .on_failure = [this](const Error& error) { note([&] { failures_.push_back(error); }); }};
  }
  bool wait_durable(std::uint64_t seq) {
    return wait([&] { return !durable_.empty() && durable_.back() >= seq; });
  }
  bool wait_reserved(std::uint64_t seq) {
    return wait([&] { return reserved_ >= seq; });
  }
  bool wait_failures_or_durable(std::uint64_t seq) {
    return wait([&] { return !failures_.empty() || (!durable_.empty() && durable_.back() >= seq); });
  }
  bool wait_failures(std::size_t count) {
    return wait([&] { return failures_.size() >= count; });
  }
  std::vector<std::uint64_t> durable() {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  std::vector<Error> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  template <class F>
  void note(F what) {
    const std::lock_guard lock(mutex_);
    what();
    heard_.notify_all();  // inside: whoever waits may destroy this at once
  }
  template <class F>
  bool wait(F condition) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, std::chrono::seconds(20), condition);
  }
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<std::uint64_t> durable_;
  std::uint64_t reserved_ = 0;
  std::vector<Error> failures_;
};

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(fs::temp_directory_path() / ("ndcast-journal-" + random_hex(6))) {}
  ~TemporaryDirectory() {
    std::error_code error;
    fs::permissions(path_, fs::perms::owner_all, error);
    fs::remove_all(path_, error);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

JournalRow row(std::uint64_t seq, std::string changes = "[]", std::string actor = "ada") {
  return {.server_seq = seq,
          .unix_s = 1.7e9 + static_cast<double>(seq),
          .actor = std::move(actor),
          .origin = Origin::Client,
          .intent_id = "intent-1",
          .client_seq = seq % 2 ? std::optional<std::int64_t>(static_cast<std::int64_t>(seq)) : std::nullopt,
          .interaction_id = "drag \"7\" é",
          .phase = "commit",
          .changes = std::move(changes)};
}

Result<std::vector<JournalRow>> history(Journal& journal, HistoryRequest request) {
  std::promise<Result<std::vector<JournalRow>>> page;
  journal.read_history("main", std::move(request),
                       [&](Result<std::vector<JournalRow>> read) { page.set_value(std::move(read)); });
  return page.get_future().get();
}

/// A kind of journal, and how a process starts again over what one left.
class Kind {
 public:
  virtual ~Kind() = default;
  virtual std::unique_ptr<Journal> start(const Retention& retention = {}) = 0;
  /// Ends `journal` and starts over what it left.
  virtual std::unique_ptr<Journal> restart(std::unique_ptr<Journal> journal) = 0;
};

class MemoryKind final : public Kind {
 public:
  std::unique_ptr<Journal> start(const Retention& retention) override {
    return std::make_unique<MemoryJournal>(retention);
  }
  std::unique_ptr<Journal> restart(std::unique_ptr<Journal> journal) override {
    return std::make_unique<MemoryJournal>(dynamic_cast<MemoryJournal&>(*journal).reborn());
  }
};

class SqliteKind final : public Kind {
 public:
  explicit SqliteKind(Durability durability) : durability_(durability) {}
  std::unique_ptr<Journal> start(const Retention& retention) override {
    return open_sqlite_journal(directory_.path(), {durability_, retention}).value();
  }
  std::unique_ptr<Journal> restart(std::unique_ptr<Journal> journal) override {
    journal.reset();
    return start({});
  }

 private:
  TemporaryDirectory directory_;
  Durability durability_;
};

class Battery : public ::testing::TestWithParam<std::string> {
 protected:
  Battery() {
    if (GetParam() == "memory") {
      kind_ = std::make_unique<MemoryKind>();
    } else {
      kind_ = std::make_unique<SqliteKind>(*durability_from_string(GetParam()));
    }
  }
  std::unique_ptr<Kind> kind_;
};

TEST_P(Battery, WP17_WhatWasAppendedIsThereAgainAfterARestart) {
  Ear ear;
  auto journal = kind_->start();
  const auto fresh = open_room_blocking(*journal, "main", "h1", ear.listener());
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_EQ(fresh->history_id, "h1");
  EXPECT_EQ(fresh->first_seq, 0U);
  EXPECT_TRUE(fresh->rows.empty());
  std::vector<JournalRow> rows;
  for (std::uint64_t seq = 1; seq <= 300; ++seq) {
    rows.push_back(row(seq, fmt::format(R"([{{"n":{},"s":"é\u0000"}}])", seq)));
    ASSERT_TRUE(journal->append("main", rows.back()));
  }
  ASSERT_TRUE(ear.wait_durable(300));
  EXPECT_TRUE(std::ranges::is_sorted(ear.durable()));
  journal = kind_->restart(std::move(journal));
  const auto again = open_room_blocking(*journal, "main", "h2", {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->history_id, "h1") << "history is intact";
  EXPECT_EQ(again->rows, rows);
}

TEST_P(Battery, WP17_NoNumberIsReservedTwice) {
  auto journal = kind_->start();
  std::uint64_t used = 0;
  for (int start = 0; start < 4; ++start) {
    Ear ear;
    const auto stored = open_room_blocking(*journal, "main", "h", ear.listener());
    ASSERT_TRUE(stored);
    EXPECT_GE(stored->first_seq, used);
    EXPECT_EQ(stored->reserved_seq, stored->first_seq + limits::kReservedSeqs);
    used = stored->reserved_seq;
    if (start == 1) {
      used += limits::kReservedSeqs;
      ASSERT_TRUE(journal->reserve("main", used));
      ASSERT_TRUE(ear.wait_reserved(used));
    }
    journal = kind_->restart(std::move(journal));
  }
}

TEST_P(Battery, ARestartNeedsOnlyWhatFollowsTheCheckpoint) {
  Ear ear;
  auto journal = kind_->start();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  for (std::uint64_t seq = 1; seq <= 10; ++seq) journal->append("main", row(seq));
  const Checkpoint checkpoint{.server_seq = 7, .unix_s = 1.7e9, .registers = "[\"all\"]"};
  journal->checkpoint("main", checkpoint);
  journal->append("main", row(11));
  ASSERT_TRUE(ear.wait_durable(11));
  journal = kind_->restart(std::move(journal));
  const auto stored = open_room_blocking(*journal, "main", "h", {});
  ASSERT_TRUE(stored && stored->checkpoint);
  EXPECT_EQ(*stored->checkpoint, checkpoint);
  ASSERT_EQ(stored->rows.size(), 4U);
  EXPECT_EQ(stored->rows.front().server_seq, 8U);
}

TEST_P(Battery, RoomsAreApart) {
  auto journal = kind_->start();
  Ear one;
  Ear two;
  ASSERT_TRUE(open_room_blocking(*journal, "one", "h1", one.listener()));
  ASSERT_TRUE(open_room_blocking(*journal, "two; DROP TABLE rows", "h2", two.listener()));
  journal->append("one", row(1));
  journal->append("two; DROP TABLE rows", row(9));
  ASSERT_TRUE(one.wait_durable(1));
  ASSERT_TRUE(two.wait_durable(9));
  EXPECT_EQ(one.durable(), std::vector<std::uint64_t>{1});
  journal = kind_->restart(std::move(journal));
  const auto stored = open_room_blocking(*journal, "two; DROP TABLE rows", "h", {});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->history_id, "h2");
  ASSERT_EQ(stored->rows.size(), 1U);
}

TEST_P(Battery, HistoryIsReadInPagesNewestFirst) {
  Ear ear;
  auto journal = kind_->start();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  for (std::uint64_t seq = 1; seq <= 25; ++seq) journal->append("main", row(seq, "[]", seq % 5 ? "ada" : "bob"));
  ASSERT_TRUE(ear.wait_durable(25));
  std::vector<std::uint64_t> seen;
  HistoryRequest request{.limit = 10};
  while (true) {
    const auto page = history(*journal, request);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    EXPECT_LE(page->size(), 10U);
    for (const JournalRow& entry : *page) seen.push_back(entry.server_seq);
    request.before_seq = seen.back();
  }
  ASSERT_EQ(seen.size(), 25U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
  EXPECT_EQ(history(*journal, {.actor = "bob"})->size(), 5U);
}

TEST_P(Battery, WP30_RetentionRemovesOldRowsThatACheckpointCovers) {
  Ear ear;
  auto journal = kind_->start({.bytes = 10'000, .age_s = 0});
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  const std::string thousand(1000, 'x');
  for (std::uint64_t seq = 1; seq <= 100; ++seq) journal->append("main", row(seq, thousand));
  journal->checkpoint("main", {.server_seq = 100, .unix_s = 1.7e9, .registers = "[]"});
  ASSERT_TRUE(ear.wait_durable(100));
  // Pruning is no part of any ack, so it comes with or after the next group.
  journal->append("main", row(101, thousand));
  ASSERT_TRUE(ear.wait_durable(101));
  std::size_t left = 100;
  for (int i = 0; i < 1000 && left > 11; ++i) left = history(*journal, {.limit = 1000})->size();
  EXPECT_LE(left, 11U);
  EXPECT_GE(left, 9U);
  EXPECT_GE(journal->stats().pruned, 89U);
}

TEST_P(Battery, RowsThatNoCheckpointCoversAreNeverPruned) {
  Ear ear;
  auto journal = kind_->start({.bytes = 10, .age_s = 1});
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  for (std::uint64_t seq = 1; seq <= 20; ++seq) journal->append("main", row(seq, "0123456789"));
  journal->checkpoint("main", {.server_seq = 15, .unix_s = 2e9, .registers = "[]"});
  journal->append("main", row(21));
  ASSERT_TRUE(ear.wait_durable(21));
  journal = kind_->restart(std::move(journal));
  const auto stored = open_room_blocking(*journal, "main", "h", {});
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->rows.size(), 6U);
  EXPECT_EQ(stored->rows.front().server_seq, 16U);
}

TEST_P(Battery, ARenewedHistoryIsTheNextOnes) {
  Ear ear;
  auto journal = kind_->start();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h1", ear.listener()));
  journal->checkpoint("main", {.server_seq = 9000, .registers = "[]", .after_gap = true, .history_id = "h2"});
  journal->reserve("main", 9000 + limits::kReservedSeqs);
  ASSERT_TRUE(ear.wait_reserved(9000 + limits::kReservedSeqs));
  journal = kind_->restart(std::move(journal));
  const auto stored = open_room_blocking(*journal, "main", "h3", {});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->history_id, "h2");
  EXPECT_GE(stored->first_seq, 9000U);
}

INSTANTIATE_TEST_SUITE_P(Journals, Battery, ::testing::Values("memory", "process", "disk", "relaxed"),
                         [](const auto& parameter) { return parameter.param; });

TEST(NullJournal, KeepsNothingAndAsksNobodyToWait) {
  const auto journal = make_null_journal();
  EXPECT_FALSE(journal->keeps());
  const auto stored = open_room_blocking(*journal, "main", "h", {});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->history_id, "h");
  EXPECT_TRUE(journal->append("main", row(1)));
  EXPECT_TRUE(history(*journal, {})->empty());
}

TEST(MemoryJournal, WhatIsHeldBackIsNotDurable) {
  MemoryJournal journal;
  Ear ear;
  ASSERT_TRUE(open_room_blocking(journal, "main", "h", ear.listener()));
  journal.hold();
  journal.append("main", row(1));
  journal.append("main", row(2));
  EXPECT_TRUE(ear.durable().empty());
  EXPECT_TRUE(journal.reborn().rows("main").empty());
  journal.release(1);
  EXPECT_EQ(ear.durable(), std::vector<std::uint64_t>{1});
  journal.release();
  EXPECT_EQ(ear.durable(), (std::vector<std::uint64_t>{1, 2}));
}

// --- SQLite -------------------------------------------------------------------------------------------------------

TEST(SqliteJournal, TheDirectoryAndTheFilesAreTheOwnersAlone) {
  const TemporaryDirectory directory;
  Ear ear;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  journal->append("main", row(1));
  ASSERT_TRUE(ear.wait_durable(1));
  const auto mode = [](const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  };
  EXPECT_EQ(mode(directory.path()), 0700U);
  for (const auto& entry : fs::directory_iterator(directory.path())) EXPECT_EQ(mode(entry.path()), 0600U) << entry;
}

TEST(SqliteJournal, ASecondProcessIsToldWhoHasIt) {
  const TemporaryDirectory directory;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  const auto second = open_sqlite_journal(directory.path(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Limit);
}

/// Sends checkpoints until one is kept: what a room does.
bool recovers(Journal& journal, Ear& ear, std::uint64_t seq) {
  for (int tries = 0; tries < 20; ++tries) {
    const std::size_t before = ear.failures().size();
    journal.checkpoint("main", {.server_seq = seq, .registers = "[]", .after_gap = true});
    while (ear.failures().size() == before && (ear.durable().empty() || ear.durable().back() < seq)) {
      std::this_thread::yield();
    }
    if (!ear.durable().empty() && ear.durable().back() >= seq) return true;
  }
  return false;
}

TEST(SqliteJournal, WP28_ADeletedDatabaseIsNoticedAndMadeAnew) {
  const TemporaryDirectory directory;
  Ear ear;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  journal->append("main", row(1));
  ASSERT_TRUE(ear.wait_durable(1));
  for (const char* name : {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"})
    fs::remove(directory.path() / name);
  journal->append("main", row(2));
  ASSERT_TRUE(ear.wait_failures(1));
  EXPECT_NE(ear.failures().front().message.find("deleted"), std::string::npos) << ear.failures().front().message;
  EXPECT_EQ(ear.durable().back(), 1U) << "row 2 is not on any disk";
  journal->append("main", row(3));  // left out: 2 is missing before it
  ASSERT_TRUE(recovers(*journal, ear, 3));
  journal->append("main", row(4));
  ASSERT_TRUE(ear.wait_durable(4));
  EXPECT_EQ(history(*journal, {})->size(), 1U);
}

TEST(SqliteJournal, WP28_ADamagedDatabaseIsMovedAside) {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path());
  std::ofstream(JournalStore::file_in(directory.path())) << std::string(8192, 'z');
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  const auto stored = open_room_blocking(*journal, "main", "fresh", {});
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->history_id, "fresh");
  bool aside = false;
  for (const auto& entry : fs::directory_iterator(directory.path()))
    aside |= entry.path().filename().string().find("damaged") != std::string::npos;
  EXPECT_TRUE(aside);
}

TEST(SqliteJournal, WP28_DamageInTheMiddleIsNoCrash) {
  const TemporaryDirectory directory;
  {
    Ear ear;
    const auto journal = open_sqlite_journal(directory.path(), {}).value();
    ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
    for (std::uint64_t seq = 1; seq <= 500; ++seq) journal->append("main", row(seq, std::string(300, 'x')));
    ASSERT_TRUE(ear.wait_durable(500));
  }
  {
    std::fstream file(JournalStore::file_in(directory.path()), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(60'000, '\x5a');
  }
  Ear ear;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  const auto stored = open_room_blocking(*journal, "main", "fresh", ear.listener());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->history_id, "fresh") << "history was lost, so the id changes";
  journal->append("main", row(1));
  EXPECT_TRUE(ear.wait_durable(1));
}

TEST(SqliteJournal, WP28_AnUnwritablePlaceIsAFailureAndThenIsNot) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path()) << "a file where the directory should be";
  Ear ear;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  const auto stored = open_room_blocking(*journal, "main", "h", ear.listener());
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::Io);
  fs::remove(directory.path());
  ASSERT_TRUE(recovers(*journal, ear, 5));
  journal->append("main", row(6));
  EXPECT_TRUE(ear.wait_durable(6));
}

TEST(SqliteJournal, WP28_AFullDiskIsAFailureAndThenIsNot) {
  const TemporaryDirectory directory;
  Ear ear;
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  ASSERT_TRUE(open_room_blocking(*journal, "main", "h", ear.listener()));
  // No file may grow past 256 KiB, which a disk that is full says in the same way.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{256 * 1024, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::uint64_t seq = 0;
  while (ear.failures().empty() && seq < 2000) {
    journal->append("main", row(++seq, std::string(2000, 'x')));
    ASSERT_TRUE(seq % 50 != 0 || ear.wait_failures_or_durable(seq));
  }
  EXPECT_TRUE(ear.wait_failures(1));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::uint64_t kept = ear.durable().empty() ? 0 : ear.durable().back();
  EXPECT_LT(kept, seq);
  ASSERT_TRUE(recovers(*journal, ear, seq + 1));
  journal->append("main", row(seq + 2));
  EXPECT_TRUE(ear.wait_durable(seq + 2));
  EXPECT_GE(history(*journal, {.limit = 5000})->size(), kept) << "what was durable still is";
}

TEST(SqliteJournal, ALaterVersionIsMovedAsideAndNotWrittenOver) {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path());
  {
    auto db = Database::open(JournalStore::file_in(directory.path()), Database::Mode::Write);
    ASSERT_TRUE(db && db->execute("PRAGMA user_version=99; CREATE TABLE future(x)"));
  }
  const auto journal = open_sqlite_journal(directory.path(), {}).value();
  EXPECT_TRUE(open_room_blocking(*journal, "main", "h", {}));
}

}  // namespace
}  // namespace ndcast::ledger
