import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseFrame } from "./frames.js";
import { People, Pointer } from "./people.js";
import type { Present } from "./types.js";

function present(session: string, more: Partial<Present> = {}): Present {
  return { session, actor: session, kind: "human", role: "editor", view: "main", follows: false, color: "#77aadd", ...more };
}

describe("people (WP14)", () => {
  it("news replace what was known of a session, whole news replace everybody", () => {
    const people = new People();
    people.apply({ whole: true, sessions: 2, here: [present("ada"), present("bob")], gone: [] });
    people.apply({ whole: false, sessions: 2, here: [present("bob", { cursor: [1, 2] })], gone: [] });
    expect([...people.here.keys()]).toEqual(["ada", "bob"]);
    expect(people.here.get("bob")?.cursor).toEqual([1, 2]);
    people.apply({ whole: false, sessions: 1, here: [], gone: ["ada"] });
    expect([...people.here.keys()]).toEqual(["bob"]);
    people.apply({ whole: true, sessions: 80, here: [present("cyd")], gone: [] });
    expect([...people.here.keys()]).toEqual(["cyd"]);
    expect(people.sessions).toBe(80);
  });

  it("the frame is looked at before it is believed", () => {
    const frame = (payload: object) => JSON.stringify({ type: "nd.presence", version: 2, session: "s", timestamp: 1, payload });
    const whole = { whole: true, sessions: 1, here: [present("ada", { cursor: [1, 2, 3] })], gone: [] };
    expect(parseFrame(frame(whole))).toEqual({ type: "nd.presence", notice: whole });
    expect(() => parseFrame(frame({ ...whole, here: "ada" }))).toThrow(/payload.here is "ada", expected a list/);
    expect(() => parseFrame(frame({ ...whole, here: [{ actor: "ada" }] }))).toThrow(/session/);
  });
});

describe("pointing", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells the newest, at most every 50 ms", () => {
    const told: (number[] | null)[] = [];
    const pointer = new Pointer((cursor) => told.push(cursor) > 0);
    for (let i = 0; i < 100; ++i) {
      pointer.pointAt([i]);
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(50);
    expect(told.length).toBeGreaterThan(8);
    expect(told.length).toBeLessThan(13);
    expect(told.at(-1)).toEqual([99]);
  });

  it("a new session is told again, unless there is nothing to point at", () => {
    const told: (number[] | null)[] = [];
    let connected = false;
    const pointer = new Pointer((cursor) => connected && told.push(cursor) > 0);
    pointer.pointAt([1, 2]);
    vi.advanceTimersByTime(100);
    expect(told).toEqual([]);
    connected = true;
    pointer.again();
    vi.advanceTimersByTime(100);
    expect(told).toEqual([[1, 2]]);
    pointer.pointAt(null);
    vi.advanceTimersByTime(100);
    pointer.again();
    vi.advanceTimersByTime(100);
    expect(told).toEqual([[1, 2], null]);
  });
});
