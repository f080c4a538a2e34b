import { expect, test } from "vitest";
import { movedStop, opacityAt, rampOver, readCurve, stopBeside, withoutStop, withStop, type Curve } from "./opacity_curve";

const kCurve: Curve = [
  [10, 0],
  [20, 0.5],
  [40, 1],
];

test("what is no curve reads as none", () => {
  expect(readCurve([])).toBeNull();
  expect(readCurve([[1, 0]])).toBeNull();
  expect(readCurve([[1, 0], "x"])).toBeNull();
  expect(readCurve([[1, 0], [2, 1]])).toEqual(rampOver([1, 2]));
});

test("the opacity between stops is on the line, and beyond them that of the last one", () => {
  expect([0, 10, 15, 20, 30, 40, 99].map((value) => opacityAt(kCurve, value))).toEqual([0, 0, 0.25, 0.5, 0.75, 1, 1]);
});

test("a moved stop stays between its neighbours and between clear and opaque", () => {
  expect(movedStop(kCurve, 1, [99, 7], [0, 100])[1]).toEqual([40, 1]);
  expect(movedStop(kCurve, 1, [-5, -1], [0, 100])[1]).toEqual([10, 0]);
  expect(movedStop(kCurve, 0, [-5, 0.5], [0, 100])[0]).toEqual([0, 0.5]);
  expect(movedStop(kCurve, 2, [500, 0.5], [0, 100])).toEqual([kCurve[0], kCurve[1], [100, 0.5]]);
});

test("stops come where their value says, and the last two stay", () => {
  expect(withStop(kCurve, [30, 0.1])).toEqual({ curve: [kCurve[0], kCurve[1], [30, 0.1], kCurve[2]], at: 2 });
  expect(withStop(kCurve, [50, 0.1]).at).toBe(3);
  expect(withStop(kCurve, [0, 0.1]).at).toBe(0);
  expect(withoutStop(kCurve, 1)).toEqual([kCurve[0], kCurve[2]]);
  expect(withoutStop([[0, 0], [1, 1]], 0)).toHaveLength(2);
  expect(stopBeside(kCurve, 0)).toEqual([15, 0.25]);
  expect(stopBeside(kCurve, 2)).toEqual([30, 0.75]);
});
