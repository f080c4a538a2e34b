import { describe, expect, test } from "vitest";
import type { Pose } from "../video/pixel_frame";
import { placePicture } from "./coordinates";
import { kUnmoved, type Moved } from "./prediction";
import { cameraAxes, cssFromWorld, worldFromCss } from "./projection";

const picture = { width: 800, height: 600 };
const place = placePicture({ width: 500, height: 300 }, picture);
const slice: Pose = { mode: 2, left: 10, bottom: -5, width: 80, height: 60 };
const volume: Pose = { mode: 3, center: [10, 20, 30], azimuth: 0, elevation: 0, roll: 0, distance: 100, fov: 60 };
const sightOf = (pose: Pose, moved: Moved = kUnmoved) => ({ pose, picture, place, moved });

describe("a slice", () => {
  test("its corners are the picture's", () => {
    expect(cssFromWorld([10, -5], sightOf(slice))).toEqual([place.left, place.top]);
    expect(cssFromWorld([90, 55], sightOf(slice))).toEqual([place.left + place.width, place.top + place.height]);
  });
  test("places move with the hand", () => {
    const moved = { ...kUnmoved, x: 100, y: -40, scale: 2 };
    expect(cssFromWorld([10, -5], sightOf(slice, moved))).toEqual([place.left + 50, place.top - 20]);
    const [x, y] = worldFromCss([200, 120], sightOf(slice, moved));
    const back = cssFromWorld([x ?? 0, y ?? 0], sightOf(slice, moved));
    expect(back?.[0]).toBeCloseTo(200, 9);
    expect(back?.[1]).toBeCloseTo(120, 9);
  });
});

describe("a volume", () => {
  const middle = [place.left + place.width / 2, place.top + place.height / 2];
  test("the centre is in the middle; +x is to the right, +z up, and what is nearer is larger", () => {
    expect(cssFromWorld([10, 20, 30], sightOf(volume))).toEqual(middle);
    const right = cssFromWorld([11, 20, 30], sightOf(volume)) ?? [0, 0];
    expect(right[0]).toBeGreaterThan(middle[0] ?? 0);
    expect(right[1]).toBe(middle[1]);
    expect((cssFromWorld([10, 20, 31], sightOf(volume)) ?? [0, 0])[1]).toBeLessThan(middle[1] ?? 0);
    const nearer = cssFromWorld([11, -30, 30], sightOf(volume)) ?? [0, 0];
    expect(nearer[0] - (middle[0] ?? 0)).toBeCloseTo(2 * (right[0] - (middle[0] ?? 0)), 9);
  });
  test("the picture's top edge is where the field of view ends", () => {
    const top = cssFromWorld([10, 20, 30 + 100 * Math.tan(Math.PI / 6)], sightOf(volume)) ?? [0, 0];
    expect(top[1]).toBeCloseTo(place.top, 9);
  });
  test("what is behind the eye is not seen, but by parallel rays", () => {
    expect(cssFromWorld([10, -81, 30], sightOf(volume))).toBeNull();
    expect(cssFromWorld([10, -81, 30], sightOf({ ...volume, fov: 0 }))).toEqual(middle);
  });
  test("there and back, turned, rolled, by both cameras, moved", () => {
    for (const fov of [0, 45]) {
      const sight = sightOf({ ...volume, azimuth: 33, elevation: -20, roll: 12, fov }, { x: 30, y: -11, scale: 1.3, d_az_deg: 5, d_el_deg: -4 });
      const back = cssFromWorld(worldFromCss([123, 77], sight), sight) ?? [0, 0];
      expect(back[0]).toBeCloseTo(123, 9);
      expect(back[1]).toBeCloseTo(77, 9);
    }
  });
  test("an orbit turns what is shown", () => {
    const turned = sightOf(volume, { ...kUnmoved, d_az_deg: 90 });
    const seen = cssFromWorld([10, 21, 30], turned) ?? [0, 0];
    expect(seen[0]).toBeGreaterThan(middle[0] ?? 0);
  });
  test("the camera's axes are at right angles", () => {
    const { right, up, forward } = cameraAxes(40, 25, 70);
    const dot = (a: number[], b: number[]) => a.reduce((sum, each, i) => sum + each * (b[i] ?? 0), 0);
    for (const pair of [[right, up], [up, forward], [forward, right]] as const) expect(dot(pair[0], pair[1])).toBeCloseTo(0, 12);
    for (const axis of [right, up, forward]) expect(dot(axis, axis)).toBeCloseTo(1, 12);
  });
});
