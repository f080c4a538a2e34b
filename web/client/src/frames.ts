// Prints the frames a native client sends and parses those it receives (docs/protocol.md §2–§5, §8).
//
//   const { text } = new FrameWriter().hello({...});     // → socket.send(text)
//   const frame = parseFrame(event.data);               // throws FrameError on a shape it cannot use
//
// Text from the server is outside bytes: every member is looked at before it is believed.

import type { ClientFrame, HelloNative, HelloPayload, PresenceNotice, Present, StateUpdate, ThumbnailNotice } from "./generated.js";
import type { Ack, Commit, Inbound, Intent, Job, Json, Register, Reply, Since, Snapshot, Telemetry, Trouble, Welcome } from "./types.js";

export const kProtocolVersion = 2;
/** The room's first view, and on the wire the one that a session sees (WP32). */
export const kMainView = "main";

/** What was wrong with an inbound frame; quotes the offending member. */
export class FrameError extends Error {}

export interface HelloParts {
  actor: string;
  kind: "human" | "agent";
  /** Of the program, for the server's log. */
  client: { name: string; version: string; platform: string };
  view?: string;
  since?: Since;
  token?: string;
}

export interface Printed {
  frame_id: string;
  text: string;
}

/** What names one state.update for good: kept when it is sent again in another session. */
export interface UpdateIds {
  frame_id: string;
  intent_id: string;
  client_seq: number;
}

/**
 * Numbers a client's frames and prints them as compact JSON; absent members are omitted, never null. The counters outlive
 * a session, so a number names one update of this client, whatever session it arrives in.
 */
export class FrameWriter {
  private counter_ = 0;
  private client_seq_ = 0;
  session = "";

  hello(parts: HelloParts): Printed {
    const payload: HelloPayload = {
      protocols: [kProtocolVersion],
      client: parts.client,
      features: {},
      resume_tokens: {},
      auth: parts.token === undefined ? undefined : { type: "bearer", token: parts.token },
    };
    const nd: HelloNative = { extensions: 1, actor: { name: parts.actor, kind: parts.kind }, view: parts.view, since: parts.since };
    return print({ type: "session.hello", ...this.head("hello"), payload, nd });
  }

  heartbeatAck(): Printed {
    return print({ type: "session.ack", ...this.head("ack"), session: this.session, payload: {} });
  }

  pointing(cursor: number[] | null): Printed {
    return print({ type: "nd.presence", ...this.head("presence"), session: this.session, payload: { cursor: cursor ?? [] } });
  }

  goodbye(): Printed {
    const payload = { code: "goodbye", message: "client closed", reason: "client_goodbye" };
    return print({ type: "session.goodbye", ...this.head("goodbye"), session: this.session, payload });
  }

  /** `client_seq` rises with every update (WP9). */
  updateIds(): UpdateIds {
    const frame_id = `state-${hex8(++this.counter_)}`;
    return { frame_id, intent_id: `intent-${hex8(this.counter_)}`, client_seq: ++this.client_seq_ };
  }

  /** Whether the value suits the key is the server's to say. With `base_version` it refuses to replace anything newer. */
  stateUpdate(intent: Intent, ids: UpdateIds, base_version?: number): Printed {
    const { scope, target, key, value, phase, interaction_id } = intent;
    const payload = { scope, target, key, value, phase, interaction_id, client_seq: ids.client_seq, base_version } as StateUpdate;
    const { frame_id, intent_id } = ids;
    return print({ type: "state.update", version: kProtocolVersion, frame_id, timestamp: Date.now() / 1000, session: this.session, intent_id, payload });
  }

  command(name: string, kwargs: { [key: string]: Json }, origin: string): Printed {
    const payload = { command: name, args: [], kwargs, origin };
    return print({ type: "call.command", ...this.head("command"), session: this.session, payload });
  }

  private head(prefix: string): { version: typeof kProtocolVersion; frame_id: string; timestamp: number } {
    const frame_id = `${prefix}-${hex8(++this.counter_)}`;
    return { version: kProtocolVersion, frame_id, timestamp: Date.now() / 1000 };
  }
}

/** JSON.stringify leaves out what is undefined. */
function print(frame: ClientFrame): Printed {
  return { frame_id: frame.frame_id ?? "", text: JSON.stringify(frame) };
}

function hex8(n: number): string {
  return (n >>> 0).toString(16).padStart(8, "0");
}

type Fields = { [key: string]: unknown };

/** @throws FrameError when the text is no JSON or a frame that we act on lacks a member. */
export function parseFrame(text: string): Inbound {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new FrameError(`not JSON: ${String(error)}`);
  }
  const frame = fields(parsed, "frame");
  const type = string(frame, "type");
  switch (type) {
    case "session.welcome":
      return { type, welcome: parseWelcome(frame) };
    case "session.reject": {
      const payload = fields(frame.payload, "payload");
      const details = (payload.details ?? null) as Json;
      return { type, error: { code: string(payload, "code"), message: optionalString(payload, "message"), details } };
    }
    case "session.heartbeat":
      return { type };
    case "session.goodbye": {
      const payload = fields(frame.payload ?? {}, "payload");
      return { type, code: optionalString(payload, "code"), message: optionalString(payload, "message") };
    }
    case "nd.snapshot":
      return { type, snapshot: parseSnapshot(fields(frame.payload, "payload")) };
    case "nd.commit":
      return { type, commit: parseCommit(fields(frame.payload, "payload")) };
    case "nd.presence":
      return { type, notice: parsePresence(fields(frame.payload, "payload")) };
    case "nd.thumbnail":
      return { type, notice: parseThumbnail(fields(frame.payload, "payload")) };
    case "nd.job":
      return { type, job: parseJob(fields(frame.payload, "payload")) };
    case "nd.telemetry":
      return { type, telemetry: parseTelemetry(fields(frame.payload, "payload")) };
    case "notify.error":
      return { type, trouble: parseTrouble(fields(frame.payload, "payload")) };
    case "ack.state":
      return { type, ack: parseAck(fields(frame.payload, "payload")) };
    case "reply.command":
    case "error.command":
      return { type: "reply.command", reply: parseReply(fields(frame.payload, "payload")) };
    default:
      return { type: "other", name: type };
  }
}

function parseWelcome(frame: Fields): Welcome {
  const nd = fields(frame.nd, "nd");
  const session = fields(fields(frame.payload, "payload").session, "payload.session");
  const capabilities = fields(nd.capabilities, "nd.capabilities");
  return {
    room: string(nd, "room"),
    view: string(nd, "view"),
    actor: optionalString(nd, "actor"),
    role: optionalString(nd, "role"),
    history_id: string(nd, "history_id"),
    durability: optionalString(nd, "durability"),
    server_seq: number(nd, "server_seq"),
    pixel_ticket: string(nd, "pixel_ticket"),
    session: string(session, "id"),
    heartbeat_s: typeof session.heartbeat_s === "number" ? session.heartbeat_s : 15,
    capabilities: {
      keys: list(capabilities.keys ?? [], "nd.capabilities.keys") as Welcome["capabilities"]["keys"],
      commands: list(capabilities.commands ?? [], "nd.capabilities.commands") as string[],
      colormaps: list(capabilities.colormaps ?? [], "nd.capabilities.colormaps") as Welcome["capabilities"]["colormaps"],
      limits: fields(capabilities.limits ?? {}, "nd.capabilities.limits") as { [name: string]: number },
      encoders: list(capabilities.encoders ?? [], "nd.capabilities.encoders") as string[],
    },
  };
}

function parseSnapshot(payload: Fields): Snapshot {
  return {
    history_id: string(payload, "history_id"),
    server_seq: number(payload, "server_seq"),
    registers: parseRegisters(payload.registers),
    view: optionalString(payload, "view") || kMainView,
    binding: typeof payload.binding === "number" ? payload.binding : 0,
  };
}

function parsePresence(payload: Fields): PresenceNotice {
  const here = list(payload.here, "payload.here").map((entry, i) => {
    const present = fields(entry, `payload.here[${i}]`);
    const cursor = present.cursor;
    return {
      session: string(present, "session"),
      actor: string(present, "actor"),
      kind: present.kind === "agent" ? "agent" : "human",
      role: string(present, "role"),
      view: string(present, "view"),
      follows: present.follows === true,
      color: string(present, "color"),
      cursor: Array.isArray(cursor) && cursor.every((at) => typeof at === "number") ? (cursor as number[]) : undefined,
    } satisfies Present;
  });
  const gone = list(payload.gone, "payload.gone").filter((session) => typeof session === "string");
  return { whole: payload.whole === true, sessions: number(payload, "sessions"), here, gone };
}

function parseThumbnail(payload: Fields): ThumbnailNotice {
  return {
    layer_id: string(payload, "layer_id"),
    server_seq: number(payload, "server_seq"),
    width: number(payload, "width"),
    height: number(payload, "height"),
    png: string(payload, "png"),
  };
}

function parseJob(payload: Fields): Job {
  const state = string(payload, "state");
  return {
    job: string(payload, "job"),
    kind: string(payload, "kind"),
    actor: string(payload, "actor"),
    // A word of a later server is one that is still under way.
    state: state === "done" || state === "failed" || state === "cancelled" ? state : "running",
    done: number(payload, "done"),
    total: number(payload, "total"),
    message: optionalString(payload, "message"),
    ...(payload.result === undefined ? {} : { result: payload.result as Json }),
  };
}

function parseTelemetry(payload: Fields): Telemetry {
  const connection = fields(payload.connection ?? {}, "connection");
  return {
    ...numbers(payload, kTelemetryNumbers),
    view: string(payload, "view"),
    level_reason: optionalString(payload, "level_reason"),
    stages_ms: numbers(fields(payload.stages_ms, "stages_ms"), kStages),
    connection: { ...numbers(connection, kConnectionNumbers), half_size: connection.half_size === true },
  };
}

const kStages = ["intent_to_render", "render", "convert", "encode"] as const;
const kConnectionNumbers = ["carries", "round_trip_ms", "decode_ms", "present_ms"] as const;
const kTelemetryNumbers = [
  "fps",
  "bitrate",
  "frames",
  "level_wanted",
  "level_shown",
  "chunks_wanted",
  "chunks_visible",
  "chunks_loaded",
  "chunks_failed",
  "cache_bytes",
  "cache_limit_bytes",
  "resident_bytes",
] as const;

/** What a server does not tell is 0. */
function numbers<Name extends string>(from: Fields, names: readonly Name[]): Record<Name, number> {
  const out = {} as Record<Name, number>;
  for (const name of names) out[name] = from[name] === undefined ? 0 : number(from, name);
  return out;
}

function parseTrouble(payload: Fields): Trouble {
  return {
    domain: string(payload, "domain"),
    code: string(payload, "code"),
    message: optionalString(payload, "message"),
    severity: optionalString(payload, "severity"),
  };
}

function parseCommit(payload: Fields): Commit {
  return {
    from: number(payload, "from"),
    server_seq: number(payload, "server_seq"),
    registers: parseRegisters(payload.registers),
  };
}

function parseRegisters(value: unknown): Register[] {
  return list(value, "registers").map((entry, i) => {
    const register = fields(entry, `registers[${i}]`);
    string(register, "scope");
    string(register, "target");
    string(register, "key");
    number(register, "version");
    return { ...register, value: register.value ?? null } as unknown as Register;
  });
}

function parseAck(payload: Fields): Ack {
  const intent_id = string(payload, "intent_id");
  const in_reply_to = string(payload, "in_reply_to");
  const status = string(payload, "status");
  if (status === "accepted") {
    const applied_value = (payload.applied_value ?? null) as Json;
    return { intent_id, in_reply_to, status, applied_value, version: number(payload, "version") };
  }
  if (status !== "rejected") throw new FrameError(`ack.state.status is "${status}", expected accepted or rejected`);
  const error = fields(payload.error, "error");
  const details = (error.details ?? null) as Json;
  return {
    intent_id,
    in_reply_to,
    status,
    error: { code: string(error, "code"), message: optionalString(error, "message"), details },
  };
}

function parseReply(payload: Fields): Reply {
  const in_reply_to = string(payload, "in_reply_to");
  if (payload.status === "ok") return { in_reply_to, status: "ok", result: (payload.result ?? null) as Json };
  return {
    in_reply_to,
    status: "error",
    code: string(payload, "code"),
    message: optionalString(payload, "message"),
    details: (payload.details ?? null) as Json,
  };
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FrameError(`${what} is ${JSON.stringify(value)?.slice(0, 80)}, expected an object`);
  return value as Fields;
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new FrameError(`${what} is ${JSON.stringify(value)?.slice(0, 80)}, expected a list`);
  return value;
}

function string(from: Fields, key: string): string {
  const value = from[key];
  if (typeof value !== "string") throw new FrameError(`${key} is ${JSON.stringify(value)?.slice(0, 80)}, expected a string`);
  return value;
}

function optionalString(from: Fields, key: string): string {
  return from[key] === undefined || from[key] === null ? "" : string(from, key);
}

function number(from: Fields, key: string): number {
  const value = from[key];
  if (typeof value !== "number") throw new FrameError(`${key} is ${JSON.stringify(value)?.slice(0, 80)}, expected a number`);
  return value;
}
