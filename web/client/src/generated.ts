// The wire's types, generated from web/schema.json (`ndcast schema`) by `npm run schema:types`; not to be edited.

export type ClientFrame =
  SessionHelloFrame | SessionAckFrame | SessionGoodbyeFrame | StateUpdateFrame | CallCommandFrame;
export type ActorKind = "human" | "agent";
export type StateUpdate =
  | ViewNdisplayUpdate
  | ViewOrderUpdate
  | ViewCanvasUpdate
  | DimsIndexUpdate
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
  | VolumeRenderingUpdate
  | VolumeContrastLimitsUpdate
  | VolumeColormapUpdate
  | VolumeOpacityUpdate
  | MultiscaleLevelUpdate;
export type Phase = "start" | "update" | "commit";
export type ServerFrame =
  | SessionWelcomeFrame
  | SessionRejectFrame
  | SessionHeartbeatFrame
  | SessionGoodbyeFrame
  | NdSnapshotFrame
  | NdCommitFrame
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
  | CameraPlaneRegister
  | CameraVolumeRegister
  | MultiscaleLevelRegister
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
  | SceneViewMeta
  | SceneDimsIndex
  | SceneCameraPlane
  | SceneCameraVolume
  | SceneMultiscaleLevel
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
  | SceneLayerRendering;

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
export interface StateUpdateFrame {
  type: "state.update";
  version: 2;
  session: string;
  frame_id: string;
  timestamp: number;
  intent_id: string;
  payload: StateUpdate;
}
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
export interface LayerBlendingUpdate {
  scope: "layer";
  target: string;
  key: "blending";
  value: "translucent" | "additive" | "opaque" | "minimum";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface LayerInterpolationUpdate {
  scope: "layer";
  target: string;
  key: "interpolation";
  value: "nearest" | "linear";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
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
export interface LayerRenderingUpdate {
  scope: "layer";
  target: string;
  key: "rendering";
  value: "mip" | "translucent";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
export interface VolumeRenderingUpdate {
  scope: "volume";
  target: string;
  key: "rendering";
  value: "mip" | "translucent";
  phase?: Phase;
  interaction_id?: string;
  client_seq?: number;
  base_version?: number;
}
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
export interface GoneRegister {
  scope: "view" | "dims" | "camera" | "multiscale" | "lod" | "restore_cache" | "op" | "stream" | "layer";
  target: string;
  key:
    | "ndisplay"
    | "order"
    | "canvas"
    | "meta"
    | "index"
    | "plane"
    | "volume"
    | "level"
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
    | "rendering";
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
  rendering?: Rendering;
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
export interface SceneViewMeta {
  scope: "view";
  target: string;
  key: "meta";
  value: ViewMeta;
}
export interface SceneDimsIndex {
  scope: "dims";
  target: string;
  key: "index";
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
