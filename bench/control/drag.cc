#include "bench/control/drag.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/report.h"

namespace ndcast::bench {
namespace {

/// Values are k / 10,000, so that every peer carries them exactly and a value says which write it was.
constexpr double kSteps = 10'000;

double value_of(int write) { return write / kSteps; }
int write_of(double value) { return static_cast<int>(std::lround(value * kSteps)); }

double to_ms(std::chrono::nanoseconds duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

class Log final : public Listener {
 public:
  Log(const DragLoad& load, int writes)
      : sent_(static_cast<std::size_t>(load.writers), std::vector<Time>(static_cast<std::size_t>(writes) + 1)),
        last_(static_cast<std::size_t>(load.observers), std::vector<int>(static_cast<std::size_t>(load.writers))) {
    latencies_ms_.reserve(static_cast<std::size_t>(writes) * sent_.size() * last_.size());
  }

  void on_value(int observer, int slider, double value) override {
    const Time now = clock_now();
    const auto at = static_cast<std::size_t>(slider);
    const int write = write_of(value);
    if (at >= sent_.size() || write <= 0 || static_cast<std::size_t>(write) >= sent_[at].size()) return;
    last_[static_cast<std::size_t>(observer)][at] = write;
    const Time sent = sent_[at][static_cast<std::size_t>(write)];
    if (sent >= begin_) latencies_ms_.push_back(to_ms(now - sent));
  }

  void note_write(int slider, int write) {
    const Time now = clock_now();
    sent_[static_cast<std::size_t>(slider)][static_cast<std::size_t>(write)] = now;
    if (now >= begin_) ++offered_;
  }

  void begin() { begin_ = clock_now(); }
  std::size_t offered() const { return offered_ * last_.size(); }
  const std::vector<double>& latencies_ms() const { return latencies_ms_; }
  int converged(int write) const {
    return static_cast<int>(std::ranges::count_if(
        last_, [&](const auto& sliders) { return std::ranges::all_of(sliders, [&](int at) { return at == write; }); }));
  }

 private:
  std::vector<std::vector<Time>> sent_;  ///< by slider and write, from 1 on
  std::vector<std::vector<int>> last_;   ///< by observer and slider: the last write that arrived
  std::vector<double> latencies_ms_;
  std::size_t offered_ = 0;
  Time begin_ = Time::max();
};

/// Who writes next and when.
class Schedule {
 public:
  Schedule(const DragLoad& load, Time start)
      : period_(std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / load.hz))) {
    std::mt19937 random(load.seed);
    std::uniform_int_distribution<std::int64_t> within(0, period_.count() - 1);
    for (int i = 0; i < load.writers; ++i) {
      due_.push_back(start + std::chrono::nanoseconds(load.phase == Phase::Aligned ? 0 : within(random)));
    }
  }
  int next() const { return static_cast<int>(std::ranges::min_element(due_) - due_.begin()); }
  Time due(int writer) const { return due_[static_cast<std::size_t>(writer)]; }
  void advance(int writer) { due_[static_cast<std::size_t>(writer)] += period_; }

 private:
  const std::chrono::nanoseconds period_;
  std::vector<Time> due_;
};

class Clients {
 public:
  Clients(const Peer& peer, Poller& poller, std::uint16_t port, int writers, int observers, Listener& listener) {
    for (int i = 0; i < observers; ++i) {
      all_.push_back(peer.connect(poller, port, {.observer = i, .listener = &listener}));
      wait(poller);
    }
    for (int i = 0; i < writers; ++i) {
      all_.push_back(peer.connect(poller, port, {}));
      wait(poller);
    }
    first_writer_ = static_cast<std::size_t>(observers);
  }
  Client& writer(int number) { return *all_[first_writer_ + static_cast<std::size_t>(number)]; }

 private:
  void wait(Poller& poller) {
    if (!poll_until(poller, std::chrono::seconds(10), [&] { return all_.back()->ready(); })) {
      throw std::runtime_error("a client was not let in within 10 s");
    }
  }
  std::vector<std::unique_ptr<Client>> all_;
  std::size_t first_writer_ = 0;
};

}  // namespace

DragResult drag(const Peer& peer, const Place& place, const DragLoad& load) {
  const int warm_up_writes = static_cast<int>(to_ms(load.warm_up) / 1000 * load.hz);
  const int writes = warm_up_writes + static_cast<int>(to_ms(load.duration) / 1000 * load.hz);
  if (writes >= kSteps) throw std::runtime_error("a drag of so many writes would repeat its values");
  const std::uint16_t port = free_port();
  const auto server = peer.start(place, port);
  Poller poller;
  Log log(load, writes);
  Clients clients(peer, poller, port, load.writers, load.observers, log);

  Schedule schedule(load, clock_now() + std::chrono::milliseconds(50));
  std::vector<int> written(static_cast<std::size_t>(load.writers), 0);
  std::vector<double> late_ms;
  std::chrono::milliseconds cpu_before{};
  Time begun = Time::max();
  for (int left = writes * load.writers; left > 0;) {
    const int writer = schedule.next();
    const Time now = clock_now();
    if (now < schedule.due(writer)) {
      poller.poll(schedule.due(writer) - now);
      continue;
    }
    int& write = written[static_cast<std::size_t>(writer)];
    if (++write == warm_up_writes + 1 && begun == Time::max()) {
      begun = now;
      cpu_before = server->cpu_time();
      log.begin();
    }
    log.note_write(writer, write);
    clients.writer(writer).write(writer, value_of(write));
    if (begun != Time::max()) late_ms.push_back(to_ms(now - schedule.due(writer)));
    schedule.advance(writer);
    --left;
    poller.poll(std::chrono::nanoseconds(-1));
  }
  DragResult result;
  result.observers = load.observers;
  result.cpu_percent =
      100.0 * static_cast<double>((server->cpu_time() - cpu_before).count()) / to_ms(clock_now() - begun);
  result.rss_mib = server->rss_kib() / 1024;
  poll_until(poller, std::chrono::seconds(3), [&] { return log.converged(writes) == load.observers; });
  result.converged = log.converged(writes);
  result.p50_ms = percentile(log.latencies_ms(), 0.50);
  result.p95_ms = percentile(log.latencies_ms(), 0.95);
  result.p99_ms = percentile(log.latencies_ms(), 0.99);
  result.delivered = static_cast<double>(log.latencies_ms().size()) / static_cast<double>(log.offered());
  result.late_p99_ms = percentile(late_ms, 0.99);
  return result;
}

namespace {

/// Remembers the last value of each slider at one observer.
class LastValues final : public Listener {
 public:
  void on_value(int, int slider, double value) override {
    if (slider < 0 || slider >= kSliders) throw std::runtime_error(fmt::format("a value of slider {}", slider));
    values_.at(static_cast<std::size_t>(slider)) = value;
  }
  double of(int slider) const { return values_.at(static_cast<std::size_t>(slider)); }

 private:
  std::vector<double> values_ = std::vector<double>(kSliders, -1);
};

// What the clients in bench/control/peers/*_client.mjs wait for and answer.
constexpr double kAsked = 0.25;
constexpr double kAnswered = 0.123456789;

}  // namespace

void check_peer(const Peer& peer, const Place& place) {
  constexpr auto kPatience = std::chrono::seconds(5);
  const std::uint16_t port = free_port();
  const auto server = peer.start(place, port);
  Poller poller;
  LastValues seen;
  Clients clients(peer, poller, port, kSliders, 1, seen);
  const auto expect = [&](int slider, double value) {
    if (poll_until(poller, kPatience, [&] { return seen.of(slider) == value; })) return;
    throw std::runtime_error(
        fmt::format("{}: slider {} was set to {}, the observer has {}", peer.name(), slider, value, seen.of(slider)));
  };
  for (int slider = 0; slider < kSliders; ++slider) clients.writer(slider).write(slider, value_of(slider + 1));
  for (int slider = 0; slider < kSliders; ++slider) expect(slider, value_of(slider + 1));
  for (const double value : {0.1, 0.3, 0.1111}) {
    clients.writer(2).write(2, value);
    expect(2, value);
  }
  const auto script = peer.own_client();
  if (!script) return;
  const std::string_view packages = peer.name().starts_with("colyseus") ? "colyseus" : "hocuspocus";
  ServerProcess own(node_command(place, packages, *script, {std::to_string(port)}), place.server_core);
  clients.writer(0).write(0, kAsked);
  expect(1, kAnswered);
  if (const int status = own.wait(kPatience); status != 0) {
    throw std::runtime_error(fmt::format("{}: its own client ends with {}: {}", peer.name(), status, own.printed()));
  }
}

}  // namespace ndcast::bench
