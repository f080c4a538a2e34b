// The state channel's socket: hello → welcome → frames, heartbeats, and coming back by itself (WP3–WP6, WP15).
//
//   const connection = new StateConnection({ url, hello, open_socket, onFrame, onStatus });
//   connection.open();
//   connection.send(connection.writer.command("nd.probe", {...}));
//
// It owns one socket at a time and no state of the scene; what arrives goes to onFrame in order.

import { Backoff } from "./backoff";
import { FrameError, FrameWriter, parseFrame, type HelloParts, type Printed } from "./frames";
import type { Inbound, Welcome, WireError } from "./types";

/** The part of the browser's (and Node's) WebSocket used here. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type ConnectionStatus =
  | { phase: "connecting"; attempt: number }
  | { phase: "live" }
  | { phase: "waiting"; attempt: number; retry_at_ms: number; reason: string }
  | { phase: "refused"; error: WireError }
  | { phase: "closed" };

export interface ConnectionOptions {
  url: () => string;
  hello: () => HelloParts;
  openSocket: (url: string) => SocketLike;
  onFrame: (frame: Inbound) => void;
  onStatus: (status: ConnectionStatus) => void;
  /** Asked when a socket closes before its welcome: a browser does not say that it was refused with 401 or 403. */
  diagnose?: () => Promise<WireError | null>;
}

/** A hello unanswered for this long is a dead path. The server itself gives a client 5 s (WP3). */
const kWelcomeTimeoutMs = 8_000;
/** Refusals that the same hello would meet again. `room.full` and `rate.limited` pass with time. */
const kFinalRefusals = ["auth.required", "auth.invalid", "auth.expired", "protocol_mismatch", "unsupported_client", "room.not_found"];

export class StateConnection {
  readonly writer = new FrameWriter();
  /** Frames that could not be used; they are skipped, never fatal. */
  bad_frames = 0;

  private readonly options_: ConnectionOptions;
  private readonly backoff_ = new Backoff();
  private socket_: SocketLike | null = null;
  private live_ = false;
  private retry_timer_: ReturnType<typeof setTimeout> | undefined;
  private watchdog_: ReturnType<typeof setTimeout> | undefined;
  private silence_ms_ = kWelcomeTimeoutMs;

  constructor(options: ConnectionOptions) {
    this.options_ = options;
  }

  get live(): boolean {
    return this.live_;
  }

  open(): void {
    this.dropSocket();
    clearTimeout(this.retry_timer_);
    this.options_.onStatus({ phase: "connecting", attempt: this.backoff_.attempts });
    const socket = this.options_.openSocket(this.options_.url());
    this.socket_ = socket;
    this.silence_ms_ = kWelcomeTimeoutMs;
    this.listen();
    socket.onopen = () => socket.send(this.writer.hello(this.options_.hello()).text);
    socket.onmessage = (event) => this.receive(event.data);
    socket.onerror = () => {};
    socket.onclose = (event) => void this.lost(event.reason || `closed with ${event.code}`);
  }

  /** Returns false, sending nothing, when the session is not up. */
  send(frame: Printed): boolean {
    if (!this.live_ || this.socket_ === null) return false;
    this.socket_.send(frame.text);
    return true;
  }

  /** Drops the socket and connects again at once; used after a gap in the commits. */
  reopen(reason: string): void {
    this.dropSocket(4000, reason);
    this.open();
  }

  close(): void {
    if (this.live_) this.socket_?.send(this.writer.goodbye().text);
    this.dropSocket(1000, "page closed");
    clearTimeout(this.retry_timer_);
    this.options_.onStatus({ phase: "closed" });
  }

  private receive(data: unknown): void {
    this.listen();
    let frame: Inbound;
    try {
      if (typeof data !== "string") throw new FrameError("binary message on the state channel, expected text");
      frame = parseFrame(data);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.bad_frames += 1;
      console.warn(`ndcast: skipped a frame: ${error.message}`);
      return;
    }
    if (frame.type === "session.welcome") this.welcomed(frame.welcome);
    if (frame.type === "session.heartbeat") this.send(this.writer.heartbeatAck());
    if (frame.type === "session.reject") {
      this.rejected(frame.error);
      return;
    }
    this.options_.onFrame(frame);
  }

  private welcomed(welcome: Welcome): void {
    this.writer.session = welcome.session;
    this.live_ = true;
    this.backoff_.reset();
    // WP6: a healthy server is never silent for longer than one heartbeat and its way here.
    this.silence_ms_ = Math.max(welcome.heartbeat_s + 1, welcome.heartbeat_s * 1.5) * 1000;
    this.listen();
    this.options_.onStatus({ phase: "live" });
  }

  private rejected(error: WireError): void {
    this.dropSocket();
    if (kFinalRefusals.includes(error.code)) this.options_.onStatus({ phase: "refused", error });
    else this.retryLater(error.message || error.code);
  }

  private async lost(reason: string): Promise<void> {
    const was_live = this.live_;
    this.dropSocket();
    if (was_live || this.options_.diagnose === undefined) {
      this.retryLater(reason);
      return;
    }
    const refusal = await this.options_.diagnose().catch(() => null);
    if (this.socket_ !== null) return;
    if (refusal !== null) this.options_.onStatus({ phase: "refused", error: refusal });
    else this.retryLater(reason);
  }

  private retryLater(reason: string): void {
    const delay_ms = this.backoff_.next();
    this.options_.onStatus({ phase: "waiting", attempt: this.backoff_.attempts, retry_at_ms: Date.now() + delay_ms, reason });
    clearTimeout(this.retry_timer_);
    this.retry_timer_ = setTimeout(() => this.open(), delay_ms);
  }

  private listen(): void {
    clearTimeout(this.watchdog_);
    this.watchdog_ = setTimeout(() => {
      this.dropSocket(4001, "heartbeat timeout");
      this.retryLater("the server fell silent");
    }, this.silence_ms_);
  }

  private dropSocket(code = 1000, reason = ""): void {
    clearTimeout(this.watchdog_);
    this.live_ = false;
    const socket = this.socket_;
    this.socket_ = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(code, reason);
  }
}
