import { beforeEach, describe, expect, test } from "vitest";
import type { Ack, Json, Register } from "../protocol/types";
import { RegisterLedger } from "./register_ledger";

const z = { scope: "dims", target: "z", key: "index" };
const t = { scope: "dims", target: "t", key: "index" };
const register = (name: typeof z, value: Json, version: number): Register => ({ ...name, value, version });
const accepted = (frame: string, applied_value: Json, version: number): Ack => ({
  intent_id: "i",
  in_reply_to: frame,
  status: "accepted",
  applied_value,
  version,
});
const rejected = (frame: string, code = "state.invalid"): Ack => ({
  intent_id: "i",
  in_reply_to: frame,
  status: "rejected",
  error: { code, message: "no" },
});

let ledger: RegisterLedger;
const shown = () => ledger.projection("dims", "z", "index");

beforeEach(() => {
  ledger = new RegisterLedger();
  ledger.applySnapshot({ history_id: "H", server_seq: 10, registers: [register(z, 5, 3), register(t, 0, 1)] });
});

describe("own values", () => {
  test("are shown at once and settle on what the server applied", () => {
    ledger.stage(z, 99);
    expect(shown()).toBe(99);
    ledger.sent(z, "f1", 99);
    expect(shown()).toBe(99);
    ledger.acknowledge(accepted("f1", 42, 11));
    expect(shown()).toBe(42);
    expect(ledger.confirmed("dims", "z", "index")?.version).toBe(11);
  });

  test("the newest one on its way is shown until the last is answered", () => {
    ledger.stage(z, 6);
    ledger.sent(z, "f1", 6);
    ledger.stage(z, 7);
    ledger.sent(z, "f2", 7);
    ledger.acknowledge(accepted("f1", 6, 11));
    expect(shown()).toBe(7);
    ledger.acknowledge(accepted("f2", 7, 12));
    expect(shown()).toBe(7);
  });

  test("a refused value returns, and the refusal says what was refused", () => {
    ledger.stage(z, 99);
    ledger.sent(z, "f1", 99);
    const refusal = ledger.acknowledge(rejected("f1"));
    expect(shown()).toBe(5);
    expect(refusal).toMatchObject({ name: z, refused: 99, settled: 5, error: { code: "state.invalid" } });
  });

  test("a stale one settles on the newer value of somebody else", () => {
    ledger.stage(z, 6);
    ledger.sent(z, "f1", 6);
    ledger.applyCommit({ from: 10, server_seq: 11, registers: [register(z, 8, 11)] });
    expect(shown()).toBe(6);
    ledger.acknowledge(rejected("f1", "state.stale"));
    expect(shown()).toBe(8);
  });

  test("a refusal of an older one leaves the newer on show", () => {
    ledger.stage(z, 6);
    ledger.sent(z, "f1", 6);
    ledger.stage(z, 7);
    ledger.sent(z, "f2", 7);
    ledger.acknowledge(rejected("f1"));
    expect(shown()).toBe(7);
  });

  test("WP11 an ack of a camera delta confirms no register", () => {
    const pan = { scope: "camera", target: "main", key: "pan" };
    ledger.sent(pan, "f1", { dx_px: 1, dy_px: 0 }, false);
    expect(ledger.projection("camera", "main", "pan")).toBeUndefined();
    ledger.acknowledge(accepted("f1", null, 900));
    expect(ledger.projection("camera", "main", "pan")).toBeUndefined();
  });

  test("an ack of something not ours changes nothing", () => {
    expect(ledger.acknowledge(accepted("other", 1, 99))).toBeNull();
    expect(shown()).toBe(5);
  });

  test("are forgotten with the connection", () => {
    ledger.stage(z, 6);
    ledger.sent(z, "f1", 6);
    ledger.stage(t, 3);
    ledger.forgetPending();
    expect(shown()).toBe(5);
    expect(ledger.projection("dims", "t", "index")).toBe(0);
    expect(ledger.acknowledge(accepted("f1", 6, 11))).toBeNull();
  });
});

describe("versions", () => {
  test("WP8 a commit that an ack overtook does not bring the old value back", () => {
    ledger.stage(z, 7);
    ledger.sent(z, "f1", 7);
    ledger.acknowledge(accepted("f1", 7, 12));
    ledger.applyCommit({ from: 10, server_seq: 11, registers: [register(z, 6, 11)] });
    expect(shown()).toBe(7);
  });

  test("an ack of an identical value, with the register's old version, confirms it", () => {
    ledger.stage(z, 5);
    ledger.sent(z, "f1", 5);
    ledger.acknowledge(accepted("f1", 5, 3));
    expect(shown()).toBe(5);
  });
});

describe("commits and snapshots", () => {
  test("a commit is one step for its reader", () => {
    const seen: Json[] = [];
    ledger.onChange(() => seen.push([shown() ?? null, ledger.projection("dims", "t", "index") ?? null]));
    ledger.applyCommit({ from: 10, server_seq: 12, registers: [register(z, 1, 11), register(t, 2, 12)] });
    expect(seen).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(ledger.serverSeq).toBe(12);
  });

  test("WP15 a gap is told and nothing of it applied", () => {
    expect(ledger.applyCommit({ from: 11, server_seq: 12, registers: [register(z, 1, 12)] })).toBe("gap");
    expect(shown()).toBe(5);
    expect(ledger.serverSeq).toBe(10);
    expect(new RegisterLedger().applyCommit({ from: 0, server_seq: 1, registers: [] })).toBe("gap");
  });

  test("a commit that overlaps what is here is applied", () => {
    expect(ledger.applyCommit({ from: 8, server_seq: 12, registers: [register(z, 1, 12)] })).toBe("applied");
    expect(shown()).toBe(1);
  });

  test("gone removes, and an older value does not bring it back", () => {
    ledger.applyCommit({ from: 10, server_seq: 12, registers: [{ ...register(z, null, 12), gone: true }] });
    expect(shown()).toBeUndefined();
    expect([...ledger.registers()].map((r) => r.target)).toEqual(["t"]);
    ledger.applyCommit({ from: 12, server_seq: 13, registers: [register(z, 5, 3)] });
    expect(shown()).toBeUndefined();
  });

  test("a snapshot replaces everything, removed registers included", () => {
    const told: string[] = [];
    ledger.onChange((name, value) => told.push(`${name.target}=${JSON.stringify(value)}`));
    ledger.applySnapshot({ history_id: "H", server_seq: 20, registers: [register(z, 9, 15)] });
    expect(told).toEqual(["t=undefined", "z=9"]);
    expect(ledger.since).toEqual({ history_id: "H", server_seq: 20 });
  });

  test("a snapshot of a new history wins over higher versions of the old one", () => {
    ledger.applySnapshot({ history_id: "NEW", server_seq: 2, registers: [register(z, 1, 1)] });
    expect(shown()).toBe(1);
  });

  test("a value acknowledged after the snapshot was taken stays", () => {
    ledger.stage(z, 7);
    ledger.sent(z, "f1", 7);
    ledger.acknowledge(accepted("f1", 7, 12));
    ledger.applySnapshot({ history_id: "H", server_seq: 11, registers: [register(z, 6, 11), register(t, 0, 1)] });
    expect(shown()).toBe(7);
  });
});
