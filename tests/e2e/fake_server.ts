// A server that misbehaves on request: the native dialect's happy path in a few lines, and knobs for what a real server
// does too rarely to wait for (a lost picture, a corrupt one, a refusal, a slow answer).
//
//   const fake = await FakeNdcast.start();
//   await page.goto(fake.url);
//   fake.refuse("layer", "gamma", "gamma is too bold");   fake.lose_pictures = 2;
//
// Pictures are the frames of an H.264 test clip, one a change; they do not depend on the state.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import type { Json, Register } from "@ndcast/client";
import { pixelMessage } from "../../web/src/testing/pixel_message";
import { web_dist } from "./paths";

const kTypes: { [extension: string]: string } = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const kWidth = 640;
const kHeight = 360;
const kClipFrames = 48;

type Object = { [key: string]: Json };
interface Session {
  socket: WebSocket;
  id: string;
}

export class FakeNdcast {
  readonly registers = new Map<string, Register>();
  readonly hellos: Object[] = [];
  readonly commands: string[] = [];
  /** Every request for the state channel is turned away with this status while it is set. */
  turn_away: number | null = null;
  /** Pictures that get a seq but are not sent. */
  lose_pictures = 0;
  /** Pictures whose payload is garbage. */
  corrupt_pictures = 0;
  /** Acks and commits wait for this long. */
  delay_ms = 0;
  server_seq = 10;
  private readonly refusals_ = new Map<string, string>();
  private readonly sessions_ = new Set<Session>();
  private readonly viewers_ = new Map<WebSocket, { seq: number; keyframe_owed: boolean }>();
  private readonly clip_: { keyframe: boolean; avcc: Buffer }[];
  private next_ = 0;
  private ids_ = 0;
  private server_: Server;
  port = 0;

  private constructor() {
    this.clip_ = encodeClip();
    for (const register of firstScene()) this.registers.set(idOf(register), register);
    this.server_ = createServer((request, response) => void this.serve(request.url ?? "/", response));
    const sockets = new WebSocketServer({ noServer: true });
    this.server_.on("upgrade", (request, socket, head) => {
      if (this.turn_away !== null) {
        socket.end(`HTTP/1.1 ${this.turn_away} No\r\nConnection: close\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (connection) => {
        if (request.url?.startsWith("/state")) this.state(connection);
        else this.pixels(connection);
      });
    });
  }

  static async start(port = 0): Promise<FakeNdcast> {
    const fake = new FakeNdcast();
    await fake.listen(port);
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/?token=secret`;
  }

  refuse(scope: string, key: string, message: string | null): void {
    if (message === null) this.refusals_.delete(`${scope}:${key}`);
    else this.refusals_.set(`${scope}:${key}`, message);
  }

  /** Changes a register as another actor would. */
  change(scope: string, target: string, key: string, value: Json): void {
    this.commit({ scope, target, key, value });
  }

  dropConnections(): void {
    for (const { socket } of this.sessions_) socket.terminate();
    for (const socket of this.viewers_.keys()) socket.terminate();
  }

  async listen(port = this.port): Promise<void> {
    await new Promise<void>((resolve) => this.server_.listen(port, "127.0.0.1", resolve));
    this.port = (this.server_.address() as AddressInfo).port;
  }

  /** Stops listening and drops everybody; listen() brings it back with the same state. */
  async stop(): Promise<void> {
    this.dropConnections();
    this.server_.closeAllConnections();
    await new Promise<void>((resolve) => this.server_.close(() => resolve()));
  }

  picture(): void {
    let unit = this.clip_[this.next_ % kClipFrames];
    const owed = [...this.viewers_.values()].some((viewer) => viewer.keyframe_owed);
    if (owed || unit === undefined) {
      this.next_ = 0;
      unit = this.clip_[0];
    }
    this.next_ += 1;
    if (unit === undefined) throw new Error("the clip is empty");
    const lost = this.lose_pictures > 0;
    if (lost) this.lose_pictures -= 1;
    const corrupt = !lost && this.corrupt_pictures > 0;
    if (corrupt) this.corrupt_pictures -= 1;
    const payload = corrupt ? Buffer.from([0, 0, 0, 200, 1, 2, 3]) : unit.avcc;
    for (const [socket, viewer] of this.viewers_) {
      const seq = viewer.seq++;
      if (unit.keyframe && !corrupt) viewer.keyframe_owed = false;
      if (lost) continue;
      socket.send(
        pixelMessage({
          seq,
          width: kWidth,
          height: kHeight,
          keyframe: unit.keyframe,
          payload: new Uint8Array(payload),
          extension: { server_seq: this.server_seq, level_shown: 1, complete: true, mode: 2, pose: [0, 0, 99, 55.7] },
        }),
      );
    }
  }

  private state(socket: WebSocket): void {
    const session: Session = { socket, id: `session-${++this.ids_}` };
    socket.on("close", () => this.sessions_.delete(session));
    socket.on("message", (data) => this.receive(session, JSON.parse(String(data)) as Object));
  }

  private receive(session: Session, frame: Object): void {
    const payload = frame.payload as Object;
    switch (frame.type) {
      case "session.hello":
        this.hellos.push(frame);
        this.welcome(session);
        return;
      case "state.update":
        setTimeout(() => this.update(session, frame, payload), this.delay_ms);
        return;
      case "call.command":
        this.command(session, frame, payload);
        return;
      default:
        return;
    }
  }

  private welcome(session: Session): void {
    const capabilities = {
      keys: [
        { scope: "layer", key: "blending", type: "Blending", enum: ["translucent", "additive", "opaque", "minimum"] },
        { scope: "layer", key: "interpolation", type: "Interpolation", enum: ["nearest", "linear"] },
        { scope: "layer", key: "rendering", type: "Rendering", enum: ["mip", "translucent"] },
      ],
      commands: ["napari.pixel.request_keyframe", "nd.pixel_ticket"],
      colormaps: kColormaps,
      limits: {},
      encoders: ["x264"],
    };
    say(session, "session.welcome", { protocol_version: 2, session: { id: session.id, heartbeat_s: 15 }, features: {} }, undefined, {
      room: "main",
      view: "main",
      actor: "viewer",
      role: "admin",
      history_id: "H",
      server_seq: this.server_seq,
      pixel_ticket: "ticket",
      capabilities,
    });
    this.sessions_.add(session);
    say(session, "nd.snapshot", { history_id: "H", server_seq: this.server_seq, registers: [...this.registers.values()] as unknown as Json });
  }

  private update(session: Session, frame: Object, payload: Object): void {
    const ids = { intent_id: frame.intent_id ?? null, in_reply_to: frame.frame_id ?? null };
    const { scope, target, key } = payload as { scope: string; target: string; key: string };
    const refusal = this.refusals_.get(`${scope}:${key}`);
    if (refusal !== undefined) {
      say(session, "ack.state", { ...ids, status: "rejected", error: { code: "state.invalid", message: refusal } });
      return;
    }
    if (scope === "camera") {
      say(session, "ack.state", { ...ids, status: "accepted", applied_value: null, version: 1 });
      this.picture();
      return;
    }
    const register = { scope, target, key, value: payload.value ?? null };
    this.server_seq += 1;
    say(session, "ack.state", { ...ids, status: "accepted", applied_value: register.value, version: this.server_seq });
    this.server_seq -= 1;
    this.commit(register);
  }

  private commit(change: { scope: string; target: string; key: string; value: Json }): void {
    const from = this.server_seq++;
    const register: Register = { ...change, version: this.server_seq, actor: "a", origin: "client" };
    this.registers.set(idOf(register), register);
    for (const session of this.sessions_) {
      say(session, "nd.commit", { from, server_seq: this.server_seq, registers: [register] as unknown as Json });
    }
    this.picture();
  }

  private command(session: Session, frame: Object, payload: Object): void {
    const name = String(payload.command);
    this.commands.push(name);
    const in_reply_to = frame.frame_id ?? null;
    say(session, "reply.command", { in_reply_to, status: "ok", result: name === "nd.pixel_ticket" ? { ticket: "another" } : {} });
    if (name === "napari.pixel.request_keyframe") {
      for (const viewer of this.viewers_.values()) viewer.keyframe_owed = true;
      setTimeout(() => this.picture(), 20);
    }
  }

  private pixels(socket: WebSocket): void {
    this.viewers_.set(socket, { seq: 0, keyframe_owed: true });
    socket.on("close", () => this.viewers_.delete(socket));
    this.picture();
  }

  private async serve(path: string, response: import("node:http").ServerResponse): Promise<void> {
    const name = new URL(path, "http://x").pathname;
    if (name.startsWith("/api/")) {
      response.writeHead(this.turn_away ?? 200).end("{}");
      return;
    }
    try {
      const file = name === "/" ? "index.html" : name.slice(1);
      const body = await readFile(join(web_dist, file));
      response.writeHead(200, { "content-type": kTypes[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function say(session: Session, type: string, payload: Json, frame_id?: string, nd?: Json): void {
  const frame: Object = { type, version: 2, session: session.id, timestamp: Date.now() / 1000, payload };
  if (frame_id !== undefined) frame.frame_id = frame_id;
  if (nd !== undefined) frame.nd = nd;
  session.socket.send(JSON.stringify(frame));
}

const idOf = (register: { scope: string; target: string; key: string }) => `${register.scope}/${register.target}/${register.key}`;

const kColormaps = [
  { name: "gray", stops: ["#000000", "#ffffff"] },
  { name: "green", stops: ["#000000", "#00ff00"] },
  { name: "magenta", stops: ["#000000", "#ff00ff"] },
  { name: "viridis", stops: ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"] },
];

function firstScene(): Register[] {
  const list: [string, string, string, Json][] = [
    ["scene", "main", "source", { status: "ready", uri: "/data/clip", name: "test clip", message: "" }],
    [
      "axes",
      "main",
      "spec",
      {
        axes: [
          { label: "t", role: "time", unit: "second", size: 20, start: 0, step: 30 },
          { label: "z", role: "space", unit: "micrometer", size: 236, start: 0, step: 0.5 },
          { label: "y", role: "space", unit: "micrometer", size: 275, start: 0, step: 0.36 },
          { label: "x", role: "space", unit: "micrometer", size: 271, start: 0, step: 0.36 },
        ],
      },
    ],
    ["view", "main", "ndisplay", 2],
    ["view", "main", "order", [0, 1, 2, 3]],
    ["view", "main", "canvas", { width: kWidth, height: kHeight, dpr: 1 }],
    ["dims", "t", "index", 3],
    ["dims", "z", "index", 118],
    ["camera", "main", "plane", { rect: [0, 0, 99, 55.7], center: [49.5, 27.8], zoom: 6.46 }],
    ["lod", "main", "shown", { level: 1, wanted: 0, levels: 3, locked: false, reason: "loading" }],
  ];
  for (const [id, name, colormap] of [
    ["layer-0", "LaminB1", "green"],
    ["layer-1", "Dapi", "magenta"],
  ] as const) {
    list.push(
      ["layer", id, "meta", { kind: "image", uri: "/data/clip", channel: 0, dtype: "uint16", data_range: [0, 4095], levels: [] }],
      ["layer", id, "name", name],
      ["layer", id, "order", id === "layer-0" ? 0 : 1],
      ["layer", id, "visible", true],
      ["layer", id, "opacity", 1],
      ["layer", id, "gamma", 1],
      ["layer", id, "contrast_limits", [200, 1900]],
      ["layer", id, "colormap", colormap],
      ["layer", id, "blending", "additive"],
      ["layer", id, "interpolation", "linear"],
      ["layer", id, "rendering", "mip"],
    );
  }
  return list.map(([scope, target, key, value]) => ({ scope, target, key, value, version: 1 }));
}

/** One keyframe, then P-frames; AVCC as on the wire. */
function encodeClip(): { keyframe: boolean; avcc: Buffer }[] {
  const source = `testsrc2=size=${kWidth}x${kHeight}:rate=30`;
  const settings = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "1000", "-x264-params", "aud=1:repeat-headers=1"];
  const bytes = execFileSync(
    "ffmpeg",
    ["-v", "error", "-f", "lavfi", "-i", source, "-frames:v", String(kClipFrames), "-pix_fmt", "yuv420p", ...settings, "-f", "h264", "-"],
    { maxBuffer: 1 << 26 },
  );
  const units: { keyframe: boolean; avcc: Buffer }[] = [];
  for (const nal of splitAnnexB(bytes)) {
    const type = (nal[0] ?? 0) & 0x1f;
    if (type === 9) {
      units.push({ keyframe: false, avcc: Buffer.alloc(0) });
      continue;
    }
    const unit = units.at(-1);
    if (unit === undefined) throw new Error("the clip does not begin with an access unit delimiter");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(nal.length);
    unit.avcc = Buffer.concat([unit.avcc, length, nal]);
    unit.keyframe ||= type === 5;
  }
  return units;
}

function splitAnnexB(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  const code = Buffer.from([0, 0, 1]);
  let at = bytes.indexOf(code);
  while (at >= 0) {
    const next = bytes.indexOf(code, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end -= 1;
    nals.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return nals;
}
