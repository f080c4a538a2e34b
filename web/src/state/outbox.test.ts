import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Intent } from "../protocol/types";
import { kFlushIntervalMs, kInFlightPerRegister, Outbox } from "./outbox";

let sent: Intent[];
let in_flight: number;
let outbox: Outbox;
const z = (value: number, phase?: Intent["phase"]): Intent => ({ scope: "dims", target: "z", key: "index", value, phase });

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  in_flight = 0;
  outbox = new Outbox({ send: (intent) => sent.push(intent), inFlight: () => in_flight, now: () => Date.now() });
});
afterEach(() => vi.useRealTimers());

describe("values", () => {
  test("the first leaves at once, then the last of each interval", () => {
    outbox.put(z(1, "start"));
    expect(sent.map((i) => i.value)).toEqual([1]);
    outbox.put(z(2, "update"));
    outbox.put(z(3, "update"));
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.map((i) => i.value)).toEqual([1, 3]);
  });

  test("a second of dragging at 1 kHz makes at most 60 intents, the last value among them", () => {
    for (let i = 0; i < 1000; ++i) {
      outbox.put(z(i, i === 0 ? "start" : "update"));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.length).toBeLessThanOrEqual(60);
    expect(sent.at(-1)?.value).toBe(999);
  });

  test("a commit leaves at once", () => {
    outbox.put(z(1, "start"));
    outbox.put(z(2, "update"));
    outbox.put(z(3, "commit"));
    expect(sent.map((i) => [i.value, i.phase])).toEqual([
      [1, "start"],
      [3, "commit"],
    ]);
  });

  test("a start that an update overtakes still starts", () => {
    outbox.pan(1, 1);
    outbox.put(z(1, "start"));
    outbox.put(z(2, "update"));
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.at(-1)).toMatchObject({ value: 2, phase: "start" });
  });

  test("with too many unanswered, updates wait and the newest replaces the others", () => {
    in_flight = kInFlightPerRegister;
    outbox.put(z(1, "update"));
    outbox.put(z(2, "update"));
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([]);
    in_flight = 0;
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.map((i) => i.value)).toEqual([2]);
  });

  test("nothing is left behind when the connection goes", () => {
    outbox.put(z(1, "start"));
    outbox.put(z(2, "update"));
    outbox.pan(1, 0);
    outbox.clear();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(1);
  });
});

describe("WP11 camera deltas fold, none is lost", () => {
  test("pans add, orbits add, zooms about one anchor multiply", () => {
    outbox.pan(1, 0);
    sent.length = 0;
    outbox.pan(1, 2);
    outbox.pan(3, -1);
    outbox.zoom(2, [5, 5]);
    outbox.zoom(3, [5, 5]);
    outbox.orbit(1, 1);
    outbox.orbit(2, 0.5);
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.map((i) => [i.key, i.value])).toEqual([
      ["pan", { dx_px: 4, dy_px: 1 }],
      ["zoom", { factor: 6, anchor_px: [5, 5] }],
      ["orbit", { d_az_deg: 3, d_el_deg: 1.5 }],
    ]);
  });

  test("zooms about different anchors, and pans between them, keep their order", () => {
    outbox.pan(1, 0);
    sent.length = 0;
    outbox.zoom(2, [1, 1]);
    outbox.zoom(2, [2, 2]);
    outbox.pan(1, 0);
    outbox.zoom(2, [2, 2]);
    vi.advanceTimersByTime(kFlushIntervalMs);
    expect(sent.map((i) => i.key)).toEqual(["zoom", "zoom", "pan", "zoom"]);
  });
});
