#include "ledger/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ndcast::ledger {
namespace {

using namespace scene;

RegisterId index_of(const std::string& axis) { return {Scope::Dims, axis, Key::Index, "main"}; }

void append(History& history, std::uint64_t from, std::uint64_t to, const std::string& axis, std::int64_t value) {
  history.append({from, to, {index_of(axis)}}, {{index_of(axis), {.value = value, .version = to}}});
}

TEST(History, WP15_MergesWhatWasMissed) {
  History history;
  append(history, 0, 1, "z", 5);
  append(history, 1, 2, "t", 1);
  append(history, 2, 3, "z", 7);
  const auto missed = history.since(1);
  ASSERT_TRUE(missed);
  ASSERT_EQ(missed->size(), 2U);
  EXPECT_EQ((*missed)[0].id, index_of("t"));
  EXPECT_EQ((*missed)[1].id, index_of("z"));
  EXPECT_EQ((*missed)[1].content.value, Value(std::int64_t{7}));
  EXPECT_EQ((*missed)[1].content.version, 3U);
}

TEST(History, WP15_NothingMissedIsAnEmptyAnswer) {
  History history;
  append(history, 0, 1, "z", 5);
  ASSERT_TRUE(history.since(1));
  EXPECT_TRUE(history.since(1)->empty());
}

TEST(History, WP15_ASeqInsideAFlushGetsTheWholeFlush) {
  History history;
  append(history, 0, 5, "z", 5);
  ASSERT_TRUE(history.since(3));
  EXPECT_EQ(history.since(3)->size(), 1U);
}

TEST(History, WP15_AReleaseWithoutACommitIsNotLost) {
  History history;
  append(history, 0, 5, "z", 5);
  append(history, 5, 5, "t", 1);
  ASSERT_TRUE(history.since(5));
  EXPECT_EQ(history.since(5)->size(), 1U);
  EXPECT_EQ(history.since(5)->front().id, index_of("t"));
}

TEST(History, WP15_AGapIsNeverSilent) {
  History history({.bytes = 1 << 20, .commits = 10});
  EXPECT_FALSE(history.since(0)) << "nothing is retained yet";
  for (std::uint64_t seq = 0; seq < 30; ++seq) append(history, seq, seq + 1, "z", 1);
  EXPECT_EQ(history.commits(), 10U);
  EXPECT_FALSE(history.since(19));
  EXPECT_TRUE(history.since(20));
}

TEST(History, WP15_StaysWithinItsBytes) {
  History history({.bytes = 10'000, .commits = 1'000'000});
  const RegisterId name{Scope::Layer, "layer-0", Key::Name, {}};
  for (std::uint64_t seq = 0; seq < 100; ++seq) {
    history.append({seq, seq + 1, {name}}, {{name, {.value = std::string(1000, 'x'), .version = seq + 1}}});
    EXPECT_LE(history.bytes(), 10'000U);
  }
  EXPECT_GE(history.bytes(), 5'000U);
  EXPECT_FALSE(history.since(0));
  EXPECT_TRUE(history.since(99));
}

TEST(History, WP15_RemovedRegistersAreToldAsGone) {
  FakeClock clock;
  Ledger ledger(clock);
  const auto values = read_registers(ledger, {0, 4, {index_of("z")}});
  ASSERT_EQ(values.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Gone>(values[0].content.value));
  EXPECT_EQ(values[0].content.version, 4U);
}

}  // namespace
}  // namespace ndcast::ledger
