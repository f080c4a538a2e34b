// The state channel's socket: hello → welcome → frames, heartbeats, and coming back by itself (WP3–WP6, WP15).
//
//   const connection = new StateConnection({ url, hello, openSocket, onFrame, onStatus });
//   connection.open();
//   connection.send(connection.writer.command("nd.wait_until", {...}, "my script"));
//
// It owns one socket at a time and no state of the scene; what arrives goes to onFrame in order.

import { Backoff } from "./backoff.js";
import { FrameError, FrameWriter, parseFrame, type HelloParts, type Printed } from "./frames.js";
import type { Inbound, Json, Welcome, WireError } from "./types.js";

/** The part of a WebSocket used here; browsers', Node's own (from 22 on) and that of the package `ws` have it. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/**
 * Why there is no session at the moment. Codes: `socket.closed`, `socket.silent` (nothing arrived for 1.5 heartbeats, or after
 * an update), `socket.slow` (closed with 1013: this client reads too slowly or the server is full), `server.goodbye`
 * (details.code says which), `state.gap`, `client.reconnect`, or that of a refusal that passes with time (room.full,
 * rate.limited, timeout).
 */
export interface Cause {
  code: string;
  message: string;
  details?: Json;
}

/** Where the session stands. */
export type Status =
  /** Nothing was tried yet, or an attempt is on its way; `attempt` counts from 0. */
  | { phase: "connecting"; attempt: number }
  /** Welcomed; the room's state is on its way. Commands work, updates wait. */
  | { phase: "syncing" }
  /** All of the room's state is here and kept up to date. */
  | { phase: "live" }
  /** The session was lost or did not come; the next attempt starts by itself at `retry_at_ms` (of Date.now()). */
  | { phase: "waiting"; attempt: number; retry_at_ms: number; cause: Cause }
  /** The server does not want this client: no token, a wrong one, no such room, another protocol. Not tried again by itself. */
  | { phase: "refused"; error: WireError }
  /** close() was called. */
  | { phase: "closed" };

export interface ConnectionOptions {
  url: () => string;
  hello: () => HelloParts;
  openSocket: (url: string) => SocketLike;
  onFrame: (frame: Inbound) => void;
  onStatus: (status: Status) => void;
  /** Frames that could not be used; they are skipped, never fatal (WP7). */
  onBadFrame?: (error: FrameError) => void;
  /** Asked when a socket closes before its welcome: a browser does not say that it was refused with 401 or 403. */
  diagnose?: () => Promise<WireError | null>;
  random?: () => number;
}

/** A hello unanswered for this long is a dead path. The server itself gives a client 5 s (WP3). */
const kWelcomeTimeoutMs = 8_000;
/** An update is acked within milliseconds; a path on which nothing at all arrives for this long afterwards is half open. */
const kAnswerTimeoutMs = 10_000;
/** A session that stood for this long was a good one: the next loss begins with the shortest delay again. */
export const kStableMs = 5_000;
const kTryAgainLater = 1013;
/** A request that takes longer finds out nothing; Node's fetch may never settle when its connection is closed at once. */
const kDiagnoseMs = 2_000;
/** What Node says when nobody was reached: then nobody can have refused anything. */
const kNetworkTrouble = /ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|hang up/;
/** Refusals that the same hello would meet again. `room.full`, `rate.limited` and `timeout` pass with time. */
const kFinalRefusals = [
  "protocol_mismatch",
  "unsupported_client",
  "room.not_found",
  "invalid_json",
  "invalid_payload",
  "unexpected_message",
];

export class StateConnection {
  readonly writer = new FrameWriter();
  private readonly options_: ConnectionOptions;
  private readonly backoff_: Backoff;
  private socket_: SocketLike | null = null;
  private welcomed_ = false;
  private goodbye_: Cause | null = null;
  private socket_error_ = "";
  private status_: Status = { phase: "connecting", attempt: 0 };
  private retry_timer_: ReturnType<typeof setTimeout> | undefined;
  private watchdog_: ReturnType<typeof setTimeout> | undefined;
  private stable_timer_: ReturnType<typeof setTimeout> | undefined;
  private silence_ms_ = kWelcomeTimeoutMs;
  private heard_ms_ = 0;

  constructor(options: ConnectionOptions) {
    this.options_ = options;
    this.backoff_ = new Backoff(options.random);
  }

  get status(): Status {
    return this.status_;
  }

  /** Welcomed and not lost: frames may be sent. */
  /** Starts an attempt now, whatever the status. */
  open(): void {
    this.dropSocket();
    clearTimeout(this.retry_timer_);
    this.setStatus({ phase: "connecting", attempt: this.backoff_.attempts });
    this.goodbye_ = null;
    this.socket_error_ = "";
    this.silence_ms_ = kWelcomeTimeoutMs;
    this.listen();
    const socket = this.options_.openSocket(this.options_.url());
    this.socket_ = socket;
    socket.onopen = () => socket.send(this.writer.hello(this.options_.hello()).text);
    socket.onmessage = (event) => this.receive(event.data);
    socket.onerror = (event: unknown) => (this.socket_error_ = messageOf(event));
    socket.onclose = (event) => void this.lost(event.code, event.reason);
  }

  /** The state of this session is in. */
  synced(): void {
    if (this.status_.phase === "syncing") this.setStatus({ phase: "live" });
  }

  /** Returns false, sending nothing, when there is no session. `answered`: the server will say something to it at once. */
  send(frame: Printed, answered = false): boolean {
    if (!this.welcomed_ || this.socket_ === null) return false;
    this.socket_.send(frame.text);
    if (answered) this.listen(kAnswerTimeoutMs);
    return true;
  }

  /** Drops the session and connects again at once. */
  reopen(cause: Cause): void {
    this.dropSocket(4000, cause.message);
    this.open();
  }

  /** Tries now instead of later; does nothing unless it waits for its next attempt. */
  retryNow(): void {
    if (this.status_.phase === "waiting") this.open();
  }

  /** Whether something arrived lately; if not, as after a laptop's sleep, the session is given up and another tried. */
  checkAlive(): void {
    if (this.socket_ !== null && Date.now() - this.heard_ms_ > this.silence_ms_) this.silent();
  }

  close(): void {
    if (this.welcomed_) this.socket_?.send(this.writer.goodbye().text);
    this.dropSocket(1000, "client closed");
    clearTimeout(this.retry_timer_);
    this.setStatus({ phase: "closed" });
  }

  private receive(data: unknown): void {
    this.heard_ms_ = Date.now();
    this.listen();
    let frame: Inbound;
    try {
      if (typeof data !== "string") throw new FrameError("binary message on the state channel, expected text");
      frame = parseFrame(data);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.options_.onBadFrame?.(error);
      return;
    }
    if (frame.type === "session.welcome") this.welcomed(frame.welcome);
    if (frame.type === "session.heartbeat") this.send(this.writer.heartbeatAck());
    if (frame.type === "session.reject") {
      this.rejected(frame.error);
      return;
    }
    if (frame.type === "session.goodbye") {
      if (isFinal(frame.code)) {
        this.rejected(frame);
        return;
      }
      const details = { code: frame.code };
      this.goodbye_ = { code: "server.goodbye", message: frame.message || frame.code || "the server said goodbye", details };
    }
    this.options_.onFrame(frame);
  }

  private welcomed(welcome: Welcome): void {
    this.writer.session = welcome.session;
    this.welcomed_ = true;
    // WP6: a healthy server is never silent for longer than one heartbeat and its way here.
    this.silence_ms_ = Math.max(welcome.heartbeat_s + 1, welcome.heartbeat_s * 1.5) * 1000;
    this.listen();
    this.stable_timer_ = setTimeout(() => this.backoff_.reset(), kStableMs);
    this.setStatus({ phase: "syncing" });
  }

  private rejected(error: WireError): void {
    this.dropSocket();
    if (isFinal(error.code)) this.setStatus({ phase: "refused", error: { code: error.code, message: error.message, details: error.details ?? null } });
    else this.retryLater({ code: error.code, message: error.message || error.code, details: error.details ?? null });
  }

  private async lost(code: number, reason: string): Promise<void> {
    const was_welcomed = this.welcomed_;
    const cause = this.causeOf(code, reason);
    this.dropSocket();
    if (was_welcomed) {
      this.retryLater(cause);
      return;
    }
    const refusal = refusalOf(cause.message) ?? (await this.diagnosis(cause.message));
    // Meanwhile it may have been closed, or opened again.
    if (this.socket_ !== null || this.status_.phase !== "connecting") return;
    if (refusal !== null) this.setStatus({ phase: "refused", error: refusal });
    else this.retryLater(cause);
  }

  private async diagnosis(message: string): Promise<WireError | null> {
    if (this.options_.diagnose === undefined || kNetworkTrouble.test(message)) return null;
    const asked = this.options_.diagnose().catch(() => null);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), kDiagnoseMs)));
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  }

  private causeOf(code: number, reason: string): Cause {
    const details = { close_code: code };
    if (code === kTryAgainLater) return { code: "socket.slow", message: reason || "the server is full, or this client reads too slowly", details };
    if (this.goodbye_ !== null) return this.goodbye_;
    return { code: "socket.closed", message: reason || this.socket_error_ || `the connection closed with ${code}`, details };
  }

  private retryLater(cause: Cause): void {
    const delay_ms = Math.max(this.backoff_.next(), retryAfterMs(cause.details));
    clearTimeout(this.retry_timer_);
    this.retry_timer_ = setTimeout(() => this.open(), delay_ms);
    this.setStatus({ phase: "waiting", attempt: this.backoff_.attempts, retry_at_ms: Date.now() + delay_ms, cause });
  }

  private listen(for_ms = this.silence_ms_): void {
    clearTimeout(this.watchdog_);
    this.watchdog_ = setTimeout(() => this.silent(), Math.min(for_ms, this.silence_ms_));
  }

  private silent(): void {
    this.dropSocket(4001, "heartbeat timeout");
    this.retryLater({ code: "socket.silent", message: "the server fell silent" });
  }

  private setStatus(status: Status): void {
    this.status_ = status;
    this.options_.onStatus(status);
  }

  private dropSocket(code = 1000, reason = ""): void {
    clearTimeout(this.watchdog_);
    clearTimeout(this.stable_timer_);
    this.welcomed_ = false;
    const socket = this.socket_;
    this.socket_ = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A socket that is closed before it opened still reports an error, and `ws` throws one that nobody listens to.
    socket.onerror = () => undefined;
    socket.close(code, reason);
  }
}

function isFinal(code: string): boolean {
  return code.startsWith("auth.") || kFinalRefusals.includes(code);
}

/** `ws` says why an upgrade was refused; browsers do not. Anything else than these passes with time. */
function refusalOf(message: string): WireError | null {
  const status = /Unexpected server response: (\d{3})/.exec(message)?.[1];
  if (status === "401") return { code: "auth.required", message: "the server asks for a token" };
  if (status === "403") return { code: "auth.invalid", message: "the server does not accept this address or token" };
  if (status === "404") return { code: "room.not_found", message: "there is no such room" };
  return null;
}

function messageOf(event: unknown): string {
  const message = typeof event === "object" && event !== null && "message" in event ? event.message : "";
  return typeof message === "string" ? message : "";
}

function retryAfterMs(details: Json | undefined): number {
  if (typeof details !== "object" || details === null || Array.isArray(details)) return 0;
  return typeof details.retry_after_ms === "number" ? Math.min(details.retry_after_ms, 60_000) : 0;
}
