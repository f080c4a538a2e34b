// The picture follows the hand before the server's answer is here, and the answer takes over without a jump.

import type { Page } from "playwright-core";
import { afterEach, beforeAll, expect, test } from "vitest";
import { screenshot, settled } from "./browser";
import type { Door } from "./ndcast_server";
import { sample } from "./paths";
import { deviation, psnr, screenPicture, type Picture } from "./pictures";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { door: true });
let door: Door;
let page: Page;
beforeAll(() => void ([door, page] = [at.door, at.page]));
afterEach(() => door.letGo());

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function box(test_id: string): Promise<Box> {
  const found = await page.getByTestId(test_id).boundingBox();
  if (found === null) throw new Error(`no ${test_id}`);
  return found;
}

async function still(): Promise<void> {
  await settled(page);
  await page.waitForFunction(() => window.ndcast?.video.lossless === true);
}

/** The middle of the stage, where nothing else lies on the picture and none of its edges comes in. */
async function middle(): Promise<Picture> {
  const stage = await box("stage");
  const clip = { x: stage.x + stage.width * 0.3, y: stage.y + stage.height * 0.3, width: stage.width * 0.4, height: stage.height * 0.4 };
  return screenPicture(page, { x: Math.round(clip.x), y: Math.round(clip.y), width: Math.round(clip.width), height: Math.round(clip.height) });
}

const transform = () => page.getByTestId("picture").evaluate((canvas: HTMLCanvasElement) => canvas.style.transform);

async function drag(dx: number, dy: number): Promise<void> {
  const stage = await box("stage");
  const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 6 });
  await page.mouse.up();
}

/** The answer takes over: the same place on the screen shows the same, now from a picture of its own. */
async function takesOver(name: string, alike_db: number, before: Picture, predicted: Picture): Promise<void> {
  const camera_seq = await page.evaluate(() => window.ndcast?.lastFrame?.camera_seq ?? 0);
  door.letGo();
  await page.waitForFunction((seq) => (window.ndcast?.lastFrame?.camera_seq ?? 0) > seq, camera_seq);
  await still();
  expect(await transform()).toBe("none");
  const after = await middle();
  console.log(`${name}: predicted and drawn alike by ${psnr(predicted, after).toFixed(1)} dB, before and after by ${psnr(before, after).toFixed(1)}`);
  expect(deviation(after)).toBeGreaterThan(10);
  expect(psnr(predicted, after)).toBeGreaterThan(alike_db);
  expect(psnr(before, after)).toBeLessThan(psnr(predicted, after) - 6);
}

test("a pan in 2D", async () => {
  await still();
  const before = await middle();
  const place = await box("picture");
  door.hold();
  await drag(60, 30);
  const moved = await box("picture");
  expect([moved.x - place.x, moved.y - place.y]).toEqual([expect.closeTo(60, 3), expect.closeTo(30, 3)]);
  await screenshot(page, "predicted_pan");
  await takesOver("pan", 40, before, await middle());
});

test("a zoom in 2D keeps what is under the cursor", async () => {
  await still();
  const before = await middle();
  const place = await box("picture");
  const [x, y] = [place.x + 200, place.y + 150];
  await page.mouse.move(x, y);
  const bar = await page.getByTestId("scale-bar").getAttribute("data-length");
  const bar_width = (await box("scale-bar")).width;
  door.hold();
  await page.mouse.wheel(0, -300);
  await expect.poll(async () => (await box("picture")).width).toBeGreaterThan(place.width * 1.3);
  const moved = await box("picture");
  const scale = moved.width / place.width;
  expect(x - moved.x).toBeCloseTo(200 * scale, 0);
  expect(y - moved.y).toBeCloseTo(150 * scale, 0);
  const same_length = (await page.getByTestId("scale-bar").getAttribute("data-length")) === bar;
  expect((await box("scale-bar")).width / bar_width > 1.3 || !same_length).toBe(true);
  await takesOver("zoom", 26, before, await middle());
});

test("an orbit in 3D turns with the hand", async () => {
  await page.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 3));
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await still();
  door.hold();
  await drag(30, 0);
  expect(await transform()).toMatch(/rotateY\([0-9.]+deg\)/);
  await screenshot(page, "predicted_orbit");
  door.letGo();
  await still();
  expect(await transform()).toBe("none");
});
