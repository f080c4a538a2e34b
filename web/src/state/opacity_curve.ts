// Edits of a layer's opacity curve: stops of [data units, opacity], sorted by value, at least two of them or none.
//
//   readCurve(room.get("layer", id, "opacity_curve"))      // null: the curve is off
//   movedStop(curve, 1, [300, 0.4], range)                 // held between its neighbours

import type { Json } from "@ndcast/client";

export type Stop = [value: number, opacity: number];
export type Curve = Stop[];

/** Fewer say nothing about values; the server refuses them. */
export const kFewestStops = 2;

/** null for a curve that is off, and for what is no curve. */
export function readCurve(value: Json | undefined): Curve | null {
  if (!Array.isArray(value) || value.length < kFewestStops) return null;
  const stops = value.flatMap((stop): Stop[] => (Array.isArray(stop) && typeof stop[0] === "number" && typeof stop[1] === "number" ? [[stop[0], stop[1]]] : []));
  return stops.length === value.length ? stops : null;
}

/** What a new curve is: clear where the window begins, opaque where it ends. */
export function rampOver([low, high]: [number, number]): Curve {
  return [
    [low, 0],
    [high, 1],
  ];
}

/** Between the stops along straight lines, beyond them as the outermost. */
export function opacityAt(curve: Curve, value: number): number {
  const above = curve.findIndex((stop) => stop[0] > value);
  const high = curve[above];
  const low = curve[above - 1];
  if (high === undefined) return curve.at(-1)?.[1] ?? 1;
  if (low === undefined) return high[1];
  return low[1] + ((high[1] - low[1]) * (value - low[0])) / (high[0] - low[0]);
}

/** The curve with stop `at` elsewhere: within `range`, no further than its neighbours. */
export function movedStop(curve: Curve, at: number, [value, opacity]: Stop, range: [number, number]): Curve {
  const low = Math.max(range[0], curve[at - 1]?.[0] ?? range[0]);
  const high = Math.max(low, Math.min(range[1], curve[at + 1]?.[0] ?? range[1]));
  return curve.map((stop, i) => (i === at ? [held(value, low, high), held(opacity, 0, 1)] : stop));
}

/** The curve with one more stop, and which it is. */
export function withStop(curve: Curve, stop: Stop): { curve: Curve; at: number } {
  const above = curve.findIndex((other) => other[0] > stop[0]);
  const at = above < 0 ? curve.length : above;
  return { curve: [...curve.slice(0, at), [stop[0], held(stop[1], 0, 1)], ...curve.slice(at)], at };
}

/** The last two stay. */
export function withoutStop(curve: Curve, at: number): Curve {
  return curve.length <= kFewestStops ? curve : curve.filter((_, i) => i !== at);
}

/** Half-way to the next stop, or to the one before the last; on the curve, so that nothing changes yet. */
export function stopBeside(curve: Curve, at: number): Stop {
  const low = curve[Math.min(at, curve.length - 2)] ?? [0, 0];
  const high = curve[Math.min(at, curve.length - 2) + 1] ?? low;
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
}

function held(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
