import { beforeEach, expect, test } from "vitest";
import { Glide } from "./glide";

let steps: ((now_ms: number) => void)[];
let told: [string, number[]][];
let glide: Glide;
let is_still: boolean;
beforeEach(() => {
  steps = [];
  told = [];
  is_still = false;
  glide = new Glide((id, at) => told.push([id, [...at]]), { schedule: (step) => void steps.push(step), still: () => is_still });
});
const display = (now_ms: number) => {
  for (const step of steps.splice(0)) step(now_ms);
};

test("the first place is taken at once, the next within 60 ms, and then nothing runs", () => {
  glide.to("a", [0, 10]);
  expect(told).toEqual([["a", [0, 10]]]);
  glide.to("a", [6, 10]);
  for (const now of [1000, 1030, 1060]) display(now);
  expect(told.slice(1)).toEqual([["a", [0, 10]], ["a", [3, 10]], ["a", [6, 10]]]);
  expect(steps).toEqual([]);
});

test("a newer place is gone to from where it is; the same again changes nothing", () => {
  glide.to("a", [0]);
  glide.to("a", [6]);
  display(1000);
  display(1030);
  glide.to("a", [9]);
  glide.to("a", [9]);
  display(1040);
  display(1100);
  expect(told.at(-1)).toEqual(["a", [9]]);
  expect(told.at(-2)).toEqual(["a", [3]]);
  const before = told.length;
  glide.to("a", [9]);
  expect([told.length, steps.length]).toEqual([before, 0]);
});

test("who left and comes back does not glide there, nor does anybody where motion is unwanted", () => {
  glide.to("a", [0]);
  glide.drop("a");
  glide.to("a", [5]);
  is_still = true;
  glide.to("a", [7]);
  expect(told.map(([, at]) => at[0])).toEqual([0, 5, 7]);
  expect(steps).toEqual([]);
});
