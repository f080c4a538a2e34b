// WP18, WP15 over the real program: of a hundred observers one takes 1 KB/s and one takes nothing. The others see every
// last value as if those two were not there, the two cost the server little, and both resume.

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wire_session.h"

namespace ndcast::testing {
namespace {

constexpr int kObservers = 98;
constexpr int kSmallBuffer = 4096;
/// Of resident memory, for each of the two.
constexpr std::size_t kAllowedKib = 4 * 1024;

/// A curve of many stops: a commit of some 2 KB, so that two seconds of a drag are more than any buffer holds.
std::string curve(int number) {
  std::string text = "[";
  for (int i = 0; i < 64; ++i) {
    if (i > 0) text += ',';
    text += fmt::format("[{},{}]", i * 3.25, (number + i) % 100 / 100.0);
  }
  return text + "]";
}

/// Last of the drag, which everybody has to see.
constexpr std::string_view kLastName = "\"the last value\"";

/// Where a client's knowledge ends, as hello.nd.since.
struct Knowledge {
  std::string history_id;
  std::string server_seq;
  std::string since() const { return fmt::format(R"({{"history_id":"{}","server_seq":{}}})", history_id, server_seq); }
};

/// Reads until the last value is told; false when the socket closes first.
bool read_to_the_last(Session& session, Knowledge& knowledge) {
  while (true) {
    const Json frame = session.next({"nd.snapshot", "nd.commit"});
    if (frame.is_null()) return false;
    knowledge.server_seq = at(frame, {"payload", "server_seq"});
    if (const std::string id = at(frame, {"payload", "history_id"}); !id.empty()) knowledge.history_id = id;
    if (to_string(frame).find(kLastName) != std::string::npos) return true;
  }
}

TEST(SlowObservers, WP18_OneAtAKilobyteASecondAndOneFrozenAmongAHundred) {
  const Program server({std::string(NDCAST_SOURCE_DIR) + "/samples/mri-stack.ome.zarr", "--port", "0", "--no-journal",
                        "--max-updates", "5000"});
  const std::string& token = server.token();
  std::vector<std::unique_ptr<Session>> observers;
  observers.reserve(kObservers);
  for (int i = 0; i < kObservers; ++i) observers.push_back(std::make_unique<Session>(server.port(), token));
  Session slow(server.port(), token, "", kSmallBuffer);
  Session frozen(server.port(), token, "", kSmallBuffer);
  Session writer(server.port(), token);
  ASSERT_TRUE(slow.is_open() && frozen.is_open() && writer.is_open());
  ASSERT_EQ(writer.update("layer", "layer-0", "opacity_curve", curve(0)), "accepted");

  std::atomic<int> arrived = 0;
  std::vector<std::thread> threads;
  threads.reserve(observers.size() + 1);
  for (auto& observer : observers) {
    threads.emplace_back([&, session = observer.get()] {
      Knowledge ignored;
      if (session->is_open() && read_to_the_last(*session, ignored)) ++arrived;
    });
  }
  std::atomic<bool> sipping = true;
  threads.emplace_back([&] {
    while (sipping && slow.wire().sip(100)) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });

  // Long enough for the frozen one to be given up: 10 s without progress (WP18).
  const std::size_t memory_before = server.memory_kib();
  std::size_t memory_most = memory_before;
  const auto start = std::chrono::steady_clock::now();
  int sent = 0;
  while (std::chrono::steady_clock::now() - start < std::chrono::seconds(13)) {
    ASSERT_EQ(writer.update("layer", "layer-0", "opacity_curve", curve(++sent)), "accepted");
    memory_most = std::max(memory_most, server.memory_kib());
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
  }
  ASSERT_EQ(writer.update("layer", "layer-0", "name", std::string(kLastName)), "accepted");
  for (std::size_t i = 0; i < observers.size(); ++i) threads[i].join();
  sipping = false;
  threads.back().join();
  const std::size_t grown_kib = memory_most - memory_before;
  std::printf("%d updates of 2 KB to %d observers; the server grew by %zu KiB\n", sent, arrived.load(), grown_kib);
  EXPECT_EQ(arrived, kObservers);
  EXPECT_LE(grown_kib, 2 * kAllowedKib);

  // Both connect again, with what they knew, which is nothing but the history's name.
  for (Session* stopped : {&slow, &frozen}) {
    Knowledge knowledge{at(stopped->first(), {"nd", "history_id"}), at(stopped->first(), {"nd", "server_seq"})};
    Session again(server.port(), token, knowledge.since());
    ASSERT_TRUE(again.is_open());
    EXPECT_TRUE(read_to_the_last(again, knowledge));
  }
  while (frozen.wire().next_text(std::chrono::milliseconds(500))) continue;
  EXPECT_FALSE(frozen.wire().sip(1)) << "who took nothing for 10 s was given up";
}

}  // namespace
}  // namespace ndcast::testing
