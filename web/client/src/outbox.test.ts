import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConfirmedState } from "./confirmed.js";
import { FrameWriter, type UpdateIds } from "./frames.js";
import { kMovementsInFlight } from "./movements.js";
import { Outbox } from "./outbox.js";
import { kFlushIntervalMs, type Applied, type Refusal } from "./pending.js";
import type { Intent, Json, Phase, Register } from "./types.js";

interface Sent {
  intent: Intent;
  ids: UpdateIds;
  base_version: number | undefined;
}

let sent: Sent[];
let refusals: Refusal[];
let confirmed: ConfirmedState;
let outbox: Outbox;

const name = { scope: "dims", target: "z", key: "index" };
const gesture = "g-1";
const z = (value: Json, phase?: Phase): Intent => ({ ...name, value, phase, interaction_id: gesture });
const pan = (dx_px: number, dy_px = 0): Intent => ({ scope: "camera", target: "main", key: "pan", value: { dx_px, dy_px } });
const zoom = (factor: number, at: number): Intent => ({ scope: "camera", target: "main", key: "zoom", value: { factor, anchor_px: [at, at] } });
const values = () => sent.map((s) => s.intent.value);
const shown = () => outbox.pendingValue(name)?.value ?? confirmed.find(name)?.value;
const last = () => sent.at(-1) as Sent;

function accept(which: Sent, applied_value: Json = which.intent.value, version = 20): void {
  outbox.acknowledge({ intent_id: which.ids.intent_id, in_reply_to: which.ids.frame_id, status: "accepted", applied_value, version });
}
function refuse(which: Sent, code = "state.invalid", details: Json = null): void {
  outbox.acknowledge({ intent_id: which.ids.intent_id, in_reply_to: which.ids.frame_id, status: "rejected", error: { code, message: "no", details } });
}
/** What a commit or the state of a new session brings. */
function told(register: Partial<Register> & { value: Json; version: number }): Register {
  const whole: Register = { ...name, ...register };
  confirmed.applyCommit({ from: confirmed.serverSeq, server_seq: Math.max(confirmed.serverSeq, register.version), registers: [whole] });
  return whole;
}
const outcome = (promise: Promise<Applied>) => promise.then((applied) => applied.value, (error: { code: string }) => error.code);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  refusals = [];
  confirmed = new ConfirmedState();
  confirmed.applySnapshot({ history_id: "H", server_seq: 10, registers: [{ ...name, value: 5, version: 3 }] });
  const writer = new FrameWriter();
  outbox = new Outbox({
    transmit: (intent, ids, base_version) => sent.push({ intent, ids, base_version }),
    nextIds: () => writer.updateIds(),
    confirmed,
    onConfirmed: (register) => confirmed.confirm(register),
    onShown: () => undefined,
    onRefused: (refusal) => refusals.push(refusal),
    now: () => Date.now(),
  });
  outbox.resume(false);
});
afterEach(() => vi.useRealTimers());

describe("one value", () => {
  test("is shown at once and settles on what the server applied", async () => {
    const applied = outbox.put(z(99));
    expect(shown()).toBe(99);
    accept(last(), 42, 11);
    expect(shown()).toBe(42);
    expect(await applied).toEqual({ value: 42, version: 11, server_seq: 11 });
    expect(outbox.size).toBe(0);
  });

  test("a refused one returns, and the refusal says what was refused", async () => {
    const applied = outbox.put(z(99));
    refuse(last());
    expect(shown()).toBe(5);
    await expect(applied).rejects.toMatchObject({ name: "UpdateError", code: "state.invalid", message: "no" });
    expect(refusals).toMatchObject([{ name, refused: 99, settled: 5, error: { code: "state.invalid" } }]);
  });

  test("a stale one settles on the newer value of somebody else", () => {
    void outbox.put(z(6));
    outbox.told([told({ value: 8, version: 11 })]);
    expect(shown()).toBe(6);
    refuse(last(), "state.stale");
    expect(shown()).toBe(8);
  });

  test("its own commit settles it too, and the ack that follows changes nothing", async () => {
    const applied = outbox.put(z(6));
    outbox.told([told({ value: 6, version: 11, intent_id: last().ids.intent_id })]);
    expect(await outcome(applied)).toBe(6);
    expect(outbox.size).toBe(0);
    accept(last(), 7, 11);
    expect(shown()).toBe(6);
  });

  test("a removed register takes it along", async () => {
    const applied = outbox.put(z(6));
    const waits = outbox.put(z(7));
    outbox.told([told({ value: null, version: 11, gone: true })]);
    expect(await outcome(applied)).toBe("update.gone");
    expect(await outcome(waits)).toBe("update.gone");
    expect(shown()).toBeUndefined();
    accept(sent[0] as Sent, 6, 12);
    expect(shown()).toBeUndefined();
  });

  test("an alias names no register: nothing is shown of it, nothing confirmed", async () => {
    const applied = outbox.put({ scope: "volume", target: "main", key: "opacity", value: 0.5 });
    expect(outbox.pendingValue({ scope: "volume", target: "main", key: "opacity" })).toBeUndefined();
    accept(last(), 0.5, 11);
    expect(await outcome(applied)).toBe(0.5);
    expect(confirmed.find({ scope: "volume", target: "main", key: "opacity" })).toBeUndefined();
  });

  test("rate.limited: it waits as long as the server says, then leaves again as another update", async () => {
    const applied = outbox.put(z(6));
    refuse(last(), "rate.limited", { retry_after_ms: 300 });
    expect(shown()).toBe(6);
    vi.advanceTimersByTime(299);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.ids.client_seq).toBeGreaterThan(sent[0]?.ids.client_seq ?? 0);
    accept(last(), 6, 11);
    expect(await outcome(applied)).toBe(6);
    expect(refusals).toEqual([]);
  });

  test("rate.limited for good, after some patience", async () => {
    const applied = outbox.put(z(6));
    for (let i = 0; i < 20 && outbox.size > 0; ++i) {
      refuse(last(), "rate.limited");
      vi.advanceTimersByTime(300);
    }
    expect(await outcome(applied)).toBe("rate.limited");
    expect(sent.length).toBe(9);
  });
});

describe("many values", () => {
  test("one is in flight, the newest waits, those between settle as it does", async () => {
    const all = [1, 2, 3, 4].map((value) => outbox.put(z(value)));
    expect(values()).toEqual([1]);
    expect(shown()).toBe(4);
    accept(last(), 1, 11);
    expect(values()).toEqual([1, 4]);
    expect(shown()).toBe(4);
    accept(last(), 3.5, 12);
    expect(await Promise.all(all.map(outcome))).toEqual([1, 3.5, 3.5, 3.5]);
    expect(shown()).toBe(3.5);
  });

  test("a refusal of the older leaves the newer on show", () => {
    void outbox.put(z(6));
    void outbox.put(z(7));
    refuse(last());
    expect(shown()).toBe(7);
    expect(refusals[0]).toMatchObject({ refused: 6, settled: 7 });
    expect(values()).toEqual([6, 7]);
  });

  test("a second of dragging at 1 kHz makes at most 60 updates, the last value among them", () => {
    for (let i = 0; i < 1000; ++i) {
      void outbox.put(z(i, i === 0 ? "start" : "update"));
      if (outbox.size > 0 && sent.length > 0) accept(last(), last().intent.value, 10 + i);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.length).toBeLessThanOrEqual(60);
    expect(values().at(-1)).toBe(999);
  });

  test("a start that an update overtakes still starts; a commit leaves as soon as nothing is in flight", () => {
    void outbox.put(z(0));
    void outbox.put(z(1, "start"));
    void outbox.put(z(2, "update"));
    accept(last());
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(last().intent).toMatchObject({ value: 2, phase: "start" });
    void outbox.put(z(3, "update"));
    void outbox.put(z(4, "commit"));
    accept(last());
    expect(last().intent).toMatchObject({ value: 4, phase: "commit" });
  });

  test("registers do not wait for each other", () => {
    void outbox.put(z(1));
    void outbox.put({ ...z(2), target: "t" });
    expect(values()).toEqual([1, 2]);
  });
});

describe("WP11 movements fold, none is lost", () => {
  test("pans and orbits and steps add, zooms about one anchor multiply", async () => {
    void outbox.put(pan(1));
    sent.length = 0;
    const both = [outbox.put(pan(1, 2)), outbox.put(pan(3, -1))];
    void outbox.put(zoom(2, 5));
    void outbox.put(zoom(3, 5));
    for (const step of [2, -5]) void outbox.put({ scope: "dims", target: "z", key: "step", value: step });
    for (const turn of [1, 2]) void outbox.put({ scope: "camera", target: "main", key: "orbit", value: { d_az_deg: turn, d_el_deg: 0.5 } });
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(values()).toEqual([{ dx_px: 4, dy_px: 1 }, { factor: 6, anchor_px: [5, 5] }, -3, { d_az_deg: 3, d_el_deg: 1 }]);
    accept(sent[0] as Sent, null, 77);
    expect(await Promise.all(both)).toEqual([1, 2].map(() => ({ value: null, version: 77, camera_seq: 77 })));
  });

  test("what cannot fold keeps its order", () => {
    void outbox.put(pan(1));
    sent.length = 0;
    for (const movement of [zoom(2, 1), zoom(2, 2), pan(1), zoom(2, 2)]) void outbox.put(movement);
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.map((s) => s.intent.key)).toEqual(["zoom", "zoom", "pan", "zoom"]);
  });

  test("with many unanswered, further ones wait and fold", () => {
    for (let i = 0; i < 100; ++i) {
      void outbox.put(pan(1));
      vi.advanceTimersByTime(kFlushIntervalMs);
    }
    expect(sent).toHaveLength(kMovementsInFlight);
    for (const one of [...sent]) accept(one, null, 1);
    vi.advanceTimersByTime(kFlushIntervalMs);
    const total = values().reduce((sum: number, value) => sum + (value as { dx_px: number }).dx_px, 0);
    expect(total).toBe(100);
  });

  test("predict and confirm nothing", () => {
    void outbox.put(pan(1));
    expect(outbox.pendingValue({ scope: "camera", target: "main", key: "pan" })).toBeUndefined();
    accept(last(), null, 900);
    expect([...confirmed.all()]).toHaveLength(1);
  });
});

describe("a lost connection", () => {
  test("nobody changed the register: the unanswered update is sent again as it was, guarded, and once", async () => {
    const applied = outbox.put(z(6));
    const first = last();
    outbox.suspend();
    vi.advanceTimersByTime(5000);
    expect(shown()).toBe(6);
    outbox.resume(false);
    expect(sent).toHaveLength(2);
    expect(last()).toEqual({ ...first, base_version: 3 });
    accept(last(), 6, 11);
    expect(await outcome(applied)).toBe(6);
  });

  test("our own update was applied before the loss: it settles, and is not sent again", async () => {
    const applied = outbox.put(z(600));
    const { ids } = last();
    outbox.suspend();
    told({ value: 235, version: 11, interaction_id: gesture, client_seq: ids.client_seq });
    outbox.resume(false);
    expect(sent).toHaveLength(1);
    expect(await applied).toMatchObject({ value: 235, version: 11 });
    expect(shown()).toBe(235);
  });

  test("… and what is set afterwards is an ordinary update, whoever wrote in between", () => {
    void outbox.put(z(6));
    const { ids } = last();
    outbox.suspend();
    told({ value: 6, version: 11, interaction_id: gesture, client_seq: ids.client_seq });
    outbox.resume(false);
    outbox.told([told({ value: 8, version: 12, actor: "Bob" })]);
    void outbox.put(z(9));
    expect(last()).toMatchObject({ intent: { value: 9 }, base_version: undefined });
  });

  test("… and the last value of the gesture follows it", () => {
    void outbox.put(z(1, "start"));
    const { ids } = last();
    void outbox.put(z(2, "update"));
    outbox.suspend();
    void outbox.put(z(3, "update"));
    told({ value: 1, version: 11, interaction_id: gesture, client_seq: ids.client_seq });
    outbox.resume(false);
    expect(values()).toEqual([1, 3]);
    expect(last().base_version).toBe(11);
    accept(last(), 3, 12);
    void outbox.put(z(4, "commit"));
    expect(last()).toMatchObject({ intent: { value: 4 }, base_version: undefined });
  });

  test("somebody else changed it: theirs stands, ours are refused", async () => {
    const both = [outbox.put(z(1)), outbox.put(z(2))];
    outbox.suspend();
    told({ value: 8, version: 12, actor: "Bob", interaction_id: "other", client_seq: 1 });
    outbox.resume(false);
    expect(await Promise.all(both.map(outcome))).toEqual(["update.overtaken", "update.overtaken"]);
    expect(refusals[0]?.error.message).toContain("Bob");
    expect(shown()).toBe(8);
    expect(sent).toHaveLength(1);
    // The session is as good as new: the next value is an ordinary one.
    void outbox.put(z(9));
    expect(last()).toMatchObject({ intent: { value: 9 }, base_version: undefined });
  });

  test("somebody else changed it to the same value: as good as applied", async () => {
    const both = [outbox.put(z(1)), outbox.put(z(8))];
    outbox.suspend();
    told({ value: 8, version: 12 });
    outbox.resume(false);
    expect(await Promise.all(both.map(outcome))).toEqual([8, 8]);
    expect(sent).toHaveLength(1);
  });

  test("what somebody changed before the loss is no reason to give up", () => {
    void outbox.put(z(6));
    outbox.told([told({ value: 8, version: 11 })]);
    outbox.suspend();
    outbox.resume(false);
    expect(last()).toMatchObject({ intent: { value: 6 }, base_version: 11 });
  });

  test("somebody was quicker even than the repetition: the server refuses it", async () => {
    const applied = outbox.put(z(6));
    outbox.suspend();
    outbox.resume(false);
    refuse(last(), "state.stale");
    expect(await outcome(applied)).toBe("state.stale");
  });

  test("WP9 several registers: what is sent again goes in the old order, and what is set meanwhile after it", () => {
    void outbox.put(z(1));
    accept(last(), 1, 11);
    void outbox.put({ ...z(2), target: "t" });
    void outbox.put(z(3));
    void outbox.put({ ...z(4), target: "c" });
    outbox.suspend();
    void outbox.put({ ...z(5), target: "b" });
    sent.length = 0;
    outbox.resume(false);
    expect(values()).toEqual([2, 3, 4, 5]);
    expect(sent.map((s) => s.ids.client_seq)).toEqual([2, 3, 4, 5]);
  });

  test("removed meanwhile: refused", async () => {
    const applied = outbox.put(z(6));
    outbox.suspend();
    told({ value: null, version: 12, gone: true });
    outbox.resume(false);
    expect(await outcome(applied)).toBe("update.gone");
  });

  test("another history: everything is refused", async () => {
    const all = [outbox.put(z(6)), outbox.put(z(7))];
    outbox.suspend();
    confirmed.applySnapshot({ history_id: "NEW", server_seq: 2, registers: [{ ...name, value: 0, version: 1 }] });
    outbox.resume(true);
    expect(await Promise.all(all.map(outcome))).toEqual(["update.history_changed", "update.history_changed"]);
    expect(shown()).toBe(0);
    expect(sent).toHaveLength(1);
  });

  test("a second loss before the state came changes nothing", () => {
    void outbox.put(z(6));
    outbox.suspend();
    outbox.suspend();
    outbox.resume(false);
    expect(values()).toEqual([6, 6]);
    outbox.suspend();
    outbox.resume(false);
    expect(values()).toEqual([6, 6, 6]);
    expect(new Set(sent.map((s) => s.ids.frame_id)).size).toBe(1);
  });

  test("a movement is never sent twice, nor kept for later", async () => {
    const on_its_way = outbox.put(pan(1));
    const waits = outbox.put(pan(2));
    outbox.suspend();
    const without = outbox.put(pan(3));
    outbox.resume(false);
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(1);
    expect(await Promise.all([on_its_way, waits, without].map(outcome))).toEqual(["update.lost", "update.not_sent", "update.not_sent"]);
  });

  test("a value set before the very first state is sent, whatever that state says", () => {
    const early = new Outbox({
      transmit: (intent, ids, base_version) => sent.push({ intent, ids, base_version }),
      nextIds: () => new FrameWriter().updateIds(),
      confirmed: new ConfirmedState(),
      onConfirmed: () => undefined,
      onShown: () => undefined,
      onRefused: () => undefined,
    });
    void early.put(z(6));
    early.resume(false);
    expect(values()).toEqual([6]);
  });
});
