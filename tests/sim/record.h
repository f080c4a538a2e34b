#pragma once
// What the ledger did, transaction by transaction, as the room committed it: what nd.history has to tell (WP17, WP29).

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "ledger/ledger.h"

namespace ndcast::sim {

class Record {
 public:
  void on_commit(const ledger::Committed& committed, const ledger::Ledger& ledger);
  /// A crash: the rows behind `server_seq` are gone.
  void lose_behind(std::uint64_t server_seq);

  /// The reply to nd.history: the newest `limit` rows before `before_seq`, of `actor` or, when it is empty, of all, as
  /// a session that sees `seen` is told.
  Json page(std::uint64_t before_seq, std::size_t limit, const std::string& actor, const scene::ViewId& seen,
            const std::string& durability) const;

 private:
  struct Change {
    scene::RegisterId id;
    scene::Value before;
    scene::Value after;
  };
  struct Row {
    std::uint64_t server_seq = 0;
    double unix_s = 0.0;
    std::shared_ptr<const ledger::Author> author;
    std::vector<Change> changes;
  };
  static Json print(const Row& row, const scene::ViewId& seen);

  std::vector<Row> rows_;
};

}  // namespace ndcast::sim
