// A whole room in one object, over a network that delays and cuts: the rules of docs/protocol.md that a client rests on
// (WP2, WP4, WP8, WP9, WP12, WP13's held registers, WP15, WP18's fresh snapshots), in as few lines as they need, and every
// liberty that they leave to a server taken at random. It remembers all that it ever did, for the test to judge by.

import type { SocketLike } from "../connection.js";
import { registerId, sameJson, type Json, type Register, type RegisterName } from "../types.js";
import type { Random } from "./random.js";

type Frame = { [key: string]: Json };

interface Logged {
  id: string;
  register: Register;
  /** The session that made it; "" for another writer. */
  session: string;
}

const kNames: RegisterName[] = [
  { scope: "dims", target: "z", key: "index" },
  { scope: "dims", target: "t", key: "index" },
  { scope: "layer", target: "a", key: "gamma" },
  { scope: "layer", target: "b", key: "gamma" },
];
const kHighest = 100;

export class SimServer {
  readonly names = kNames;
  readonly counts = new Map<string, number>();
  history_id = "history-0";
  server_seq = 0;
  /** Every change, by history and version. */
  readonly log = new Map<string, Logged>();
  /** How often each update had an effect, by session-independent frame_id and author. */
  readonly applied = new Map<string, number>();
  /** Sum of the steps that were applied, by actor. */
  readonly stepped = new Map<string, number>();
  /** Numbers, with their history, after which no register says whose it is. */
  readonly forgot_authors: { history_id: string; server_seq: number }[] = [];
  /** No more faults: what is asked for is done. */
  calm = false;
  private readonly random_: Random;
  private registers_ = new Map<string, Register>();
  private oldest_retained_ = 0;
  private camera_seq_ = 0;
  private next_session_ = 1;
  private readonly links_ = new Set<SimLink>();
  /** Changed since the last flush, and held back by an op. */
  private unflushed_ = new Set<string>();
  private held_ = new Set<string>();
  private flushed_seq_ = 0;
  /** The flush that carried a register's last change (WP13): for one that was held, later than its version. */
  private readonly carried_ = new Map<string, number>();

  constructor(random: Random) {
    this.random_ = random;
    for (const name of kNames) this.write(name, 1, {});
    this.flush();
  }

  readonly WebSocket = ((server: SimServer) =>
    class {
      constructor() {
        return server.connect();
      }
    })(this);

  value(name: RegisterName): Json | undefined {
    const register = this.registers_.get(registerId(name));
    return register === undefined || register.gone === true ? undefined : register.value;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** One thing that a client has no hand in. */
  mischief(): void {
    const { random_: random } = this;
    const kind = random.below(100);
    if (kind < 30) this.flush();
    else if (kind < 55) this.otherWriter();
    else if (kind < 60) this.hold();
    else if (kind < 64) this.freshSnapshot();
    else if (kind < 70) this.cut("cut");
    else if (kind < 72) this.cut("half_open");
    else if (kind < 74) this.cut("slow_reader");
    else if (kind < 76) this.removeOrBring();
    else if (kind < 77) this.restart(random.chance(0.5));
    else if (kind < 80) this.prune();
  }

  settle(): void {
    this.calm = true;
    this.release();
    this.flush();
  }

  /** Everything that changed and is not held leaves, merged; the version of what was held lies below the flush's end. */
  flush(): void {
    const from = this.flushed_seq_;
    if (this.server_seq === from) return;
    const registers: Register[] = [];
    for (const id of this.unflushed_) {
      if (this.held_.has(id)) continue;
      registers.push(this.registers_.get(id) as Register);
      this.unflushed_.delete(id);
      this.carried_.set(id, this.server_seq);
    }
    this.flushed_seq_ = this.server_seq;
    for (const link of this.links_) {
      if (link.synced) link.say("nd.commit", { from, server_seq: this.server_seq, registers: registers.map((register) => link.print(register)) });
    }
  }

  hello(link: SimLink, frame: Frame): void {
    if (!this.calm && this.random_.chance(0.05)) {
      this.count("room_full");
      link.say("session.reject", { code: "room.full", message: "full" });
      link.close();
      return;
    }
    const nd = frame.nd as Frame;
    link.session = `session-${this.next_session_++}`;
    link.actor = (nd.actor as Frame).name as string;
    link.say(
      "session.welcome",
      { protocol_version: 2, session: { id: link.session, heartbeat_s: 15, ack_timeout_ms: 250 }, features: {} },
      {
        room: "main",
        view: "main",
        actor: link.actor,
        role: "admin",
        history_id: this.history_id,
        server_seq: this.server_seq,
        pixel_ticket: "T",
        capabilities: { keys: [], commands: [], colormaps: [], limits: {}, encoders: [] },
      },
    );
    this.release();
    this.flush();
    const since = nd.since as Frame | undefined;
    const retained = since !== undefined && since.history_id === this.history_id && Number(since.server_seq) >= this.oldest_retained_;
    if (since === undefined) this.count("first_state");
    else this.count(retained ? "resumed" : since.history_id === this.history_id ? "resumed_by_snapshot" : "resumed_fresh");
    if (retained) {
      const from = Number(since.server_seq);
      const registers = [...this.registers_.values()].filter((register) => (this.carried_.get(registerId(register)) ?? 0) > from);
      link.say("nd.commit", { from, server_seq: this.server_seq, registers: registers.map((register) => link.print(register)) });
    } else this.snapshotTo(link);
    link.synced = true;
    // Between this state and what the client makes of it.
    if (since !== undefined && !this.calm && this.random_.chance(0.3)) this.otherWriter();
  }

  update(link: SimLink, frame: Frame): void {
    const payload = frame.payload as Frame;
    const name = { scope: String(payload.scope), target: String(payload.target), key: String(payload.key) };
    const ids = { intent_id: frame.intent_id ?? null, in_reply_to: frame.frame_id ?? null };
    const refuse = (code: string, details: Json = null) => {
      this.count(code);
      link.say("ack.state", { ...ids, status: "rejected", error: { code, message: code, details } });
    };
    if (frame.session !== link.session) throw new Error(`frame of ${String(frame.session)} in ${link.session}`);
    const client_seq = Number(payload.client_seq);
    if (client_seq <= link.client_seq) throw new Error(`client_seq ${client_seq} after ${link.client_seq}: WP9 would refuse it`);
    link.client_seq = client_seq;
    if (!this.calm && this.random_.chance(0.03)) return refuse("rate.limited", { retry_after_ms: 1 + this.random_.below(200) });
    const author = `${link.actor} ${String(frame.frame_id)}`;
    if (name.key === "step") {
      this.applied.set(author, (this.applied.get(author) ?? 0) + 1);
      this.stepped.set(link.actor, (this.stepped.get(link.actor) ?? 0) + Number(payload.value));
      this.count("step");
      link.say("ack.state", { ...ids, status: "accepted", applied_value: payload.value ?? null, version: ++this.camera_seq_ });
      return undefined;
    }
    const known = this.registers_.get(registerId(name));
    if (known === undefined || known.gone === true) return refuse("state.unknown_target");
    if (payload.base_version !== undefined && Number(payload.base_version) < known.version) return refuse("state.stale");
    if (Number(payload.value) % 17 === 0) return refuse("state.invalid");
    const value = Math.min(kHighest, Number(payload.value));
    if (value !== Number(payload.value)) this.count("clamped");
    if (!sameJson(value, known.value)) {
      this.applied.set(author, (this.applied.get(author) ?? 0) + 1);
      const { interaction_id, phase } = payload as { interaction_id?: string; phase?: "start" };
      const intent_id = String(frame.intent_id);
      this.write(name, value, { actor: link.actor, origin: "agent", interaction_id, phase, client_seq, intent_id }, link.session);
    } else this.count("identical");
    this.count("accepted");
    const now = this.registers_.get(registerId(name)) as Register;
    link.say("ack.state", { ...ids, status: "accepted", applied_value: now.value, version: now.version });
    if (this.random_.chance(0.4)) this.flush();
    return undefined;
  }

  drop(link: SimLink): void {
    this.links_.delete(link);
  }

  authorOf(history_id: string, version: number, name: RegisterName): Logged | undefined {
    return this.log.get(`${history_id} ${version} ${registerId(name)}`);
  }

  /** Whether anybody but `actor` wrote or removed the register after `version`, or may have, as far as a client can tell. */
  othersWrote(history_id: string, name: RegisterName, version: number, actor: string): boolean {
    if (this.forgot_authors.some((when) => when.history_id === history_id && when.server_seq > version)) return true;
    for (let seq = version + 1; seq <= this.server_seq; ++seq) {
      const logged = this.authorOf(history_id, seq, name);
      if (logged !== undefined && logged.register.actor !== actor) return true;
    }
    return false;
  }

  private connect(): SocketLike {
    const link = new SimLink(this, this.random_);
    this.links_.add(link);
    return link;
  }

  private write(name: RegisterName, value: Json, stamp: Partial<Register>, session = ""): void {
    const register: Register = { ...name, value, version: ++this.server_seq, ...stamp };
    const id = registerId(name);
    this.registers_.set(id, register);
    this.unflushed_.add(id);
    this.log.set(`${this.history_id} ${this.server_seq} ${id}`, { id, register, session });
  }

  private otherWriter(): void {
    const name = this.random_.of(kNames);
    if (this.value(name) === undefined) return;
    this.count("other_writer");
    this.write(name, this.random_.below(kHighest), { actor: "other", origin: "client" });
  }

  private hold(): void {
    this.count("hold");
    if (this.held_.size > 0) this.release();
    else this.held_.add(registerId(this.random_.of(kNames)));
  }

  /** An op's end is a change itself, so what was held has a flush to leave with. */
  private release(): void {
    if (this.held_.size > 0) this.server_seq += 1;
    this.held_.clear();
  }

  private snapshotTo(link: SimLink): void {
    const registers = [...this.registers_.values()].filter((register) => register.gone !== true);
    link.say("nd.snapshot", {
      history_id: this.history_id,
      server_seq: this.server_seq,
      registers: registers.map((register) => link.print(register)),
    });
  }

  private freshSnapshot(): void {
    const links = [...this.links_].filter((link) => link.synced);
    if (links.length === 0) return;
    this.count("fresh_snapshot");
    this.release();
    this.flush();
    this.snapshotTo(this.random_.of(links));
  }

  private cut(how: "cut" | "half_open" | "slow_reader"): void {
    if (this.links_.size === 0) return;
    this.count(how);
    this.random_.of([...this.links_]).cut(how);
  }

  private removeOrBring(): void {
    const name = kNames[3] as RegisterName;
    const there = this.value(name) !== undefined;
    this.count(there ? "removed" : "brought");
    if (there) this.write(name, null, { gone: true });
    else this.write(name, 1, {});
  }

  /** With a journal: the same history, numbers go on past a reserved block, authors' marks are lost (WP17). Without: another. */
  private restart(journal: boolean): void {
    this.count(journal ? "restart" : "restart_fresh");
    for (const link of [...this.links_]) link.cut("cut");
    this.held_.clear();
    this.carried_.clear();
    const kept = [...this.registers_.entries()];
    if (journal) {
      this.forgot_authors.push({ history_id: this.history_id, server_seq: this.server_seq });
      this.server_seq += 50;
      for (const [id, { scope, target, key, value, version, gone }] of kept) {
        this.registers_.set(id, { scope, target, key, value, version, ...(gone === true ? { gone } : {}) });
      }
      this.oldest_retained_ = this.server_seq;
      this.flushed_seq_ = this.server_seq;
      this.unflushed_.clear();
      return;
    }
    this.history_id = `history-${Number(this.history_id.split("-")[1]) + 1}`;
    this.server_seq = this.flushed_seq_ = this.oldest_retained_ = 0;
    this.registers_.clear();
    this.unflushed_.clear();
    for (const name of kNames) this.write(name, 2, {});
    this.flush();
  }

  private prune(): void {
    this.count("prune");
    this.oldest_retained_ = this.server_seq;
  }
}

/** One connection: two queues in order, each message with a delay of its own, until it is cut. */
export class SimLink implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  session = "";
  actor = "";
  synced = false;
  client_seq = 0;
  private readonly server_: SimServer;
  private readonly random_: Random;
  private readonly delay_ms_: number;
  private dead_ = false;
  private readonly upwards_: string[] = [];
  private up_free_ms_ = 0;
  private down_free_ms_ = 0;

  constructor(server: SimServer, random: Random) {
    this.server_ = server;
    this.random_ = random;
    this.delay_ms_ = random.of([1, 5, 40]);
    const refused = !server.calm && random.chance(0.1);
    this.down(() => {
      if (refused) this.cut("cut");
      else this.onopen?.(undefined as never);
    });
  }

  print(register: Register): Json {
    const { intent_id, ...rest } = register;
    const logged = this.server_.authorOf(this.server_.history_id, register.version, register);
    return (logged?.session === this.session && intent_id !== undefined ? register : rest) as unknown as Json;
  }

  say(type: string, payload: Json, nd?: Json): void {
    const text = JSON.stringify({ type, version: 2, session: this.session, timestamp: 1, payload, nd });
    this.down(() => this.onmessage?.({ data: text }));
  }

  send(text: string): void {
    if (this.dead_) return;
    this.upwards_.push(text);
    this.up_free_ms_ = Math.max(this.up_free_ms_, Date.now() + this.random_.below(this.delay_ms_));
    setTimeout(() => this.arrive(), this.up_free_ms_ - Date.now());
  }

  /** By the client. What it had sent before still arrives. */
  close(): void {
    this.end(this.upwards_.length);
  }

  /** On its way, a part of what the client sent still reaches the server; nothing that the server said reaches the client. */
  cut(how: "cut" | "half_open" | "slow_reader"): void {
    if (this.dead_) return;
    this.end(this.random_.below(this.upwards_.length + 1));
    if (how === "half_open") return;
    setTimeout(() => this.onclose?.({ code: how === "slow_reader" ? 1013 : 1006, reason: "" }), this.random_.below(100));
  }

  private end(arrives: number): void {
    if (this.dead_) return;
    for (let i = 0; i < arrives; ++i) this.arrive();
    this.dead_ = true;
    this.server_.drop(this);
  }

  private down(act: () => void): void {
    this.down_free_ms_ = Math.max(this.down_free_ms_, Date.now() + this.random_.below(this.delay_ms_));
    setTimeout(() => {
      if (!this.dead_) act();
    }, this.down_free_ms_ - Date.now());
  }

  private arrive(): void {
    if (this.dead_) return;
    const text = this.upwards_.shift();
    if (text === undefined) return;
    const frame = JSON.parse(text) as Frame;
    if (frame.type === "session.hello") this.server_.hello(this, frame);
    if (frame.type === "state.update") this.server_.update(this, frame);
  }
}
