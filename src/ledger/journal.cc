#include "ledger/journal.h"

#include <array>
#include <future>
#include <utility>

#include "base/limits.h"

namespace ndcast::ledger {
namespace {

constexpr std::array<std::string_view, 3> kDurabilities = {"process", "disk", "relaxed"};

class NullJournal final : public Journal {
 public:
  bool keeps() const override { return false; }
  Durability durability() const override { return Durability::Relaxed; }
  void open_room(const std::string&, std::string fresh_history_id, Listener,
                 std::function<void(Result<StoredRoom>)> done) override {
    done(StoredRoom{.history_id = std::move(fresh_history_id), .reserved_seq = limits::kMaxServerSeq});
  }
  void close_room(const std::string&) override {}
  bool append(const std::string&, JournalRow) override { return true; }
  bool checkpoint(const std::string&, Checkpoint) override { return true; }
  bool reserve(const std::string&, std::uint64_t) override { return true; }
  void read_history(const std::string&, HistoryRequest,
                    std::function<void(Result<std::vector<JournalRow>>)> done) override {
    done(std::vector<JournalRow>{});
  }
  JournalStats stats() const override { return {}; }
};

}  // namespace

std::string_view to_string(Durability durability) { return kDurabilities[static_cast<std::size_t>(durability)]; }

std::optional<Durability> durability_from_string(std::string_view word) {
  for (std::size_t i = 0; i < kDurabilities.size(); ++i) {
    if (kDurabilities[i] == word) return static_cast<Durability>(i);
  }
  return std::nullopt;
}

std::unique_ptr<Journal> make_null_journal() { return std::make_unique<NullJournal>(); }

Result<StoredRoom> open_room_blocking(Journal& journal, const std::string& room, std::string fresh_history_id,
                                      Journal::Listener listener) {
  std::promise<Result<StoredRoom>> stored;
  journal.open_room(room, std::move(fresh_history_id), std::move(listener),
                    [&](Result<StoredRoom> read) { stored.set_value(std::move(read)); });
  return stored.get_future().get();
}

}  // namespace ndcast::ledger
