// What an update costs the control thread between the parsed intent and the queue of the journal: reducer, ledger,
// journal row. SQLite in a temporary folder, durability `process`; what the journal's thread does meanwhile is not
// counted, but has to keep up. Time is the thread's processor time: the machine may be doing other things.
//
//   build/release/bench/ledger [--json FILE] [--updates N]

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/ids.h"
#include "base/log.h"
#include "bench/report.h"
#include "ledger/sqlite_journal.h"
#include "reduce/reduce.h"
#include "reduce/test_scene.h"
#include "room/room_journal.h"

namespace ndcast::bench {
namespace {

namespace fs = std::filesystem;

/// Below the length of the journal's queue, so that a slow disk cannot stop the clock.
constexpr int kBurst = 20'000;
/// 150,000 updates a second.
constexpr double kReachUs = 1e6 / 150'000;

class Rig {
 public:
  explicit Rig(std::shared_ptr<ledger::Journal> disk)
      : journal_(room::RoomJournal::open(std::move(disk), "main", loop_, clock_)) {
    ledger_.continue_history(journal_->stored().history_id, journal_->stored().first_seq);
    journal_->attach(ledger_, {.on_told = [] {},
                               .on_history_renewed = [] {},
                               .on_degraded =
                                   [](const std::optional<Error>& error) {
                                     throw std::runtime_error(error ? error->message : "degraded and back");
                                   }});
    const auto opened =
        reduce::replace_scene(*ledger_.snapshot(), scene::kMainView, reduce::testing::small_scene(), scene::Canvas{});
    commit(opened, "");
  }
  ~Rig() { journal_->detach(); }

  void update(int i, const char* phase) {
    const auto reduction =
        reduce::reduce(*ledger_.snapshot(), scene::kMainView, scene::SetIndex{i % 2 ? "z" : "t", (i / 2) % 4});
    if (!reduction) throw std::runtime_error(reduction.error().message);
    commit(*reduction, phase);
  }
  /// Until everything is on disk.
  void settle() {
    while (journal_->durable_seq() < journal_->awaited_seq()) loop_.run_for(std::chrono::milliseconds(1));
    loop_.poll();
    if (!trouble_.empty()) throw std::runtime_error("the journal did not keep up: " + trouble_);
  }
  void poll() { loop_.poll(); }
  std::uint64_t server_seq() const { return ledger_.server_seq(); }

 private:
  void commit(const reduce::Reduction& reduction, const char* phase) {
    journal_->before_commit();
    const ledger::Committed committed = ledger_.commit({.changes = reduction.changes,
                                                        .author = {.actor = "ada",
                                                                   .origin = ledger::Origin::Client,
                                                                   .session = "00000000-0000-0000-0000-000000000000",
                                                                   .intent_id = "intent-ada-12345",
                                                                   .interaction_id = "drag-17",
                                                                   .phase = phase},
                                                        .opens = reduction.opens});
    journal_->note(committed, reduction.opens.has_value());
  }

  SystemClock clock_;
  transport::EventLoop loop_;
  ledger::Ledger ledger_{clock_};
  std::string trouble_;
  std::shared_ptr<room::RoomJournal> journal_;
};

double thread_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

/// Microseconds an update, the median burst.
double measure(const std::shared_ptr<ledger::Journal>& disk, int updates, const char* phase) {
  Rig rig(disk);
  std::vector<double> bursts;
  for (int done = 0; done < updates; done += kBurst) {
    rig.settle();
    const std::uint64_t before = rig.server_seq();
    const double start_us = thread_us();
    for (int i = 0; i < kBurst; ++i) {
      rig.update(i, phase);
      if (i % 64 == 0) rig.poll();  // as a control thread looks at its loop between two frames of a socket
    }
    bursts.push_back((thread_us() - start_us) / kBurst);
    if (rig.server_seq() < before + kBurst / 2) throw std::runtime_error("the updates changed nothing");
  }
  rig.settle();
  return percentile(bursts, 0.5);
}

int run(const std::string& json_file, int updates) {
  const fs::path directory = fs::temp_directory_path() / ("ndcast-bench-" + random_hex(6));
  std::vector<Row> rows;
  rows.push_back({.what = "update without a journal", .value = measure(nullptr, updates, ""), .unit = "us"});
  {
    std::shared_ptr<ledger::Journal> disk = ledger::open_sqlite_journal(directory, {}).value();
    rows.push_back(
        {.what = "update with a row in SQLite", .value = measure(disk, updates, ""), .unit = "us", .reach = kReachUs});
    const ledger::JournalStats stats = disk->stats();
    if (stats.dropped > 0) throw std::runtime_error("rows were dropped");
    rows.push_back({.what = "rows a group commit",
                    .value = static_cast<double>(stats.rows) / static_cast<double>(stats.groups),
                    .unit = ""});
  }
  fs::remove_all(directory);
  {
    std::shared_ptr<ledger::Journal> disk = ledger::open_sqlite_journal(directory, {}).value();
    rows.push_back(
        {.what = "update of a drag", .value = measure(disk, updates, "update"), .unit = "us", .reach = kReachUs});
  }
  fs::remove_all(directory);
  return report("ledger", rows, json_file);
}

}  // namespace
}  // namespace ndcast::bench

int main(int argc, char** argv) {
  std::string json_file;
  int updates = 400'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--json") json_file = argv[i + 1];
    if (option == "--updates") updates = std::atoi(argv[i + 1]);
  }
  static_cast<void>(ndcast::set_log_level("error"));
  try {
    return ndcast::bench::run(json_file, updates);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
