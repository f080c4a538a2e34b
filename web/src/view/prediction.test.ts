import { beforeEach, afterEach, describe, expect, test, vi } from "vitest";
import type { PixelExtension, Pose } from "../video/pixel_frame";
import type { CameraSink } from "./gestures";
import { cssTransform, kUnmoved, Prediction, type Moved } from "./prediction";

const kPlane: Pose = { mode: 2, left: 0, bottom: 0, width: 10, height: 5 };
const kVolume: Pose = { mode: 3, center: [0, 0, 0], azimuth: 0, elevation: 0, roll: 0, distance: 1, fov: 60 };
const picture = { width: 400, height: 200 };
const place = { left: 0, top: 0, width: 200, height: 100, css_per_px: 0.5 };

let sent: { resolve: (applied: { camera_seq?: number }) => void; reject: (error: Error) => void }[];
let moved: Moved;
let mode: 2 | 3;
let sink: CameraSink;
let prediction: Prediction;

function shown(camera_seq: number, pose: Pose = kPlane, binding = 1): void {
  prediction.drawn({ camera_seq, binding, pose } as PixelExtension);
}

/** Where a point of the picture is shown. */
function placeOf(px: number, py: number): [number, number] {
  return [moved.x + moved.scale * px, moved.y + moved.scale * py];
}

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  moved = kUnmoved;
  mode = 2;
  const take = () => new Promise((resolve, reject) => sent.push({ resolve, reject }));
  sink = { pan: take, zoom: take, orbit: take };
  prediction = new Prediction({ sink: () => sink, picture: () => picture, mode: () => mode, onMoved: (now) => (moved = now) });
  shown(10);
});
afterEach(() => vi.useRealTimers());

describe("in 2D", () => {
  test("a pan moves the picture by its pixels, at once", () => {
    prediction.pan(30, 10);
    expect(placeOf(0, 0)).toEqual([30, -10]);
    prediction.pan(5, 0);
    expect(placeOf(100, 100)).toEqual([135, 90]);
  });

  test("a zoom keeps its anchor, and movements follow one another in order", () => {
    prediction.zoom(0.5, [100, 150]);
    expect(placeOf(100, 50)).toEqual([100, 50]);
    expect(placeOf(101, 50)).toEqual([102, 50]);
    prediction.pan(10, 0);
    prediction.zoom(2, [110, 150]);
    expect(moved.scale).toBe(1);
    expect(placeOf(100, 50)).toEqual([110, 50]);
  });

  test("what a picture shows is predicted no more, the rest is", async () => {
    prediction.pan(30, 0);
    prediction.pan(0, 7);
    sent[0]?.resolve({ camera_seq: 11 });
    sent[1]?.resolve({ camera_seq: 12 });
    await vi.advanceTimersByTimeAsync(0);
    shown(11);
    expect(placeOf(0, 0)).toEqual([0, -7]);
    shown(12);
    expect(moved).toBe(kUnmoved);
  });

  test("a picture that overtakes the ack", async () => {
    prediction.pan(30, 0);
    shown(11);
    expect(placeOf(0, 0)).toEqual([30, 0]);
    sent[0]?.resolve({ camera_seq: 11 });
    await vi.advanceTimersByTimeAsync(0);
    expect(moved).toBe(kUnmoved);
  });

  test("what is refused, and what no picture ever shows, goes back", async () => {
    prediction.pan(30, 0);
    sent[0]?.reject(new Error("no"));
    await vi.advanceTimersByTimeAsync(0);
    expect(moved).toBe(kUnmoved);
    prediction.zoom(0.5, [0, 0]);
    sent[1]?.resolve({ camera_seq: 12 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(moved.scale).toBe(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(moved).toBe(kUnmoved);
  });

  test("another view and another mode are no place for it", () => {
    prediction.pan(30, 0);
    shown(11, kPlane, 2);
    expect(moved).toBe(kUnmoved);
    mode = 3;
    prediction.pan(30, 0);
    expect(moved).toBe(kUnmoved);
  });

  test("who only looks moves nothing", () => {
    const nothing = () => undefined;
    sink = { pan: nothing, zoom: nothing, orbit: nothing };
    prediction.pan(30, 0);
    expect(moved).toBe(kUnmoved);
  });
});

describe("on the page", () => {
  test("a pan and a zoom are a matrix in CSS pixels", () => {
    expect(cssTransform(kUnmoved, place, kPlane)).toBe("none");
    prediction.zoom(0.5, [0, 200]);
    prediction.pan(30, 10);
    expect(cssTransform(moved, place, kPlane)).toBe("matrix(2, 0, 0, 2, 15, -5)");
  });

  test("in 3D a dolly keeps the middle, an orbit turns the other way and not far", () => {
    shown(10, kVolume);
    mode = 3;
    prediction.zoom(0.5, [0, 0]);
    expect(placeOf(200, 100)).toEqual([200, 100]);
    prediction.orbit(-4, 2);
    expect(cssTransform(moved, place, kVolume)).toContain("rotateX(-2deg) rotateY(4deg)");
    prediction.orbit(-40, 0);
    expect(cssTransform(moved, place, kVolume)).toContain("rotateY(12deg)");
  });
});
