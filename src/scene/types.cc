#include "scene/types.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace ndcast::scene {
namespace {

using Words = std::string_view;

// The one list of words for each enumeration, in declaration order.
template <class Enum>
struct WordsOf;
template <>
struct WordsOf<Mode> {
  static constexpr std::array<Words, 2> kWords = {"plane", "volume"};
};
template <>
struct WordsOf<Blending> {
  static constexpr std::array<Words, 8> kWords = {
      "opaque", "translucent", "translucent_no_depth", "additive", "minimum", "maximum", "average", "multiplicative"};
};
template <>
struct WordsOf<Interpolation> {
  static constexpr std::array<Words, 3> kWords = {"nearest", "linear", "cubic"};
};
template <>
struct WordsOf<Rendering> {
  static constexpr std::array<Words, 7> kWords = {"mip", "minip",    "attenuated_mip", "translucent",
                                                  "iso", "additive", "average"};
};
template <>
struct WordsOf<Depiction> {
  static constexpr std::array<Words, 2> kWords = {"volume", "plane"};
};
template <>
struct WordsOf<ProjectionMode> {
  static constexpr std::array<Words, 5> kWords = {"none", "sum", "mean", "max", "min"};
};
template <>
struct WordsOf<PlayLoop> {
  static constexpr std::array<Words, 3> kWords = {"once", "loop", "pingpong"};
};
template <>
struct WordsOf<LayerKind> {
  static constexpr std::array<Words, 2> kWords = {"image", "labels"};
};
template <>
struct WordsOf<AxisRole> {
  static constexpr std::array<Words, 4> kWords = {"space", "time", "channel", "other"};
};
template <>
struct WordsOf<SourceStatus> {
  static constexpr std::array<Words, 3> kWords = {"idle", "ready", "error"};
};
template <>
struct WordsOf<OpState> {
  static constexpr std::array<Words, 3> kWords = {"open", "applied", "failed"};
};
template <>
struct WordsOf<OpKind> {
  static constexpr std::array<Words, 7> kWords = {"bootstrap",    "view-toggle",   "level-update", "layer-add",
                                                  "layer-remove", "scene-replace", "view-fork"};
};

template <class Enum>
std::string_view word(Enum value) {
  return WordsOf<Enum>::kWords[static_cast<std::size_t>(value)];
}

}  // namespace

double height_at_center(const VolumePose& pose) {
  const double fov_deg = pose.fov == 0.0 ? kOrthographicFovDeg : pose.fov;
  return 2.0 * pose.distance * std::tan(0.5 * fov_deg * std::numbers::pi / 180.0);
}

template <class Enum>
std::optional<Enum> enum_from_string(std::string_view text) {
  for (std::size_t i = 0; i < WordsOf<Enum>::kWords.size(); ++i) {
    if (WordsOf<Enum>::kWords[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum>
std::vector<std::string_view> enum_words() {
  return {WordsOf<Enum>::kWords.begin(), WordsOf<Enum>::kWords.end()};
}

#define NDCAST_ENUM(Enum)                                                \
  std::string_view to_string(Enum value) { return word(value); }         \
  template std::optional<Enum> enum_from_string<Enum>(std::string_view); \
  template std::vector<std::string_view> enum_words<Enum>();
NDCAST_ENUM(Mode)
NDCAST_ENUM(Blending)
NDCAST_ENUM(Interpolation)
NDCAST_ENUM(Rendering)
NDCAST_ENUM(Depiction)
NDCAST_ENUM(ProjectionMode)
NDCAST_ENUM(PlayLoop)
NDCAST_ENUM(LayerKind)
NDCAST_ENUM(AxisRole)
NDCAST_ENUM(SourceStatus)
NDCAST_ENUM(OpState)
NDCAST_ENUM(OpKind)
#undef NDCAST_ENUM

}  // namespace ndcast::scene
