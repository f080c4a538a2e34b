// The native dialect of the state channel as the client handles it (docs/protocol.md §2–§5).
//
//   ws text ─► frames.parseFrame ─► Inbound ─► state/room_client ─► state/register_ledger ─► ui
//
// Shapes come from generated.ts, which comes from the server's own types; here they are only arranged for use.
// Nothing here touches the DOM: protocol/ and state/ run in Node as they are.

import type * as wire from "./generated";

export type { Capabilities, Phase, Since } from "./generated";
export type Colormap = wire.ColormapCapability;
export type StateKey = wire.KeyCapability;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Names one register; the wire's canonical triple. */
export interface RegisterName {
  scope: string;
  target: string;
  key: string;
}

/**
 * One register as nd.snapshot and nd.commit carry it, its value left open: state/scene_model.ts looks at it when it is
 * read. `version` is the server_seq of its last change.
 */
export type Register = RegisterName & { value: Json; version: number; gone?: boolean } & Partial<
    Omit<wire.DimsIndexRegister, keyof RegisterName | "value" | "version">
  >;

/** What was refused and why; codes grow with the server, so they stay open here. */
export interface WireError {
  code: string;
  message: string;
  details?: Json;
}

/** Both halves of session.welcome that a native client uses. */
export type Welcome = wire.WelcomeNative & { session: string; heartbeat_s: number };

export type Snapshot = Omit<wire.SnapshotPayload, "registers"> & { registers: Register[] };
export type Commit = Omit<wire.CommitPayload, "registers"> & { registers: Register[] };

export type Ack =
  | (Omit<wire.AckAccepted, "applied_value"> & { applied_value: Json })
  | (Omit<wire.AckRejected, "error"> & { error: WireError });

export type Reply =
  | (Omit<wire.CommandReply, "result"> & { result?: Json })
  | (Omit<wire.CommandFailure, "code" | "details"> & WireError);

/** Every frame a native client acts on; anything else arrives as `other` and is counted, never fatal (WP7). */
export type Inbound =
  | { type: "session.welcome"; welcome: Welcome }
  | { type: "session.reject"; error: WireError }
  | { type: "session.heartbeat" }
  | { type: "session.goodbye"; code: string; message: string }
  | { type: "nd.snapshot"; snapshot: Snapshot }
  | { type: "nd.commit"; commit: Commit }
  | { type: "ack.state"; ack: Ack }
  | { type: "reply.command"; reply: Reply }
  | { type: "other"; name: string };

/** What a state.update says, before it has ids. */
export interface Intent extends RegisterName {
  value: Json;
  phase?: wire.Phase;
  interaction_id?: string;
}
