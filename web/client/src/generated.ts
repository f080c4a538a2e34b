// The wire's types, generated from web/schema.json (`ndcast schema`) by `npm run schema:types`; not to be edited.

export type ClientFrame =
  SessionHelloFrame | SessionAckFrame | SessionGoodbyeFrame | NdPresenceFrame | StateUpdateFrame | CallCommandFrame;
export type ActorKind = "human" | "agent";
export type StateUpdate =
  | ViewNdisplayUpdate
  | ViewOrderUpdate
  | ViewCanvasUpdate
  | DimsIndexUpdate
  | DimsMarginLeftUpdate
  | DimsMarginRightUpdate
  | DimsPlayUpdate
  | DimsStepUpdate
  | CameraZoomUpdate
  | CameraPanUpdate
  | CameraOrbitUpdate
  | CameraResetUpdate
  | CameraSetUpdate
  | LayerNameUpdate
  | LayerOrderUpdate
  | LayerVisibleUpdate
  | LayerOpacityUpdate
  | LayerBlendingUpdate
  | LayerInterpolationUpdate
  | LayerGammaUpdate
  | LayerContrastLimitsUpdate
  | LayerColormapUpdate
  | LayerRenderingUpdate
  | LayerDepictionUpdate
  | LayerAttenuationUpdate
  | LayerIsoThresholdUpdate
  | LayerProjectionModeUpdate
  | LayerPlaneUpdate
  | LayerPlaneThicknessUpdate
  | LayerSampleStepUpdate
  | LayerOpacityCurveUpdate
  | LayerScaleUpdate
  | LayerTranslateUpdate
  | LayerClipPlanesUpdate
  | LayerContourUpdate
  | LayerSelectedLabelUpdate
  | LayerShowSelectedLabelUpdate
  | VolumeOpacityUpdate
  | VolumeContrastLimitsUpdate
  | VolumeColormapUpdate
  | VolumeRenderingUpdate
  | VolumeSampleStepUpdate
  | MultiscaleLevelUpdate
  | MultiscaleBiasUpdate
  | SettingsFpsTargetUpdate
  | SettingsBitrateUpdate
  | SettingsQualityUpdate
  | SettingsRefineStillUpdate;
export type Phase = "start" | "update" | "commit";
export type PlayLoop = "once" | "loop" | "pingpong";
export type ServerFrame =
  | SessionWelcomeFrame
  | SessionRejectFrame
  | SessionHeartbeatFrame
  | SessionGoodbyeFrame
  | NdSnapshotFrame
  | NdCommitFrame
  | NdTelemetryFrame
  | NdThumbnailFrame
  | NdJobFrame
  | NdPresenceFrame
  | NotifySceneFrame
  | NotifyLevelFrame
  | NotifyLayersFrame
  | NotifyStreamFrame
  | NotifyDimsFrame
  | NotifyCameraFrame
  | NotifyErrorFrame
  | AckStateFrame
  | ReplyCommandFrame
  | ErrorCommandFrame;
export type RejectCode =
  | "timeout"
  | "invalid_json"
  | "invalid_payload"
  | "unexpected_message"
  | "protocol_mismatch"
  | "unsupported_client"
  | "invalid_resume_token"
  | "auth.required"
  | "auth.invalid"
  | "auth.expired"
  | "room.not_found"
  | "room.full"
  | "rate.limited";
export type Register =
  | SceneSourceRegister
  | AxesSpecRegister
  | ViewNdisplayRegister
  | ViewOrderRegister
  | ViewCanvasRegister
  | ViewMetaRegister
  | DimsIndexRegister
  | DimsMarginLeftRegister
  | DimsMarginRightRegister
  | DimsPlayRegister
  | CameraPlaneRegister
  | CameraVolumeRegister
  | MultiscaleLevelRegister
  | MultiscaleBiasRegister
  | LodShownRegister
  | RestoreCachePlaneRegister
  | RestoreCacheVolumeRegister
  | OpStateRegister
  | StreamConfigRegister
  | LayerMetaRegister
  | LayerNameRegister
  | LayerOrderRegister
  | LayerVisibleRegister
  | LayerOpacityRegister
  | LayerBlendingRegister
  | LayerInterpolationRegister
  | LayerGammaRegister
  | LayerContrastLimitsRegister
  | LayerColormapRegister
  | LayerRenderingRegister
  | LayerDepictionRegister
  | LayerAttenuationRegister
  | LayerIsoThresholdRegister
  | LayerProjectionModeRegister
  | LayerPlaneRegister
  | LayerPlaneThicknessRegister
  | LayerSampleStepRegister
  | LayerOpacityCurveRegister
  | LayerScaleRegister
  | LayerTranslateRegister
  | LayerClipPlanesRegister
  | LayerContourRegister
  | LayerSelectedLabelRegister
  | LayerShowSelectedLabelRegister
  | SettingsFpsTargetRegister
  | SettingsBitrateRegister
  | SettingsQualityRegister
  | SettingsRefineStillRegister
  | GoneRegister;
export type SourceStatus = "idle" | "ready" | "error";
export type Origin = "client" | "agent" | "worker" | "policy" | "system";
export type AxisRole = "space" | "time" | "channel" | "other";
export type OpState = "open" | "applied" | "failed";
export type OpKind =
  "bootstrap" | "view-toggle" | "level-update" | "layer-add" | "layer-remove" | "scene-replace" | "view-fork";
export type LayerKind = "image" | "labels";
export type Blending =
  "opaque" | "translucent" | "translucent_no_depth" | "additive" | "minimum" | "maximum" | "average" | "multiplicative";
export type Interpolation = "nearest" | "linear" | "cubic";
export type Rendering = "mip" | "minip" | "attenuated_mip" | "translucent" | "iso" | "additive" | "average";
export type Depiction = "volume" | "plane";
export type ProjectionMode = "none" | "sum" | "mean" | "max" | "min";
export type JobState = "running" | "done" | "failed" | "cancelled";
export type ViewportMode = "PLANE" | "VOLUME";
export type Mode = "plane" | "volume";
export type CameraMode = "zoom" | "pan" | "orbit" | "reset" | "set" | "pose";
export type Severity = "info" | "warning" | "critical";
export type Accepted = "accepted";
export type Rejected = "rejected";
export type StateCode =
  | "state.invalid"
  | "state.unknown_target"
  | "state.stale"
  | "state.forbidden"
  | "state.unsupported"
  | "rate.limited"
  | "state.error";
export type Ok = "ok";
export type Failed = "error";
export type CommandCode =
  | "command.forbidden"
  | "command.not_found"
  | "command.invalid"
  | "command.retryable"
  | "command.timeout"
  | "fs.not_found"
  | "fs.forbidden"
  | "zarr.invalid"
  | "zarr.disambiguate";
export type SceneRegister =
  | SceneSceneSource
  | SceneAxesSpec
  | SceneViewNdisplay
  | SceneViewOrder
  | SceneViewCanvas
  | SceneDimsIndex
  | SceneDimsMarginLeft
  | SceneDimsMarginRight
  | SceneCameraPlane
  | SceneCameraVolume
  | SceneMultiscaleLevel
  | SceneMultiscaleBias
  | SceneLodShown
  | SceneLayerMeta
  | SceneLayerName
  | SceneLayerOrder
  | SceneLayerVisible
  | SceneLayerOpacity
  | SceneLayerBlending
  | SceneLayerInterpolation
  | SceneLayerGamma
  | SceneLayerContrastLimits
  | SceneLayerColormap
  | SceneLayerRendering
  | SceneLayerDepiction
  | SceneLayerAttenuation
  | SceneLayerIsoThreshold
  | SceneLayerProjectionMode
  | SceneLayerPlane
  | SceneLayerPlaneThickness
  | SceneLayerSampleStep
  | SceneLayerOpacityCurve
  | SceneLayerScale
  | SceneLayerTranslate
  | SceneLayerClipPlanes
  | SceneLayerContour
  | SceneLayerSelectedLabel
  | SceneLayerShowSelectedLabel;

/**
 * Frames of the state channel, register values and scene files of ndcast.
 */
export interface Ndcast {
  client_frame?: ClientFrame;
  server_frame?: ServerFrame;
  scene_file?: SceneFile;
}
export interface SessionHelloFrame {
  type: "session.hello";
  version: 2;
  frame_id: string;
  timestamp: number;
  payload: HelloPayload;
  nd?: HelloNative;
}
export interface HelloPayload {
  protocols: number[];
  client: ClientInfo;
  features: {
    [k: string]: boolean;
  };
  resume_tokens: {
    [k: string]: string | null;
  };
  auth?: Auth;
}
export interface ClientInfo {
  name: string;
  version: string;
  platform: string;
}
export interface Auth {
  type: string;
  token?: string;
}
export interface HelloNative {
  extensions: number;
  actor?: Actor;
  view?: string;
  since?: Since;
  [k: string]: unknown;
}
export interface Actor {
  name: string;
  kind: ActorKind;
}
export interface Since {
  history_id: string;
  server_seq: number;
}
export interface SessionAckFrame {
  type: "session.ack";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: {};
}
export interface SessionGoodbyeFrame {
  type: "session.goodbye";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: Goodbye;
}
export interface Goodbye {
  code?: string;
  message?: string;
  reason?: string;
}
export interface NdPresenceFrame {
  type: "nd.presence";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: Pointing | PresenceNotice;
}
export interface Pointing {
  cursor?: number[];
}
export interface PresenceNotice {
  whole: boolean;
  sessions: number;
  here: Present[];
  gone: string[];
}
export interface Present {
  session: string;
  actor: string;
  kind: ActorKind;
  role: string;
  view: string;
  follows: boolean;
  color: string;
  cursor?: number[];
}
export interface StateUpdateFrame {
  type: "state.update";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  intent_id: string;
  payload: StateUpdate;
}
/**
 * displayed axes; null means 2, more than 3 means 3
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "ViewNdisplayUpdate".
 */
export interface ViewNdisplayUpdate {
  scope: "view";
  target: string;
  key: "ndisplay";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * a permutation of the axes; the last ndisplay are displayed
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "ViewOrderUpdate".
 */
export interface ViewOrderUpdate {
  scope: "view";
  target: string;
  key: "order";
  value: number[];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * pixels of the picture: even, within limits; of the session that interacted last
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "ViewCanvasUpdate".
 */
export interface ViewCanvasUpdate {
  scope: "view";
  target: string;
  key: "canvas";
  value: Canvas;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface Canvas {
  width: number;
  height: number;
  dpr: number;
}
/**
 * absolute, in steps of level 0
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "DimsIndexUpdate".
 */
export interface DimsIndexUpdate {
  scope: "dims";
  target: string;
  key: "index";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 2D: world units below the index that projection_mode takes in
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "DimsMarginLeftUpdate".
 */
export interface DimsMarginLeftUpdate {
  scope: "dims";
  target: string;
  key: "margin_left";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 2D: world units above the index that projection_mode takes in
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "DimsMarginRightUpdate".
 */
export interface DimsMarginRightUpdate {
  scope: "dims";
  target: string;
  key: "margin_right";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * the server moves the index, fps times a second; null stops
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "DimsPlayUpdate".
 */
export interface DimsPlayUpdate {
  scope: "dims";
  target: string;
  key: "play";
  value: Play | null;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface Play {
  fps: number;
  loop: PlayLoop;
}
/**
 * moves the index by so many steps
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "DimsStepUpdate".
 */
export interface DimsStepUpdate {
  scope: "dims";
  target: string;
  key: "step";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * factor above 1 shows more; the anchor's origin is at the bottom left
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "CameraZoomUpdate".
 */
export interface CameraZoomUpdate {
  scope: "camera";
  target: string;
  key: "zoom";
  value: ZoomVerb;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface ZoomVerb {
  factor: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  anchor_px: [number, number];
}
/**
 * the picture follows: right and up are positive
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "CameraPanUpdate".
 */
export interface CameraPanUpdate {
  scope: "camera";
  target: string;
  key: "pan";
  value: PanVerb;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface PanVerb {
  dx_px: number;
  dy_px: number;
}
/**
 * 3D only; elevation stays within ±89.9
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "CameraOrbitUpdate".
 */
export interface CameraOrbitUpdate {
  scope: "camera";
  target: string;
  key: "orbit";
  value: OrbitVerb;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface OrbitVerb {
  d_az_deg: number;
  d_el_deg: number;
}
/**
 * the fitted pose of the mode; any value, a text is the reason
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "CameraResetUpdate".
 */
export interface CameraResetUpdate {
  scope: "camera";
  target: string;
  key: "reset";
  value: unknown;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * some of center, zoom, rect, angles, distance, fov
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "CameraSetUpdate".
 */
export interface CameraSetUpdate {
  scope: "camera";
  target: string;
  key: "set";
  value: SetPoseVerb;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface SetPoseVerb {
  center?: number[];
  zoom?: number;
  /**
   * @minItems 4
   * @maxItems 4
   */
  rect?: [number, number, number, number];
  angles?: number[];
  distance?: number;
  fov?: number;
}
/**
 * for people
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerNameUpdate".
 */
export interface LayerNameUpdate {
  scope: "layer";
  target: string;
  key: "name";
  value: string;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * place in the drawing order, 0 the lowest
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerOrderUpdate".
 */
export interface LayerOrderUpdate {
  scope: "layer";
  target: string;
  key: "order";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * whether it is drawn
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerVisibleUpdate".
 */
export interface LayerVisibleUpdate {
  scope: "layer";
  target: string;
  key: "visible";
  value: boolean;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * of the whole layer
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerOpacityUpdate".
 */
export interface LayerOpacityUpdate {
  scope: "layer";
  target: string;
  key: "opacity";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * how it meets what lies below
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerBlendingUpdate".
 */
export interface LayerBlendingUpdate {
  scope: "layer";
  target: string;
  key: "blending";
  value:
    | "opaque"
    | "translucent"
    | "translucent_no_depth"
    | "additive"
    | "minimum"
    | "maximum"
    | "average"
    | "multiplicative";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * between voxels; napari's other names mean cubic, which 3D draws as linear
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerInterpolationUpdate".
 */
export interface LayerInterpolationUpdate {
  scope: "layer";
  target: string;
  key: "interpolation";
  value: "nearest" | "linear" | "cubic";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * exponent on the windowed value
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerGammaUpdate".
 */
export interface LayerGammaUpdate {
  scope: "layer";
  target: string;
  key: "gamma";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * the window, data units; swapped when reversed
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerContrastLimitsUpdate".
 */
export interface LayerContrastLimitsUpdate {
  scope: "layer";
  target: string;
  key: "contrast_limits";
  /**
   * @minItems 2
   * @maxItems 2
   */
  value: [number, number];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * a name of the capabilities, or #rrggbb
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerColormapUpdate".
 */
export interface LayerColormapUpdate {
  scope: "layer";
  target: string;
  key: "colormap";
  value: string;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: what a ray shows
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerRenderingUpdate".
 */
export interface LayerRenderingUpdate {
  scope: "layer";
  target: string;
  key: "rendering";
  value: "mip" | "minip" | "attenuated_mip" | "translucent" | "iso" | "additive" | "average";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: all of it, or one plane of it
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerDepictionUpdate".
 */
export interface LayerDepictionUpdate {
  scope: "layer";
  target: string;
  key: "depiction";
  value: "volume" | "plane";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * of attenuated_mip
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerAttenuationUpdate".
 */
export interface LayerAttenuationUpdate {
  scope: "layer";
  target: string;
  key: "attenuation";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * of iso, data units
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerIsoThresholdUpdate".
 */
export interface LayerIsoThresholdUpdate {
  scope: "layer";
  target: string;
  key: "iso_threshold";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 2D: over the margins of the axes that are not displayed
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerProjectionModeUpdate".
 */
export interface LayerProjectionModeUpdate {
  scope: "layer";
  target: string;
  key: "projection_mode";
  value: "none" | "sum" | "mean" | "max" | "min";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * of depiction plane: where it lies; null: across z, through the middle
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerPlaneUpdate".
 */
export interface LayerPlaneUpdate {
  scope: "layer";
  target: string;
  key: "plane";
  value: LayerPlane | null;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface LayerPlane {
  /**
   * @minItems 3
   * @maxItems 3
   */
  position: [number, number, number];
  /**
   * @minItems 3
   * @maxItems 3
   */
  normal: [number, number, number];
}
/**
 * of depiction plane: smallest voxel sides of level 0
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerPlaneThicknessUpdate".
 */
export interface LayerPlaneThicknessUpdate {
  scope: "layer";
  target: string;
  key: "plane_thickness";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: voxel sides a ray step
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerSampleStepUpdate".
 */
export interface LayerSampleStepUpdate {
  scope: "layer";
  target: string;
  key: "sample_step";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * opacity over the value: [[data units, 0 to 1], …]; null or empty: none
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerOpacityCurveUpdate".
 */
export interface LayerOpacityCurveUpdate {
  scope: "layer";
  target: string;
  key: "opacity_curve";
  value: [number, number][];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * world units of a voxel of level 0, one an axis, none 0; null or empty: the image's own
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerScaleUpdate".
 */
export interface LayerScaleUpdate {
  scope: "layer";
  target: string;
  key: "scale";
  value: number[];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * world position of the first voxel, one an axis; null or empty: the image's own
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerTranslateUpdate".
 */
export interface LayerTranslateUpdate {
  scope: "layer";
  target: string;
  key: "translate";
  value: number[];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: planes that show what their normal points to; null or empty: none
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerClipPlanesUpdate".
 */
export interface LayerClipPlanesUpdate {
  scope: "layer";
  target: string;
  key: "clip_planes";
  value: ClipPlane[];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface ClipPlane {
  /**
   * @minItems 3
   * @maxItems 3
   */
  position: [number, number, number];
  /**
   * @minItems 3
   * @maxItems 3
   */
  normal: [number, number, number];
  enabled: boolean;
}
/**
 * labels in 2D: pixels of each object's rim that are shown; 0: all of it
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerContourUpdate".
 */
export interface LayerContourUpdate {
  scope: "layer";
  target: string;
  key: "contour";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * labels: the object that is meant
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerSelectedLabelUpdate".
 */
export interface LayerSelectedLabelUpdate {
  scope: "layer";
  target: string;
  key: "selected_label";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * labels: no other object is shown
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "LayerShowSelectedLabelUpdate".
 */
export interface LayerShowSelectedLabelUpdate {
  scope: "layer";
  target: string;
  key: "show_selected_label";
  value: boolean;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * of the whole layer
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "VolumeOpacityUpdate".
 */
export interface VolumeOpacityUpdate {
  scope: "volume";
  target: string;
  key: "opacity";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * the window, data units; swapped when reversed
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "VolumeContrastLimitsUpdate".
 */
export interface VolumeContrastLimitsUpdate {
  scope: "volume";
  target: string;
  key: "contrast_limits";
  /**
   * @minItems 2
   * @maxItems 2
   */
  value: [number, number];
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * a name of the capabilities, or #rrggbb
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "VolumeColormapUpdate".
 */
export interface VolumeColormapUpdate {
  scope: "volume";
  target: string;
  key: "colormap";
  value: string;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: what a ray shows
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "VolumeRenderingUpdate".
 */
export interface VolumeRenderingUpdate {
  scope: "volume";
  target: string;
  key: "rendering";
  value: "mip" | "minip" | "attenuated_mip" | "translucent" | "iso" | "additive" | "average";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * 3D: voxel sides a ray step
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "VolumeSampleStepUpdate".
 */
export interface VolumeSampleStepUpdate {
  scope: "volume";
  target: string;
  key: "sample_step";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * holds a level, 0 the finest; null leaves it to the policy
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "MultiscaleLevelUpdate".
 */
export interface MultiscaleLevelUpdate {
  scope: "multiscale";
  target: string;
  key: "level";
  value: number | null;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * coarser (above 0) or finer than the policy, in levels of a factor of 2
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "MultiscaleBiasUpdate".
 */
export interface MultiscaleBiasUpdate {
  scope: "multiscale";
  target: string;
  key: "bias";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * frames a second at most
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "SettingsFpsTargetUpdate".
 */
export interface SettingsFpsTargetUpdate {
  scope: "settings";
  target: string;
  key: "fps_target";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * bit/s of a stream at most
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "SettingsBitrateUpdate".
 */
export interface SettingsBitrateUpdate {
  scope: "settings";
  target: string;
  key: "bitrate";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * sharpness kept while things move: 0 gives up what the frame rate asks for, 1 nothing
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "SettingsQualityUpdate".
 */
export interface SettingsQualityUpdate {
  scope: "settings";
  target: string;
  key: "quality";
  value: number;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
/**
 * a picture at rest is encoded again until it is fine, and sent without loss
 *
 * This interface was referenced by `Ndcast`'s JSON-Schema
 * via the `definition` "SettingsRefineStillUpdate".
 */
export interface SettingsRefineStillUpdate {
  scope: "settings";
  target: string;
  key: "refine_still";
  value: boolean;
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface CallCommandFrame {
  type: "call.command";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: CommandCall;
}
export interface CommandCall {
  command: string;
  args?: unknown[];
  kwargs?: {
    [k: string]: unknown;
  };
  origin?: string;
}
export interface SessionWelcomeFrame {
  type: "session.welcome";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: Welcome;
  nd?: WelcomeNative;
}
export interface Welcome {
  protocol_version: number;
  session: SessionInfo;
  features: {
    [k: string]: FeatureState;
  };
}
export interface SessionInfo {
  id: string;
  heartbeat_s: number;
  ack_timeout_ms: number;
}
export interface FeatureState {
  enabled: boolean;
  version?: number;
  resume?: boolean;
  commands?: string[];
  resume_state?: Cursor;
}
export interface Cursor {
  seq: number;
  delta_token: string;
}
export interface WelcomeNative {
  room: string;
  view: string;
  actor: string;
  role: string;
  history_id: string;
  server_seq: number;
  durability: string;
  pixel_ticket: string;
  capabilities: Capabilities;
}
export interface Capabilities {
  keys: KeyCapability[];
  commands: string[];
  colormaps: ColormapCapability[];
  limits: {
    [k: string]: number;
  };
  encoders: string[];
}
export interface KeyCapability {
  scope: string;
  key: string;
  type: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  role: string;
  own_role: string;
}
export interface ColormapCapability {
  name: string;
  stops: string[];
}
export interface SessionRejectFrame {
  type: "session.reject";
  version: 2;
  frame_id: string;
  timestamp: number;
  payload: RejectPayload;
}
export interface RejectPayload {
  code: RejectCode;
  message: string;
  details?: unknown;
}
export interface SessionHeartbeatFrame {
  type: "session.heartbeat";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: {};
}
export interface NdSnapshotFrame {
  type: "nd.snapshot";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: SnapshotPayload;
}
export interface SnapshotPayload {
  history_id: string;
  server_seq: number;
  view: string;
  binding: number;
  registers: Register[];
}
export interface SceneSourceRegister {
  scope: "scene";
  target: "main";
  key: "source";
  value: Source;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface Source {
  status: SourceStatus;
  uri: string;
  name: string;
  message: string;
}
export interface AxesSpecRegister {
  scope: "axes";
  target: "main";
  key: "spec";
  value: AxesSpec;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface AxesSpec {
  axes: Axis[];
}
export interface Axis {
  label: string;
  role: AxisRole;
  unit: string;
  size: number;
  start: number;
  step: number;
}
export interface ViewNdisplayRegister {
  scope: "view";
  target: string;
  key: "ndisplay";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface ViewOrderRegister {
  scope: "view";
  target: string;
  key: "order";
  value: number[];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface ViewCanvasRegister {
  scope: "view";
  target: string;
  key: "canvas";
  value: Canvas;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface ViewMetaRegister {
  scope: "view";
  target: string;
  key: "meta";
  value: ViewMeta;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface ViewMeta {
  name: string;
  owner: string;
}
export interface DimsIndexRegister {
  scope: "dims";
  target: string;
  key: "index";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface DimsMarginLeftRegister {
  scope: "dims";
  target: string;
  key: "margin_left";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface DimsMarginRightRegister {
  scope: "dims";
  target: string;
  key: "margin_right";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface DimsPlayRegister {
  scope: "dims";
  target: string;
  key: "play";
  value: Play | null;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface CameraPlaneRegister {
  scope: "camera";
  target: string;
  key: "plane";
  value: PlanePose;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface PlanePose {
  /**
   * @minItems 4
   * @maxItems 4
   */
  rect: [number, number, number, number];
  /**
   * @minItems 2
   * @maxItems 2
   */
  center: [number, number];
  zoom: number;
}
export interface CameraVolumeRegister {
  scope: "camera";
  target: string;
  key: "volume";
  value: VolumePose;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface VolumePose {
  /**
   * @minItems 3
   * @maxItems 3
   */
  center: [number, number, number];
  /**
   * @minItems 3
   * @maxItems 3
   */
  angles: [number, number, number];
  distance: number;
  fov: number;
}
export interface MultiscaleLevelRegister {
  scope: "multiscale";
  target: string;
  key: "level";
  value: number | null;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface MultiscaleBiasRegister {
  scope: "multiscale";
  target: string;
  key: "bias";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LodShownRegister {
  scope: "lod";
  target: string;
  key: "shown";
  value: LodShown;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LodShown {
  level: number;
  wanted: number;
  levels: number;
  locked: boolean;
  downgraded: boolean;
  reason: string;
}
export interface RestoreCachePlaneRegister {
  scope: "restore_cache";
  target: string;
  key: "plane";
  value: PlaneRestore;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface PlaneRestore {
  level: number;
  index: number[];
  pose: PlanePose;
}
export interface RestoreCacheVolumeRegister {
  scope: "restore_cache";
  target: string;
  key: "volume";
  value: VolumeRestore;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface VolumeRestore {
  level: number;
  index: number[];
  pose: VolumePose;
}
export interface OpStateRegister {
  scope: "op";
  target: string;
  key: "state";
  value: Op;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface Op {
  op_seq: number;
  op_state: OpState;
  op_kind: OpKind;
}
export interface StreamConfigRegister {
  scope: "stream";
  target: string;
  key: "config";
  value: StreamConfig;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface StreamConfig {
  codec: string;
  width: number;
  height: number;
  fps: number;
  avcc: string;
}
export interface LayerMetaRegister {
  scope: "layer";
  target: string;
  key: "meta";
  value: LayerMeta;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerMeta {
  kind: LayerKind;
  uri: string;
  channel: number | null;
  dtype: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  data_range: [number, number];
  levels: LevelInfo[];
}
export interface LevelInfo {
  shape: number[];
  downsample: number[];
}
export interface LayerNameRegister {
  scope: "layer";
  target: string;
  key: "name";
  value: string;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerOrderRegister {
  scope: "layer";
  target: string;
  key: "order";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerVisibleRegister {
  scope: "layer";
  target: string;
  key: "visible";
  value: boolean;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerOpacityRegister {
  scope: "layer";
  target: string;
  key: "opacity";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerBlendingRegister {
  scope: "layer";
  target: string;
  key: "blending";
  value: Blending;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerInterpolationRegister {
  scope: "layer";
  target: string;
  key: "interpolation";
  value: Interpolation;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerGammaRegister {
  scope: "layer";
  target: string;
  key: "gamma";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerContrastLimitsRegister {
  scope: "layer";
  target: string;
  key: "contrast_limits";
  /**
   * @minItems 2
   * @maxItems 2
   */
  value: [number, number];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerColormapRegister {
  scope: "layer";
  target: string;
  key: "colormap";
  value: string;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerRenderingRegister {
  scope: "layer";
  target: string;
  key: "rendering";
  value: Rendering;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerDepictionRegister {
  scope: "layer";
  target: string;
  key: "depiction";
  value: Depiction;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerAttenuationRegister {
  scope: "layer";
  target: string;
  key: "attenuation";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerIsoThresholdRegister {
  scope: "layer";
  target: string;
  key: "iso_threshold";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerProjectionModeRegister {
  scope: "layer";
  target: string;
  key: "projection_mode";
  value: ProjectionMode;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerPlaneRegister {
  scope: "layer";
  target: string;
  key: "plane";
  value: LayerPlane | null;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerPlaneThicknessRegister {
  scope: "layer";
  target: string;
  key: "plane_thickness";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerSampleStepRegister {
  scope: "layer";
  target: string;
  key: "sample_step";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerOpacityCurveRegister {
  scope: "layer";
  target: string;
  key: "opacity_curve";
  value: [number, number][];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerScaleRegister {
  scope: "layer";
  target: string;
  key: "scale";
  value: number[];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerTranslateRegister {
  scope: "layer";
  target: string;
  key: "translate";
  value: number[];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerClipPlanesRegister {
  scope: "layer";
  target: string;
  key: "clip_planes";
  value: ClipPlane[];
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerContourRegister {
  scope: "layer";
  target: string;
  key: "contour";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerSelectedLabelRegister {
  scope: "layer";
  target: string;
  key: "selected_label";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface LayerShowSelectedLabelRegister {
  scope: "layer";
  target: string;
  key: "show_selected_label";
  value: boolean;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface SettingsFpsTargetRegister {
  scope: "settings";
  target: "main";
  key: "fps_target";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface SettingsBitrateRegister {
  scope: "settings";
  target: "main";
  key: "bitrate";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface SettingsQualityRegister {
  scope: "settings";
  target: "main";
  key: "quality";
  value: number;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface SettingsRefineStillRegister {
  scope: "settings";
  target: "main";
  key: "refine_still";
  value: boolean;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface GoneRegister {
  scope: "view" | "dims" | "camera" | "multiscale" | "lod" | "restore_cache" | "op" | "stream" | "layer" | "settings";
  target: string;
  key:
    | "ndisplay"
    | "order"
    | "canvas"
    | "meta"
    | "index"
    | "margin_left"
    | "margin_right"
    | "play"
    | "plane"
    | "volume"
    | "level"
    | "bias"
    | "shown"
    | "state"
    | "config"
    | "name"
    | "visible"
    | "opacity"
    | "blending"
    | "interpolation"
    | "gamma"
    | "contrast_limits"
    | "colormap"
    | "rendering"
    | "depiction"
    | "attenuation"
    | "iso_threshold"
    | "projection_mode"
    | "plane_thickness"
    | "sample_step"
    | "opacity_curve"
    | "scale"
    | "translate"
    | "clip_planes"
    | "contour"
    | "selected_label"
    | "show_selected_label"
    | "fps_target"
    | "bitrate"
    | "quality"
    | "refine_still";
  value: null;
  gone: true;
  version: number;
  actor: string;
  origin: Origin;
  intent_id?: string;
  client_seq?: number;
  interaction_id?: string;
  phase?: Phase;
}
export interface NdCommitFrame {
  type: "nd.commit";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: CommitPayload;
}
export interface CommitPayload {
  from: number;
  server_seq: number;
  registers: Register[];
}
export interface NdTelemetryFrame {
  type: "nd.telemetry";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: TelemetryNotice;
}
export interface TelemetryNotice {
  view: string;
  fps: number;
  bitrate: number;
  frames: number;
  stages_ms: StageMilliseconds;
  connection: ConnectionTelemetry;
  level_wanted: number;
  level_shown: number;
  level_reason: string;
  chunks_wanted: number;
  chunks_visible: number;
  chunks_loaded: number;
  chunks_failed: number;
  cache_bytes: number;
  cache_limit_bytes: number;
  resident_bytes: number;
}
export interface StageMilliseconds {
  intent_to_render: number;
  render: number;
  convert: number;
  encode: number;
}
export interface ConnectionTelemetry {
  carries: number;
  round_trip_ms: number;
  decode_ms: number;
  present_ms: number;
  half_size: boolean;
}
export interface NdThumbnailFrame {
  type: "nd.thumbnail";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: ThumbnailNotice;
}
export interface ThumbnailNotice {
  layer_id: string;
  server_seq: number;
  width: number;
  height: number;
  png: string;
}
export interface NdJobFrame {
  type: "nd.job";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: JobNotice;
}
export interface JobNotice {
  job: string;
  kind: string;
  actor: string;
  state: JobState;
  done: number;
  total: number;
  message: string;
  result?: unknown;
}
export interface NotifySceneFrame {
  type: "notify.scene";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  seq: 0;
  delta_token: string;
  intent_id?: string;
  payload: OriginalScene;
}
export interface OriginalScene {
  viewer: OriginalViewer;
  layers: OriginalLayer[];
  policies: OriginalPolicies;
  metadata: OriginalSceneMetadata;
}
export interface OriginalViewer {
  settings: OriginalViewerSettings;
  dims: OriginalViewerDims;
  camera: OriginalViewerCamera;
}
export interface OriginalViewerSettings {
  fps_target: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  canvas_size: [number, number];
  volume_enabled: boolean;
}
export interface OriginalViewerDims {
  ndim: number;
  axis_labels: string[];
  order: number[];
  displayed: number[];
  current_step: number[];
  current_level: number;
  level_shapes: number[][];
  ndisplay: number;
  margin_left: number[];
  margin_right: number[];
}
export interface OriginalViewerCamera {
  ndisplay: number;
  center: number[];
  zoom?: number;
  /**
   * @minItems 4
   * @maxItems 4
   */
  rect?: [number, number, number, number];
  /**
   * @minItems 3
   * @maxItems 3
   */
  angles?: [number, number, number];
  distance?: number;
  fov?: number;
}
export interface OriginalLayer {
  layer_id: string;
  layer_type: string;
  controls: OriginalControls;
  metadata: OriginalLayerMetadata;
  multiscale: OriginalMultiscale;
  versions: {
    [k: string]: number;
  };
  extras: OriginalExtras;
}
export interface OriginalControls {
  visible?: boolean;
  opacity?: number;
  blending?: Blending;
  interpolation?: Interpolation;
  colormap?: string;
  gamma?: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  contrast_limits?: [number, number];
  depiction?: Depiction;
  rendering?: Rendering;
  attenuation?: number;
  iso_threshold?: number;
  projection_mode?: ProjectionMode;
  plane_thickness?: number;
}
export interface OriginalLayerMetadata {
  source: string;
  dtype: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  data_range: [number, number];
}
export interface OriginalMultiscale {
  current_level: number;
  levels: LevelInfo[];
  policy: string;
  index_space: string;
}
export interface OriginalExtras {
  name: string;
  kind: LayerKind;
  scale: number[];
  translate: number[];
}
export interface OriginalPolicies {
  multiscale: OriginalMultiscalePolicy;
}
export interface OriginalMultiscalePolicy {
  policy: string;
  active_level: number;
  index_space: string;
  levels: OriginalLevel[];
}
export interface OriginalLevel {
  index: number;
  shape: number[];
  downsample: number[];
}
export interface OriginalSceneMetadata {
  status: SourceStatus;
  source_path?: string;
  source_kind?: string;
  volume_state: OriginalVolumeState;
  viewport_state: OriginalViewportState;
}
export interface OriginalVolumeState {
  rendering: Rendering;
  colormap: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  clim: [number, number];
  opacity: number;
  sample_step: number;
}
export interface OriginalViewportState {
  mode: ViewportMode;
  view: OriginalViewState;
  axes: OriginalAxesState;
  index: OriginalIndexState;
  lod: OriginalLodState;
  camera: OriginalCameraState;
}
export interface OriginalViewState {
  mode: Mode;
  displayed_axes: number[];
  ndim: number;
}
export interface OriginalAxesState {
  axes: OriginalAxisState[];
}
export interface OriginalAxisState {
  axis_id: number;
  label: string;
  role: string;
  displayed: boolean;
  world_extent: OriginalExtent;
  margin_left_world: number;
  margin_right_world: number;
}
export interface OriginalExtent {
  start: number;
  stop: number;
  step: number;
}
export interface OriginalIndexState {
  value: number[];
}
export interface OriginalLodState {
  level: number;
}
export interface OriginalCameraState {
  plane: PlanePose;
  volume: VolumePose;
}
export interface NotifyLevelFrame {
  type: "notify.level";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  seq: number;
  delta_token: string;
  intent_id?: string;
  payload: OriginalLevelNotice;
}
export interface OriginalLevelNotice {
  current_level: number;
  mode: Mode;
  levels?: OriginalLevel[];
}
export interface NotifyLayersFrame {
  type: "notify.layers";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  seq: number;
  delta_token: string;
  intent_id?: string;
  payload: OriginalLayersNotice;
}
export interface OriginalLayersNotice {
  layer_id: string;
  layer?: OriginalLayer;
  removed?: boolean;
}
export interface NotifyStreamFrame {
  type: "notify.stream";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  seq: number;
  delta_token: string;
  payload: OriginalStream;
}
export interface OriginalStream {
  codec: string;
  format: string;
  fps: number;
  /**
   * @minItems 2
   * @maxItems 2
   */
  frame_size: [number, number];
  nal_length_size: number;
  avcc: string;
  latency_policy: OriginalLatencyPolicy;
}
export interface OriginalLatencyPolicy {
  max_buffer_ms: number;
  grace_keyframe_ms: number;
}
export interface NotifyDimsFrame {
  type: "notify.dims";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  intent_id?: string;
  payload: OriginalDims;
}
export interface OriginalDims {
  step: number[];
  current_step: number[];
  levels: OriginalLevel[];
  current_level: number;
  mode: Mode;
  ndisplay: number;
  level_shapes: number[][];
  dims_spec: OriginalDimsSpec;
  labels?: string[];
}
export interface OriginalDimsSpec {
  version: number;
  ndim: number;
  ndisplay: number;
  order: number[];
  displayed: number[];
  current_level: number;
  current_step: number[];
  level_shapes: number[][];
  plane_mode: boolean;
  labels: string[] | null;
  levels: OriginalLevel[];
  axes: OriginalDimsAxis[];
}
export interface OriginalDimsAxis {
  index: number;
  label: string;
  role: string;
  displayed: boolean;
  order_pos: number;
  current_step: number;
  margin_left_steps: number;
  margin_right_steps: number;
  margin_left_world: number;
  margin_right_world: number;
  per_level_steps: number[];
  per_level_world: OriginalExtent[];
}
export interface NotifyCameraFrame {
  type: "notify.camera";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  intent_id?: string;
  payload: OriginalCamera;
}
export interface OriginalCamera {
  mode: CameraMode;
  origin: string;
  delta?: unknown;
  state?: unknown;
}
export interface NotifyErrorFrame {
  type: "notify.error";
  version: 2;
  session: string;
  frame_id?: string;
  timestamp: number;
  payload: OriginalErrorNotice;
}
export interface OriginalErrorNotice {
  domain: string;
  code: string;
  message: string;
  severity: Severity;
  context?: unknown;
}
export interface AckStateFrame {
  type: "ack.state";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: AckAccepted | AckRejected;
}
export interface AckAccepted {
  intent_id: string;
  in_reply_to: string;
  status: Accepted;
  applied_value: unknown;
  version: number;
}
export interface AckRejected {
  intent_id: string;
  in_reply_to: string;
  status: Rejected;
  error: StateError;
}
export interface StateError {
  code: StateCode;
  message: string;
  details?: unknown;
}
export interface ReplyCommandFrame {
  type: "reply.command";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: CommandReply;
}
export interface CommandReply {
  in_reply_to: string;
  status: Ok;
  result?: unknown;
}
export interface ErrorCommandFrame {
  type: "error.command";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  payload: CommandFailure;
}
export interface CommandFailure {
  in_reply_to: string;
  status: Failed;
  code: CommandCode;
  message: string;
  details?: unknown;
}
export interface SceneFile {
  ndcast_scene: 1;
  registers: SceneRegister[];
}
export interface SceneSceneSource {
  scope: "scene";
  target: "main";
  key: "source";
  value: Source;
}
export interface SceneAxesSpec {
  scope: "axes";
  target: "main";
  key: "spec";
  value: AxesSpec;
}
export interface SceneViewNdisplay {
  scope: "view";
  target: string;
  key: "ndisplay";
  value: number;
}
export interface SceneViewOrder {
  scope: "view";
  target: string;
  key: "order";
  value: number[];
}
export interface SceneViewCanvas {
  scope: "view";
  target: string;
  key: "canvas";
  value: Canvas;
}
export interface SceneDimsIndex {
  scope: "dims";
  target: string;
  key: "index";
  value: number;
}
export interface SceneDimsMarginLeft {
  scope: "dims";
  target: string;
  key: "margin_left";
  value: number;
}
export interface SceneDimsMarginRight {
  scope: "dims";
  target: string;
  key: "margin_right";
  value: number;
}
export interface SceneCameraPlane {
  scope: "camera";
  target: string;
  key: "plane";
  value: PlanePose;
}
export interface SceneCameraVolume {
  scope: "camera";
  target: string;
  key: "volume";
  value: VolumePose;
}
export interface SceneMultiscaleLevel {
  scope: "multiscale";
  target: string;
  key: "level";
  value: number | null;
}
export interface SceneMultiscaleBias {
  scope: "multiscale";
  target: string;
  key: "bias";
  value: number;
}
export interface SceneLodShown {
  scope: "lod";
  target: string;
  key: "shown";
  value: LodShown;
}
export interface SceneLayerMeta {
  scope: "layer";
  target: string;
  key: "meta";
  value: LayerMeta;
}
export interface SceneLayerName {
  scope: "layer";
  target: string;
  key: "name";
  value: string;
}
export interface SceneLayerOrder {
  scope: "layer";
  target: string;
  key: "order";
  value: number;
}
export interface SceneLayerVisible {
  scope: "layer";
  target: string;
  key: "visible";
  value: boolean;
}
export interface SceneLayerOpacity {
  scope: "layer";
  target: string;
  key: "opacity";
  value: number;
}
export interface SceneLayerBlending {
  scope: "layer";
  target: string;
  key: "blending";
  value: Blending;
}
export interface SceneLayerInterpolation {
  scope: "layer";
  target: string;
  key: "interpolation";
  value: Interpolation;
}
export interface SceneLayerGamma {
  scope: "layer";
  target: string;
  key: "gamma";
  value: number;
}
export interface SceneLayerContrastLimits {
  scope: "layer";
  target: string;
  key: "contrast_limits";
  /**
   * @minItems 2
   * @maxItems 2
   */
  value: [number, number];
}
export interface SceneLayerColormap {
  scope: "layer";
  target: string;
  key: "colormap";
  value: string;
}
export interface SceneLayerRendering {
  scope: "layer";
  target: string;
  key: "rendering";
  value: Rendering;
}
export interface SceneLayerDepiction {
  scope: "layer";
  target: string;
  key: "depiction";
  value: Depiction;
}
export interface SceneLayerAttenuation {
  scope: "layer";
  target: string;
  key: "attenuation";
  value: number;
}
export interface SceneLayerIsoThreshold {
  scope: "layer";
  target: string;
  key: "iso_threshold";
  value: number;
}
export interface SceneLayerProjectionMode {
  scope: "layer";
  target: string;
  key: "projection_mode";
  value: ProjectionMode;
}
export interface SceneLayerPlane {
  scope: "layer";
  target: string;
  key: "plane";
  value: LayerPlane | null;
}
export interface SceneLayerPlaneThickness {
  scope: "layer";
  target: string;
  key: "plane_thickness";
  value: number;
}
export interface SceneLayerSampleStep {
  scope: "layer";
  target: string;
  key: "sample_step";
  value: number;
}
export interface SceneLayerOpacityCurve {
  scope: "layer";
  target: string;
  key: "opacity_curve";
  value: [number, number][];
}
export interface SceneLayerScale {
  scope: "layer";
  target: string;
  key: "scale";
  value: number[];
}
export interface SceneLayerTranslate {
  scope: "layer";
  target: string;
  key: "translate";
  value: number[];
}
export interface SceneLayerClipPlanes {
  scope: "layer";
  target: string;
  key: "clip_planes";
  value: ClipPlane[];
}
export interface SceneLayerContour {
  scope: "layer";
  target: string;
  key: "contour";
  value: number;
}
export interface SceneLayerSelectedLabel {
  scope: "layer";
  target: string;
  key: "selected_label";
  value: number;
}
export interface SceneLayerShowSelectedLabel {
  scope: "layer";
  target: string;
  key: "show_selected_label";
  value: boolean;
}
