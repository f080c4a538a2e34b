#pragma once
// A register is the smallest thing that has a version: (scope, target, key) → value. Its value is one of a closed list
// of types; which type belongs to which key is said once, in kKeys below, the single source of validation, capabilities
// and schema.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "scene/types.h"

namespace ndcast::scene {

using LayerId = NamedId<struct LayerIdTag>;
using ViewId = NamedId<struct ViewIdTag>;

/// The first view of every room.
inline const ViewId kMainView{"main"};

enum class Scope { Scene, Axes, View, Dims, Camera, Multiscale, Lod, RestoreCache, Op, Stream, Layer };

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
  // camera/VIEW and restore_cache/VIEW share the names of the two modes
  Plane,
  Volume,
  // multiscale/VIEW
  Level,
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
};

std::string_view to_string(Scope);
std::optional<Scope> scope_from_string(std::string_view);

/// Identifies a register. `target` is "main" for scene and axes, a layer id for layers, the axis label for dims, the
/// view id otherwise. `view` is the view that a dims register belongs to and empty elsewhere; on the wire a dims
/// register of a view other than the session's own is written VIEW/AXIS.
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
                 PlaneRestore, VolumeRestore, Op, StreamConfig, ViewMeta, Blending, Interpolation, Rendering>;

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
};

/// True when `value` holds the alternative that `type` names.
bool holds(const Value& value, ValueType type);

/// One row of the key table.
struct KeySpec {
  Scope scope;
  Key key;
  std::string_view name;  ///< on the wire
  ValueType type;
  bool editable;  ///< clients may send it in a state.update; the others are written by the server alone
};

/// Every register key there is.
std::span<const KeySpec> key_table();

/// The row of a key, or null when the scope has no key of that name.
const KeySpec* find_key(Scope scope, std::string_view name);
const KeySpec& spec_of(Scope scope, Key key);

}  // namespace ndcast::scene
