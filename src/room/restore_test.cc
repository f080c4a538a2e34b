#include "room/restore.h"

#include <random>

#include <gtest/gtest.h>

#include "protocol/journal_row.h"
#include "reduce/restored.h"
#include "reduce/test_scene.h"

namespace ndcast::room {
namespace {

using scene::Key;
using scene::Scope;

/// A journal as a room of the small scene writes it: a row a commit.
class Scribe {
 public:
  Scribe() {
    const auto opened =
        reduce::replace_scene(*ledger_.snapshot(), scene::kMainView, reduce::testing::small_scene(), scene::Canvas{});
    commit({.changes = opened.changes, .author = {.actor = "operator"}, .opens = opened.opens});
  }
  void commit(ledger::Transaction transaction) {
    const ledger::Committed committed = ledger_.commit(std::move(transaction));
    std::vector<protocol::JournalChangeView> changes;
    changes.reserve(committed.changed.size());
    for (std::size_t i = 0; i < committed.changed.size(); ++i) {
      changes.push_back(
          {&committed.changed[i], &committed.before[i].value, &ledger_.find(committed.changed[i])->value});
    }
    stored.rows.push_back({.server_seq = committed.server_seq,
                           .unix_s = committed.unix_s,
                           .actor = committed.author->actor,
                           .changes = protocol::changes_to_text(changes)});
  }
  void set(scene::RegisterId id, scene::Value value) {
    commit({.changes = {{std::move(id), std::move(value)}}, .author = {.actor = "ada"}});
  }
  const ledger::Ledger& ledger() const { return ledger_; }

  ledger::StoredRoom stored;

 private:
  FakeClock clock_;
  ledger::Ledger ledger_{clock_};
};

std::optional<Restored> bring_back(const ledger::StoredRoom& stored,
                                   const reduce::NewScene& described = reduce::testing::small_scene()) {
  const FakeClock clock;
  return restore("main", stored, described, scene::Canvas{}, clock);
}

scene::RegisterId z() { return {Scope::Dims, "z", Key::Index, "main"}; }
scene::RegisterId gamma() { return {Scope::Layer, "layer-0", Key::Gamma, ""}; }

TEST(Restore, WP17_EveryRegisterComesBackWithItsVersionAndAuthor) {
  Scribe scribe;
  scribe.set(z(), std::int64_t{40});
  scribe.set(gamma(), 0.5);
  EXPECT_EQ(stored_uri(scribe.stored), "mem://small");
  const auto restored = bring_back(scribe.stored);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->refused, 0U);
  ASSERT_EQ(restored->registers.size(), scribe.ledger().registers().size());
  for (const auto& [id, held] : scribe.ledger().registers()) {
    const ledger::Register& back = restored->registers.at(id);
    EXPECT_EQ(back.value, held.value);
    EXPECT_EQ(back.version, held.version);
    EXPECT_EQ(back.author->actor, held.author->actor);
  }
}

TEST(Restore, ACheckpointStandsForTheRowsBeforeIt) {
  Scribe scribe;
  scribe.set(gamma(), 0.5);
  scribe.stored.checkpoint = ledger::Checkpoint{.server_seq = scribe.ledger().server_seq(),
                                                .registers = protocol::registers_to_text(scribe.ledger().registers())};
  scribe.stored.rows.clear();
  scribe.set(z(), std::int64_t{40});
  EXPECT_EQ(stored_uri(scribe.stored), "mem://small");
  const auto restored = bring_back(scribe.stored);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->registers.at(gamma()).value, scene::Value(0.5));
  EXPECT_EQ(restored->registers.at(gamma()).version, 2U);
  EXPECT_EQ(restored->registers.at(gamma()).author->actor, "ada");
  EXPECT_EQ(restored->registers.at(z()).version, 3U);
}

TEST(Restore, WP17_WhatNoLongerFitsAShrunkImageIsLeftOut) {
  Scribe scribe;
  scribe.set(z(), std::int64_t{45});
  scribe.set(gamma(), 0.5);
  reduce::NewScene shrunk = reduce::testing::small_scene();
  shrunk.axes.axes[1].size = 30;  // z
  for (auto& layer : shrunk.layers) {
    for (auto& level : layer.meta.levels) level.shape[1] = 30;
  }
  const auto restored = bring_back(scribe.stored, shrunk);
  ASSERT_TRUE(restored);
  EXPECT_GE(restored->refused, 1U);
  EXPECT_EQ(restored->registers.at(z()).value, scene::Value(std::int64_t{25})) << "the image's own";
  EXPECT_EQ(restored->registers.at(gamma()).value, scene::Value(0.5)) << "what fits is kept";
}

TEST(Restore, WP17_RowsThatNobodyCouldHaveWrittenAreRefused) {
  const char* rows[] = {
      R"([{"scope":"layer","target":"layer-0","key":"colormap","old":"gray","new":"no such map"}])",
      R"([{"scope":"layer","target":"layer-0","key":"gamma","old":1,"new":-3}])",
      R"([{"scope":"layer","target":"layer-0","key":"contrast_limits","old":[0,1],"new":[5,5]}])",
      R"([{"scope":"layer","target":"layer-0","key":"rendering","old":"mip","new":"glow"}])",
      R"([{"scope":"layer","target":"layer-9","key":"gamma","old":1,"new":0.5}])",
      R"([{"scope":"layer","target":"layer-0","key":"gamma","old":1}])",
      R"([{"scope":"dims","target":"z","view":"main","key":"index","old":1,"new":50}])",
      R"([{"scope":"dims","target":"q","view":"main","key":"index","old":1,"new":5}])",
      R"([{"scope":"dims","target":"z","view":"mafn","key":"index","old":1,"new":5}])",
      R"([{"scope":"dims","target":"z","view":"main","key":"margin_left","old":0}])",
      R"([{"scope":"settings","target":"mxin","key":"quality","old":0,"new":1}])",
      R"([{"scope":"view","target":"main","key":"order","old":[0,1,2,3],"new":[0,0,0,0]}])",
      R"([{"scope":"view","target":"main","key":"ndisplay","old":2,"new":7}])",
      R"([{"scope":"view","target":"main","key":"canvas","old":null,"new":{"width":1,"height":1,"dpr":1}}])",
      R"([{"scope":"multiscale","target":"main","key":"level","old":null,"new":17}])",
      R"([{"scope":"restore_cache","target":"main","key":"volume","new":{"level":0,"index":[0,99,0,0],"pose":{"center":[0,0,0],"angles":[0,0,0],"distance":1,"fov":60}}}])",
      R"([{"scope":"camera","target":"main","key":"volume","new":{"center":[0,0,0],"angles":[0,0,0],"distance":0,"fov":60}}])",
      R"([{"scope":"axes","target":"main","key":"spec","new":{"axes":[]}}])",
      "[]x",
      "",
  };
  for (const char* text : rows) {
    Scribe scribe;
    scribe.stored.rows.push_back({.server_seq = 7, .actor = "mallory", .changes = text});
    const auto restored = bring_back(scribe.stored);
    ASSERT_TRUE(restored) << text;
    EXPECT_EQ(restored->refused, 1U) << text;
    for (const auto& [id, held] : scribe.ledger().registers()) {
      EXPECT_EQ(restored->registers.at(id).value, held.value) << text;
    }
  }
}

TEST(Restore, WhatEndsInNoSceneOfTheImageIsNotBroughtBack) {
  EXPECT_FALSE(bring_back({}));
  Scribe scribe;
  reduce::NewScene other = reduce::testing::small_scene();
  other.source.uri = "mem://other";
  EXPECT_FALSE(bring_back(scribe.stored, other));
}

TEST(Restore, WP17_NoDamageToItsTextGetsPastTheChecks) {
  Scribe scribe;
  scribe.set(z(), std::int64_t{40});
  scribe.set(gamma(), 0.5);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string alphabet = "0123456789-+.eE,:[]{}\"nulltruexyzmain";
  int brought_back = 0;
  for (int round = 0; round < 300; ++round) {
    ledger::StoredRoom damaged = scribe.stored;
    for (ledger::JournalRow& row : damaged.rows) {
      for (std::uint32_t hits = random() % 3; hits > 0; --hits) {
        row.changes[random() % row.changes.size()] = alphabet[random() % alphabet.size()];
      }
    }
    static_cast<void>(stored_uri(damaged));
    const auto restored = bring_back(damaged);
    if (!restored) continue;
    ++brought_back;
    const FakeClock clock;
    ledger::Ledger ledger(clock);
    ledger.adopt(restored->registers);
    EXPECT_FALSE(reduce::find_unsound(*ledger.snapshot()));
    for (const int ndisplay : {3, 2}) {
      const auto toggled = reduce::reduce(*ledger.snapshot(), scene::kMainView, scene::SetNdisplay{ndisplay});
      ASSERT_TRUE(toggled);
      ledger.commit({.changes = toggled->changes, .opens = toggled->opens});
    }
  }
  EXPECT_GT(brought_back, 10);
}

}  // namespace
}  // namespace ndcast::room
