// Typed readings of the registers that the viewer shows. A register's value is outside data: what does not have the
// expected shape reads as absent, and the control that would show it is left out.
//
//   const axes = readAxes(room.get("axes", "main", "spec"));
//   hiddenAxes(axes, order, ndisplay)          // the axes that get a slider

import type { Json, Register, wire } from "@ndcast/client";

export type Axis = wire.Axis;
export type Play = wire.Play;
export type PlayLoop = wire.PlayLoop;
export type Source = wire.Source;
export type LayerLook = Omit<wire.LayerMeta, "levels">;
export type LodLook = Omit<wire.LodShown, "downgraded">;

export function readAxes(value: Json | undefined): Axis[] {
  const list = record(value)?.axes;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry) => {
    const axis = record(entry);
    if (axis === null || typeof axis.label !== "string" || typeof axis.size !== "number") return [];
    const role = axis.role === "space" || axis.role === "time" || axis.role === "channel" ? axis.role : "other";
    const start = number(axis.start, 0);
    const step = number(axis.step, 1);
    return [{ label: axis.label, role, unit: text(axis.unit), size: axis.size, start, step } satisfies Axis];
  });
}

/** Axis positions (into `axes`) from slowest to fastest; names and numbers are both understood. */
export function readOrder(value: Json | undefined, axes: Axis[]): number[] {
  const identity = axes.map((_, i) => i);
  if (!Array.isArray(value) || value.length !== axes.length) return identity;
  const order = value.map((entry) => (typeof entry === "string" ? axes.findIndex((axis) => axis.label === entry) : Number(entry)));
  return [...order].sort((a, b) => a - b).every((at, i) => at === i) ? order : identity;
}

/** The axes that the picture does not show and that have more than one step, in the order of the view. */
export function hiddenAxes(axes: Axis[], order: number[], ndisplay: number): Axis[] {
  return order.slice(0, Math.max(0, order.length - ndisplay)).flatMap((at) => {
    const axis = axes[at];
    return axis !== undefined && axis.size > 1 ? [axis] : [];
  });
}

/**
 * The axes that have a row below the picture: those hidden in 2D. In 3D one of them is displayed; its row stays, without
 * a slider, so that a toggle does not change the size of the stage and with it the stream.
 */
export function rowAxes(axes: Axis[], order: number[]): Axis[] {
  return hiddenAxes(axes, order, 2);
}

/** The axes of the picture, slowest first: rows then columns in 2D, depth first in 3D. */
export function displayedAxes(axes: Axis[], order: number[], ndisplay: number): Axis[] {
  return order.slice(-ndisplay).flatMap((at) => axes[at] ?? []);
}

/** A pair of axes that a slice may lie along; positions into `axes`. */
export interface SlicePlane {
  rows: number;
  columns: number;
  /** Columns first, as one says "xy". */
  name: string;
}

/** Every pair of axes with more than one step, in their usual orientation: the faster axis runs along the columns. */
export function slicePlanes(axes: Axis[]): SlicePlane[] {
  const shown = axes.flatMap((axis, at) => (axis.size > 1 ? [at] : []));
  const planes = shown.flatMap((rows, i) => shown.slice(i + 1).map((columns) => slicePlane(axes, rows, columns)));
  return planes.reverse();
}

export function slicePlane(axes: Axis[], rows: number, columns: number): SlicePlane {
  const labels = [axes[columns]?.label ?? "", axes[rows]?.label ?? ""];
  return { rows, columns, name: labels.join(labels.every((label) => label.length === 1) ? "" : " × ") };
}

/** The order of a view that shows those two; the others keep theirs. */
export function orderShowing(order: number[], { rows, columns }: SlicePlane): number[] {
  return [...order.filter((at) => at !== rows && at !== columns), rows, columns];
}

/** Degrees; 0 of an orthographic camera. */
export function readFov(volume_pose: Json | undefined): number {
  return number(record(volume_pose)?.fov, 60);
}

/** World positions of an axis' first and last step, the lower first. */
export function extentOf(axis: Axis): [number, number] {
  const ends: [number, number] = [axis.start, worldOf(axis, axis.size - 1)];
  return ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
}

/** The plane of depiction plane in world (x, y, z), and which of the displayed axes (slowest first) it lies across; null: none. */
export interface CutPlane {
  position: number[];
  normal: number[];
  axis: number | null;
}

/** What the register says, or the plane through the middle across the slowest displayed axis. */
export function cutPlane(value: Json | undefined, displayed: Axis[]): CutPlane {
  const known = record(value);
  const numbers = (list: Json | undefined) => (Array.isArray(list) && list.length === 3 ? list.map((part) => number(part, 0)) : null);
  const middle = [...displayed].reverse().map((axis) => (extentOf(axis)[0] + extentOf(axis)[1]) / 2);
  const position = numbers(known?.position) ?? middle;
  const normal = numbers(known?.normal) ?? [0, 0, 1];
  const along = normal.findIndex((part) => Math.abs(part) > 0.999999);
  return { position, normal, axis: along < 0 ? null : displayed.length - 1 - along };
}

export function worldOf(axis: Axis, index: number): number {
  return axis.start + axis.step * index;
}

/** The step that is nearest to a world position, within the axis. */
export function indexOf(axis: Axis, world: number): number {
  const nearest = Math.round((world - axis.start) / (axis.step === 0 ? 1 : axis.step));
  return Math.min(axis.size - 1, Math.max(0, nearest));
}

/** The newest version among the registers that have an effect on the picture. */
export function pictureSeq(registers: Iterable<Register>): number {
  let newest = 0;
  for (const { scope, target, key, version } of registers) if (isPictured(scope, target, key)) newest = Math.max(newest, version);
  return newest;
}

function isPictured(scope: string, target: string, key: string): boolean {
  // Another view's are VIEW/AXIS and VIEW (WP32).
  if (["view", "camera", "multiscale"].includes(scope) && target !== "main") return false;
  if ((scope === "dims" && target.includes("/")) || (scope === "view" && key === "meta")) return false;
  return !["stream", "op", "lod", "restore_cache", "settings"].includes(scope) && !["name", "play"].includes(key);
}

export function readLayerMeta(value: Json | undefined): LayerLook | null {
  const meta = record(value);
  if (meta === null) return null;
  const range = numbers(meta.data_range, 2);
  return {
    kind: meta.kind === "labels" ? "labels" : "image",
    uri: text(meta.uri),
    channel: typeof meta.channel === "number" ? meta.channel : null,
    dtype: text(meta.dtype),
    data_range: range === null ? [0, 1] : [range[0] as number, range[1] as number],
  };
}

/** Of a contrast slider: the data's range, and limits outside of it, which stay reachable. */
export function sliderRange(limits: [number, number], data: [number, number], step: number): [number, number] {
  const low = Math.min(data[0], limits[0]);
  return [low, Math.max(data[1], limits[1], low + step)];
}

export function readRange(value: Json | undefined): [number, number] | null {
  const range = numbers(value, 2);
  return range === null ? null : [range[0] as number, range[1] as number];
}

export function readLod(value: Json | undefined): LodLook | null {
  const lod = record(value);
  if (lod === null || typeof lod.level !== "number") return null;
  return {
    level: lod.level,
    wanted: number(lod.wanted, lod.level),
    levels: number(lod.levels, lod.level + 1),
    locked: lod.locked === true,
    reason: text(lod.reason),
  };
}

/** What plays an axis; null while nothing does. */
export function readPlay(value: Json | undefined): Play | null {
  const play = record(value);
  if (play === null || typeof play.fps !== "number") return null;
  return { fps: play.fps, loop: play.loop === "once" || play.loop === "pingpong" ? play.loop : "loop" };
}

export function readSource(value: Json | undefined): Source {
  const source = record(value);
  const status = source?.status === "ready" || source?.status === "error" ? source.status : "idle";
  return { status, name: text(source?.name), uri: text(source?.uri), message: text(source?.message) };
}

/** Integers step by one; floats by a thousandth of their range, so that a slider has about as many stops as pixels. */
export function dataStep(dtype: string, [low, high]: [number, number]): number {
  if (/^(u?int|bool|\|?[iub]\d|[<>][iu]\d)/.test(dtype)) return 1;
  const width = Math.abs(high - low);
  return width > 0 ? 10 ** Math.floor(Math.log10(width / 1000)) : 0.001;
}

function record(value: Json | undefined): { [key: string]: Json } | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function numbers(value: Json | undefined, count: number): number[] | null {
  if (!Array.isArray(value) || value.length !== count) return null;
  return value.every((entry) => typeof entry === "number") ? (value as number[]) : null;
}

function number(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
