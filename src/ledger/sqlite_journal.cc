#include "ledger/sqlite_journal.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "ledger/journal_store.h"

namespace ndcast::ledger {
namespace {

namespace fs = std::filesystem;

/// Rows removed at a time, so that a group never waits long behind a prune.
constexpr std::uint64_t kPruneAtOnce = 20'000;
/// Groups between two moves of the write-ahead log into the file, when the queue never runs dry.
constexpr std::uint64_t kTidyGroups = 256;

struct OpenRoom {
  std::string fresh_history_id;
  Journal::Listener listener;
  std::function<void(Result<StoredRoom>)> done;
};
struct CloseRoom {};
struct Reserve {
  std::uint64_t reserved_seq = 0;
};
struct ReadHistory {
  HistoryRequest request;
  std::function<void(Result<std::vector<JournalRow>>)> done;
};
struct LostRow {};  ///< stands where a row did not fit into the queue

struct Work {
  std::string room;
  std::variant<JournalRow, Checkpoint, Reserve, LostRow, OpenRoom, CloseRoom, ReadHistory> what;
};

std::size_t bytes_of(const Work& work) {
  if (const auto* row = std::get_if<JournalRow>(&work.what)) return sizeof(Work) + row->changes.size();
  if (const auto* checkpoint = std::get_if<Checkpoint>(&work.what)) return sizeof(Work) + checkpoint->registers.size();
  return sizeof(Work);
}

/// An exclusive lock on a file, until destruction.
class FileLock {
 public:
  static Result<FileLock> take(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
      return fail(ErrorCode::Io, "{}: cannot be opened: {}", file.string(), std::generic_category().message(errno));
    }
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorCode::Limit, "{} is in use by another ndcast", file.parent_path().string());
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Makes the directory where it is missing.
Result<FileLock> take_lock(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  ::mkdir(directory.c_str(), S_IRWXU);
  return FileLock::take(directory / "lock");
}

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(fs::path directory, const SqliteJournalOptions& options, std::optional<FileLock> lock)
      : directory_(std::move(directory)), options_(options), lock_(std::move(lock)) {
    thread_ = std::thread([this] { run(); });
  }
  ~SqliteJournal() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    ready_.notify_all();
    thread_.join();
  }

  bool keeps() const override { return true; }
  Durability durability() const override { return options_.durability; }

  void open_room(const std::string& room, std::string fresh_history_id, Listener listener,
                 std::function<void(Result<StoredRoom>)> done) override {
    push({room, OpenRoom{std::move(fresh_history_id), std::move(listener), std::move(done)}}, true);
  }
  void close_room(const std::string& room) override { push({room, CloseRoom{}}, true); }
  bool append(const std::string& room, JournalRow row) override { return push({room, std::move(row)}, false); }
  bool checkpoint(const std::string& room, Checkpoint checkpoint) override {
    return push({room, std::move(checkpoint)}, false);
  }
  bool reserve(const std::string& room, std::uint64_t reserved_seq) override {
    return push({room, Reserve{reserved_seq}}, true);
  }
  void read_history(const std::string& room, HistoryRequest request,
                    std::function<void(Result<std::vector<JournalRow>>)> done) override {
    push({room, ReadHistory{std::move(request), std::move(done)}}, true);
  }
  JournalStats stats() const override {
    const std::lock_guard lock(mutex_);
    JournalStats stats = stats_;
    stats.queued = queue_.size();
    return stats;
  }

 private:
  struct Room {
    std::string history_id;
    Listener listener;
    bool is_broken = false;  ///< leaves out rows until a checkpoint is kept
    std::uint64_t durable_seq = 0;
    bool wants_prune = false;
  };
  /// What a group did for a room, told once it is committed.
  struct Outcome {
    std::optional<std::uint64_t> durable_seq;
    std::optional<std::uint64_t> reserved_seq;
    bool has_checkpoint = false;
    std::string history_id;
  };

  bool push(Work work, bool always) {
    {
      const std::lock_guard lock(mutex_);
      const std::size_t bytes = bytes_of(work);
      if (!always && (queue_.size() >= limits::kJournalRows || queued_bytes_ + bytes > limits::kJournalQueueBytes)) {
        ++stats_.dropped;
        const bool is_told =
            !queue_.empty() && std::holds_alternative<LostRow>(queue_.back().what) && queue_.back().room == work.room;
        if (!is_told) queue_.push_back({work.room, LostRow{}});
        return false;
      }
      queued_bytes_ += bytes;
      queue_.push_back(std::move(work));
      // A thread that is at work looks again by itself.
      if (!is_waiting_) return true;
    }
    ready_.notify_one();
    return true;
  }

  /// The next group; empty when stopping and nothing is left.
  std::deque<Work> take_group() {
    std::unique_lock lock(mutex_);
    is_waiting_ = true;
    ready_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (options_.durability == Durability::Relaxed && !is_stopping_) {
      ready_.wait_for(lock, limits::kJournalRelaxed, [this] { return is_stopping_; });
    }
    is_waiting_ = false;
    std::deque<Work> group;
    if (queue_.size() <= limits::kJournalGroup) {
      group.swap(queue_);
      queued_bytes_ = 0;
      return group;
    }
    for (std::size_t i = 0; i < limits::kJournalGroup; ++i) {
      queued_bytes_ -= bytes_of(queue_.front());
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return group;
  }

  void run() {
    set_thread_name("journal");
    while (true) {
      std::deque<Work> group = take_group();
      if (group.empty()) break;
      serve(group);
      bool is_idle = false;
      {
        const std::lock_guard lock(mutex_);
        is_idle = queue_.empty();
      }
      tidy(is_idle);
    }
    if (store_) static_cast<void>(store_->tidy());  // the log is read at the next start as well
  }

  /// Writes are grouped between the things that are done one by one.
  void serve(std::deque<Work>& group) {
    auto from = group.begin();
    for (auto it = group.begin(); it != group.end(); ++it) {
      const bool is_alone = std::holds_alternative<OpenRoom>(it->what) || std::holds_alternative<CloseRoom>(it->what) ||
                            std::holds_alternative<ReadHistory>(it->what);
      if (!is_alone) continue;
      write(from, it);
      from = std::next(it);
      if (auto* open = std::get_if<OpenRoom>(&it->what)) serve_open(it->room, *open);
      if (std::holds_alternative<CloseRoom>(it->what)) rooms_.erase(it->room);
      if (auto* read = std::get_if<ReadHistory>(&it->what)) serve_read(it->room, *read);
    }
    write(from, group.end());
  }

  /// The database, opened if it is not or no longer.
  Result<JournalStore*> store() {
    if (store_ && !store_->is_in_place()) {
      store_.reset();
      return fail(ErrorCode::Io, "{} was deleted or replaced", JournalStore::file_in(directory_).string());
    }
    if (!store_) {
      if (!lock_) {
        ND_ASSIGN(FileLock lock, take_lock(directory_));
        lock_.emplace(std::move(lock));
      }
      auto opened = JournalStore::open(directory_, options_.durability);
      if (!opened && opened.error().code == ErrorCode::Corrupt) {
        put_aside(opened.error());
        opened = JournalStore::open(directory_, options_.durability);
      }
      if (!opened) return std::unexpected(std::move(opened).error());
      store_.emplace(std::move(*opened));
    }
    return &*store_;
  }

  void put_aside(const Error& why) {
    store_.reset();
    const fs::path file = JournalStore::file_in(directory_);
    const std::string aside =
        fmt::format("{}.damaged-{}", file.string(), static_cast<std::int64_t>(clock_.unix_seconds()));
    log().error("journal: {}; moved to {}", why.message, aside);
    std::error_code error;
    fs::rename(file, aside, error);
    for (const char* suffix : {"-wal", "-shm"}) fs::rename(file.string() + suffix, aside + suffix, error);
  }

  void serve_open(const std::string& name, OpenRoom& open) {
    Room& room = rooms_[name];
    room.listener = std::move(open.listener);
    room.history_id = open.fresh_history_id;
    Result<StoredRoom> stored = read_room(name, open.fresh_history_id);
    if (!stored && stored.error().code == ErrorCode::Corrupt) {
      put_aside(stored.error());
      stored = read_room(name, open.fresh_history_id);
    }
    room.is_broken = !stored;
    if (stored) room.history_id = stored->history_id;
    open.done(std::move(stored));
  }

  Result<StoredRoom> read_room(const std::string& name, const std::string& fresh_history_id) {
    ND_ASSIGN(JournalStore* const database, store());
    ND_TRY(database->begin());
    Result<StoredRoom> stored = database->open_room(name, fresh_history_id);
    if (stored) {
      if (Result<void> committed = database->commit(); !committed) stored = std::unexpected(committed.error());
    }
    database->roll_back();
    return stored;
  }

  void serve_read(const std::string& name, const ReadHistory& read) {
    const Result<JournalStore*> database = store();
    read.done(database ? (*database)->read_history(name, read.request) : std::unexpected(database.error()));
  }

  using Iterator = std::deque<Work>::iterator;

  void write(const Iterator& from, const Iterator& to) {
    if (from == to) return;
    std::map<std::string, Outcome> outcomes;
    Result<void> written = write_group(from, to, outcomes);
    if (!written && written.error().code == ErrorCode::Corrupt) put_aside(written.error());
    if (written) {
      for (auto& [name, outcome] : outcomes) tell(rooms_.at(name), outcome);
      return;
    }
    std::set<std::string> rooms;
    for (auto it = from; it != to; ++it) rooms.insert(it->room);
    {
      const std::lock_guard lock(mutex_);
      stats_.dropped += static_cast<std::uint64_t>(std::distance(from, to));
    }
    for (const std::string& name : rooms) {
      if (const auto room = rooms_.find(name); room != rooms_.end()) break_room(room->second, written.error());
    }
  }

  static void break_room(Room& room, const Error& error) {
    room.is_broken = true;
    if (room.listener.on_failure) room.listener.on_failure(error);
  }

  Result<void> write_group(const Iterator& from, const Iterator& to, std::map<std::string, Outcome>& outcomes) {
    ND_ASSIGN(JournalStore* const database, store());
    ND_TRY(database->begin());
    std::uint64_t rows = 0;
    Result<void> written;
    for (auto it = from; it != to && written; ++it) written = write_one(*database, *it, outcomes, rows);
    if (written) written = database->commit();
    if (!written) {
      database->roll_back();
      return written;
    }
    const std::lock_guard lock(mutex_);
    stats_.rows += rows;
    ++stats_.groups;
    return {};
  }

  Result<void> write_one(JournalStore& database, const Work& work, std::map<std::string, Outcome>& outcomes,
                         std::uint64_t& rows) {
    const auto found = rooms_.find(work.room);
    if (found == rooms_.end()) return {};
    Room& room = found->second;
    Outcome& outcome = outcomes[work.room];
    if (std::holds_alternative<LostRow>(work.what)) {
      outcome = {};
      break_room(room, {ErrorCode::Limit, "more was changed than the journal could write"});
      return {};
    }
    if (const auto* checkpoint = std::get_if<Checkpoint>(&work.what)) {
      ND_TRY(database.checkpoint(work.room, *checkpoint));
      if (!checkpoint->history_id.empty()) outcome.history_id = checkpoint->history_id;
      outcome.durable_seq = checkpoint->server_seq;
      outcome.has_checkpoint = true;
      room.is_broken = false;  // were the group to fail, it would be broken again
      return {};
    }
    if (room.is_broken) return {};
    if (const auto* row = std::get_if<JournalRow>(&work.what)) {
      ND_TRY(database.append(work.room, *row));
      ++rows;
      outcome.durable_seq = std::max(outcome.durable_seq.value_or(0), row->server_seq);
    } else if (const auto* reserve = std::get_if<Reserve>(&work.what)) {
      ND_TRY(database.reserve(work.room, reserve->reserved_seq,
                              outcome.history_id.empty() ? room.history_id : outcome.history_id));
      outcome.reserved_seq = reserve->reserved_seq;
    }
    return {};
  }

  static void tell(Room& room, const Outcome& outcome) {
    if (!outcome.history_id.empty()) room.history_id = outcome.history_id;
    if (outcome.has_checkpoint) room.wants_prune = true;
    if (outcome.reserved_seq && room.listener.on_reserved) room.listener.on_reserved(*outcome.reserved_seq);
    if (outcome.durable_seq && *outcome.durable_seq > room.durable_seq) {
      room.durable_seq = *outcome.durable_seq;
      if (room.listener.on_durable) room.listener.on_durable(room.durable_seq);
    }
  }

  /// Off the path of any ack: prunes, and moves the log into the file.
  void tidy(bool is_idle) {
    if (!store_ || !store_->is_in_place()) return;
    ++groups_since_tidy_;
    if (!is_idle && groups_since_tidy_ < kTidyGroups) return;
    for (auto& [name, room] : rooms_) {
      if (!room.wants_prune) continue;
      room.wants_prune = false;
      const Result<std::uint64_t> pruned = store_->prune(name, options_.retention, clock_.unix_seconds(), kPruneAtOnce);
      if (!pruned) return;  // the next write says what is wrong
      const std::lock_guard lock(mutex_);
      stats_.pruned += *pruned;
    }
    if (groups_since_tidy_ < kTidyGroups / 4) return;
    groups_since_tidy_ = 0;
    static_cast<void>(store_->tidy());  // as above
  }

  const fs::path directory_;
  const SqliteJournalOptions options_;
  const SystemClock clock_;
  std::optional<FileLock> lock_;

  // the journal thread's
  std::optional<JournalStore> store_;
  std::map<std::string, Room> rooms_;
  std::uint64_t groups_since_tidy_ = 0;

  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable ready_;
  std::deque<Work> queue_;
  std::size_t queued_bytes_ = 0;
  bool is_waiting_ = false;
  bool is_stopping_ = false;
  JournalStats stats_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Journal>> open_sqlite_journal(const fs::path& directory, const SqliteJournalOptions& options) {
  Result<FileLock> lock = take_lock(directory);
  // A directory that cannot be written to may come back; one that somebody else writes to is theirs.
  if (!lock && lock.error().code == ErrorCode::Limit) return std::unexpected(std::move(lock).error());
  std::optional<FileLock> taken;
  if (lock) taken.emplace(std::move(*lock));
  return std::make_unique<SqliteJournal>(directory, options, std::move(taken));
}

}  // namespace ndcast::ledger
