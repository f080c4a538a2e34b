import type { Json } from "@ndcast/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Prober, type LayerValue, type World } from "./probe";

let asked: { world: World; answer: (json: Json) => void; refuse: () => void }[];
let values: (LayerValue[] | null)[];
let prober: Prober;

const result = (value: Json): Json => ({ world: {}, server_seq: 1, layers: [{ layer: "layer-0", voxel: [1, 2], value }] });
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  values = [];
  prober = new Prober({
    ask: (world) => new Promise((answer, refuse) => asked.push({ world, answer, refuse: () => refuse(new Error("no")) })),
    onValues: (seen) => values.push(seen),
  });
});
afterEach(() => vi.useRealTimers());

test("WP39 values as they are to be read", async () => {
  for (const [value, shown] of [
    [312, "312"],
    [0.123456789, "0.123457"],
    ["nan", "nan"],
    [null, null],
    [4294967296, "4294967296"],
  ] as const) {
    prober.look({ x: Math.random() });
    asked.at(-1)?.answer(result(value));
    await tick(100);
    expect(values.at(-1)).toEqual([{ layer: "layer-0", value: shown, voxel: [1, 2], color: null }]);
  }
});

test("one question at a time, then the newest place", async () => {
  prober.look({ x: 1 });
  prober.look({ x: 2 });
  prober.look({ x: 3 });
  expect(asked.map(({ world }) => world.x)).toEqual([1]);
  asked[0]?.answer(result(1));
  await tick(100);
  expect(asked.map(({ world }) => world.x)).toEqual([1, 3]);
  asked[1]?.answer(result(3));
  await tick(1_000);
  expect(asked).toHaveLength(2);
});

test("an answer to a cursor that left is not shown, and a refusal shows nothing", async () => {
  prober.look({ x: 1 });
  prober.look(null);
  asked[0]?.answer(result(1));
  await tick(100);
  expect(values).toEqual([null]);
  prober.look({ x: 2 });
  asked[1]?.refuse();
  await tick(100);
  expect(values).toEqual([null, null]);
});
