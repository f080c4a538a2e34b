import { expect, test } from "vitest";
import { facesOf, printCrop, readCrop } from "./crop_box";
import type { Axis } from "./scene_model";

const axis = (label: string, size: number, step: number): Axis => ({ label, role: "space", unit: "micrometer", size, start: 0, step });
const kDisplayed = [axis("z", 10, 2), axis("y", 100, 1), axis("x", 200, 0.5)];
const kOblique = { position: [1, 2, 3], normal: [0.6, 0.8, 0], enabled: true };

test("without planes the box is the whole image, to the outer faces of its voxels", () => {
  expect(readCrop([], kDisplayed)).toEqual({ box: [[-1, 19], [-0.5, 99.5], [-0.25, 99.75]], enabled: false, cut: false, others: [] });
  expect(facesOf(axis("z", 10, -2))).toEqual([-19, 1]);
});

test("a plane of an axis is an end of the box, and comes back as it was read", () => {
  const crop = readCrop([], kDisplayed);
  crop.box[2] = [10, 99.75];
  crop.box[0] = [-1, 8];
  const planes = printCrop({ ...crop, enabled: true }, kDisplayed);
  expect(planes).toEqual([
    { position: [54.875, 49.5, 8], normal: [0, 0, -1], enabled: true },
    { position: [10, 49.5, 3.5], normal: [1, 0, 0], enabled: true },
  ]);
  expect(readCrop(planes, kDisplayed)).toEqual({ ...crop, enabled: true, cut: true });
});

test("planes in other directions stay, and a box that is off keeps its ends", () => {
  const crop = readCrop([kOblique, { position: [0, 30, 0], normal: [0, 1, 0], enabled: false }], kDisplayed);
  expect(crop).toMatchObject({ enabled: false, cut: true, others: [kOblique] });
  expect(crop.box[1]).toEqual([30, 99.5]);
  expect(printCrop(crop, kDisplayed)).toContainEqual(kOblique);
  // A slider's arithmetic may miss the face by a hair.
  const almost = kDisplayed.map((axis) => facesOf(axis).map((at) => at + 1e-9) as [number, number]);
  expect(printCrop({ ...crop, box: almost }, kDisplayed)).toEqual([kOblique]);
  const whole = { ...crop, box: kDisplayed.map(facesOf) };
  expect(printCrop(whole, kDisplayed)).toEqual([kOblique]);
});
