// Fingers on a tablet: one pans a slice and turns a volume, two pinch and pan, and controls are large enough for them.

import type { CDPSession, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ask, projection, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { pages: 0 });
let page: Page;
let other: Page;
let hand: CDPSession;
let stage: { x: number; y: number; width: number; height: number };
beforeAll(async () => {
  page = await at.open({ width: 1180, height: 820, touch: true });
  other = await at.open();
  hand = await page.context().newCDPSession(page);
  const box = await page.getByTestId("stage").boundingBox();
  if (box === null) throw new Error("no stage");
  stage = box;
  await settled(page);
});

type Point = [number, number];
const kSteps = 8;

/** Each finger goes from its first place to its last, in CSS pixels from the middle of the stage, all at once. */
async function fingers(...ways: { from: Point; to: Point }[]): Promise<void> {
  const places = (share: number) =>
    ways.map(({ from, to }, id) => ({
      x: stage.x + stage.width / 2 + from[0] + share * (to[0] - from[0]),
      y: stage.y + stage.height / 2 + from[1] + share * (to[1] - from[1]),
      id,
    }));
  await hand.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: places(0) });
  for (let step = 1; step <= kSteps; ++step) await hand.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: places(step / kSteps) });
  await hand.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

async function moved(act: () => Promise<void>): Promise<void> {
  const before = await ask(page, (nd) => nd.lastFrame?.camera_seq ?? 0);
  await act();
  await page.waitForFunction((seq) => (window.ndcast?.lastFrame?.camera_seq ?? 0) > seq, before);
  await settled(page);
}

const rect = async () => ((await projection(page, "camera", "main", "plane")) as { rect: [number, number, number, number] }).rect;
const volume = async () => (await projection(page, "camera", "main", "volume")) as { center: Point; angles: Point; distance: number };
const world_per_css = async () => (await rect())[2] / ((await page.getByTestId("picture").boundingBox())?.width ?? NaN);

test("one finger pans a slice, as far as it goes", async () => {
  const before = await rect();
  const scale = await world_per_css();
  await moved(() => fingers({ from: [0, 0], to: [90, -40] }));
  const after = await rect();
  expect(after[0] - before[0]).toBeCloseTo(-90 * scale, 1);
  expect(after[1] - before[1]).toBeCloseTo(40 * scale, 1);
  expect(after[2]).toBeCloseTo(before[2], 6);
  await page.getByTestId("cursor").waitFor({ state: "detached" });
});

test("two fingers pinch about the place between them, and pan", async () => {
  const before = await rect();
  await moved(() => fingers({ from: [-60, 0], to: [-120, 0] }, { from: [60, 0], to: [120, 0] }));
  const after = await rect();
  expect(after[2] / before[2]).toBeCloseTo(0.5, 2);
  const middle = (of: number[]) => [(of[0] ?? 0) + (of[2] ?? 0) / 2, (of[1] ?? 0) + (of[3] ?? 0) / 2];
  const [from, to] = [middle(before), middle(after)];
  expect(Math.hypot((from[0] ?? 0) - (to[0] ?? 0), (from[1] ?? 0) - (to[1] ?? 0))).toBeLessThan(before[2] * 0.01);

  const scale = await world_per_css();
  await moved(() => fingers({ from: [-60, 0], to: [-10, 30] }, { from: [60, 0], to: [110, 30] }));
  const panned = await rect();
  expect(panned[2] / after[2]).toBeCloseTo(1, 2);
  expect(panned[0] - after[0]).toBeCloseTo(-50 * scale, 0);
  expect(panned[1] - after[1]).toBeCloseTo(-30 * scale, 0);
  await expect.poll(async () => ((await projection(other, "camera", "main", "plane")) as { rect: number[] }).rect).toEqual(panned);
  await screenshot(page, "tablet");
});

test("in a volume one finger turns, two pan and come nearer", async () => {
  await page.getByTestId("mode-3d").tap();
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await settled(page);
  const before = await volume();
  await moved(() => fingers({ from: [0, 0], to: [100, 20] }));
  const turned = await volume();
  expect(turned.angles[0]).toBeCloseTo(before.angles[0] - 30, 3);
  expect(turned.angles[1]).toBeCloseTo(before.angles[1] + 6, 3);
  expect(turned.center).toEqual(before.center);

  await moved(() => fingers({ from: [-50, 0], to: [-50, 60] }, { from: [50, 0], to: [50, 60] }));
  const panned = await volume();
  expect(panned.angles).toEqual(turned.angles);
  expect(panned.center).not.toEqual(turned.center);
  expect(panned.distance / turned.distance).toBeCloseTo(1, 2);

  await moved(() => fingers({ from: [-50, 0], to: [-100, 0] }, { from: [50, 0], to: [100, 0] }));
  const nearer = await volume();
  expect(nearer.distance / panned.distance).toBeCloseTo(0.5, 2);
  expect(nearer.angles).toEqual(turned.angles);
});

test("the page neither scrolls nor zooms, and what is pressed is large enough for a finger", async () => {
  expect(await page.evaluate(() => [window.visualViewport?.scale, window.scrollX, window.scrollY])).toEqual([1, 0, 0]);
  const heights = await page
    .locator("header button, header select, .dims button, [data-testid^='gizmo-']")
    .evaluateAll((all) => all.filter((each) => each.checkVisibility()).map((each) => ({ name: (each as HTMLElement).dataset.testid, height: each.getBoundingClientRect().height })));
  expect(heights.length).toBeGreaterThan(15);
  expect(heights.filter(({ height }) => height < 28)).toEqual([]);
});
