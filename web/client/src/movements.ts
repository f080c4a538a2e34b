// Movements on their way: pan, zoom, orbit, reset and set of the camera, step of an axis. They name no register, so nothing is
// shown of them in advance.
//
//   movements.put(pending); const due_ms = movements.pump(now);
//
// They fold as the server folds them (WP11): pans, orbits and steps add, zooms about one anchor multiply; what cannot fold
// keeps its order, since pan and zoom do not commute. They leave at most once in 17 ms, and while many are unanswered
// further ones wait and fold. None is lost while the session lasts, and none is ever sent twice.

import type { NdcastError } from "./errors.js";
import type { UpdateIds } from "./frames.js";
import { kFlushIntervalMs, kRateLimitRetries, rejectPending, retryAfterMs, type Applied, type Pending } from "./pending.js";
import { registerId, sameJson, type Ack, type Intent, type Json, type WireError } from "./types.js";

/** Unanswered ones past which further ones wait; at 60 Hz a round trip of 130 ms needs 8. */
export const kMovementsInFlight = 8;

export interface MovementsOptions {
  transmit: (intent: Intent, ids: UpdateIds) => void;
  nextIds: () => UpdateIds;
  onRefused: (refused: Pending, error: WireError) => void;
}

export class Movements {
  private readonly options_: MovementsOptions;
  private waiting_: Pending[] = [];
  private readonly in_flight_ = new Map<string, Pending>();
  private sent_ms_ = -Infinity;
  private held_until_ms_ = -Infinity;

  constructor(options: MovementsOptions) {
    this.options_ = options;
  }

  get size(): number {
    return this.waiting_.length + this.in_flight_.size;
  }

  put(pending: Pending): void {
    const tail = this.waiting_.at(-1);
    const folded = tail === undefined ? null : fold(tail.intent, pending.intent);
    if (tail === undefined || folded === null) {
      this.waiting_.push(pending);
      return;
    }
    tail.intent = folded;
    tail.settlers.push(...pending.settlers);
  }

  /** Sends what may leave. Returns when to look again; Infinity when an ack or another movement has to come first. */
  pump(now: number): number {
    if (this.waiting_.length === 0) return Infinity;
    const due = Math.max(this.held_until_ms_, this.sent_ms_ + kFlushIntervalMs);
    if (due > now) return due;
    if (this.in_flight_.size >= kMovementsInFlight) return Infinity;
    this.sent_ms_ = now;
    const leaving = this.waiting_;
    this.waiting_ = [];
    for (const movement of leaving) {
      movement.ids = this.options_.nextIds();
      this.in_flight_.set(movement.ids.frame_id, movement);
      this.options_.transmit(movement.intent, movement.ids);
    }
    return Infinity;
  }

  /** The ack of anything else changes nothing. */
  acknowledge(ack: Ack, now: number): void {
    const movement = this.in_flight_.get(ack.in_reply_to);
    if (movement === undefined) return;
    this.in_flight_.delete(ack.in_reply_to);
    if (ack.status === "accepted") {
      const seq = movement.intent.scope === "camera" ? "camera_seq" : "server_seq";
      const applied: Applied = { value: ack.applied_value, version: ack.version, [seq]: ack.version };
      for (const settler of movement.settlers) settler.resolve(applied);
    } else if (ack.error.code === "rate.limited" && movement.rate_limited < kRateLimitRetries) {
      // Refused means not applied, so here, and only here, a movement may be sent again. It is the oldest: first in line.
      this.held_until_ms_ = now + retryAfterMs(ack.error);
      movement.rate_limited += 1;
      this.waiting_.unshift(movement);
    } else this.options_.onRefused(movement, ack.error);
  }

  fail(in_flight: NdcastError, waiting: NdcastError): void {
    const sent = [...this.in_flight_.values()];
    const unsent = this.waiting_;
    this.in_flight_.clear();
    this.waiting_ = [];
    for (const movement of sent) rejectPending(movement, in_flight);
    for (const movement of unsent) rejectPending(movement, waiting);
  }
}

/** One movement for two, or null when only both in turn will do. */
function fold(first: Intent, second: Intent): Intent | null {
  if (registerId(first) !== registerId(second)) return null;
  if (first.key === "step" && typeof first.value === "number" && typeof second.value === "number") {
    return { ...second, value: first.value + second.value };
  }
  const a = record(first.value);
  const b = record(second.value);
  if (a === null || b === null) return null;
  const sum = (key: string) => Number(a[key]) + Number(b[key]);
  switch (first.key) {
    case "pan":
      return { ...second, value: { dx_px: sum("dx_px"), dy_px: sum("dy_px") } };
    case "orbit":
      return { ...second, value: { d_az_deg: sum("d_az_deg"), d_el_deg: sum("d_el_deg") } };
    case "zoom":
      if (!sameJson(a.anchor_px, b.anchor_px)) return null;
      return { ...second, value: { ...b, factor: Number(a.factor) * Number(b.factor) } };
    default:
      return null;
  }
}

function record(value: Json): { [key: string]: Json } | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}
