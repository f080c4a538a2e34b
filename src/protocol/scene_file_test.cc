#include "protocol/scene_file.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "protocol/test_scene.h"

namespace ndcast::protocol {
namespace {

using scene::Scope;

TEST(SceneFile, round_trip_through_text) {
  const testing::TestScene scene;
  const std::string text = to_pretty_string(scene_to_json(scene.ledger.registers()));
  const auto back = scene_from_json(*parse_json(text));
  ASSERT_TRUE(back) << back.error().message;
  std::size_t expected = 0;
  for (const auto& [id, held] : scene.ledger.registers()) {
    const auto found = std::ranges::find(*back, id, &std::pair<scene::RegisterId, scene::Value>::first);
    if (!scene::spec_of(id.scope, id.key).keep.file) {
      EXPECT_EQ(found, back->end());
      continue;
    }
    ASSERT_NE(found, back->end()) << id.target;
    EXPECT_EQ(found->second, held.value);
    ++expected;
  }
  EXPECT_EQ(back->size(), expected);
}

TEST(SceneFile, other_views_stay_out) {
  testing::TestScene scene;
  auto registers = scene.ledger.registers();
  const std::size_t before = scene_to_json(registers).find("registers")->size();
  registers[{Scope::Dims, "z", scene::Key::Index, "left"}] = {.value = std::int64_t{3}};
  registers[{Scope::View, "left", scene::Key::Ndisplay, {}}] = {.value = std::int64_t{3}};
  EXPECT_EQ(scene_to_json(registers).find("registers")->size(), before);
}

TEST(SceneFile, a_dims_register_belongs_to_the_main_view) {
  const auto back = scene_from_json(
      *parse_json(R"({"ndcast_scene":1,"registers":[{"scope":"dims","target":"z","key":"index","value":12}]})"));
  ASSERT_TRUE(back);
  EXPECT_EQ((*back)[0].first, (scene::RegisterId{Scope::Dims, "z", scene::Key::Index, "main"}));
  EXPECT_EQ((*back)[0].second, scene::Value(std::int64_t{12}));
}

TEST(SceneFile, refusals_quote_what_is_wrong) {
  const auto message = [](std::string_view text) {
    const auto parsed = scene_from_json(*parse_json(text));
    return parsed ? "accepted" : parsed.error().message;
  };
  const auto with = [&](std::string_view entry) {
    return message(R"({"ndcast_scene":1,"registers":[)" + std::string(entry) + "]}");
  };
  EXPECT_EQ(message("[]"), R"(not a scene file: expected {"ndcast_scene":1,"registers":[…]}, found array of 0)");
  EXPECT_EQ(message(R"({"ndcast_scene":2,"registers":[]})"), "ndcast_scene: expected version 1, found number 2");
  EXPECT_EQ(message(R"({"ndcast_scene":1})"),
            "scene file: expected the members ndcast_scene and registers (an array) only");
  EXPECT_EQ(message(R"({"ndcast_scene":1,"registers":[],"x":1})"),
            "scene file: expected the members ndcast_scene and registers (an array) only");
  EXPECT_EQ(with("3"), "registers[0]: expected an object, found number 3");
  EXPECT_EQ(with(R"({"scope":"dims","target":"z","key":"index"})"),
            "registers[0]: expected the members scope, target, key, value and no others");
  EXPECT_EQ(with(R"({"scope":"op","target":"main","key":"state","value":1})"),
            "registers[0]: a scene file has no op state");
  EXPECT_EQ(with(R"({"scope":"dims","target":"z","key":"size","value":1})"),
            "registers[0]: a scene file has no dims size");
  EXPECT_EQ(with(R"({"scope":"camera","target":"left","key":"plane","value":{}})"),
            "registers[0]: camera plane: expected the target \"main\", found \"left\"");
  EXPECT_EQ(with(R"({"scope":"layer","target":"c","key":"gamma","value":"1"})"),
            "registers[0]: layer/c gamma: value: expected a finite number, found string \"1\"");
  EXPECT_EQ(with(R"({"scope":"dims","target":"z","key":"index","value":1},
                    {"scope":"dims","target":"z","key":"index","value":2})"),
            "registers[1]: dims/z index stands there twice");
}

}  // namespace
}  // namespace ndcast::protocol
