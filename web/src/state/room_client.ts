// One session in one room: connection, ledger, outbox and commands behind one object. No DOM: a browser page, a test
// and a Node program use it alike.
//
//   const client = new RoomClient({ url, openSocket, actor: "Ada" });
//   client.open();
//   client.set("dims", "z", "index", 12);                       // optimistic, at most 60 Hz
//   await client.command("nd.wait_until", { server_seq: 7, until: "complete" });

import { StateConnection, type ConnectionStatus, type SocketLike } from "../protocol/connection";
import type { Inbound, Json, Phase, Reply, Welcome, WireError } from "../protocol/types";
import { Outbox } from "./outbox";
import { RegisterLedger, type Refusal } from "./register_ledger";

export interface RoomClientOptions {
  url: () => string;
  openSocket: (url: string) => SocketLike;
  actor: string;
  token?: string;
  platform?: string;
  diagnose?: () => Promise<WireError | null>;
  /** Each listener is called on the thread of the socket, in the order of the frames. */
  onStatus?: (status: ConnectionStatus) => void;
  onWelcome?: (welcome: Welcome) => void;
  onRefusal?: (refusal: Refusal) => void;
  /** A snapshot or a commit is in, with or without registers. */
  onApplied?: () => void;
}

export class CommandError extends Error {
  readonly code: string;
  readonly details: Json;
  constructor(code: string, message: string, details: Json = null) {
    super(message || code);
    this.code = code;
    this.details = details;
  }
}

interface Waiting {
  resolve: (result: Json) => void;
  reject: (error: CommandError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** The server ends a command after 30 s itself; this only catches an answer that was lost. */
const kCommandTimeoutMs = 35_000;
/** Keys that are movements, not registers: no value of theirs can be shown in advance. */
const kDeltaKeys = new Set(["camera:pan", "camera:zoom", "camera:orbit", "camera:reset", "camera:set", "dims:step"]);

export class RoomClient {
  readonly ledger = new RegisterLedger();
  readonly outbox: Outbox;
  readonly connection: StateConnection;
  welcome: Welcome | null = null;
  private readonly options_: RoomClientOptions;
  private readonly commands_ = new Map<string, Waiting>();

  constructor(options: RoomClientOptions) {
    this.options_ = options;
    this.outbox = new Outbox({ send: (intent) => this.transmit(intent), inFlight: (name) => this.ledger.pendingCount(name) });
    this.connection = new StateConnection({
      url: options.url,
      openSocket: options.openSocket,
      diagnose: options.diagnose,
      hello: () => ({ actor: options.actor, token: options.token, platform: options.platform, since: this.ledger.since }),
      onFrame: (frame) => this.receive(frame),
      onStatus: (status) => this.statusChanged(status),
    });
  }

  get serverSeq(): number {
    return this.ledger.serverSeq;
  }

  open(): void {
    this.connection.open();
  }

  close(): void {
    this.connection.close();
  }

  /** Shows the value at once and sends it. Does nothing while the session is down: the room would not hear of it. */
  set(scope: string, target: string, key: string, value: Json, phase?: Phase, interaction_id?: string): void {
    if (!this.connection.live) return;
    const intent = { scope, target, key, value, phase, interaction_id };
    if (!isDelta(intent)) this.ledger.stage(intent, value);
    this.outbox.put(intent);
  }

  /** @throws CommandError when the server refuses, the connection goes, or no answer comes. */
  command(name: string, kwargs: { [key: string]: Json } = {}): Promise<Json> {
    return new Promise((resolve, reject) => {
      const frame = this.connection.writer.command(name, kwargs);
      if (!this.connection.send(frame)) {
        reject(new CommandError("command.session_closed", `${name}: not connected`));
        return;
      }
      const timer = setTimeout(() => {
        this.commands_.delete(frame.frame_id);
        reject(new CommandError("command.timeout", `${name}: no answer within ${kCommandTimeoutMs} ms`));
      }, kCommandTimeoutMs);
      this.commands_.set(frame.frame_id, { resolve, reject, timer });
    });
  }

  private transmit(intent: Parameters<StateConnection["writer"]["stateUpdate"]>[0]): void {
    const frame = this.connection.writer.stateUpdate(intent);
    if (!this.connection.send(frame)) return;
    this.ledger.sent(intent, frame.frame_id, intent.value, !isDelta(intent));
  }

  private receive(frame: Inbound): void {
    switch (frame.type) {
      case "session.welcome":
        this.welcome = frame.welcome;
        this.options_.onWelcome?.(frame.welcome);
        return;
      case "nd.snapshot":
        this.ledger.applySnapshot(frame.snapshot);
        this.options_.onApplied?.();
        return;
      case "nd.commit":
        // A gap is never silent: connecting again with `since` brings what is missing, or a snapshot (WP15).
        if (this.ledger.applyCommit(frame.commit) === "gap") this.reopen("gap in commits");
        else this.options_.onApplied?.();
        return;
      case "ack.state": {
        const refusal = this.ledger.acknowledge(frame.ack);
        if (refusal !== null) this.options_.onRefusal?.(refusal);
        return;
      }
      case "reply.command":
        this.replied(frame.reply);
        return;
      default:
        return;
    }
  }

  private reopen(reason: string): void {
    this.forgetSession();
    this.connection.reopen(reason);
  }

  private replied(reply: Reply): void {
    const waiting = this.commands_.get(reply.in_reply_to);
    if (waiting === undefined) return;
    this.commands_.delete(reply.in_reply_to);
    clearTimeout(waiting.timer);
    if (reply.status === "ok") waiting.resolve(reply.result ?? null);
    else waiting.reject(new CommandError(reply.code, reply.message, reply.details ?? null));
  }

  private statusChanged(status: ConnectionStatus): void {
    if (status.phase !== "live") this.forgetSession();
    this.options_.onStatus?.(status);
  }

  private forgetSession(): void {
    this.outbox.clear();
    this.ledger.forgetPending();
    for (const waiting of this.commands_.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new CommandError("command.session_closed", "the connection went before the answer came"));
    }
    this.commands_.clear();
  }
}

function isDelta(intent: { scope: string; key: string }): boolean {
  return kDeltaKeys.has(`${intent.scope}:${intent.key}`);
}
