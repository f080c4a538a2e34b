#include "room/room_journal.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "protocol/journal_row.h"

namespace ndcast::room {
namespace {

/// What the server writes by itself as pictures come and go; what a restart would decide again.
bool is_derived(const ledger::Committed& committed) {
  if (committed.author->origin == ledger::Origin::Worker) return true;
  return std::ranges::all_of(committed.changed, [](const auto& id) { return id.scope == scene::Scope::Stream; });
}

bool is_drag(const ledger::Committed& committed) {
  const std::string& phase = committed.author->phase;
  return committed.changed.size() == 1 && (phase == "start" || phase == "update");
}

ledger::JournalRow row_of(std::uint64_t server_seq, double unix_s, const ledger::Author* author) {
  ledger::JournalRow row{.server_seq = server_seq, .unix_s = unix_s};
  if (author) {
    row.actor = author->actor;
    row.origin = author->origin;
    row.intent_id = author->intent_id;
    row.client_seq = author->client_seq;
    row.interaction_id = author->interaction_id;
    row.phase = author->phase;
  }
  return row;
}

}  // namespace

RoomJournal::RoomJournal(std::shared_ptr<ledger::Journal> journal, std::string room, transport::EventLoop& loop,
                         const Clock& clock)
    : journal_(std::move(journal)), room_(std::move(room)), loop_(loop), clock_(clock) {}

RoomJournal::~RoomJournal() { journal_->close_room(room_); }

std::shared_ptr<RoomJournal> RoomJournal::make(std::shared_ptr<ledger::Journal> journal, std::string room,
                                               transport::EventLoop& loop, const Clock& clock) {
  if (!journal) journal = ledger::make_null_journal();
  return std::shared_ptr<RoomJournal>(new RoomJournal(std::move(journal), std::move(room), loop, clock));
}

std::shared_ptr<RoomJournal> RoomJournal::open(std::shared_ptr<ledger::Journal> journal, std::string room,
                                               transport::EventLoop& loop, const Clock& clock) {
  auto made = make(std::move(journal), std::move(room), loop, clock);
  made->take_stored(ledger::open_room_blocking(*made->journal_, made->room_, random_hex(8), made->listener()));
  return made;
}

void RoomJournal::open_later(std::shared_ptr<ledger::Journal> journal, std::string room, transport::EventLoop& loop,
                             const Clock& clock, std::function<void(std::shared_ptr<RoomJournal>)> done) {
  auto made = make(std::move(journal), std::move(room), loop, clock);
  ledger::Journal& opened = *made->journal_;
  const std::string name = made->room_;
  auto listener = made->listener();
  opened.open_room(name, random_hex(8), std::move(listener),
                   [made, done = std::move(done)](Result<ledger::StoredRoom> stored) mutable {
                     // Moved on: the last owner must not be the journal's thread, which would have to wait for itself.
                     transport::EventLoop& loop = made->loop_;
                     loop.post([made = std::move(made), done = std::move(done), stored = std::move(stored)]() mutable {
                       made->take_stored(std::move(stored));
                       done(std::move(made));
                     });
                   });
}

ledger::Journal::Listener RoomJournal::listener() {
  const auto post = [&loop = loop_, weak = weak_from_this()](auto function) {
    loop.post([weak, function = std::move(function)] {
      if (const auto self = weak.lock(); self && self->ledger_) function(*self);
    });
  };
  return {
      .on_durable = [post](std::uint64_t seq) { post([seq](RoomJournal& self) { self.on_durable(seq); }); },
      .on_reserved = [post](std::uint64_t seq) { post([seq](RoomJournal& self) { self.on_reserved(seq); }); },
      .on_failure = [post](const Error& error) { post([error](RoomJournal& self) { self.degrade(error); }); },
  };
}

void RoomJournal::take_stored(Result<ledger::StoredRoom> stored) {
  if (stored) {
    stored_ = std::move(*stored);
    reserved_seq_ = reserve_asked_ = stored_.reserved_seq;
    return;
  }
  log().error("room {}: the journal cannot be read: {}", room_, stored.error().message);
  stored_.history_id = random_hex(8);
  reserved_seq_ = limits::kMaxServerSeq;  // of a history that is on no disk yet
  is_renewed_ = true;
  health_ = Health::Broken;
  retry_at_ = clock_.now() + limits::kJournalRetry;
}

void RoomJournal::attach(ledger::Ledger& ledger, Callbacks callbacks) {
  ledger_ = &ledger;
  callbacks_ = std::move(callbacks);
  durable_seq_ = ledger.server_seq();
  if (journal_->keeps()) reserve_ahead();
  arm();
}

void RoomJournal::detach() {
  if (!ledger_) return;
  if (journal_->keeps() && health_ == Health::Healthy) write_checkpoint(false);
  timer_.cancel();
  callbacks_ = {};
  ledger_ = nullptr;
}

void RoomJournal::restored(bool with_loss) {
  stored_.rows = {};
  stored_.checkpoint.reset();
  if (journal_->keeps() && health_ == Health::Healthy) write_checkpoint(with_loss);
}

std::string_view RoomJournal::state() const {
  if (!journal_->keeps()) return "none";
  return is_degraded() ? "degraded" : to_string(journal_->durability());
}

// --- what becomes a row ---------------------------------------------------------------------------------------------

void RoomJournal::before_commit() {
  if (!journal_->keeps() || ledger_->server_seq() < reserved_seq_) return;
  // The disk has not said that this number is used, so after a crash it would be used again: under another id, nobody
  // takes the one for the other.
  ledger_->renew_history();
  log().error("room {}: more changes than the journal could reserve numbers for; the history begins anew as {}", room_,
              ledger_->history_id());
  is_renewed_ = true;
  reserved_seq_ = limits::kMaxServerSeq;
  if (health_ == Health::Healthy) degrade({ErrorCode::Limit, "the journal did not reserve numbers in time"});
  callbacks_.on_history_renewed();
}

void RoomJournal::note(const ledger::Committed& committed, bool opens) {
  if (!journal_->keeps() || committed.changed.empty()) return;
  reserve_ahead();
  if (health_ == Health::Broken) return;
  if (!opens && is_derived(committed)) {
    hold_back(committed, false);
  } else if (!opens && is_drag(committed)) {
    hold_back(committed, true);
  } else {
    append_commit(committed, opens);
  }
}

void RoomJournal::hold_back(const ledger::Committed& committed, bool is_drag) {
  const MonotonicTime now = clock_.now();
  for (std::size_t i = 0; i < committed.changed.size(); ++i) {
    const auto [it, is_new] = pending_.try_emplace(committed.changed[i]);
    if (is_new) it->second = {committed.before[i].value, is_drag, now, now};
    it->second.is_drag = is_drag;
    it->second.last = now;
  }
  arm();
}

void RoomJournal::append_commit(const ledger::Committed& committed, bool opens) {
  // A register that is pending goes on in this row from where its last row left it.
  std::vector<scene::Value> before;
  before.reserve(committed.before.size());
  for (std::size_t i = 0; i < committed.changed.size(); ++i) {
    auto pending = pending_.extract(committed.changed[i]);
    before.push_back(pending ? pending.mapped().before : committed.before[i].value);
  }
  if (!pending_.empty()) flush_pending([&](const Pending& pending) { return opens || pending.is_drag; });
  static const scene::Value kGone = scene::Gone{};
  std::vector<protocol::JournalChangeView> changes;
  changes.reserve(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const ledger::Register* now = ledger_->find(committed.changed[i]);
    changes.push_back({&committed.changed[i], &before[i], now ? &now->value : &kGone});
  }
  ledger::JournalRow row = row_of(committed.server_seq, committed.unix_s, committed.author.get());
  row.changes = protocol::changes_to_text(changes);
  append(std::move(row));
  if (health_ == Health::Healthy && journal_->durability() != ledger::Durability::Relaxed) {
    awaited_seq_ = committed.server_seq;
    if (!waits_since_ && durable_seq_ < awaited_seq_) {
      waits_since_ = clock_.now();
      arm();
    }
  }
  if (rows_since_checkpoint_ >= limits::kCheckpointRows || bytes_since_checkpoint_ >= limits::kCheckpointBytes) {
    write_checkpoint(false);
  }
}

template <class Predicate>
void RoomJournal::flush_pending(Predicate which) {
  struct Row {
    const ledger::Register* last = nullptr;
    std::vector<protocol::JournalChangeView> changes;
  };
  std::map<std::uint64_t, Row> rows;
  for (const auto& [id, pending] : pending_) {
    const ledger::Register* now = ledger_->find(id);
    if (!now || !which(pending)) continue;
    Row& row = rows[now->version];
    row.last = now;
    if (now->value != pending.before) row.changes.push_back({&id, &pending.before, &now->value});
  }
  for (auto& [server_seq, row] : rows) {
    if (row.changes.empty()) continue;
    ledger::JournalRow out = row_of(server_seq, row.last->timestamp, row.last->author.get());
    out.changes = protocol::changes_to_text(row.changes);
    append(std::move(out));
  }
  std::erase_if(pending_, [&](const auto& entry) { return which(entry.second); });
}

void RoomJournal::append(ledger::JournalRow row) {
  ++rows_since_checkpoint_;
  bytes_since_checkpoint_ += row.changes.size();
  journal_->append(room_, std::move(row));  // a refusal comes back as a failure
}

void RoomJournal::write_checkpoint(bool after_gap) {
  flush_pending([](const Pending&) { return true; });
  rows_since_checkpoint_ = 0;
  bytes_since_checkpoint_ = 0;
  ledger::Checkpoint checkpoint{.server_seq = ledger_->server_seq(),
                                .unix_s = clock_.unix_seconds(),
                                .registers = protocol::registers_to_text(ledger_->registers()),
                                .after_gap = after_gap};
  if (health_ == Health::Recovering) {
    checkpoint.history_id = ledger_->history_id();
    checkpoint.reserved_seq = recovery_reserve_;
  }
  journal_->checkpoint(room_, std::move(checkpoint));
}

void RoomJournal::reserve_ahead() {
  if (health_ == Health::Broken) return;
  const std::uint64_t used = ledger_->server_seq();
  if (reserve_asked_ >= used + limits::kReserveAhead / 2) return;
  reserve_asked_ = used + limits::kReserveAhead;
  journal_->reserve(room_, reserve_asked_);
}

void RoomJournal::read_history(ledger::HistoryRequest request,
                               std::function<void(Result<std::vector<ledger::JournalRow>>)> done) {
  if (journal_->keeps() && health_ != Health::Broken) flush_pending([](const Pending&) { return true; });
  journal_->read_history(room_, std::move(request),
                         [&loop = loop_, weak = weak_from_this(),
                          done = std::move(done)](Result<std::vector<ledger::JournalRow>> rows) mutable {
                           loop.post([weak, done = std::move(done), rows = std::move(rows)]() mutable {
                             if (const auto self = weak.lock(); self && self->ledger_) done(std::move(rows));
                           });
                         });
}

// --- what the disk says ---------------------------------------------------------------------------------------------

void RoomJournal::on_durable(std::uint64_t server_seq) {
  durable_seq_ = std::max(durable_seq_, server_seq);
  if (durable_seq_ >= awaited_seq_) {
    waits_since_.reset();
  } else {
    waits_since_ = clock_.now();
  }
  if (health_ == Health::Recovering && durable_seq_ >= recovery_seq_) {
    health_ = Health::Healthy;
    is_renewed_ = false;
    reserved_seq_ = recovery_reserve_;
    reserve_asked_ = std::max(reserve_asked_, recovery_reserve_);
    log().info("room {}: the journal is kept again", room_);
    callbacks_.on_degraded(std::nullopt);
  }
  callbacks_.on_told();
}

void RoomJournal::on_reserved(std::uint64_t reserved_seq) {
  if (!is_renewed_) reserved_seq_ = std::max(reserved_seq_, reserved_seq);
}

void RoomJournal::stop_waiting(const std::string& why) {
  if (health_ == Health::Healthy) degrade({ErrorCode::Timeout, why});
}

void RoomJournal::degrade(const Error& error) {
  const bool was_healthy = health_ == Health::Healthy;
  health_ = Health::Broken;
  retry_at_ = clock_.now() + limits::kJournalRetry;
  pending_.clear();
  awaited_seq_ = 0;
  waits_since_.reset();
  if (was_healthy) log().error("room {}: changes are not kept: {}", room_, error.message);
  // Posted: this may be in the middle of a commit.
  loop_.post([weak = weak_from_this(), was_healthy, error] {
    const auto self = weak.lock();
    if (!self || !self->ledger_) return;
    if (was_healthy) self->callbacks_.on_degraded(error);
    self->callbacks_.on_told();
  });
  arm();
}

void RoomJournal::recover() {
  health_ = Health::Recovering;
  recovery_seq_ = ledger_->server_seq();
  recovery_reserve_ = recovery_seq_ + limits::kReserveAhead;
  // A new id's numbers are nobody else's whether or not this checkpoint is kept.
  if (is_renewed_) reserved_seq_ = recovery_reserve_;
  reserve_asked_ = recovery_reserve_;
  write_checkpoint(true);
  retry_at_ = clock_.now() + limits::kJournalStall;
  arm();
}

void RoomJournal::tick() {
  const MonotonicTime now = clock_.now();
  if (health_ == Health::Broken && now >= retry_at_) recover();
  if (health_ == Health::Recovering && now >= retry_at_) recover();
  if (health_ == Health::Healthy && waits_since_ && now >= *waits_since_ + limits::kJournalStall) {
    degrade({ErrorCode::Timeout, "the disk has not answered for 2 s"});
  }
  if (health_ != Health::Broken) {
    flush_pending([&](const Pending& pending) {
      return now >= (pending.is_drag ? pending.since : pending.last) + limits::kJournalRest;
    });
  }
  arm();
}

std::optional<MonotonicTime> RoomJournal::next_deadline() const {
  std::optional<MonotonicTime> earliest;
  const auto consider = [&](MonotonicTime time) { earliest = earliest ? std::min(*earliest, time) : time; };
  if (is_degraded()) consider(retry_at_);
  if (waits_since_) consider(*waits_since_ + limits::kJournalStall);
  if (health_ != Health::Broken) {
    for (const auto& [id, pending] : pending_) {
      consider((pending.is_drag ? pending.since : pending.last) + limits::kJournalRest);
    }
  }
  return earliest;
}

void RoomJournal::arm() {
  const std::optional<MonotonicTime> deadline = next_deadline();
  if (!deadline || !ledger_) return;
  // A timer that comes too early looks again; one for each update of a drag would cost more than the drag.
  if (timer_.pending() && armed_for_ && *armed_for_ <= *deadline) return;
  armed_for_ = deadline;
  const auto wait = std::max(std::chrono::nanoseconds(0), *deadline - clock_.now());
  timer_ = loop_.run_after(wait, [this] { tick(); });
}

}  // namespace ndcast::room
