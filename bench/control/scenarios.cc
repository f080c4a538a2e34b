#include "bench/control/scenarios.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "bench/control/drag.h"
#include "bench/control/sessions.h"

namespace ndcast::bench {
namespace {

constexpr std::string_view kOurs = "ndcast";
/// From here on every value counts as delivered: a drag's last ones may be on their way when it ends.
constexpr double kFullDelivery = 0.995;

using Member = double DragResult::*;

/// A peer's rounds of one scenario.
class Rounds {
 public:
  void add(const DragResult& result) { results_.push_back(result); }
  double median(Member member) const {
    std::vector<double> values;
    values.reserve(results_.size());
    for (const DragResult& result : results_) values.push_back(result.*member);
    return percentile(values, 0.5);
  }
  int least_converged() const { return std::ranges::min(results_, {}, &DragResult::converged).converged; }
  int observers() const { return results_.front().observers; }

 private:
  std::vector<DragResult> results_;
};
using Results = std::map<std::string_view, Rounds>;

Results drag_all(const Campaign& campaign, const Place& place, const DragLoad& load) {
  Results results;
  for (int round = 0; round < campaign.rounds; ++round) {
    for (const Peer* peer : campaign.peers) {
      DragLoad own = load;
      own.duration = std::chrono::seconds(campaign.seconds);
      own.seed = static_cast<unsigned>(round + 1);
      const DragResult result = drag(*peer, place, own);
      results[peer->name()].add(result);
      fmt::print(stderr, "  round {} {:<14} p50 {:7.2f}  p99 {:7.2f}  cpu {:5.1f}  late p99 {:.2f}\n", round + 1,
                 peer->name(), result.p50_ms, result.p99_ms, result.cpu_percent, result.late_p99_ms);
    }
  }
  return results;
}

void print_group(std::string_view title, const Campaign& campaign, const Results& results, bool full) {
  bool titled = false;
  for (const Peer* peer : campaign.peers) {
    const Rounds& rounds = results.at(peer->name());
    if ((rounds.median(&DragResult::delivered) >= kFullDelivery) != full) continue;
    if (!titled) {
      fmt::print("  {}\n    {:<14} {:>9} {:>8} {:>8} {:>8} {:>6} {:>8} {:>11} {:>9}\n", title, "peer", "delivered",
                 "p50 ms", "p95 ms", "p99 ms", "cpu %", "RSS MiB", "converged", "late ms");
    }
    titled = true;
    fmt::print("    {:<14} {:>9.3f} {:>8.2f} {:>8.2f} {:>8.2f} {:>6.1f} {:>8.1f} {:>7}/{:<3} {:>9.2f}\n", peer->name(),
               rounds.median(&DragResult::delivered), rounds.median(&DragResult::p50_ms),
               rounds.median(&DragResult::p95_ms), rounds.median(&DragResult::p99_ms),
               rounds.median(&DragResult::cpu_percent), rounds.median(&DragResult::rss_mib), rounds.least_converged(),
               rounds.observers(), rounds.median(&DragResult::late_p99_ms));
  }
}

/// A row of ours, held against a peer's of the same run, or against a number.
class Judge {
 public:
  Judge(std::string title, const Results& results) : title_(std::move(title)), results_(results) {}

  void against(std::string_view what, Member member, std::string_view peer, double reach) {
    const auto ours = results_.find(kOurs);
    const auto theirs = results_.find(peer);
    if (ours == results_.end() || theirs == results_.end()) return;
    rows_.push_back({fmt::format("{}: {}", title_, what), ours->second.median(member), "ms", std::string(peer),
                     theirs->second.median(member), reach});
  }
  void against_best(std::string_view what, Member member, double reach) {
    std::string_view best;
    for (const auto& [peer, rounds] : results_) {
      if (peer == kOurs) continue;
      if (best.empty() || rounds.median(member) < results_.at(best).median(member)) best = peer;
    }
    if (!best.empty()) against(what, member, best, reach);
  }
  void at_most(std::string_view what, Member member, std::string_view unit, double reach) {
    const auto ours = results_.find(kOurs);
    if (ours == results_.end()) return;
    rows_.push_back(
        {fmt::format("{}: {}", title_, what), ours->second.median(member), std::string(unit), {}, {}, reach});
  }
  void all_converged() {
    const auto ours = results_.find(kOurs);
    if (ours == results_.end()) return;
    const double missing = ours->second.observers() - ours->second.least_converged();
    rows_.push_back({title_ + ": observers not converged", missing, "", {}, {}, 0.0});
  }
  /// Every peer's figures, for programs.
  void note_all() {
    constexpr std::array<std::pair<std::string_view, Member>, 6> kFigures = {{
        {"p50 ms", &DragResult::p50_ms},
        {"p95 ms", &DragResult::p95_ms},
        {"p99 ms", &DragResult::p99_ms},
        {"delivered", &DragResult::delivered},
        {"cpu %", &DragResult::cpu_percent},
        {"RSS MiB", &DragResult::rss_mib},
    }};
    for (const auto& [peer, rounds] : results_) {
      for (const auto& [figure, member] : kFigures) {
        rows_.push_back({.what = fmt::format("{}: {} {}", title_, peer, figure),
                         .value = rounds.median(member),
                         .unit = {},
                         .peer = {},
                         .peer_value = {},
                         .reach = {},
                         .printed = false});
      }
    }
  }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  const std::string title_;
  const Results& results_;
  std::vector<Row> rows_;
};

Results run_drag(const std::string& title, const Campaign& campaign, const Place& place, const DragLoad& load) {
  fmt::print(stderr, "{}\n", title);
  Results results = drag_all(campaign, place, load);
  fmt::print("{} (medians of {} rounds of {} s)\n", title, campaign.rounds, campaign.seconds);
  print_group("every value delivered", campaign, results, true);
  print_group("coalesced: only the latest of a slider's values", campaign, results, false);
  return results;
}

std::vector<Row> drag_50(const Campaign& campaign, const Place& place, Phase phase) {
  const std::string title = fmt::format("10 x 60 Hz to 50, {} phases", phase == Phase::Random ? "random" : "equal");
  const Results results = run_drag(title, campaign, place, {.writers = 10, .observers = 50, .phase = phase});
  Judge judge(title, results);
  judge.against("p50", &DragResult::p50_ms, "nats", 1.0);
  judge.against("p99", &DragResult::p99_ms, "nats", 1.0);
  judge.against("p50", &DragResult::p50_ms, "colyseus-16ms", 0.4);
  judge.against("p99", &DragResult::p99_ms, "colyseus-16ms", 0.4);
  judge.at_most("p99", &DragResult::p99_ms, "ms", 8);
  judge.at_most("server CPU", &DragResult::cpu_percent, "%", 12);
  judge.all_converged();
  judge.note_all();
  return judge.take();
}

std::vector<Row> drag_200(const Campaign& campaign, const Place& place, Phase phase) {
  const std::string title = fmt::format("20 x 60 Hz to 200, {} phases", phase == Phase::Random ? "random" : "equal");
  const Results results = run_drag(title, campaign, place, {.writers = 20, .observers = 200, .phase = phase});
  Judge judge(title, results);
  judge.against_best("p99", &DragResult::p99_ms, 0.5);
  judge.all_converged();
  judge.at_most("server memory", &DragResult::rss_mib, "MiB", 64);
  judge.note_all();
  return judge.take();
}

std::vector<Row> single(const Campaign& campaign, const Place& place) {
  const std::string title = "one writer at 20 Hz to one observer";
  const Results results = run_drag(title, campaign, place, {.writers = 1, .observers = 1, .hz = 20});
  Judge judge(title, results);
  judge.at_most("p50", &DragResult::p50_ms, "ms", 0.5);
  judge.note_all();
  return judge.take();
}

std::vector<Row> resume_rows(const Campaign& campaign, const Place& place) {
  std::vector<double> ms;
  std::vector<double> kib;
  for (int round = 0; round < campaign.rounds; ++round) {
    const ResumeResult result = resume(place, 10'000);
    ms.push_back(result.ms);
    kib.push_back(static_cast<double>(result.bytes) / 1024);
  }
  return {{"back from 10,000 commits behind", percentile(ms, 0.5), "ms", {}, {}, 50.0},
          {"back from 10,000 commits behind, bytes", percentile(kib, 0.5), "KiB", {}, {}, {}}};
}

std::vector<Row> idle_rows(const Campaign&, const Place& place) {
  const IdleResult result = idle(place, 10'000);
  return {{"10,000 idle sessions, each", result.kib_per_connection, "KiB", {}, {}, 20.0},
          {"10,000 idle sessions, server CPU", result.cpu_percent, "%", {}, {}, {}}};
}

constexpr std::array kScenarios = {
    Scenario{"drag50", "10 writers at 60 Hz to 50 observers, random phases",
             [](const Campaign& campaign, const Place& place) { return drag_50(campaign, place, Phase::Random); }},
    Scenario{"drag50-equal", "the same, all writers at the same moments",
             [](const Campaign& campaign, const Place& place) { return drag_50(campaign, place, Phase::Aligned); }},
    Scenario{"drag200", "20 writers at 60 Hz to 200 observers, random phases",
             [](const Campaign& campaign, const Place& place) { return drag_200(campaign, place, Phase::Random); }},
    Scenario{"drag200-equal", "the same, all writers at the same moments",
             [](const Campaign& campaign, const Place& place) { return drag_200(campaign, place, Phase::Aligned); }},
    Scenario{"single", "one idle writer to one observer", single},
    Scenario{"resume", "a session back from 10,000 commits behind (ndcast alone)", resume_rows},
    Scenario{"idle", "10,000 idle sessions (ndcast alone)", idle_rows},
};

}  // namespace

std::span<const Scenario> all_scenarios() { return kScenarios; }

}  // namespace ndcast::bench
