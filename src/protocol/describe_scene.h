#pragma once
// The scene's types as they stand on the wire. They are described here, so that scene itself knows nothing of JSON.

#include <type_traits>
#include <vector>

#include "protocol/described.h"
#include "scene/intent.h"
#include "scene/types.h"

namespace ndcast::scene {

template <class Enum>
  requires std::is_enum_v<Enum>
std::vector<std::string_view> words_of(std::type_identity<Enum>) {
  return enum_words<Enum>();
}

NDCAST_SCHEMA_NAME(Mode)
NDCAST_SCHEMA_NAME(Blending)
NDCAST_SCHEMA_NAME(Interpolation)
NDCAST_SCHEMA_NAME(Rendering)
NDCAST_SCHEMA_NAME(Depiction)
NDCAST_SCHEMA_NAME(ProjectionMode)
NDCAST_SCHEMA_NAME(PlayLoop)
NDCAST_SCHEMA_NAME(LayerKind)
NDCAST_SCHEMA_NAME(AxisRole)
NDCAST_SCHEMA_NAME(SourceStatus)
NDCAST_SCHEMA_NAME(OpState)
NDCAST_SCHEMA_NAME(OpKind)

NDCAST_DESCRIBE(Canvas, (width, height, dpr))
NDCAST_DESCRIBE(PlanePose, (rect, center, zoom))
NDCAST_DESCRIBE(VolumePose, (center, angles, distance, fov))
NDCAST_DESCRIBE(Axis, (label, role, unit, size, start, step))
NDCAST_DESCRIBE(AxesSpec, (axes))
NDCAST_DESCRIBE(Source, (status, uri, name, message))
NDCAST_DESCRIBE(LevelInfo, (shape, downsample))
NDCAST_DESCRIBE(LayerMeta, (kind, uri, channel, dtype, data_range, levels))
NDCAST_NULL_WHEN_ABSENT(LayerMeta)
NDCAST_DESCRIBE(Play, (fps, loop))
NDCAST_DESCRIBE(ClipPlane, (position, normal, enabled))
NDCAST_DESCRIBE(LayerPlane, (position, normal))
NDCAST_DESCRIBE(LodShown, (level, wanted, levels, locked, downgraded, reason))
NDCAST_DESCRIBE(PlaneRestore, (level, index, pose))
NDCAST_DESCRIBE(VolumeRestore, (level, index, pose))
NDCAST_DESCRIBE(Op, (seq, state, kind))
NDCAST_WIRE_NAME_OF(Op, {"seq", "op_seq"}, {"state", "op_state"}, {"kind", "op_kind"})
NDCAST_DESCRIBE(ViewMeta, (name, owner))
NDCAST_DESCRIBE(StreamConfig, (codec, width, height, fps, avcc_base64))
NDCAST_WIRE_NAME_OF(StreamConfig, {"avcc_base64", "avcc"})

NDCAST_DESCRIBE(ZoomVerb, (factor, anchor_px))
NDCAST_DESCRIBE(PanVerb, (dx_px, dy_px))
NDCAST_DESCRIBE(OrbitVerb, (d_az_deg, d_el_deg))
NDCAST_DESCRIBE(ResetVerb, (reason))
NDCAST_DESCRIBE(SetPoseVerb, (center, zoom, rect, angles, distance, fov))

}  // namespace ndcast::scene
