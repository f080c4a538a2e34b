import { expect, test } from "vitest";
import { anglesFrom, axisEnds } from "./orientation";
import { cameraAxes } from "./projection";

test("the eye at an end of an axis sees that end in the middle, nearest of all", () => {
  for (const axis of [0, 1, 2] as const) {
    for (const sign of [1, -1] as const) {
      const nearest = axisEnds(cameraAxes(...anglesFrom(axis, sign))).at(-1);
      expect(nearest).toMatchObject({ axis, sign });
      expect(Math.hypot(nearest?.x ?? 1, nearest?.y ?? 1)).toBeLessThan(0.01);
    }
  }
});

test("looking along +y, x is to the right and z up", () => {
  const ends = axisEnds(cameraAxes(0, 0, 0));
  expect(ends.find(({ axis, sign }) => axis === 0 && sign === 1)).toMatchObject({ x: 1 });
  expect(ends.find(({ axis, sign }) => axis === 2 && sign === 1)).toMatchObject({ y: -1 });
  expect(ends[0]).toMatchObject({ axis: 1, sign: 1 });
});
