// The native dialect of the state channel as the client handles it (docs/protocol.md §2–§5).
//
//   ws text ─► frames.parseFrame ─► Inbound ─► room ─► confirmed, outbox ─► your program
//
// Shapes come from generated.ts, which comes from the server's own types; here they are only arranged for use.

import type * as wire from "./generated.js";

export type { Capabilities, Phase, Present, PresenceNotice, Since, ThumbnailNotice } from "./generated.js";
/** A colour map of the server's catalogue: its name and evenly spaced stops, "#rrggbb". */
export type Colormap = wire.ColormapCapability;
/** What the server says of one state key: its type, range, default, and the role that may change it. */
export type StateKey = wire.KeyCapability;

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Names one register; the wire's canonical triple. */
export interface RegisterName {
  /** `view`, `dims`, `camera`, `layer`, `multiscale`, … */
  scope: string;
  /** An axis' label, a layer's id, or `main`. */
  target: string;
  key: string;
}

/**
 * One register as the server told it: name, value, who changed it (`actor`, `origin`), and `version`, the server_seq of its
 * last change. Its value is left open: it is outside data, to be looked at when it is read.
 */
export type Register = RegisterName & { value: Json; version: number; gone?: boolean } & Partial<
    Omit<wire.DimsIndexRegister, keyof RegisterName | "value" | "version">
  >;

/** A layer in small (WP34): an image's `src` in `url`, its size in pixels, and the state that it shows. */
export type Thumbnail = Omit<wire.ThumbnailNotice, "png"> & { url: string };

/** How the pictures of the view that one sees come about (WP14), for who called `nd.telemetry`. */
export type Telemetry = wire.TelemetryNotice;

/** Work of the server that takes its time (WP35). */
export type Job = wire.JobNotice & { result?: Json };

/** What was refused and why; codes grow with the server, so they stay open here. */
export interface WireError {
  code: string;
  message: string;
  details?: Json;
}

/** What the server says to a new session: room, view, role, capabilities. */
export type Welcome = wire.WelcomeNative & { session: string; heartbeat_s: number };

export type Snapshot = Omit<wire.SnapshotPayload, "registers" | "view" | "binding"> & {
  registers: Register[];
  /** Id of the view that this session sees and calls "main" (WP32). */
  view?: string;
  /** Carried by the pictures of that view. */
  binding?: number;
};
export type Commit = Omit<wire.CommitPayload, "registers"> & { registers: Register[] };

export type Ack =
  | (Omit<wire.AckAccepted, "applied_value"> & { applied_value: Json })
  | (Omit<wire.AckRejected, "error"> & { error: WireError });

export type Reply =
  | (Omit<wire.CommandReply, "result"> & { result?: Json })
  | (Omit<wire.CommandFailure, "code" | "details"> & WireError);

/** What the server cannot do at present for anybody, or what was wrong with a frame that has no answer of its own. */
export interface Trouble {
  /** `render`, `journal`, `protocol`, `server` or another word. */
  domain: string;
  code: string;
  message: string;
  severity: string;
}

/** Every frame a native client acts on; anything else arrives as `other`, and is never fatal (WP7). */
export type Inbound =
  | { type: "session.welcome"; welcome: Welcome }
  | { type: "session.reject"; error: WireError }
  | { type: "session.heartbeat" }
  | { type: "session.goodbye"; code: string; message: string }
  | { type: "nd.snapshot"; snapshot: Snapshot }
  | { type: "nd.commit"; commit: Commit }
  | { type: "nd.presence"; notice: wire.PresenceNotice }
  | { type: "nd.thumbnail"; notice: wire.ThumbnailNotice }
  | { type: "nd.job"; job: Job }
  | { type: "nd.telemetry"; telemetry: Telemetry }
  | { type: "notify.error"; trouble: Trouble }
  | { type: "ack.state"; ack: Ack }
  | { type: "reply.command"; reply: Reply }
  | { type: "other"; name: string };

/** What a state.update says, before it has ids. */
export interface Intent extends RegisterName {
  value: Json;
  phase?: wire.Phase;
  interaction_id?: string;
}

/** The register's identity as one string, for maps. */
export function registerId(name: RegisterName): string {
  return `${name.scope}\n${name.target}\n${name.key}`;
}

/** Whether two values print the same. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
