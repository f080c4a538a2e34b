// Turns a stream of input events into at most 60 intents a second, losing no movement.
//
//   finger, wheel ─► outbox ─► state.update
//
//   outbox.put({ scope: "dims", target: "z", key: "index", value: 12, phase: "update" });
//   outbox.pan(3, -1); outbox.zoom(0.9, [640, 360]); outbox.orbit(2, 0);
//
// Absolute values: the last one of a register wins. Camera deltas fold as the server folds them (WP11): pans and
// orbits add, zooms about one anchor multiply. What cannot fold keeps its order, since pan and zoom do not commute.

import type { Intent, RegisterName } from "../protocol/types";
import { registerId } from "./register_ledger";

/** Just under 60 Hz, the rate of the original client's emitters and of most displays. */
export const kFlushIntervalMs = 17;
/**
 * Unacknowledged updates of one register past which newer values wait (and replace one another) here. Over a slow
 * link the slider then follows at the link's own pace and no queue builds up in the socket.
 */
export const kInFlightPerRegister = 4;

type Camera =
  | { kind: "pan"; dx_px: number; dy_px: number }
  | { kind: "orbit"; d_az_deg: number; d_el_deg: number }
  | { kind: "zoom"; factor: number; anchor_px: [number, number] };

export interface OutboxOptions {
  send: (intent: Intent) => void;
  inFlight: (name: RegisterName) => number;
  now?: () => number;
}

export class Outbox {
  private readonly options_: OutboxOptions;
  private readonly values_ = new Map<string, Intent>();
  private camera_: Camera[] = [];
  private last_flush_ms_ = -Infinity;
  private timer_: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.options_ = options;
  }

  /** Queues an absolute value. A `commit` leaves at once: it ends a drag, or is a click. */
  put(intent: Intent): void {
    const id = registerId(intent);
    const waiting = this.values_.get(id);
    const opens = waiting?.phase === "start" && intent.phase === "update";
    this.values_.delete(id);
    this.values_.set(id, opens ? { ...intent, phase: "start" } : intent);
    if (intent.phase === "commit" || intent.phase === undefined) this.flush();
    else this.schedule();
  }

  /** Canvas pixels; content follows the finger, dy upwards. */
  pan(dx_px: number, dy_px: number): void {
    const tail = this.camera_.at(-1);
    if (tail?.kind === "pan") {
      tail.dx_px += dx_px;
      tail.dy_px += dy_px;
    } else this.camera_.push({ kind: "pan", dx_px, dy_px });
    this.schedule();
  }

  orbit(d_az_deg: number, d_el_deg: number): void {
    const tail = this.camera_.at(-1);
    if (tail?.kind === "orbit") {
      tail.d_az_deg += d_az_deg;
      tail.d_el_deg += d_el_deg;
    } else this.camera_.push({ kind: "orbit", d_az_deg, d_el_deg });
    this.schedule();
  }

  /** `factor` > 1 shows more; the anchor in canvas pixels, origin bottom-left. */
  zoom(factor: number, anchor_px: [number, number]): void {
    const tail = this.camera_.at(-1);
    if (tail?.kind === "zoom" && tail.anchor_px[0] === anchor_px[0] && tail.anchor_px[1] === anchor_px[1]) tail.factor *= factor;
    else this.camera_.push({ kind: "zoom", factor, anchor_px });
    this.schedule();
  }

  /** Sends all that may leave now. */
  flush(): void {
    clearTimeout(this.timer_);
    this.timer_ = undefined;
    this.last_flush_ms_ = this.now();
    const camera = this.camera_;
    this.camera_ = [];
    for (const delta of camera) this.options_.send(cameraIntent(delta));
    for (const [id, intent] of this.values_) {
      const moving = intent.phase === "start" || intent.phase === "update";
      if (moving && this.options_.inFlight(intent) >= kInFlightPerRegister) continue;
      this.values_.delete(id);
      this.options_.send(intent);
    }
    if (this.values_.size > 0) this.schedule();
  }

  /** The connection went. */
  clear(): void {
    clearTimeout(this.timer_);
    this.timer_ = undefined;
    this.values_.clear();
    this.camera_ = [];
  }

  private schedule(): void {
    if (this.timer_ !== undefined) return;
    const wait_ms = Math.max(0, this.last_flush_ms_ + kFlushIntervalMs - this.now());
    // The first event after a pause leaves at once: a click should not wait for the rate limit.
    if (wait_ms === 0 && this.values_.size + this.camera_.length === 1 && !this.blocked()) this.flush();
    else this.timer_ = setTimeout(() => this.flush(), Math.max(1, wait_ms));
  }

  private blocked(): boolean {
    for (const intent of this.values_.values()) if (this.options_.inFlight(intent) >= kInFlightPerRegister) return true;
    return false;
  }

  private now(): number {
    return (this.options_.now ?? (() => performance.now()))();
  }
}

function cameraIntent(delta: Camera): Intent {
  const { kind, ...value } = delta;
  return { scope: "camera", target: "main", key: kind, value };
}
