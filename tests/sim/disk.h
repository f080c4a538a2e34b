#pragma once
// The journal of a story: what of a room's commits is on the disk, which lags behind, and what a server that starts
// after a crash finds. Rows are what room::RoomJournal writes, but for its lateness with drags and poses.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/journal.h"
#include "ledger/ledger.h"
#include "protocol/journal_row.h"

namespace ndcast::sim {

class Disk {
 public:
  /// Small, so that stories use up many.
  static constexpr std::uint64_t kBlock = 64;

  void write(const ledger::Committed& committed, const ledger::Ledger& ledger) {
    static const scene::Value kGone = scene::Gone{};
    std::vector<protocol::JournalChangeView> changes;
    changes.reserve(committed.changed.size());
    for (std::size_t i = 0; i < committed.changed.size(); ++i) {
      const ledger::Register* now = ledger.find(committed.changed[i]);
      changes.push_back({&committed.changed[i], &committed.before[i].value, now ? &now->value : &kGone});
    }
    stored_.history_id = ledger.history_id();
    log_.push_back({.server_seq = committed.server_seq,
                    .unix_s = committed.unix_s,
                    .actor = committed.author->actor,
                    .origin = committed.author->origin,
                    .interaction_id = committed.author->interaction_id,
                    .phase = committed.author->phase,
                    .changes = protocol::changes_to_text(changes)});
    stored_.rows.push_back(log_.back());
    while (stored_.reserved_seq < committed.server_seq + kBlock) stored_.reserved_seq += kBlock;
  }

  /// Rows behind `durable_seq` are lost, and what is left is what the next server finds.
  const ledger::StoredRoom& crash(std::uint64_t durable_seq) {
    const auto is_lost = [&](const ledger::JournalRow& row) { return row.server_seq > durable_seq; };
    std::erase_if(stored_.rows, is_lost);
    std::erase_if(log_, is_lost);
    stored_.first_seq = stored_.reserved_seq;
    return stored_;
  }
  std::uint64_t last_row() const { return stored_.rows.empty() ? checkpoint_seq() : stored_.rows.back().server_seq; }

  /// A room that came back begins with a checkpoint.
  void begin_with(const ledger::Ledger& ledger, double unix_s) {
    stored_.checkpoint = ledger::Checkpoint{.server_seq = ledger.server_seq(),
                                            .unix_s = unix_s,
                                            .registers = protocol::registers_to_text(ledger.registers())};
    stored_.rows.clear();
  }

  /// Rows of all servers, newest first; a restart needs those behind the checkpoint alone.
  std::vector<ledger::JournalRow> read(const ledger::HistoryRequest& request) const {
    std::vector<ledger::JournalRow> page;
    for (auto row = log_.rbegin(); row != log_.rend() && page.size() < request.limit; ++row) {
      if (row->server_seq >= request.before_seq) continue;
      if (request.actor.empty() || row->actor == request.actor) page.push_back(*row);
    }
    return page;
  }

 private:
  std::uint64_t checkpoint_seq() const { return stored_.checkpoint ? stored_.checkpoint->server_seq : 0; }

  ledger::StoredRoom stored_;
  std::vector<ledger::JournalRow> log_;
};

}  // namespace ndcast::sim
