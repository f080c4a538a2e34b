#include "bench/control/sessions.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "bench/control/drag.h"
#include "bench/control/ndcast_client.h"

namespace ndcast::bench {
namespace {

/// Slower than the 120 Hz that a drag may have.
constexpr auto kWritePeriod = std::chrono::milliseconds(10);
constexpr int kWriters = 20;

ServerProcess::Command serve(const Place& place, std::uint16_t port, const std::vector<std::string>& more) {
  ServerProcess::Command command{
      .arguments = {place.ndcast, "serve", place.image, "--port", std::to_string(port), "--no-auth", "--no-journal",
                    "--max-updates", "1000000", "--log-level", "warn"},
      .environment = {},
      .ready = "http://"};
  command.arguments.insert(command.arguments.end(), more.begin(), more.end());
  return command;
}

void wait_for(Poller& poller, std::chrono::seconds patience, std::string_view what, auto condition) {
  if (!poll_until(poller, patience, condition)) {
    throw std::runtime_error(fmt::format("{} did not come within {} s", what, patience.count()));
  }
}

/// `commits` updates, each a commit of its own.
void write_commits(Poller& poller, std::uint16_t port, int commits) {
  std::vector<std::unique_ptr<NdcastClient>> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.push_back(std::make_unique<NdcastClient>(poller, port, Joining{}));
    wait_for(poller, std::chrono::seconds(10), "a writer's state", [&] { return writers.back()->ready(); });
  }
  Time next = clock_now();
  for (int write = 1; write <= commits / kWriters; ++write, next += kWritePeriod) {
    for (int i = 0; i < kWriters; ++i) writers[static_cast<std::size_t>(i)]->write(i, write / 10'000.0);
    while (clock_now() < next) poller.poll(next - clock_now());
    poller.poll(std::chrono::nanoseconds(-1));
  }
  wait_for(poller, std::chrono::seconds(10), "the last ack", [&] {
    int acked = 0;
    for (const auto& writer : writers) acked += writer->updates_acked();
    return acked == commits / kWriters * kWriters;
  });
}

}  // namespace

ResumeResult resume(const Place& place, int commits) {
  const std::uint16_t port = free_port();
  const ServerProcess server(serve(place, port, {}), place.server_core);
  Poller poller;
  Since since;
  {
    NdcastClient before(poller, port, {});
    wait_for(poller, std::chrono::seconds(10), "the state", [&] { return before.ready(); });
    since = {before.history_id(), before.server_seq()};
  }
  write_commits(poller, port, commits);
  const Time begin = clock_now();
  NdcastClient back(poller, port, {}, since);
  const std::uint64_t last = since.server_seq + static_cast<std::uint64_t>(commits / kWriters * kWriters);
  wait_for(poller, std::chrono::seconds(10), "the last commit", [&] { return back.server_seq() >= last; });
  return {std::chrono::duration<double, std::milli>(clock_now() - begin).count(), back.bytes_in()};
}

IdleResult idle(const Place& place, int connections) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const std::uint16_t port = free_port();
  const std::string most = std::to_string(connections + 16);
  const ServerProcess server(
      serve(place, port,
            {"--max-connections", most, "--max-sessions", most, "--max-room-sessions", most, "--max-handshakes", most}),
      place.server_core);
  Poller poller;
  std::vector<std::unique_ptr<NdcastClient>> clients;
  const auto join = [&] {
    clients.push_back(std::make_unique<NdcastClient>(poller, port, Joining{}));
    wait_for(poller, std::chrono::seconds(10), "a client's state", [&] { return clients.back()->ready(); });
  };
  join();
  const double before = server.rss_kib();
  for (int i = 0; i < connections; ++i) join();
  const double after = server.rss_kib();
  const auto cpu_before = server.cpu_time();
  const Time end = clock_now() + limits::kHeartbeatInterval;
  while (clock_now() < end) poller.poll(end - clock_now());
  const double ms = std::chrono::duration<double, std::milli>(limits::kHeartbeatInterval).count();
  return {(std::max(after, server.rss_kib()) - before) / connections,
          100.0 * static_cast<double>((server.cpu_time() - cpu_before).count()) / ms};
}

}  // namespace ndcast::bench
