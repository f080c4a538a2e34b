// One update on its way, whatever its kind, and what becomes of it.

import type { NdcastError } from "./errors.js";
import type { UpdateIds } from "./frames.js";
import type { Intent, Json, RegisterName, WireError } from "./types.js";

/** Just under 60 Hz, the rate of the original client's emitters and of most displays. */
export const kFlushIntervalMs = 17;
/** After this many `rate.limited` for one update it is refused for good. */
export const kRateLimitRetries = 8;
/** When the server does not say how long to wait. */
const kRateLimitWaitMs = 250;
const kRateLimitWaitMaxMs = 60_000;

/** What became of an update. Pass it to waitUntil() to wait for its picture. */
export interface Applied {
  /** What the server made of it: clamped, swapped, rounded as the key demands. */
  value: Json;
  /** The register's version, or the camera's. */
  version: number;
  /** Of a register: the state that holds the value. */
  server_seq?: number;
  /** Of a movement of the camera: its sequence number once it is applied. */
  camera_seq?: number;
}

/** A value that was not taken, and what is shown again instead. */
export interface Refusal {
  name: RegisterName;
  refused: Json;
  settled: Json;
  error: WireError;
}

/** One promise that was given for an update. */
export interface Settler {
  resolve: (applied: Applied) => void;
  reject: (error: NdcastError) => void;
}

export interface Pending {
  intent: Intent;
  /** Given when it leaves. */
  ids: UpdateIds | null;
  /** Its own, and those of the updates that it replaced or took in. */
  settlers: Settler[];
  rate_limited: number;
}

export function rejectPending(pending: Pending, error: NdcastError): void {
  for (const settler of pending.settlers) settler.reject(error);
}

export function retryAfterMs(error: WireError): number {
  const { details } = error;
  const wanted = typeof details === "object" && details !== null && !Array.isArray(details) ? details.retry_after_ms : undefined;
  return typeof wanted === "number" && wanted > 0 ? Math.min(wanted, kRateLimitWaitMaxMs) : kRateLimitWaitMs;
}
