// Lines and rectangles drawn on a slice, and what the server reads there (WP41, WP42).
//
//   const drawn: Measurement = { shape: "line", axes: ["x", "y"], ends: [[10, 20], [40, 60]], index: { z: 12 } };
//   readProfile(await client.call("nd.profile", questionOf(drawn, axes).kwargs))

import type { Json } from "@ndcast/client";
import { formatNumber, unitSymbol } from "../view/units";
import { worldOf, type Axis } from "./scene_model";

export type Shape = "line" | "rectangle";
export type Point = [number, number];

export interface Measurement {
  shape: Shape;
  /** Labels of the axes that it was drawn along: columns, rows. */
  axes: [string, string];
  /** World coordinates along them: ends of the line, opposite corners of the rectangle. */
  ends: [Point, Point];
  /** The plane that it lies in, by the other axes. */
  index: { [axis: string]: number };
}

/** What a hand can take: it moves these coordinates of these ends. */
export interface Handle {
  name: string;
  /** Numbers of the ends whose first and whose second coordinate go along. */
  moves: [number[], number[]];
}

const kHandles: { [shape in Shape]: Handle[] } = {
  line: [
    { name: "start of the line", moves: [[0], [0]] },
    { name: "end of the line", moves: [[1], [1]] },
    { name: "whole line", moves: [[0, 1], [0, 1]] },
  ],
  rectangle: [
    { name: "first corner", moves: [[0], [0]] },
    { name: "second corner", moves: [[1], [0]] },
    { name: "third corner", moves: [[1], [1]] },
    { name: "fourth corner", moves: [[0], [1]] },
    { name: "whole rectangle", moves: [[0, 1], [0, 1]] },
  ],
};

export function handlesOf({ shape }: Measurement): Handle[] {
  return kHandles[shape];
}

/** Where the handle is: in the middle of what it moves. */
export function handleAt({ ends }: Measurement, { moves }: Handle): Point {
  return moves.map((of, i) => of.reduce((sum, end) => sum + at(ends, end, i), 0) / of.length) as Point;
}

export function moved(measurement: Measurement, { moves }: Handle, delta: Point): Measurement {
  const ends = measurement.ends.map((end, e) => end.map((value, i) => (moves[i]?.includes(e) ? value + (delta[i] ?? 0) : value))) as [Point, Point];
  return { ...measurement, ends };
}

/** With Shift: a line along an axis or a diagonal, a square. */
export function constrained(shape: Shape, from: Point, to: Point): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  if (shape === "rectangle") {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    return [from[0] + side * (dx < 0 ? -1 : 1), from[1] + side * (dy < 0 ? -1 : 1)];
  }
  const turn = (Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI) / 4;
  const length = dx * Math.cos(turn) + dy * Math.sin(turn);
  return [from[0] + length * Math.cos(turn), from[1] + length * Math.sin(turn)];
}

function at(ends: [Point, Point], end: number, i: number): number {
  return ends[end]?.[i] ?? 0;
}

/** The command that reads it. */
export function questionOf({ shape, axes: [x, y], ends: [a, b], index }: Measurement, axes: Axis[]): { command: "nd.profile" | "nd.region"; kwargs: { [name: string]: Json } } {
  const plane: { [axis: string]: number } = {};
  for (const axis of axes) if (index[axis.label] !== undefined) plane[axis.label] = worldOf(axis, index[axis.label] ?? 0);
  if (shape === "line") return { command: "nd.profile", kwargs: { from: { ...plane, [x]: a[0], [y]: a[1] }, to: { ...plane, [x]: b[0], [y]: b[1] } } };
  return { command: "nd.region", kwargs: { world: { ...plane, [x]: [a[0], b[0]], [y]: [a[1], b[1]] } } };
}

export interface LayerProfile {
  layer: string;
  level: number;
  /** Of each sample: a number, "nan", "inf", "-inf", or null outside of the image. */
  values: (number | string | null)[];
}

export interface Profile {
  length: number;
  unit: string;
  samples: number;
  layers: LayerProfile[];
}

export interface LayerRegion {
  layer: string;
  level: number;
  exact: boolean;
  sampled: boolean;
  voxels: number;
  not_finite: number;
  size: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
  sum: number | null;
}

export function readProfile(answer: Json): Profile | null {
  const record = recordOf(answer);
  if (record === null || !Array.isArray(record.layers)) return null;
  const layers = record.layers.flatMap((each): LayerProfile[] => {
    const layer = recordOf(each);
    if (layer === null || typeof layer.layer !== "string" || !Array.isArray(layer.values)) return [];
    return [{ layer: layer.layer, level: numberIn(layer, "level") ?? 0, values: layer.values.map((value) => (typeof value === "number" || typeof value === "string" ? value : null)) }];
  });
  return { length: numberIn(record, "length") ?? 0, unit: typeof record.unit === "string" ? record.unit : "", samples: numberIn(record, "samples") ?? 0, layers };
}

export function readRegion(answer: Json): LayerRegion[] | null {
  const record = recordOf(answer);
  if (record === null || !Array.isArray(record.layers)) return null;
  return record.layers.flatMap((each): LayerRegion[] => {
    const layer = recordOf(each);
    if (layer === null || typeof layer.layer !== "string") return [];
    const number = (name: string) => numberIn(layer, name);
    return [
      {
        layer: layer.layer,
        level: number("level") ?? 0,
        exact: layer.exact === true,
        sampled: layer.sampled === true,
        voxels: number("voxels") ?? 0,
        not_finite: number("not_finite") ?? 0,
        size: number("size") ?? 0,
        min: number("min"),
        max: number("max"),
        mean: number("mean"),
        std: number("std"),
        sum: number("sum"),
      },
    ];
  });
}

function recordOf(value: Json | undefined): { [name: string]: Json | undefined } | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function numberIn(record: { [name: string]: Json | undefined }, name: string): number | null {
  const value = record[name];
  return typeof value === "number" ? value : null;
}

export function distanceOf(profile: Profile, sample: number): number {
  return profile.samples > 1 ? (profile.length * sample) / (profile.samples - 1) : 0;
}

/** "µm²" of two axes in micrometers, "" of axes without a unit or with different ones. */
export function areaUnit(units: string[]): string {
  const [first, ...rest] = units.map(unitSymbol);
  return first === undefined || first === "" || rest.some((unit) => unit !== first) ? "" : `${first}²`;
}

/** Widths and heights, and the area where the axes share a unit: "12 × 8 µm · 96 µm²". */
export function extentWords({ ends: [a, b] }: Measurement, units: [string, string]): string {
  const [width, height] = [Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1])];
  const area = areaUnit(units);
  if (area !== "") return `${formatNumber(width, 4)} × ${formatNumber(height, 4)} ${unitSymbol(units[0])} · ${formatNumber(width * height, 4)} ${area}`;
  const side = (length: number, unit: string) => `${formatNumber(length, 4)} ${unitSymbol(unit)}`.trim();
  return `${side(width, units[0])} × ${side(height, units[1])}`;
}

/** One row a sample. */
export function profileCsv(profile: Profile, names: string[]): string {
  const symbol = unitSymbol(profile.unit);
  const rows = [[symbol === "" ? "distance" : `distance (${symbol})`, ...names]];
  for (let i = 0; i < profile.samples; ++i) {
    rows.push([String(distanceOf(profile, i)), ...profile.layers.map(({ values }) => String(values[i] ?? ""))]);
  }
  return csvOf(rows);
}

/** One row a layer. */
export function regionCsv(layers: LayerRegion[], names: string[], units: string[]): string {
  const area = areaUnit(units);
  const rows = [["layer", "mean", "std", "min", "max", "sum", "voxels", "not finite", area === "" ? "area" : `area (${area})`, "level", "exact"]];
  layers.forEach((layer, i) => {
    const numbers = [layer.mean, layer.std, layer.min, layer.max, layer.sum, layer.voxels, layer.not_finite, layer.size, layer.level];
    rows.push([names[i] ?? layer.layer, ...numbers.map((value) => String(value ?? "")), layer.exact ? "yes" : "no"]);
  });
  return csvOf(rows);
}

/** RFC 4180. */
function csvOf(rows: string[][]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** What a plot of finite values spans; of equal ones some more, so that there is a scale: relative to large values, which half of one may not change. */
export function rangeOf(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const more = Math.max(0.5, Math.abs(low) * kLeastSpan) / 2;
  if (high - low > Math.abs(low) * kLeastSpan) return [low, high];
  return [Math.max(low - more, -Number.MAX_VALUE), Math.min(high + more, Number.MAX_VALUE)];
}
/** Of a value: less cannot be told apart in the 12 digits of a tick. */
const kLeastSpan = 1e-12;

/** Round places from `low` to `high`, each once, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = high / count - low / count;
  if (!Number.isFinite(rough) || rough <= 0) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((digit) => digit * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  // So many at most; beyond 2⁵³, where adding one changes nothing, a loop would not end.
  const places = Array.from({ length: count + 2 }, (_, i) => first + i)
    .filter((i) => i * step <= high + step * 1e-9)
    .map((i) => Number((i * step).toPrecision(12)));
  return [...new Set(places)];
}
