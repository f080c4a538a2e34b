#include "protocol/values.h"

#include <limits>

#include <gtest/gtest.h>

namespace ndcast::protocol {
namespace {

using scene::Value;
using scene::ValueType;

/// One telling value of each type.
Value sample(ValueType type) {
  switch (type) {
    case ValueType::Bool:
      return true;
    case ValueType::Integer:
      return std::int64_t{-7};
    case ValueType::Number:
      return 0.1;
    case ValueType::Text:
      return std::string("Zellkern \xC3\xA4 \"1\"");
    case ValueType::OptionalInteger:
      return std::optional<std::int64_t>(3);
    case ValueType::IntegerList:
      return std::vector<std::int64_t>{2, 0, 1};
    case ValueType::NumberPair:
      return std::array<double, 2>{-1.5, 1e300};
    case ValueType::Canvas:
      return scene::Canvas{640, 480, 1.5};
    case ValueType::PlanePose:
      return scene::PlanePose{{1, 2, 3, 4}, {2.5, 4}, 0.25};
    case ValueType::VolumePose:
      return scene::VolumePose{{1, 2, 3}, {-30, 45, 1}, 12, 60};
    case ValueType::AxesSpec:
      return scene::AxesSpec{
          {{"z", scene::AxisRole::Space, "micrometer", 9, -1, 0.5}, {"t", scene::AxisRole::Time, "", 1, 0, 1}}};
    case ValueType::Source:
      return scene::Source{scene::SourceStatus::Error, "file:///x", "x", "gone"};
    case ValueType::LayerMeta:
      return scene::LayerMeta{scene::LayerKind::Labels, "mem://", 2, "uint8", {0, 255}, {{{4, 5}, {1, 1}}}};
    case ValueType::LodShown:
      return scene::LodShown{2, 1, 3, true, true, "budget"};
    case ValueType::PlaneRestore:
      return scene::PlaneRestore{1, {1, 2}, {}};
    case ValueType::VolumeRestore:
      return scene::VolumeRestore{1, {1, 2}, {}};
    case ValueType::Op:
      return scene::Op{41, scene::OpState::Open, scene::OpKind::ViewToggle};
    case ValueType::StreamConfig:
      return scene::StreamConfig{"h264", 640, 480, 30, "AAEC"};
    case ValueType::ViewMeta:
      return scene::ViewMeta{"left", "ada"};
    case ValueType::Blending:
      return scene::Blending::TranslucentNoDepth;
    case ValueType::Interpolation:
      return scene::Interpolation::Cubic;
    case ValueType::Rendering:
      return scene::Rendering::AttenuatedMip;
    case ValueType::Depiction:
      return scene::Depiction::Plane;
    case ValueType::ProjectionMode:
      return scene::ProjectionMode::Mean;
    case ValueType::OptionalPlay:
      return std::optional(scene::Play{12.5, scene::PlayLoop::Pingpong});
    case ValueType::NumberList:
      return std::vector<double>{1, -0.5};
    case ValueType::PointList:
      return std::vector<std::array<double, 2>>{{0, 0}, {100, 0.5}};
    case ValueType::ClipPlanes:
      return std::vector<scene::ClipPlane>{{{1, 2, 3}, {0, 1, 0}, false}};
    case ValueType::OptionalPlane:
      return std::optional(scene::LayerPlane{{1, 2, 3}, {0, 1, 0}});
  }
  return scene::Gone{};
}

TEST(Values, round_trip_of_every_key) {
  for (const scene::KeySpec& spec : scene::key_table()) {
    const Value value = sample(spec.type);
    ASSERT_TRUE(scene::holds(value, spec.type)) << spec.name;
    const auto text = to_string(to_json(value));
    const auto back = value_from_json(spec.type, *parse_json(text));
    ASSERT_TRUE(back) << spec.name << ": " << back.error().message;
    EXPECT_EQ(*back, value) << text;
    EXPECT_TRUE(scene::holds(*back, spec.type));
  }
}

TEST(Values, wire_names_are_those_of_the_register_table) {
  EXPECT_EQ(to_string(to_json(sample(ValueType::Op))), R"({"op_seq":41,"op_state":"open","op_kind":"view-toggle"})");
  EXPECT_EQ(to_string(to_json(sample(ValueType::StreamConfig))),
            R"({"codec":"h264","width":640,"height":480,"fps":30.0,"avcc":"AAEC"})");
  EXPECT_EQ(to_string(to_json(sample(ValueType::PlanePose))),
            R"({"rect":[1.0,2.0,3.0,4.0],"center":[2.5,4.0],"zoom":0.25})");
  EXPECT_EQ(to_string(to_json(sample(ValueType::LodShown))),
            R"({"level":2,"wanted":1,"levels":3,"locked":true,"downgraded":true,"reason":"budget"})");
}

TEST(Values, absent_channel_and_absent_lock_are_null) {
  const Json meta = to_json(Value(scene::LayerMeta{}));
  ASSERT_NE(meta.find("channel"), nullptr);
  EXPECT_TRUE(meta.find("channel")->is_null());
  EXPECT_EQ(value_from_json(ValueType::LayerMeta, meta), Value(scene::LayerMeta{}));
  EXPECT_TRUE(to_json(Value(std::optional<std::int64_t>())).is_null());
  EXPECT_EQ(value_from_json(ValueType::OptionalInteger, nullptr), Value(std::optional<std::int64_t>()));
  EXPECT_TRUE(to_json(Value(scene::Gone{})).is_null());
}

std::string refusal(ValueType type, std::string_view text) {
  const auto value = value_from_json(type, *parse_json(text));
  return value ? "accepted" : value.error().message;
}

TEST(Values, refusals_name_the_member_what_was_expected_and_what_was_found) {
  EXPECT_EQ(refusal(ValueType::Integer, "true"), "value: expected an integer, found true");
  EXPECT_EQ(refusal(ValueType::Integer, "1.5"), "value: expected an integer, found number 1.5");
  EXPECT_EQ(refusal(ValueType::Integer, "9007199254740993"),
            "value: expected an integer from -9007199254740992 to 9007199254740992, found number 9007199254740993");
  EXPECT_EQ(refusal(ValueType::Bool, "1"), "value: expected true or false, found number 1");
  EXPECT_EQ(refusal(ValueType::NumberPair, "[1]"), "value: expected an array of 2, found one of 1");
  EXPECT_EQ(refusal(ValueType::NumberPair, R"([1,"x"])"), "value[1]: expected a finite number, found string \"x\"");
  EXPECT_EQ(refusal(ValueType::Blending, R"("screen")"),
            "value: expected one of opaque, translucent, translucent_no_depth, additive, minimum, maximum, average, "
            "multiplicative, found string \"screen\"");
  EXPECT_EQ(refusal(ValueType::Canvas, R"({"width":1,"height":2})"), "value: member \"dpr\" is missing");
  EXPECT_EQ(refusal(ValueType::Canvas, R"({"width":1,"height":2,"dpr":1,"depth":3})"),
            "value: unknown member \"depth\", expected width, height, dpr");
  EXPECT_EQ(refusal(ValueType::Canvas, R"({"width":4294967296,"height":2,"dpr":1})"),
            "value.width: expected an integer from -2147483648 to 2147483647, found number 4294967296");
  EXPECT_EQ(refusal(ValueType::AxesSpec, R"({"axes":[{"label":"z","role":"space","unit":"","size":"9"}]})"),
            "value.axes[0].size: expected an integer, found string \"9\"");
}

TEST(Values, numbers_that_are_not_finite_are_refused) {
  for (const double number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(value_from_json(ValueType::Number, Json(number)));
    EXPECT_FALSE(value_from_json(ValueType::NumberPair, Json::make_array({number, 0.0})));
  }
}

}  // namespace
}  // namespace ndcast::protocol
