// What this client knows of the room: confirmed registers, its own values on their way, and what to show.
//
//   nd.snapshot / nd.commit / ack.state ─► confirmed ┐
//   a finger on a slider ─► draft ─► pending ────────┴─► projection ─► ui
//
//   ledger.stage(name, 12);                       // the slider moves: shown at once
//   ledger.sent(name, frame_id, 12);              // its state.update left
//   ledger.acknowledge(ack);                      // settles on the server's value, or returns to the confirmed one
//
// The projection of a register is the draft, else the newest pending value, else the confirmed one. A confirmed value
// is replaced only by one of a version at least as high, so a commit that was overtaken by an ack changes nothing.

import type { Ack, Commit, Json, Register, RegisterName, Since, Snapshot, WireError } from "../protocol/types";

export interface Confirmed extends Register {
  gone: boolean;
}

interface Pending {
  name: RegisterName;
  value: Json;
  /** False for deltas (pan, zoom, step …): they name no register, so they predict and confirm none. */
  predicts: boolean;
}

export interface Refusal {
  name: RegisterName;
  refused: Json;
  /** What is shown again. */
  settled: Json;
  error: WireError;
}

export type ChangeListener = (name: RegisterName, projection: Json | undefined) => void;

/** What a commit met: `gap` says that commits between ours and it are missing (WP15), so the state must be asked for anew. */
export type CommitOutcome = "applied" | "gap";

export class RegisterLedger {
  private readonly confirmed_ = new Map<string, Confirmed>();
  private readonly drafts_ = new Map<string, { name: RegisterName; value: Json }>();
  /** Per register, oldest first. */
  private readonly pending_ = new Map<string, Map<string, Pending>>();
  private readonly register_of_frame_ = new Map<string, string>();
  private readonly listeners_ = new Set<ChangeListener>();
  private history_id_: string | null = null;
  private server_seq_ = 0;

  /** The server_seq up to which every commit is here; 0 before the first snapshot. */
  get serverSeq(): number {
    return this.server_seq_;
  }

  /** To offer at reconnection; absent before the first snapshot. */
  get since(): Since | undefined {
    return this.history_id_ === null ? undefined : { history_id: this.history_id_, server_seq: this.server_seq_ };
  }

  onChange(listener: ChangeListener): () => void {
    this.listeners_.add(listener);
    return () => this.listeners_.delete(listener);
  }

  projection(scope: string, target: string, key: string): Json | undefined {
    const id = registerId({ scope, target, key });
    const draft = this.drafts_.get(id);
    if (draft !== undefined) return draft.value;
    const newest = newestPrediction(this.pending_.get(id));
    if (newest !== undefined) return newest.value;
    return this.confirmed(scope, target, key)?.value;
  }

  confirmed(scope: string, target: string, key: string): Confirmed | undefined {
    const register = this.confirmed_.get(registerId({ scope, target, key }));
    return register === undefined || register.gone ? undefined : register;
  }

  /** Every confirmed register, removed ones left out; in no particular order. */
  *registers(): Iterable<Confirmed> {
    for (const register of this.confirmed_.values()) if (!register.gone) yield register;
  }

  pendingCount(name: RegisterName): number {
    return this.pending_.get(registerId(name))?.size ?? 0;
  }

  /** Shows `value` before it is sent. */
  stage(name: RegisterName, value: Json): void {
    this.drafts_.set(registerId(name), { name, value });
    this.notify(name);
  }

  /** The state.update `frame_id` left with `value`. The draft stays only when the finger moved on meanwhile. */
  sent(name: RegisterName, frame_id: string, value: Json, predicts = true): void {
    const id = registerId(name);
    const pending = this.pending_.get(id) ?? new Map<string, Pending>();
    pending.set(frame_id, { name, value, predicts });
    this.pending_.set(id, pending);
    this.register_of_frame_.set(frame_id, id);
    if (predicts && sameJson(this.drafts_.get(id)?.value, value)) this.drafts_.delete(id);
    if (predicts) this.notify(name);
  }

  /** Returns the refusal when the server did not take the value; null when it did, or when the ack is not ours. */
  acknowledge(ack: Ack): Refusal | null {
    const id = this.register_of_frame_.get(ack.in_reply_to);
    const pending = id === undefined ? undefined : this.pending_.get(id);
    const entry = pending?.get(ack.in_reply_to);
    if (id === undefined || pending === undefined || entry === undefined) return null;
    pending.delete(ack.in_reply_to);
    if (pending.size === 0) this.pending_.delete(id);
    this.register_of_frame_.delete(ack.in_reply_to);
    const { name, value, predicts } = entry;
    if (ack.status === "accepted") {
      if (predicts) this.confirm({ ...name, value: ack.applied_value, version: ack.version });
      if (predicts) this.notify(name);
      return null;
    }
    this.notify(name);
    return { name, refused: value, settled: this.projection(name.scope, name.target, name.key) ?? null, error: ack.error };
  }

  /** Replaces everything that is not newer than the snapshot. */
  applySnapshot(snapshot: Snapshot): void {
    const same_history = this.history_id_ === snapshot.history_id;
    const listed = new Set(snapshot.registers.map(registerId));
    const removed: Confirmed[] = [];
    for (const [id, register] of this.confirmed_) {
      if (same_history && register.version > snapshot.server_seq) continue;
      this.confirmed_.delete(id);
      if (!listed.has(id) && !register.gone) removed.push(register);
    }
    this.history_id_ = snapshot.history_id;
    this.server_seq_ = snapshot.server_seq;
    for (const register of snapshot.registers) this.confirm(register);
    for (const register of removed) this.notify(register);
    for (const register of snapshot.registers) this.notify(register);
  }

  applyCommit(commit: Commit): CommitOutcome {
    if (this.history_id_ === null || commit.from > this.server_seq_) return "gap";
    // One flush is one step for the reader too: all values are in before anyone is told.
    for (const register of commit.registers) this.confirm(register);
    this.server_seq_ = Math.max(this.server_seq_, commit.server_seq);
    for (const register of commit.registers) this.notify(register);
    return "applied";
  }

  /** The connection went: nothing that was under way will be answered. The confirmed state stays on show. */
  forgetPending(): void {
    const names = [...this.drafts_.values()].map((draft) => draft.name);
    for (const pending of this.pending_.values()) for (const entry of pending.values()) names.push(entry.name);
    this.drafts_.clear();
    this.pending_.clear();
    this.register_of_frame_.clear();
    for (const name of names) this.notify(name);
  }

  private confirm(register: Register): void {
    const id = registerId(register);
    const known = this.confirmed_.get(id);
    if (known !== undefined && known.version > register.version) return;
    this.confirmed_.set(id, { ...register, gone: register.gone === true });
  }

  private notify(name: RegisterName): void {
    const projection = this.projection(name.scope, name.target, name.key);
    for (const listener of this.listeners_) listener(name, projection);
  }
}

export function registerId(name: RegisterName): string {
  return `${name.scope}\n${name.target}\n${name.key}`;
}

function newestPrediction(pending: Map<string, Pending> | undefined): Pending | undefined {
  let newest: Pending | undefined;
  for (const entry of pending?.values() ?? []) if (entry.predicts) newest = entry;
  return newest;
}

function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
