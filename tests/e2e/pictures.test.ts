import { expect, test } from "vitest";
import { deviation, greyPicture, psnr, shifted } from "./pictures";

const ramp = greyPicture(16, 8, (column) => column * 10);

test("psnr", () => {
  expect(psnr(ramp, ramp)).toBe(Infinity);
  const off_by_one = greyPicture(16, 8, (column) => column * 10 + 1);
  expect(psnr(ramp, off_by_one)).toBeCloseTo(20 * Math.log10(255), 6);
  expect(() => psnr(ramp, greyPicture(8, 8, () => 0))).toThrow("16×8 and 8×8");
});

test("deviation", () => {
  expect(deviation(greyPicture(4, 4, () => 77))).toBeCloseTo(0, 6);
  expect(deviation(greyPicture(4, 4, (column) => (column % 2) * 20))).toBeCloseTo(10, 6);
});

test("shifted", () => {
  const moved = shifted(ramp, 2, 0);
  expect([...moved.rgb.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 10, 10]);
});
