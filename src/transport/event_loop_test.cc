#include "transport/event_loop.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ndcast::transport {
namespace {

TEST(EventLoop, PostsRunInOrderAndNeverInsideThePost) {
  EventLoop loop;
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] { order.push_back(3); });
    order.push_back(2);
  });
  EXPECT_TRUE(order.empty());
  loop.poll();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(EventLoop, RunsUntilStoppedFromAnotherThread) {
  EventLoop loop;
  std::thread::id seen;
  std::thread control([&] { loop.run(); });
  loop.post([&] {
    seen = std::this_thread::get_id();
    loop.stop();
  });
  const auto id = control.get_id();
  control.join();
  EXPECT_EQ(seen, id);
}

TEST(EventLoop, StopBeforeRunIsNotLost) {
  EventLoop loop;
  loop.stop();
  loop.run();
}

TEST(EventLoop, TimerFiresOnce) {
  EventLoop loop;
  int fired = 0;
  const TimerHandle timer = loop.run_after(2ms, [&] {
    ++fired;
    loop.stop();
  });
  const TimerHandle never = loop.run_after(1h, [&] { fired += 100; });
  EXPECT_TRUE(timer.pending());
  loop.poll();
  EXPECT_EQ(fired, 0);
  loop.run();
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.pending());
}

TEST(EventLoop, DroppedReplacedAndCancelledTimersDoNotFire) {
  EventLoop loop;
  int fired = 0;
  {
    const TimerHandle dropped = loop.run_after(0ms, [&] { ++fired; });
  }
  TimerHandle replaced = loop.run_after(0ms, [&] { ++fired; });
  replaced = loop.run_after(0ms, [&] { fired += 10; });
  TimerHandle cancelled = loop.run_after(0ms, [&] { ++fired; });
  cancelled.cancel();
  loop.run_for(10ms);
  EXPECT_EQ(fired, 10);
}

TEST(EventLoop, ExpiredButUnservedTimerCanStillBeCancelled) {
  EventLoop loop;
  int fired = 0;
  TimerHandle second;
  const TimerHandle first = loop.run_after(0ms, [&] { second.cancel(); });
  second = loop.run_after(0ms, [&] { ++fired; });
  std::this_thread::sleep_for(5ms);
  loop.run_for(5ms);
  EXPECT_EQ(fired, 0);
}

TEST(EventLoop, TimerMayDropItselfAndArmItselfAgain) {
  EventLoop loop;
  int fired = 0;
  TimerHandle timer;
  std::function<void()> tick = [&] {
    if (++fired < 3) timer = loop.run_after(1ms, tick);
  };
  timer = loop.run_after(0ms, tick);
  loop.run_for(50ms);
  EXPECT_EQ(fired, 3);
}

}  // namespace
}  // namespace ndcast::transport
