#include "protocol/journal_row.h"

#include <gtest/gtest.h>

#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

using scene::Gone;
using scene::Key;
using scene::Scope;
using scene::Value;

std::string text_of(const std::vector<JournalChange>& changes) {
  std::vector<JournalChangeView> views;
  views.reserve(changes.size());
  for (const JournalChange& change : changes) views.push_back({&change.id, &change.before, &change.after});
  return changes_to_text(views);
}

TEST(JournalRow, WP25_ChangesAreTextWithOldAndNew) {
  EXPECT_EQ(text_of({{{Scope::Dims, "z", Key::Index, "main"}, std::int64_t{4}, std::int64_t{5}}}),
            R"([{"scope":"dims","target":"z","view":"main","key":"index","old":4,"new":5}])");
  EXPECT_EQ(text_of({{{Scope::Layer, "a\"b", Key::Gamma, ""}, Gone{}, 0.5}}),
            R"([{"scope":"layer","target":"a\"b","key":"gamma","new":0.5}])");
  EXPECT_EQ(text_of({{{Scope::Multiscale, "main", Key::Level, ""}, std::optional<std::int64_t>(), Gone{}}}),
            R"([{"scope":"multiscale","target":"main","key":"level","old":null}])");
}

TEST(JournalRow, EveryRegisterOfASceneReadsBackTheSame) {
  const testing::TestScene scene;
  std::vector<JournalChange> changes;
  for (const auto& [id, held] : scene.ledger.registers()) {
    changes.push_back({id, Gone{}, held.value});
    changes.push_back({id, held.value, Gone{}});
  }
  ASSERT_GT(changes.size(), 40U);
  const auto again = changes_from_text(text_of(changes));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, changes);

  const auto registers = registers_from_text(registers_to_text(scene.ledger.registers()));
  ASSERT_TRUE(registers) << registers.error().message;
  ASSERT_EQ(registers->size(), scene.ledger.registers().size());
  for (const auto& [id, held] : scene.ledger.registers()) {
    const auto found = registers->find(id);
    ASSERT_NE(found, registers->end());
    EXPECT_EQ(found->second.value, held.value);
    EXPECT_EQ(found->second.version, held.version);
    EXPECT_EQ(found->second.timestamp, held.timestamp);
    EXPECT_EQ(found->second.author->actor, held.author->actor);
  }
}

TEST(JournalRow, WP17_WhatIsNoRowIsRefusedWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"{}", "expected a list"},
      {"[7]", "changes[0]"},
      {R"([{"scope":"dims","target":"z","key":"index","new":1}])", "view"},
      {R"([{"scope":"layer","target":"a","view":"main","key":"gamma","new":1}])", "view"},
      {R"([{"scope":"layer","target":"","key":"gamma","new":1}])", "target"},
      {R"([{"scope":"layer","target":"a","key":"gamme","new":1}])", "gamme"},
      {R"([{"scope":"layer","target":"a","key":"gamma","new":"1"}])", "layer/a gamma new"},
      {R"([{"scope":"layer","target":"a","key":"gamma","old":[],"new":1}])", "layer/a gamma old"},
      {R"([{"scope":"layer","target":"a","key":"gamma","new":1},{"scope":"view"}])", "changes[1]"},
  };
  for (const auto& [text, expected] : cases) {
    const auto read = changes_from_text(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find(expected), std::string::npos) << text << ": " << read.error().message;
  }
  const std::string twice = R"({"scope":"layer","target":"a","key":"gamma","value":1,"version":3})";
  EXPECT_TRUE(registers_from_text("[" + twice + "]"));
  EXPECT_FALSE(registers_from_text("[" + twice + "," + twice + "]"));
  EXPECT_FALSE(registers_from_text(R"([{"scope":"layer","target":"a","key":"gamma","version":3}])"));
  EXPECT_FALSE(registers_from_text(R"([{"scope":"layer","target":"a","key":"gamma","value":1,"version":-3}])"));
}

}  // namespace
}  // namespace ndcast::protocol
