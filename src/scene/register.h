#pragma once
// A register is the smallest thing that has a version: (scope, target, key) → value. Its value is one of a closed list
// of types; what belongs to a key is said once, in the table of register.cc: the source of validation, clamping, roles,
// capabilities, schema, scene files and the table in docs/protocol.md.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "scene/types.h"

namespace ndcast::scene {

using LayerId = NamedId<struct LayerIdTag>;
using ViewId = NamedId<struct ViewIdTag>;

/// The first view of every room.
inline const ViewId kMainView{"main"};

enum class Scope { Scene, Axes, View, Dims, Camera, Multiscale, Lod, RestoreCache, Op, Stream, Layer, Settings };

enum class Key {
  // scene/main
  Source,
  // axes/main
  Spec,
  // view/VIEW
  Ndisplay,
  Order,
  CanvasSize,
  // dims/AXIS (of a view)
  Index,
  MarginLeft,
  MarginRight,
  Play,
  // camera/VIEW and restore_cache/VIEW share the names of the two modes
  Plane,
  Volume,
  // multiscale/VIEW
  Level,
  Bias,
  // lod/VIEW
  Shown,
  // op/VIEW
  State,
  // stream/VIEW
  Config,
  // layer/ID and view/VIEW
  Meta,
  Name,
  LayerOrder,
  Visible,
  Opacity,
  BlendingMode,
  InterpolationMode,
  Gamma,
  ContrastLimits,
  Colormap,
  RenderingMode,
  DepictionMode,
  Attenuation,
  IsoThreshold,
  Projection,
  CutPlane,
  PlaneThickness,
  SampleStep,
  OpacityCurve,
  Scale,
  Translate,
  ClipPlanes,
  Contour,
  SelectedLabel,
  ShowSelectedLabel,
  // settings/main
  FpsTarget,
  Bitrate,
  Quality,
  RefineStill,
};

std::string_view to_string(Scope);
std::optional<Scope> scope_from_string(std::string_view);

/// Identifies a register. `target` is "main" for scene, axes and settings, a layer id for layers, the axis label for
/// dims, the view id otherwise. `view` is the view that a dims register belongs to and empty elsewhere; on the wire a
/// dims register of a view other than the session's own is written VIEW/AXIS.
struct RegisterId {
  Scope scope{};
  std::string target;
  Key key{};
  std::string view;
  friend auto operator<=>(const RegisterId&, const RegisterId&) = default;
};

/// The view that a register belongs to; empty for those that views share.
std::string_view view_of(const RegisterId& id);

/// A removed register: its layer or view is gone.
struct Gone {
  friend bool operator==(const Gone&, const Gone&) = default;
};

using Value =
    std::variant<Gone, bool, std::int64_t, double, std::string, std::optional<std::int64_t>, std::vector<std::int64_t>,
                 std::array<double, 2>, Canvas, PlanePose, VolumePose, AxesSpec, Source, LayerMeta, LodShown,
                 PlaneRestore, VolumeRestore, Op, StreamConfig, ViewMeta, Blending, Interpolation, Rendering, Depiction,
                 ProjectionMode, std::optional<Play>, std::vector<double>, std::vector<std::array<double, 2>>,
                 std::vector<ClipPlane>, std::optional<LayerPlane>>;

/// Which alternative of Value a key holds.
enum class ValueType {
  Bool,
  Integer,
  Number,
  Text,
  OptionalInteger,
  IntegerList,
  NumberPair,
  Canvas,
  PlanePose,
  VolumePose,
  AxesSpec,
  Source,
  LayerMeta,
  LodShown,
  PlaneRestore,
  VolumeRestore,
  Op,
  StreamConfig,
  ViewMeta,
  Blending,
  Interpolation,
  Rendering,
  Depiction,
  ProjectionMode,
  OptionalPlay,
  NumberList,
  PointList,
  ClipPlanes,
  OptionalPlane,
};

/// True when `value` holds the alternative that `type` names.
bool holds(const Value& value, ValueType type);

/// The least role that may write a key; `session` turns it into a role of `auth`.
enum class MinRole { Server, Viewer, Editor, Admin };

/// What a number may be. A number outside is clamped; with `above_zero`, one that is not above 0 is refused.
struct Bounds {
  std::optional<double> minimum;
  std::optional<double> maximum;
  bool above_zero = false;
};

/// Where a register's value outlives its moment.
struct Keep {
  bool journal = true;  ///< comes back after a restart
  bool undo = true;     ///< its author may take it back
  bool file = true;     ///< belongs to a scene file
};

/// One row of the key table.
struct KeySpec {
  Scope scope;
  Key key;
  std::string_view name;  ///< on the wire
  ValueType type;
  bool editable;  ///< clients may send it in a state.update; the others are written by the server alone
  MinRole min_role = MinRole::Server;
  Bounds bounds;
  Keep keep;
  bool of_the_data = false;   ///< its first value comes from the image: there is no default to tell
  bool volume_alias = false;  ///< `volume main KEY` writes it on the first image layer
  std::string_view doc;       ///< one line for people
};

/// Every register key there is.
std::span<const KeySpec> key_table();

/// The row of a key, or null when the scope has no key of that name.
const KeySpec* find_key(Scope scope, std::string_view name);
const KeySpec& spec_of(Scope scope, Key key);

/// A key of state.update that names no register: a camera verb, or dims step.
struct VerbSpec {
  std::string_view scope;
  std::string_view name;
  MinRole min_role;
  std::string_view doc;
};
std::span<const VerbSpec> verb_table();

/// Another name of the first image layer's keys that say so (KeySpec::volume_alias).
inline constexpr std::string_view kVolumeScope = "volume";

/// The least role for (scope, key) of a state.update; nothing for a key that no client may write.
std::optional<MinRole> min_role_of(std::string_view scope, std::string_view key);

/// What a key holds before anybody has set it; nothing where the image or the server decides.
std::optional<Value> default_value(const KeySpec& spec);
/// Every key of a scope that has one.
std::vector<std::pair<Key, Value>> default_values(Scope scope);

}  // namespace ndcast::scene
