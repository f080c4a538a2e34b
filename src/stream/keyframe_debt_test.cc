#include "stream/keyframe_debt.h"

#include <gtest/gtest.h>

namespace ndcast::stream {
namespace {

MonotonicTime at(std::chrono::milliseconds ms) { return MonotonicTime(1000s + ms); }

TEST(KeyframeDebt, WP21_IsPaidAtOnceAndOnceForAllWhoAreOwed) {
  KeyframeDebt debt;
  EXPECT_FALSE(debt.owed());
  EXPECT_FALSE(debt.due(at(0ms)));
  debt.owe(at(0ms));
  debt.owe(at(1ms));
  EXPECT_TRUE(debt.due(at(1ms)));
  debt.paid(at(2ms));
  EXPECT_FALSE(debt.owed());
}

TEST(KeyframeDebt, WP21_WhoeverComesDuringTheEncodingIsStillOwed) {
  KeyframeDebt debt;
  debt.owe(at(0ms));
  debt.owe(at(5ms));
  debt.paid(at(3ms));
  EXPECT_TRUE(debt.owed());
  EXPECT_EQ(debt.pay_at(), at(3ms) + KeyframeDebt::kSpacing);
}

TEST(KeyframeDebt, WP21_AskingAllTheTimeIsPaidAtMostFiveTimesASecondAndWithin500Ms) {
  KeyframeDebt debt;
  int paid = 0;
  std::chrono::milliseconds waited = 0ms;
  std::chrono::milliseconds longest = 0ms;
  for (auto t = 0ms; t < 10s; t += 1ms) {
    if (!debt.owed()) waited = 0ms;
    debt.owe(at(t));
    longest = std::max(longest, waited += 1ms);
    if (!debt.due(at(t))) continue;
    debt.paid(at(t));
    ++paid;
  }
  EXPECT_EQ(paid, 50);
  EXPECT_LE(longest, limits::kKeyframeDebt);
}

TEST(KeyframeDebt, WP21_UnpaidAfterOneSecondIsOverdueUntilTheRestart) {
  KeyframeDebt debt;
  debt.owe(at(0ms));
  debt.owe(at(900ms));
  EXPECT_FALSE(debt.overdue(at(999ms)));
  EXPECT_TRUE(debt.overdue(at(1000ms))) << "the age is that of the first";
  debt.restarted(at(1000ms));
  EXPECT_TRUE(debt.owed());
  EXPECT_TRUE(debt.due(at(1000ms)));
  EXPECT_FALSE(debt.overdue(at(1999ms)));
  EXPECT_TRUE(debt.overdue(at(2000ms)));
}

}  // namespace
}  // namespace ndcast::stream
