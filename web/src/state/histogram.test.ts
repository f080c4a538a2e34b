import { expect, test } from "vitest";
import { outline, readHistogram } from "./histogram";

const answer = { layer: "layer-0", level: 1, levels: 2, exact: false, min: 0, max: 8, first: 0, width: 2, counts: [7, 0, 1, 0], voxels: 8 };

test("is read, and what is no histogram is none", () => {
  expect(readHistogram(answer)).toEqual({ min: 0, max: 8, first: 0, width: 2, counts: [7, 0, 1, 0], exact: false, level: 1 });
  for (const bad of [null, 3, [], {}, { ...answer, width: 0 }, { ...answer, counts: "many" }]) expect(readHistogram(bad)).toBe(null);
});

test("the outline has a column's height where its values are, by logarithm", () => {
  const histogram = readHistogram(answer);
  if (histogram === null) throw new Error("no histogram");
  expect(outline(histogram, 0, 8, 4)).toBe("M0 1L0 0.000L1 0.000L1 1.000L2 1.000L2 0.667L3 0.667L3 1.000L4 1.000L4 1Z");
  // A wider range than the data has, and a narrower one.
  expect(outline(histogram, -8, 8, 2)).toBe("M0 1L0 1.000L1 1.000L1 0.000L2 0.000L2 1Z");
  expect(outline(histogram, 4, 8, 2)).toBe("M0 1L0 0.000L1 0.000L1 1.000L2 1.000L2 1Z");
});
