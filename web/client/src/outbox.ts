// The pending half of what a client knows: values on their way to the server, and movements.
//
//   set, drag ─► waiting ─► in flight ─► ack or own commit: settled
//                  ▲ a newer value replaces one that waits
//
//   const outbox = new Outbox({ transmit, confirmed, … });
//   const applied = await outbox.put({ scope: "dims", target: "z", key: "index", value: 12 });
//
// Values. A register has at most one update in flight, and behind it the newest value (an older one that still waits is
// replaced: its promise settles with the newer one's). So a slider follows at the link's own pace, no queue builds up in
// the socket, and after a lost connection there is at most one update whose fate is unknown. During a drag a register
// sends at most 60 updates a second; a `commit`, or a value without phase, leaves as soon as nothing is in flight.
//
// Movements (pan, zoom, orbit, step …) name no register and are in movements.ts.
//
// A lost connection. A session's socket loses and reorders nothing, so within a session nothing is sent twice. In the
// next session, once its state is in, each register that had something pending is judged by what happened to it
// meanwhile (see judge()); what is sent again keeps frame_id, intent_id and client_seq, and says `base_version`, so that
// the server refuses it (state.stale) if somebody was quicker after all. A movement is never sent twice: it would be
// applied twice.

import { UpdateError, type NdcastError } from "./errors.js";
import type { UpdateIds } from "./frames.js";
import { Movements } from "./movements.js";
import { kFlushIntervalMs, kRateLimitRetries, rejectPending, retryAfterMs, type Applied, type Pending, type Refusal } from "./pending.js";
import { registerId, sameJson, type Ack, type Intent, type Json, type Register, type RegisterName, type WireError } from "./types.js";

export interface OutboxOptions {
  /** Called only while the outbox is running. */
  transmit: (intent: Intent, ids: UpdateIds, base_version?: number) => void;
  nextIds: () => UpdateIds;
  confirmed: { find(name: RegisterName): Register | undefined; versionOf(name: RegisterName): number };
  /** An ack, read as the register that it confirms. */
  onConfirmed: (register: Register) => void;
  /** What is shown of a register may have changed. */
  onShown: (name: RegisterName) => void;
  onRefused: (refusal: Refusal) => void;
  now?: () => number;
}

type Kind = "value" | "alias" | "movement";

interface Lane {
  name: RegisterName;
  kind: "value" | "alias";
  in_flight: Pending | null;
  waiting: Pending | null;
  last_sent_ms: number;
  held_until_ms: number;
  /** The version on which what waits rests while there is no session; null when nothing was known. */
  base: number | null;
  /** To be said with the next update: it was judged against this version. */
  guard: number | null;
}

interface Again {
  intent: Intent;
  ids: UpdateIds;
  version: number;
}

export class Outbox {
  private readonly options_: OutboxOptions;
  private readonly lanes_ = new Map<string, Lane>();
  private readonly lane_of_frame_ = new Map<string, Lane>();
  private readonly movements_: Movements;
  private running_ = false;
  private judging_ = false;
  private timer_: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.options_ = options;
    this.movements_ = new Movements({
      transmit: options.transmit,
      nextIds: options.nextIds,
      onRefused: (refused, error) => this.tellRefusal(refused.intent, refused, error),
    });
  }

  /** Updates that are waiting or unanswered. */
  get size(): number {
    let size = this.movements_.size;
    for (const lane of this.lanes_.values()) size += Number(lane.in_flight !== null) + Number(lane.waiting !== null);
    return size;
  }

  /** The newest own value of a register; undefined when none is pending. */
  pendingValue(name: RegisterName): { value: Json } | undefined {
    const lane = this.lanes_.get(registerId(name));
    if (lane === undefined || lane.kind !== "value") return undefined;
    const newest = lane.waiting ?? lane.in_flight;
    return newest === null ? undefined : { value: newest.intent.value };
  }

  /** The promise never goes unhandled: a refusal is told to onRefused as well. */
  put(intent: Intent): Promise<Applied> {
    const promise = new Promise<Applied>((resolve, reject) => {
      const pending: Pending = { intent, ids: null, settlers: [{ resolve, reject }], rate_limited: 0 };
      if (kindOf(intent) !== "movement") this.wait(pending);
      else if (this.running_) this.movements_.put(pending);
      // Made later, it would be made in a picture that has changed.
      else rejectPending(pending, new UpdateError("update.not_sent", "there is no connection"));
      this.pump();
    });
    promise.catch(() => undefined);
    return promise;
  }

  /** The ack of something that is not ours, or no longer, changes nothing. */
  acknowledge(ack: Ack): void {
    this.movements_.acknowledge(ack, this.now());
    const lane = this.lane_of_frame_.get(ack.in_reply_to);
    if (lane?.in_flight !== null && lane?.in_flight !== undefined) {
      if (ack.status === "accepted") this.accept(lane, ack.applied_value, ack.version);
      else this.refuse(lane, ack.error);
    }
    this.pump();
  }

  /** Registers that a commit or a snapshot brought, after all of them are in. */
  told(registers: Iterable<Register>): void {
    for (const register of registers) {
      const lane = this.lanes_.get(registerId(register));
      if (lane === undefined) continue;
      if (register.gone === true) this.fail(lane, new UpdateError("update.gone", `${nameOf(register)} was removed`));
      else if (register.intent_id !== undefined && register.intent_id === lane.in_flight?.ids?.intent_id) {
        this.accept(lane, register.value, register.version);
      }
    }
    this.pump();
  }

  /** The session went. What waits rests on the state as it is known now. */
  suspend(): void {
    if (!this.running_) return;
    this.running_ = false;
    clearTimeout(this.timer_);
    this.timer_ = undefined;
    const lost = new UpdateError("update.lost", "the connection went before the answer came; it may or may not have been applied");
    const not_sent = new UpdateError("update.not_sent", "the connection went before it was sent");
    this.movements_.fail(lost, not_sent);
    for (const lane of [...this.lanes_.values()]) {
      if (lane.kind === "alias") this.fail(lane, lane.in_flight !== null ? lost : not_sent);
      else lane.base = this.options_.confirmed.versionOf(lane.name);
    }
  }

  /** A session is up and its state is in. */
  resume(history_changed: boolean): void {
    if (this.running_) return;
    if (history_changed) this.failAll(new UpdateError("update.history_changed", "the server came back with another history"));
    this.running_ = true;
    // What is set by somebody who is told of a judgement waits, for it is younger than all that is sent again.
    this.judging_ = true;
    const again = [...this.lanes_.values()].flatMap((lane) => this.judge(lane) ?? []);
    this.judging_ = false;
    // client_seq has to rise (WP9).
    again.sort((a, b) => a.ids.client_seq - b.ids.client_seq);
    for (const { intent, ids, version } of again) this.options_.transmit(intent, ids, version);
    this.pump();
  }

  /** Nothing will be sent any more. */
  failAll(error: NdcastError): void {
    clearTimeout(this.timer_);
    this.timer_ = undefined;
    this.movements_.fail(error, error);
    for (const lane of [...this.lanes_.values()]) this.fail(lane, error);
  }

  /**
   * What a lost connection means for a register with something pending. Returns what is to be sent again.
   *   not changed meanwhile ………………… the unanswered update was not applied (or changed nothing): again, then what waits
   *   changed, and by our update …… it was applied: settled; what waits follows (a server that restarted from its journal may
   *                                 no longer say whose a change was; then the same value will do)
   *   changed to the same value ……… as good as applied
   *   changed by somebody else ……… theirs stands: ours are refused, for they were made without knowing of it
   *   removed ……………………………………………… refused
   */
  private judge(lane: Lane): Again | undefined {
    const now = this.options_.confirmed.find(lane.name);
    const version = this.options_.confirmed.versionOf(lane.name);
    const { base, in_flight, waiting } = lane;
    lane.base = null;
    lane.last_sent_ms = lane.held_until_ms = -Infinity;
    if (base === null || (in_flight === null && waiting === null)) return undefined;
    if (now === undefined && version > 0) {
      this.fail(lane, new UpdateError("update.gone", `${nameOf(lane.name)} was removed`));
      return undefined;
    }
    if (version <= base || now === undefined) {
      if (in_flight?.ids) return { intent: in_flight.intent, ids: in_flight.ids, version };
      lane.guard = version;
      return undefined;
    }
    if (in_flight !== null && (madeBy(now, in_flight) || (now.interaction_id === undefined && sameJson(now.value, in_flight.intent.value)))) {
      if (waiting !== null) lane.guard = now.version;
      this.accept(lane, now.value, now.version);
      return undefined;
    }
    const newest = waiting ?? in_flight;
    if (newest !== null && sameJson(newest.intent.value, now.value)) {
      this.forgetFlight(lane);
      lane.waiting = null;
      lane.in_flight = { ...newest, settlers: [...(in_flight?.settlers ?? []), ...(waiting?.settlers ?? [])] };
      this.accept(lane, now.value, now.version);
      return undefined;
    }
    const who = now.actor === undefined || now.actor === "" ? "somebody else" : now.actor;
    this.fail(lane, new UpdateError("update.overtaken", `${nameOf(lane.name)} was changed by ${who} while the connection was lost`));
    return undefined;
  }

  private wait(pending: Pending): void {
    const { intent } = pending;
    const lane = this.laneOf(intent);
    const replaced = lane.waiting;
    if (replaced !== null) {
      pending.settlers.unshift(...replaced.settlers);
      // The server has to learn that a drag begins, even when its first value is never sent.
      const opens = replaced.intent.phase === "start" && intent.phase === "update" && replaced.intent.interaction_id === intent.interaction_id;
      if (opens) pending.intent = { ...intent, phase: "start" };
    }
    lane.waiting = pending;
    this.options_.onShown(lane.name);
  }

  private pump(): void {
    if (!this.running_ || this.judging_) return;
    const now = this.now();
    let due = this.movements_.pump(now);
    for (const lane of [...this.lanes_.values()]) due = Math.min(due, this.pumpLane(lane, now));
    clearTimeout(this.timer_);
    this.timer_ = due === Infinity ? undefined : setTimeout(() => this.pump(), Math.max(1, Math.ceil(due - now)));
  }

  /** Returns when to look again; Infinity when an ack has to come first. */
  private pumpLane(lane: Lane, now: number): number {
    const pending = lane.waiting;
    if (pending === null || lane.in_flight !== null) return Infinity;
    const { phase } = pending.intent;
    const paced = phase === "start" || phase === "update";
    const due = Math.max(lane.held_until_ms, paced ? lane.last_sent_ms + kFlushIntervalMs : -Infinity);
    if (due > now) return due;
    lane.waiting = null;
    lane.in_flight = pending;
    lane.last_sent_ms = now;
    pending.ids = this.options_.nextIds();
    this.lane_of_frame_.set(pending.ids.frame_id, lane);
    const guard = lane.guard ?? undefined;
    lane.guard = null;
    this.options_.transmit(pending.intent, pending.ids, guard);
    return Infinity;
  }

  private accept(lane: Lane, value: Json, version: number): void {
    const accepted = lane.in_flight;
    if (accepted === null) return;
    this.forgetFlight(lane);
    const { scope, target, key } = lane.name;
    if (lane.kind === "value") {
      const { interaction_id, phase } = accepted.intent;
      this.options_.onConfirmed({ scope, target, key, value, version, interaction_id, phase, client_seq: accepted.ids?.client_seq });
    }
    this.options_.onShown(lane.name);
    const applied: Applied = { value, version, server_seq: version };
    for (const settler of accepted.settlers) settler.resolve(applied);
  }

  private refuse(lane: Lane, error: WireError): void {
    const refused = lane.in_flight;
    if (refused === null) return;
    this.forgetFlight(lane);
    if (error.code === "rate.limited" && refused.rate_limited < kRateLimitRetries) {
      lane.held_until_ms = this.now() + retryAfterMs(error);
      refused.rate_limited += 1;
      const next = lane.waiting ?? refused;
      if (next !== refused) next.settlers.unshift(...refused.settlers);
      next.rate_limited = refused.rate_limited;
      lane.waiting = next;
      return;
    }
    this.tellRefusal(lane.name, refused, error);
  }

  private tellRefusal({ scope, target, key }: RegisterName, refused: Pending, error: WireError): void {
    const name = { scope, target, key };
    this.options_.onShown(name);
    rejectPending(refused, new UpdateError(error.code, error.message, error.details ?? null));
    const settled = this.pendingValue(name)?.value ?? this.options_.confirmed.find(name)?.value ?? null;
    this.options_.onRefused({ name, refused: refused.intent.value, settled, error });
  }

  private fail(lane: Lane, error: NdcastError): void {
    const { in_flight, waiting } = lane;
    this.forgetFlight(lane);
    lane.waiting = null;
    this.lanes_.delete(registerId(lane.name));
    const newest = waiting ?? in_flight;
    if (newest === null) return;
    for (const pending of [in_flight, waiting]) if (pending !== null) rejectPending(pending, error);
    const settled = this.options_.confirmed.find(lane.name)?.value ?? null;
    this.options_.onShown(lane.name);
    this.options_.onRefused({ name: lane.name, refused: newest.intent.value, settled, error });
  }

  private forgetFlight(lane: Lane): void {
    if (lane.in_flight?.ids) this.lane_of_frame_.delete(lane.in_flight.ids.frame_id);
    lane.in_flight = null;
  }

  private laneOf(intent: Intent): Lane {
    const id = registerId(intent);
    const known = this.lanes_.get(id);
    if (known !== undefined) return known;
    const name = { scope: intent.scope, target: intent.target, key: intent.key };
    const kind = kindOf(intent) === "alias" ? "alias" : "value";
    const version = this.options_.confirmed.versionOf(name);
    const base = this.running_ || version === 0 ? null : version;
    const lane: Lane = { name, kind, in_flight: null, waiting: null, last_sent_ms: -Infinity, held_until_ms: -Infinity, base, guard: null };
    this.lanes_.set(id, lane);
    return lane;
  }

  private now(): number {
    return (this.options_.now ?? (() => performance.now()))();
  }
}

/** A camera key is a movement; `volume` stands for the first image layer and names no register of its own. */
function kindOf({ scope, key }: Intent): Kind {
  if (scope === "camera" || (scope === "dims" && key === "step")) return "movement";
  return scope === "volume" ? "alias" : "value";
}

/** interaction_id is random in each client and client_seq never repeats in one, so together they name one update. */
function madeBy(register: Register, pending: Pending): boolean {
  const { interaction_id } = pending.intent;
  return interaction_id !== undefined && register.interaction_id === interaction_id && register.client_seq === pending.ids?.client_seq;
}

function nameOf({ scope, target, key }: RegisterName): string {
  return `${scope} ${target} ${key}`;
}
