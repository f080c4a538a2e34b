#pragma once
// One room's journal: what of each commit becomes a row, which rows are waited for, and what happens when the disk does
// not take them (protocol.md, WP24 – WP28).
//
//   Room::commit ─ note() ─► row | drag value | pose ─► Journal ─ posted ─► on_told ─► SessionHub::on_durable()
//
//   std::shared_ptr<RoomJournal> journal = RoomJournal::open(surroundings journal, "main", loop, clock);
//   ledger.continue_history(journal->history_id(), journal->first_seq());
//   journal->attach(ledger, {.on_told = …});
//   …
//   journal->before_commit();
//   journal->note(ledger.commit(transaction), opens_an_op);
//
// Rows are kept in an order in which the state after each is the ledger's at that number, but for poses: a drag's value
// that is not yet a row becomes one before the next row. A pose becomes a row with the number of its last change once
// it rests, which may be after rows with higher numbers.
//
// Control thread only; what the journal's thread says is posted to the loop.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/journal.h"
#include "ledger/ledger.h"
#include "transport/event_loop.h"

namespace ndcast::room {

class RoomJournal final : public std::enable_shared_from_this<RoomJournal> {
 public:
  struct Callbacks {
    std::function<void()> on_told;             ///< durable_seq() rose, or awaited_seq() fell
    std::function<void()> on_history_renewed;  ///< the ledger has another history_id
    /// WP28, once a change: why nothing is kept at present, or nothing when it is again.
    std::function<void(const std::optional<Error>&)> on_degraded;
  };

  /// Opens the room in `journal` and waits for what is stored: before anything is served. Null keeps nothing. A journal
  /// that cannot be read is no error: the room is new, and degraded until the journal can be written.
  static std::shared_ptr<RoomJournal> open(std::shared_ptr<ledger::Journal> journal, std::string room,
                                           transport::EventLoop& loop, const Clock& clock);
  /// The same for a room that is made while others are served: `done` on the control thread, later.
  static void open_later(std::shared_ptr<ledger::Journal> journal, std::string room, transport::EventLoop& loop,
                         const Clock& clock, std::function<void(std::shared_ptr<RoomJournal>)> done);
  ~RoomJournal();

  // --- what an earlier process left ---
  const ledger::StoredRoom& stored() const { return stored_; }
  bool has_stored() const { return stored_.checkpoint.has_value() || !stored_.rows.empty(); }

  /// `ledger` and the callbacks' objects outlive detach().
  void attach(ledger::Ledger& ledger, Callbacks callbacks);
  /// Writes what is not yet a row and a checkpoint; nothing is called afterwards.
  void detach();

  /// The stored registers are in the ledger, or will never be; `with_loss` when not all are: what follows begins with a
  /// checkpoint. Frees stored().
  void restored(bool with_loss);

  /// Before each commit of the ledger: when its number is not reserved, the ledger gets a new history.
  void before_commit();
  /// After each commit of the ledger.
  void note(const ledger::Committed& committed, bool opens);

  /// What is told now may leave when durable_seq() is at least this; 0: at once.
  std::uint64_t awaited_seq() const { return awaited_seq_; }
  std::uint64_t durable_seq() const { return durable_seq_; }
  /// WP28: somebody holds more than can be held; nothing waits until the journal is healthy again.
  void stop_waiting(const std::string& why);

  bool is_degraded() const { return health_ != Health::Healthy; }
  /// "process", "disk", "relaxed"; "degraded"; "none" without a journal.
  std::string_view state() const;

  /// Also what is not yet a row becomes one first.
  void read_history(ledger::HistoryRequest request, std::function<void(Result<std::vector<ledger::JournalRow>>)> done);

 private:
  enum class Health {
    Healthy,
    Broken,      ///< nothing is appended; tried again at retry_at_
    Recovering,  ///< a checkpoint is on its way; what follows it is appended, nothing waits
  };
  /// A register whose last values are not a row yet.
  struct Pending {
    scene::Value before;  ///< of the last row
    bool is_drag = false;
    MonotonicTime since;
    MonotonicTime last;
  };
  using PendingMap = std::map<scene::RegisterId, Pending>;

  RoomJournal(std::shared_ptr<ledger::Journal> journal, std::string room, transport::EventLoop& loop,
              const Clock& clock);
  static std::shared_ptr<RoomJournal> make(std::shared_ptr<ledger::Journal> journal, std::string room,
                                           transport::EventLoop& loop, const Clock& clock);
  ledger::Journal::Listener listener();
  void take_stored(Result<ledger::StoredRoom> stored);

  void hold_back(const ledger::Committed& committed, bool is_drag);
  void append_commit(const ledger::Committed& committed, bool opens);
  /// Makes rows of the pending registers that `which` picks, in order of their numbers.
  template <class Predicate>
  void flush_pending(Predicate which);
  void append(ledger::JournalRow row);
  void write_checkpoint(bool after_gap);
  void reserve_ahead();

  void on_durable(std::uint64_t server_seq);
  void on_reserved(std::uint64_t reserved_seq);
  void degrade(const Error& error);
  void recover();
  void tick();
  std::optional<MonotonicTime> next_deadline() const;
  void arm();

  const std::shared_ptr<ledger::Journal> journal_;
  const std::string room_;
  transport::EventLoop& loop_;
  const Clock& clock_;
  ledger::StoredRoom stored_;
  ledger::Ledger* ledger_ = nullptr;  ///< set between attach() and detach()
  Callbacks callbacks_;

  PendingMap pending_;
  std::uint64_t awaited_seq_ = 0;
  std::uint64_t durable_seq_ = 0;
  std::optional<MonotonicTime> waits_since_;  ///< without progress
  std::uint64_t reserved_seq_ = 0;            ///< safe to use up to here
  std::uint64_t reserve_asked_ = 0;
  std::size_t rows_since_checkpoint_ = 0;
  std::size_t bytes_since_checkpoint_ = 0;

  Health health_ = Health::Healthy;
  bool is_renewed_ = false;         ///< the history_id is not the one on disk
  std::uint64_t recovery_seq_ = 0;  ///< of the checkpoint that ends Recovering
  std::uint64_t recovery_reserve_ = 0;
  MonotonicTime retry_at_;
  std::optional<MonotonicTime> armed_for_;
  transport::TimerHandle timer_;
};

}  // namespace ndcast::room
