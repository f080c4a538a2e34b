#pragma once
// Typed values of the scene: what registers hold and what blocks are composed of. Plain structs with value equality; no
// behaviour beyond names. Every part that reads a scene reads these.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ndcast::scene {

/// How many axes are displayed decides the mode: 2 → Plane, 3 → Volume.
enum class Mode { Plane, Volume };

constexpr int ndisplay_of(Mode mode) { return mode == Mode::Plane ? 2 : 3; }
constexpr Mode mode_of(int ndisplay) { return ndisplay >= 3 ? Mode::Volume : Mode::Plane; }

enum class Blending { Opaque, Translucent, TranslucentNoDepth, Additive, Minimum, Maximum, Average, Multiplicative };
enum class Interpolation { Nearest, Linear, Cubic };
enum class Rendering { Mip, Minip, AttenuatedMip, Translucent, Iso, Additive, Average };
/// How a 3D view depicts a layer: the whole volume, or one oblique plane of it.
enum class Depiction { Volume, Plane };
/// What a slice shows of the axes that are not displayed, within their margins.
enum class ProjectionMode { None, Sum, Mean, Max, Min };
/// What a playing slider does at the end of its axis.
enum class PlayLoop { Once, Loop, Pingpong };
enum class LayerKind { Image, Labels };
enum class AxisRole { Space, Time, Channel, Other };
enum class SourceStatus { Idle, Ready, Error };
enum class OpState { Open, Applied, Failed };
enum class OpKind { Bootstrap, ViewToggle, LevelUpdate, LayerAdd, LayerRemove, SceneReplace, ViewFork };

/// Pixels of a view's picture; even, within limits. `dpr` is the client's device pixel ratio, for its own use.
struct Canvas {
  int width = 1280;
  int height = 720;
  double dpr = 1.0;
  friend bool operator==(const Canvas&, const Canvas&) = default;
};

/// Where a 2D view looks, in world units of the two displayed axes: x is the last displayed axis, y the one before.
/// Picture rows grow with world y, so `rect_bottom` (named as on the wire) is the world y of the picture's TOP edge.
/// Pixel (column c, row r; centres at +0.5) of a W × H canvas shows x = left + (c+0.5)·width/W, y = bottom +
/// (r+0.5)·height/H. `rect` = {left, bottom, width, height} decides; `center` and `zoom` (canvas px per world unit
/// along x) follow from it.
struct PlanePose {
  std::array<double, 4> rect{0, 0, 1, 1};
  std::array<double, 2> center{0.5, 0.5};
  double zoom = 1.0;
  friend bool operator==(const PlanePose&, const PlanePose&) = default;
};

/// Where a 3D view looks: a turntable camera. World is (x, y, z) = the last, second-last and third-last displayed axis.
/// angles = {azimuth, elevation, roll} in degrees. At azimuth 0 and elevation 0 the eye is at center − distance·ŷ,
/// looks along +y, sees +x to the right and +z up; azimuth turns the eye counter-clockwise seen from +z, elevation
/// raises it: eye = center + distance·( sin az·cos el, −cos az·cos el, sin el ). fov is vertical, in degrees; 0 is an
/// orthographic camera, which shows as much as a fov of kOrthographicFovDeg does at the center.
struct VolumePose {
  std::array<double, 3> center{0, 0, 0};
  std::array<double, 3> angles{30, 30, 0};
  double distance = 1.0;
  double fov = 60.0;
  friend bool operator==(const VolumePose&, const VolumePose&) = default;
};

/// With the same distance the center is seen as large through a lens of this fov (the fitted one) as without one.
inline constexpr double kOrthographicFovDeg = 60.0;
/// Fields of view that a pose may have besides 0, in degrees.
inline constexpr double kMinFovDeg = 1.0;
inline constexpr double kMaxFovDeg = 179.0;

/// World units that the picture is high where the center lies.
double height_at_center(const VolumePose& pose);

/// One axis of the scene, slowest first. Level 0 defines it: world = start + step·index, index in [0, size).
struct Axis {
  std::string label;
  AxisRole role = AxisRole::Space;
  std::string unit;  ///< empty when the image names none
  std::int64_t size = 1;
  double start = 0.0;
  double step = 1.0;
  friend bool operator==(const Axis&, const Axis&) = default;
};

struct AxesSpec {
  std::vector<Axis> axes;
  friend bool operator==(const AxesSpec&, const AxesSpec&) = default;
};

/// The image that the scene shows.
struct Source {
  SourceStatus status = SourceStatus::Idle;
  std::string uri;
  std::string name;
  std::string message;  ///< why status is Error
  friend bool operator==(const Source&, const Source&) = default;
};

/// Per-level facts that clients and planners need without touching voxels. Both vectors run over the scene's axes.
struct LevelInfo {
  std::vector<std::int64_t> shape;
  std::vector<double> downsample;  ///< level scale / level-0 scale
  friend bool operator==(const LevelInfo&, const LevelInfo&) = default;
};

/// What a layer is made of; set when it is added and never edited.
struct LayerMeta {
  LayerKind kind = LayerKind::Image;
  std::string uri;
  std::optional<int> channel;  ///< index along the image's channel axis, when that axis was split into layers
  std::string dtype;           ///< numpy name
  std::array<double, 2> data_range{0, 1};  ///< range of the contrast slider, data units
  std::vector<LevelInfo> levels;           ///< finest first
  friend bool operator==(const LayerMeta&, const LayerMeta&) = default;
};

/// A playing slider: `fps` steps a second.
struct Play {
  double fps = 10.0;
  PlayLoop loop = PlayLoop::Loop;
  friend bool operator==(const Play&, const Play&) = default;
};

/// What lies on the side that `normal` (of length 1) points to is shown. World units, (x, y, z) as VolumePose.
struct ClipPlane {
  std::array<double, 3> position{0, 0, 0};
  std::array<double, 3> normal{0, 0, 1};
  bool enabled = true;
  friend bool operator==(const ClipPlane&, const ClipPlane&) = default;
};

/// The plane that a layer of depiction plane is cut down to. World units, (x, y, z) as VolumePose; `normal` of
/// length 1.
struct LayerPlane {
  std::array<double, 3> position{0, 0, 0};
  std::array<double, 3> normal{0, 0, 1};
  friend bool operator==(const LayerPlane&, const LayerPlane&) = default;
};

/// The editable controls of a layer. The initialisers are the defaults that capabilities tell.
struct LayerControls {
  std::string name;
  std::int64_t order = 0;  ///< 0 is drawn first (lowest)
  bool visible = true;
  double opacity = 1.0;
  Blending blending = Blending::Translucent;
  Interpolation interpolation = Interpolation::Nearest;
  double gamma = 1.0;
  std::array<double, 2> contrast_limits{0, 1};  ///< data units, low ≤ high
  std::string colormap = "gray";
  Rendering rendering = Rendering::Mip;
  Depiction depiction = Depiction::Volume;
  double attenuation = 0.05;   ///< of attenuated_mip, a unit of the value's share of the window
  double iso_threshold = 0.5;  ///< data units
  ProjectionMode projection_mode = ProjectionMode::None;
  std::optional<LayerPlane> plane;  ///< of depiction plane; nothing: across z, through the middle
  double plane_thickness = 1.0;     ///< of depiction plane: smallest voxel sides of level 0
  double sample_step = 1.0;         ///< 3D: smallest voxel sides a ray step
  /// Opacity over the value, {data units, 0 … 1}, by value; empty: the opacity alone.
  std::vector<std::array<double, 2>> opacity_curve;
  /// World units of a voxel of level 0 and of its first voxel's centre, one an axis of the scene; empty: as the image
  /// says.
  std::vector<double> scale;
  std::vector<double> translate;
  std::vector<ClipPlane> clip_planes;
  // Of label images.
  std::int64_t contour = 0;          ///< 2D: picture pixels of each object's rim that are shown; 0: all of it
  std::int64_t selected_label = 1;   ///< the object that is meant
  bool show_selected_label = false;  ///< no other is shown
  friend bool operator==(const LayerControls&, const LayerControls&) = default;
};

/// What the room's pictures are to cost. The initialisers are the defaults.
struct Settings {
  double fps_target = 60.0;          ///< frames a second at most
  std::int64_t bitrate = 8'000'000;  ///< bit/s of a stream at most
  /// What a picture keeps of its sharpness while things move: 0 gives up all that the frame rate asks for, 1 nothing.
  double quality = 0.0;
  bool refine_still = true;  ///< a picture at rest is encoded again until it is fine, and sent without loss
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// Level shown and why; minted by the render thread.
struct LodShown {
  int level = 0;   ///< of the first layer's pyramid; 0 is the finest
  int wanted = 0;  ///< what the policy wants; differs from `level` only while its chunks load or a budget forbids it
  int levels = 1;
  bool locked = false;
  bool downgraded = false;  ///< a budget forced a coarser level than the policy chose
  std::string
      reason;  ///< "zoom-in", "zoom-out", "heuristic", "hold", "cooldown", "locked", "budget", "bootstrap", "restore"
  friend bool operator==(const LodShown&, const LodShown&) = default;
};

/// What a mode returns to when it is entered again.
template <class Pose>
struct RestoreCache {
  int level = 0;
  std::vector<std::int64_t> index;
  Pose pose;
  friend bool operator==(const RestoreCache&, const RestoreCache&) = default;
};
using PlaneRestore = RestoreCache<PlanePose>;
using VolumeRestore = RestoreCache<VolumePose>;

/// The op fence of a view (protocol WP13).
struct Op {
  std::uint64_t seq = 0;
  OpState state = OpState::Applied;
  OpKind kind = OpKind::Bootstrap;
  friend bool operator==(const Op&, const Op&) = default;
};

/// Whose a view is. The room's first view has no owner.
struct ViewMeta {
  std::string name;   ///< for people; empty when its owner gave none
  std::string owner;  ///< actor who forked it
  friend bool operator==(const ViewMeta&, const ViewMeta&) = default;
};

/// How a view's pixels are coded now (original dialect's notify.stream; native clients read the in-band SPS).
struct StreamConfig {
  std::string codec = "h264";
  int width = 0;
  int height = 0;
  double fps = 60;
  std::string avcc_base64;
  friend bool operator==(const StreamConfig&, const StreamConfig&) = default;
};

std::string_view to_string(Mode);
std::string_view to_string(Blending);
std::string_view to_string(Interpolation);
std::string_view to_string(Rendering);
std::string_view to_string(Depiction);
std::string_view to_string(ProjectionMode);
std::string_view to_string(PlayLoop);
std::string_view to_string(LayerKind);
std::string_view to_string(AxisRole);
std::string_view to_string(SourceStatus);
std::string_view to_string(OpState);
std::string_view to_string(OpKind);

/// Inverse of to_string(); nothing for a word that names no enumerator.
template <class Enum>
std::optional<Enum> enum_from_string(std::string_view word);

/// Every word of an enumeration, in declaration order.
template <class Enum>
std::vector<std::string_view> enum_words();

}  // namespace ndcast::scene
