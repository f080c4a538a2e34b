// Lines and rectangles drawn on the picture: what the page shows is what the file has there, read by Node alone.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ask, projection, screenshot, settled, violations } from "./browser";
import { sample } from "./paths";
import { layersOf, sceneOf } from "./scene";
import { served } from "./served";
import { readSlice } from "./zarr_slice";

const at = served([sample("mri-stack.ome.zarr")]);
let page: Page;
let layer: string;
const z = 12;
const slice = readSlice(sample("mri-stack.ome.zarr/s0"), z);
const voxel = (x: number, y: number) => slice.voxels[y * slice.width + x] ?? NaN;

beforeAll(async () => {
  page = at.page;
  layer = layersOf(await sceneOf(page))[0] ?? "";
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((index) => window.ndcast?.set("dims", "z", "index", index), z);
  await settled(page);
});

/** Where a place of the world is on the screen: by the register of the camera, and the canvas' box. */
async function screenOf(x: number, y: number): Promise<[number, number]> {
  const pose = (await ask(page, (nd) => nd.register("camera", "main", "plane").confirmed)) as { rect: [number, number, number, number] };
  const box = await page.getByTestId("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  const [left, top, width, height] = pose.rect;
  return [box.x + ((x - left) / width) * box.width, box.y + ((y - top) / height) * box.height];
}

async function draw(from: [number, number], to: [number, number]): Promise<void> {
  await page.mouse.move(...(await screenOf(...from)));
  await page.mouse.down();
  await page.mouse.move(...(await screenOf((from[0] + to[0]) / 2, (from[1] + to[1]) / 2)));
  await page.mouse.move(...(await screenOf(...to)));
  await page.mouse.up();
}

async function csv(): Promise<string[][]> {
  await page.getByTestId("measure-copy").click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  return text.trim().split("\r\n").map((row) => row.split(","));
}

const handle = (i: number) => page.getByTestId(`measure-handle-${i}`);
async function middleOf(i: number): Promise<[number, number]> {
  const box = await handle(i).boundingBox();
  if (box === null) throw new Error(`no handle ${i}`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

test("WP41 a line drawn on the picture is plotted with the file's values", async () => {
  await page.getByTestId("stage").focus();
  await page.keyboard.press("Shift+L");
  await page.getByTestId("measure-sheet").waitFor();
  await draw([60, 100], [90, 140]);
  await page.getByTestId("measure-sheet").waitFor({ state: "detached" });
  await expect.poll(() => page.getByTestId("measure-size").textContent()).toMatch(/^(49\.9|50)\S* px$/);
  await expect.poll(async () => (await csv()).length).toBeGreaterThan(50);
  const [head, ...rows] = await csv();
  expect(head?.[0]).toBe("distance (px)");
  // Pixels of the screen are not voxels: the ends lie where the hand was, to a fraction of a voxel; so does each sample.
  let same = 0;
  rows.forEach(([, value], i) => {
    const part = i / (rows.length - 1);
    if (Number(value) === voxel(Math.round(60 + 30 * part), Math.round(100 + 40 * part))) ++same;
  });
  expect(same / rows.length).toBeGreaterThan(0.9);
  expect(rows.length === 51 || rows.length === 52).toBe(true);

  const plot = await page.getByTestId("measure-scrub").boundingBox();
  if (plot === null) throw new Error("no plot");
  await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height / 2);
  const middle = Math.round((rows.length - 1) / 2);
  await expect.poll(() => page.getByTestId(`measure-value-${layer}`).textContent()).toBe(rows[middle]?.[1]);
  expect(await page.getByTestId("measure-at").textContent()).toMatch(/^at 2[45]/);
  await screenshot(page, "measure_line");
});

test("its ends go with the picture, and can be moved by hand and by keys", async () => {
  const before = await middleOf(0);
  await page.mouse.move(...(await screenOf(120, 180)));
  await page.mouse.down();
  await page.mouse.move(before[0], before[1] + 90, { steps: 4 });
  await page.mouse.up();
  await settled(page);
  const expected = await screenOf(60, 100);
  const panned = await middleOf(0);
  expect(Math.hypot(panned[0] - expected[0], panned[1] - expected[1])).toBeLessThan(2);
  expect(Math.hypot(panned[0] - before[0], panned[1] - before[1])).toBeGreaterThan(20);
  await page.keyboard.press("r");
  await settled(page);

  await page.mouse.move(...(await middleOf(1)));
  await page.mouse.down();
  await page.mouse.move(...(await screenOf(100, 100)));
  await page.mouse.up();
  await expect.poll(() => page.getByTestId("measure-size").textContent()).toMatch(/^(39\.|40)/);
  await handle(1).focus();
  const length = async () => Number((await page.getByTestId("measure-size").textContent())?.split(" ")[0]);
  const drawn = await length();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect.poll(length).toBeCloseTo(drawn + 11, 1);
  expect(await handle(1).getAttribute("aria-label")).toMatch(/^end of the line, x 11[01]/);
});

test("it is shown in its own plane only, and can be brought along", async () => {
  await page.evaluate(() => window.ndcast?.set("dims", "z", "index", 3));
  await page.getByTestId("measure-elsewhere").waitFor();
  await expect.poll(() => handle(0).count()).toBe(0);
  const before = await csv();
  await page.getByTestId("measure-here").click();
  await handle(0).waitFor();
  await expect.poll(async () => JSON.stringify(await csv())).not.toBe(JSON.stringify(before));
  await page.getByTestId("stage").focus();
  await page.keyboard.press("Escape");
  await page.getByTestId("measure-panel").waitFor({ state: "detached" });
  await page.evaluate((index) => window.ndcast?.set("dims", "z", "index", index), z);
  await settled(page);
});

test("WP42 a rectangle has the statistics of the voxels in it", async () => {
  await page.getByTestId("measure-rectangle").click();
  await draw([60.5, 50.5], [130.5, 120.5]);
  await page.getByTestId(`measure-row-${layer}`).waitFor();
  const values: number[] = [];
  for (let y = 51; y <= 120; ++y) for (let x = 61; x <= 130; ++x) values.push(voxel(x, y));
  // The corners lie a fraction of a voxel from where they were meant; they are moved clear of the centres.
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / values.length;
  const std = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
  await expect.poll(async () => (await csv())[1]?.[6]).toBe(String(values.length));
  const row = (await csv())[1] ?? [];
  expect(Number(row[1])).toBeCloseTo(mean, 9);
  expect(Number(row[2])).toBeCloseTo(std, 9);
  expect(row.slice(3, 6)).toEqual([Math.min(...values), Math.max(...values), sum].map(String));
  expect(row[10]).toBe("yes");
  expect(Number(await page.getByTestId(`measure-mean-${layer}`).textContent())).toBeCloseTo(mean, 2);
  expect(await page.getByTestId(`measure-sum-${layer}`).textContent()).toBe(String(sum));
  await screenshot(page, "measure_rectangle");
});

test("a click that trembles leaves what was drawn", async () => {
  const words = () => page.getByTestId("measure-size").textContent();
  const before = await words();
  await page.getByTestId("measure-rectangle").click();
  const [x, y] = await screenOf(100, 60);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 1, y + 1);
  await page.mouse.up();
  expect(await words()).toBe(before);
  await page.getByTestId("measure-rectangle").click();
  await page.getByTestId("measure-sheet").waitFor({ state: "detached" });
});

test("by the keyboard alone, and without a fault that axe finds", async () => {
  await page.getByTestId("stage").focus();
  await page.keyboard.press("Escape");
  await page.getByTestId("measure-panel").waitFor({ state: "detached" });
  await page.keyboard.press("Shift+R");
  await page.getByTestId("measure-sheet").waitFor();
  await page.keyboard.press("Enter");
  await page.getByTestId(`measure-row-${layer}`).waitFor();
  await expect.poll(() => ask(page, () => document.activeElement?.getAttribute("data-testid"))).toBe("measure-handle-1");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByTestId("measure-panel").waitFor({ state: "detached" });
  // In 3D a pixel is a ray: what is armed is so no longer, and the volume is turned by the hand.
  await page.keyboard.press("Shift+L");
  await page.getByTestId("measure-sheet").waitFor();
  await page.keyboard.press("v");
  await page.getByTestId("measure-line").waitFor({ state: "detached" });
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  expect(await page.getByTestId("measure-sheet").count()).toBe(0);
  await page.keyboard.press("Shift+L");
  expect(await page.getByTestId("measure-sheet").count()).toBe(0);
  const angles = async () => ((await projection(page, "camera", "main", "volume")) as { angles: number[] }).angles.join();
  const before = await angles();
  const stage = await page.getByTestId("stage").boundingBox();
  if (stage === null) throw new Error("no stage");
  await page.mouse.move(stage.x + 300, stage.y + 200);
  await page.mouse.down();
  await page.mouse.move(stage.x + 360, stage.y + 200, { steps: 3 });
  await page.mouse.up();
  await expect.poll(angles).not.toBe(before);
  await page.keyboard.press("v");
  await page.getByTestId("measure-line").waitFor();
  expect(await page.getByTestId("measure-sheet").count()).toBe(0);
});
