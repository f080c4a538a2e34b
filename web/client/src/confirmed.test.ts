import { beforeEach, describe, expect, test } from "vitest";
import { ConfirmedState } from "./confirmed.js";
import type { Json, Register } from "./types.js";

const z = { scope: "dims", target: "z", key: "index" };
const t = { scope: "dims", target: "t", key: "index" };
const register = (name: typeof z, value: Json, version: number): Register => ({ ...name, value, version });
const gone = (name: typeof z, version: number): Register => ({ ...register(name, null, version), gone: true });

let state: ConfirmedState;
const shown = () => state.find(z)?.value;

beforeEach(() => {
  state = new ConfirmedState();
  state.applySnapshot({ history_id: "H", server_seq: 10, registers: [register(z, 5, 3), register(t, 0, 1)] });
});

describe("versions", () => {
  test("WP8 a commit that an ack overtook does not bring the old value back", () => {
    expect(state.confirm(register(z, 7, 12))).toBe(true);
    const outcome = state.applyCommit({ from: 10, server_seq: 11, registers: [register(z, 6, 11)] });
    expect(outcome).toEqual({ gap: false, changed: [] });
    expect(shown()).toBe(7);
  });

  test("the commit of an acked version adds who made it, and is no change", () => {
    state.confirm(register(z, 7, 12));
    const commit = { from: 10, server_seq: 12, registers: [{ ...register(z, 7, 12), actor: "Ada" }] };
    expect(state.applyCommit(commit)).toEqual({ gap: false, changed: [] });
    expect(state.find(z)?.actor).toBe("Ada");
  });

  test("an ack of a value that was there already takes nothing from the register", () => {
    state.applyCommit({ from: 10, server_seq: 11, registers: [{ ...register(z, 6, 11), actor: "Bob" }] });
    expect(state.confirm(register(z, 6, 11))).toBe(false);
    expect(state.find(z)?.actor).toBe("Bob");
  });
});

describe("commits", () => {
  test("WP15 a gap is told and nothing of it applied", () => {
    expect(state.applyCommit({ from: 11, server_seq: 12, registers: [register(z, 1, 12)] })).toEqual({ gap: true });
    expect(shown()).toBe(5);
    expect(state.serverSeq).toBe(10);
    expect(new ConfirmedState().applyCommit({ from: 0, server_seq: 1, registers: [] })).toEqual({ gap: true });
  });

  test("a commit that overlaps what is here is applied", () => {
    state.applyCommit({ from: 8, server_seq: 12, registers: [register(z, 1, 12)] });
    expect(shown()).toBe(1);
    expect(state.since).toEqual({ history_id: "H", server_seq: 12 });
  });

  test("gone removes, and an older value does not bring it back", () => {
    state.applyCommit({ from: 10, server_seq: 12, registers: [gone(z, 12)] });
    expect(shown()).toBeUndefined();
    expect(state.versionOf(z)).toBe(12);
    expect([...state.all()].map((r) => r.target)).toEqual(["t"]);
    state.applyCommit({ from: 12, server_seq: 13, registers: [register(z, 5, 3)] });
    expect(shown()).toBeUndefined();
    state.applyCommit({ from: 13, server_seq: 14, registers: [register(z, 8, 14)] });
    expect(shown()).toBe(8);
  });
});

describe("snapshots", () => {
  test("replace everything, and what is not in them is gone", () => {
    const outcome = state.applySnapshot({ history_id: "H", server_seq: 20, registers: [register(z, 9, 15)] });
    expect(outcome).toEqual({ fresh: false, changed: [gone(t, 20), register(z, 9, 15)] });
    expect(state.since).toEqual({ history_id: "H", server_seq: 20 });
    expect(state.find(t)).toBeUndefined();
  });

  test("one that says nothing new changes nothing", () => {
    const outcome = state.applySnapshot({ history_id: "H", server_seq: 10, registers: [register(z, 5, 3), register(t, 0, 1)] });
    expect(outcome.changed).toEqual([]);
  });

  test("of a new history, they win over higher versions of the old one", () => {
    const outcome = state.applySnapshot({ history_id: "NEW", server_seq: 2, registers: [register(z, 1, 1)] });
    expect(outcome.fresh).toBe(true);
    expect(outcome.changed.map((r) => [r.target, r.gone === true])).toEqual([
      ["t", true],
      ["z", false],
    ]);
    expect(shown()).toBe(1);
    expect(state.versionOf(t)).toBe(0);
  });

  test("a new history wins also where what is known was to be forgotten", () => {
    state.forgetHistory();
    expect(state.since).toBeUndefined();
    expect(state.applyCommit({ from: 10, server_seq: 12, registers: [] })).toEqual({ gap: true });
    expect(state.applySnapshot({ history_id: "NEW", server_seq: 2, registers: [register(z, 1, 1)] }).fresh).toBe(true);
    expect(shown()).toBe(1);
  });

  test("a value acknowledged after the snapshot was taken stays", () => {
    state.confirm(register(z, 7, 12));
    state.applySnapshot({ history_id: "H", server_seq: 11, registers: [register(z, 6, 11), register(t, 0, 1)] });
    expect(shown()).toBe(7);
  });
});
