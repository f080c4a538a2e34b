// The words of a Room: its options, events, filters and waits.

import type { Status } from "./connection.js";
import type { Refusal } from "./pending.js";
import type { Job, Json, Present, RegisterName, Telemetry, Thumbnail, Trouble, Welcome } from "./types.js";

/** A WebSocket class: the browser's, Node's own, or that of the package `ws`. */
export type WebSocketClass = new (url: string) => unknown;

export interface RoomOptions {
  /** How the room calls you: in presence, in the journal, at each change. */
  name?: string;
  /** `human` is a person at a screen; programs are agents, and undo and audit tell them apart. Default `agent`. */
  kind?: "human" | "agent";
  /** Of the program, for the server's log. */
  client?: { name: string; version: string; platform?: string };
  /** Instead of the link's `?room=`. */
  room?: string;
  /** Instead of the link's `?token=`. It goes to the server in the hello, never in a URL. */
  token?: string;
  /** Another view than the room's `main`. */
  view?: string;
  /** Needed where the runtime has no WebSocket of its own: Node.js before 22, with `import WebSocket from "ws"`. */
  WebSocket?: WebSocketClass;
  /** Numbers in [0, 1) for jitter and ids; for tests that repeat. */
  random?: () => number;
}

/** A register changed in the room: by somebody, or by you once the server has taken it. */
export interface Change extends RegisterName {
  /** Absent when it was removed. */
  value: Json | undefined;
  /** The server_seq of the change. */
  version: number;
  /** Who made it, as far as the server said. */
  actor: string;
  /** `client`, `agent`, `worker`, `policy` or `system`. */
  origin: string;
  gone: boolean;
  /** This session made it. */
  own: boolean;
  /** It just happened; false of what a snapshot brought, of this view or another. */
  news: boolean;
}

/** What is to be shown of a register changed: an own value was set, settled or refused, or somebody else's came. */
export interface Shown extends RegisterName {
  value: Json | undefined;
  /** The value is one's own and not yet confirmed. */
  pending: boolean;
}

export interface RoomEvents {
  change: Change;
  shown: Shown;
  /** A snapshot or a commit is in; `fresh` when the server's history is another one than before. */
  state: { server_seq: number; fresh: boolean };
  status: Status;
  /** A new session: the first one, and each after a loss. */
  welcome: Welcome;
  /** An own value was not taken. */
  refused: Refusal;
  /** Somebody came, went, looks elsewhere or points at something else. */
  people: ReadonlyMap<string, Present>;
  /** A layer in small, after watchThumbnails(). */
  thumbnail: Thumbnail;
  /** A job began, went on or ended. */
  job: Job;
  /** While `nd.telemetry` is on: twice a second while pictures come, else every 10 s. */
  telemetry: Telemetry;
  /** Something that concerns everybody went wrong: no picture (WP37), a journal that keeps nothing (WP28). */
  trouble: Trouble;
  /** A frame could not be used and was skipped; the message says what was wrong with it. */
  bad_frame: Error;
}

/** Which registers; what is left out matches all. */
export type Filter = Partial<RegisterName>;

/** How far the server's pictures of a view are. */
export interface Watermark {
  view: string;
  /** The newest state that is applied, and the newest whose picture has every visible chunk. */
  server_seq: number;
  complete_server_seq: number;
  camera_seq: number;
  complete_camera_seq: number;
}

export interface WaitOptions {
  /** Milliseconds until the wait fails; 30 s unless told. */
  timeout_ms?: number;
  signal?: AbortSignal;
}

/** What a wait for a picture may say besides. */
export interface PictureWait extends WaitOptions {
  /** `applied`: the state is what the next picture shows. `complete`: a picture shows it, with every visible chunk. */
  until?: "applied" | "complete";
  /** Have it drawn though nobody may watch; default true. */
  draw?: boolean;
}
