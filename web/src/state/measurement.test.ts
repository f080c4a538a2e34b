import { expect, test } from "vitest";
import { areaUnit, constrained, distanceOf, extentWords, handleAt, handlesOf, moved, profileCsv, questionOf, rangeOf, readProfile, readRegion, regionCsv, ticks, type Measurement } from "./measurement";
import type { Axis } from "./scene_model";

const axis = (label: string, start: number, step: number): Axis => ({ label, role: "space", unit: "micrometer", size: 100, start, step });
const axes = [axis("z", 1, 0.5), axis("y", 0, 1), axis("x", 0, 1)];
const line: Measurement = { shape: "line", axes: ["x", "y"], ends: [[10, 20], [40, 60]], index: { z: 12 } };
const box: Measurement = { ...line, shape: "rectangle" };

test("a measurement asks for its own plane, wherever the view has gone", () => {
  expect(questionOf(line, axes)).toEqual({ command: "nd.profile", kwargs: { from: { z: 7, x: 10, y: 20 }, to: { z: 7, x: 40, y: 60 } } });
  expect(questionOf(box, axes)).toEqual({ command: "nd.region", kwargs: { world: { z: 7, x: [10, 40], y: [20, 60] } } });
});

test("handles lie on what they move, and move that alone", () => {
  const at = (of: Measurement) => handlesOf(of).map((handle) => handleAt(of, handle));
  expect(at(line)).toEqual([[10, 20], [40, 60], [25, 40]]);
  expect(at(box)).toEqual([[10, 20], [40, 20], [40, 60], [10, 60], [25, 40]]);
  const [, second, , , whole] = handlesOf(box);
  expect(second && moved(box, second, [1, 2]).ends).toEqual([[10, 22], [41, 60]]);
  expect(whole && moved(box, whole, [1, 2]).ends).toEqual([[11, 22], [41, 62]]);
  expect(box.ends).toEqual([[10, 20], [40, 60]]);
});

test("shift holds a line to axes and diagonals, a rectangle to squares", () => {
  expect(constrained("line", [0, 0], [10, 1]).map((v) => Math.round(v * 1e6))).toEqual([10e6, 0]);
  expect(constrained("line", [0, 0], [10, 9])[0]).toBeCloseTo(9.5);
  expect(constrained("rectangle", [5, 5], [2, 9])).toEqual([1, 9]);
});

test("a profile as comma-separated values", () => {
  const profile = readProfile({ length: 3, unit: "micrometer", samples: 4, layers: [{ layer: "a", level: 0, values: [1, null, "nan", 2.5] }, { layer: "b", level: 1, values: [0, 0, 0, 0] }] });
  if (profile === null) throw new Error("not read");
  expect(distanceOf(profile, 3)).toBe(3);
  expect(profileCsv(profile, ["DAPI, 405", 'the "b"'])).toBe('distance (µm),"DAPI, 405","the ""b"""\r\n0,1,0\r\n1,,0\r\n2,nan,0\r\n3,2.5,0\r\n');
});

test("statistics as comma-separated values; what was not read whole has no sum", () => {
  const rows = readRegion({ layers: [{ layer: "a", level: 1, exact: false, sampled: false, voxels: 4, not_finite: 0, size: 12, min: 1, max: 3, mean: 2, std: 0.5 }] });
  expect(regionCsv(rows ?? [], ["a"], ["micrometer", "micrometer"])).toBe("layer,mean,std,min,max,sum,voxels,not finite,area (µm²),level,exact\r\na,2,0.5,1,3,,4,0,12,1,no\r\n");
});

test("extents and areas have units where the axes have one", () => {
  expect(extentWords(box, ["micrometer", "micrometer"])).toBe("30 × 40 µm · 1200 µm²");
  expect(extentWords(box, ["micrometer", "second"])).toBe("30 µm × 40 s");
  expect(areaUnit(["", ""])).toBe("");
});

test("ticks are round and lie inside", () => {
  expect(ticks(0, 50, 5)).toEqual([0, 10, 20, 30, 40, 50]);
  expect(ticks(0.12, 0.49, 4)).toEqual([0.2, 0.3, 0.4]);
  expect(ticks(5, 5, 4)).toEqual([5]);
});

test("ticks come to an end, each once, for whatever there is to plot", () => {
  for (const values of [[1e18], [1e18, 1e18 + 256], [-1.7e308, 1.7e308], [Number.MAX_VALUE], [5e-324, 0], [], [NaN, Infinity], [4e9, 4e9 + 1], [7], [-3, -3]]) {
    const [low, high] = rangeOf(values);
    expect(high).toBeGreaterThan(low);
    for (const value of values) if (Number.isFinite(value)) expect(value >= low && value <= high).toBe(true);
    const places = ticks(low, high, 4);
    expect(places.length).toBeLessThanOrEqual(6);
    expect(new Set(places).size).toBe(places.length);
  }
  expect(rangeOf([4e9, 4e9 + 1])).toEqual([4e9, 4e9 + 1]);
  expect(rangeOf([7])).toEqual([6.75, 7.25]);
  expect(ticks(1e18, 1e18 + 1024, 4).length).toBeLessThanOrEqual(6);
});
