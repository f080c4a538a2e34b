// @ndcast/client: follow and drive an ndcast room from a program. Everything public is here; see README.md.

export { readAddress, endpoint, type Address } from "./address.js";
export { Backoff } from "./backoff.js";
export type { Camera } from "./camera.js";
export type { CallOptions } from "./commands.js";
export { connect, type ConnectOptions } from "./connect.js";
export type { Cause, SocketLike, Status } from "./connection.js";
export type { Drag } from "./drag.js";
export { CommandError, ConnectionError, NdcastError, UpdateError, WaitError } from "./errors.js";
export type { Applied, Refusal } from "./pending.js";
export { Room } from "./room.js";
export type { Change, Filter, PictureWait, RoomEvents, RoomOptions, Shown, WaitOptions, Watermark, WebSocketClass } from "./room_types.js";
export { registerId } from "./types.js";
export type { Capabilities, Colormap, Job, Json, Phase, Present, Register, RegisterName, StateKey, Telemetry, Thumbnail, Trouble, Welcome, WireError } from "./types.js";
/** The wire's own types, generated from `ndcast schema`. */
export type * as wire from "./generated.js";
