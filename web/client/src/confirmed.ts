// The confirmed half of what a client knows: every register as the server last told it.
//
//   nd.snapshot / nd.commit / ack.state ─► ConfirmedState ─► what is shown, after one's own pending values (outbox.ts)
//
// A register is replaced only by a version at least as high: a commit that an ack overtook changes nothing (the ack
// precedes the broadcast of its effect, WP8). A removed register stays as a tombstone with its version, so that an older
// value cannot bring it back.

import { registerId, type Commit, type Register, type RegisterName, type Since, type Snapshot } from "./types.js";

/** `gap`: commits between ours and this one are missing (WP15), so the state must be asked for anew. */
export type CommitOutcome = { gap: true } | { gap: false; changed: Register[] };

export interface SnapshotOutcome {
  /** Registers whose version rose, that came, or that went (`gone`). */
  changed: Register[];
  /** The server's history is another one: no version from before means anything now. */
  fresh: boolean;
}

export class ConfirmedState {
  private readonly registers_ = new Map<string, Register>();
  private history_id_: string | null = null;
  private server_seq_ = 0;
  private resumable_ = false;

  /** The server_seq up to which every commit is here; 0 before the first snapshot. */
  get serverSeq(): number {
    return this.server_seq_;
  }

  get historyId(): string | null {
    return this.history_id_;
  }

  /** What is known is of no use at reconnection: the next hello asks for everything. */
  forgetHistory(): void {
    this.resumable_ = false;
  }

  /** To offer at reconnection; absent before the first snapshot, and when it was forgotten. */
  get since(): Since | undefined {
    return this.history_id_ === null || !this.resumable_ ? undefined : { history_id: this.history_id_, server_seq: this.server_seq_ };
  }

  /** Absent when it never was, or was removed. */
  find(name: RegisterName): Register | undefined {
    const register = this.registers_.get(registerId(name));
    return register?.gone === true ? undefined : register;
  }

  /** Also of a removed register; 0 when it never was. */
  versionOf(name: RegisterName): number {
    return this.registers_.get(registerId(name))?.version ?? 0;
  }

  /** Removed ones left out; in no particular order. */
  *all(): IterableIterator<Register> {
    for (const register of this.registers_.values()) if (register.gone !== true) yield register;
  }

  /** Replaces everything that is not newer than the snapshot. */
  applySnapshot(snapshot: Snapshot): SnapshotOutcome {
    const fresh = this.history_id_ !== null && this.history_id_ !== snapshot.history_id;
    const before = new Map(this.registers_);
    for (const [id, register] of before) {
      // An ack may have told of a version that the snapshot was taken too early to know.
      if (fresh || register.version <= snapshot.server_seq) this.registers_.delete(id);
    }
    this.history_id_ = snapshot.history_id;
    this.resumable_ = true;
    this.server_seq_ = snapshot.server_seq;
    for (const register of snapshot.registers) this.replace(register);
    return { changed: [...this.differences(before, snapshot.server_seq, fresh)], fresh };
  }

  applyCommit(commit: Commit): CommitOutcome {
    if (!this.resumable_ || commit.from > this.server_seq_) return { gap: true };
    const changed = commit.registers.filter((register) => this.replace(register));
    this.server_seq_ = Math.max(this.server_seq_, commit.server_seq);
    return { gap: false, changed };
  }

  /** From an ack, which says less of a change than its commit does. Returns whether the version rose. */
  confirm(register: Register): boolean {
    return this.versionOf(register) < register.version && this.replace(register);
  }

  private replace(register: Register): boolean {
    const id = registerId(register);
    const known = this.registers_.get(id);
    if (known !== undefined && known.version > register.version) return false;
    this.registers_.set(id, register);
    return known === undefined || known.version < register.version;
  }

  private *differences(before: Map<string, Register>, server_seq: number, fresh: boolean): Iterable<Register> {
    for (const [id, register] of before) {
      if (register.gone === true || this.registers_.has(id)) continue;
      // The snapshot does not say when it went; not before what we knew of it.
      const gone: Register = { ...name(register), value: null, version: Math.max(register.version, server_seq), gone: true };
      if (!fresh) this.registers_.set(id, gone);
      yield gone;
    }
    for (const [id, register] of this.registers_) {
      const known = before.get(id);
      if (register.gone === true) continue;
      if (fresh || known === undefined || known.gone === true || known.version < register.version) yield register;
    }
  }
}

function name(register: Register): RegisterName {
  return { scope: register.scope, target: register.target, key: register.key };
}
