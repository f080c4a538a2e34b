// Reading the data: the voxel under the cursor, the histogram and windows that fit it, and taking a change back.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { projection, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { layersOf, sceneOf } from "./scene";
import { served } from "./served";
import { readSlice } from "./zarr_slice";

const at = served([sample("mri-stack.ome.zarr")], { pages: 2 });
let page: Page;
let other: Page;
let layer: string;
beforeAll(async () => {
  [page, other] = at.both;
  layer = layersOf(await sceneOf(page))[0] ?? "";
});

const limits = (of: Page) => projection(of, "layer", layer, "contrast_limits") as Promise<[number, number]>;

/** Both pages show it. */
async function bothHave(wanted: (now: [number, number]) => boolean): Promise<[number, number]> {
  for (const each of [page, other]) await expect.poll(async () => wanted(await limits(each))).toBe(true);
  return limits(page);
}

test("WP39 the voxel under the cursor is the file's, also on the next plane", async () => {
  await settled(page);
  const rect = (await page.evaluate(() => window.ndcast?.register("camera", "main", "plane").confirmed)) as { rect: [number, number, number, number] };
  const [left, top, width, height] = rect.rect;
  const picture = await page.getByTestId("picture").boundingBox();
  if (picture === null) throw new Error("no picture");
  const places: number[] = [];
  for (const z of [11, 12]) {
    await page.evaluate((index) => window.ndcast?.set("dims", "z", "index", index), z);
    await page.waitForFunction((index) => window.ndcast?.register("dims", "z", "index").confirmed === index, z);
    const slice = readSlice(sample("mri-stack.ome.zarr/s0"), z);
    // The brightest voxel: what lies around it is darker. Scale 1, translation 0: its centre is at its indices.
    const brightest = slice.voxels.indexOf(slice.voxels.reduce((most, value) => Math.max(most, value), 0));
    const [row, column] = [Math.floor(brightest / slice.width), brightest % slice.width];
    await page.mouse.move(picture.x + ((column - left) / width) * picture.width, picture.y + ((row - top) / height) * picture.height);
    await expect.poll(async () => (await page.getByTestId(`value-${layer}`).textContent())?.trim()).toBe(String(slice.voxels[brightest]));
    expect(await page.getByTestId(`value-${layer}`).getAttribute("title")).toContain(`voxel ${z}, ${row}, ${column}`);
    places.push(brightest);
  }
  expect(places[0]).not.toBe(places[1]);
  await screenshot(page, "voxel_value");
  await page.mouse.move(5, 5);
  await page.getByTestId(`value-${layer}`).waitFor({ state: "detached" });
});

test("WP36 the histogram stands above the contrast slider; auto and full range set the window for everybody", async () => {
  const title = page.getByTestId(`layer-${layer}-expand`);
  if ((await title.getAttribute("aria-expanded")) !== "true") await title.click();
  await page.waitForFunction((id) => document.querySelector(`[data-testid="layer-${id}-histogram"]`)?.getAttribute("data-ready") === "true", layer);
  const first = await limits(page);
  await page.evaluate((id) => window.ndcast?.set("layer", id, "contrast_limits", [1000, 2000]), layer);
  await bothHave(([low]) => low === 1000);
  await page.getByTestId(`layer-${layer}-auto`).click();
  const auto = await bothHave(([low]) => low !== 1000);
  await page.getByTestId(`layer-${layer}-full`).click();
  const full = await bothHave(([, high]) => high > auto[1]);
  expect(full[0]).toBeLessThanOrEqual(auto[0]);
  expect(first[1]).toBeGreaterThan(first[0]);
  await screenshot(page, "histogram");
});

test("WP27 undo takes back what this page changed, from the button and the keyboard", async () => {
  const full = await limits(page);
  await page.getByTestId("undo").click();
  const auto = await bothHave(([, high]) => high < full[1]);
  await page.getByTestId("stage").focus();
  await page.keyboard.press("Control+z");
  await bothHave(([low, high]) => low === 1000 && high === 2000);
  await page.keyboard.press("Control+Shift+Z");
  await bothHave(([low, high]) => low === auto[0] && high === auto[1]);
  await page.getByTestId("redo").click();
  await bothHave(([, high]) => high === full[1]);
});

test("slices along any pair of axes, for everybody; e shows the next pair, t swaps rows and columns", async () => {
  const order = (of: Page) => projection(of, "view", "main", "order");
  const both = async (wanted: number[]) => {
    for (const each of [page, other]) await expect.poll(() => order(each)).toEqual(wanted);
    await settled(page);
  };
  await both([0, 1, 2]);
  await page.getByTestId("plane").selectOption("xz");
  await both([1, 0, 2]);
  expect(await other.getByTestId("plane").inputValue()).toBe("xz");
  await page.getByTestId("dim-y-slider").waitFor();
  await screenshot(page, "plane_xz");
  await page.getByTestId("stage").focus();
  await page.keyboard.press("e");
  await both([2, 0, 1]);
  await page.keyboard.press("t");
  await both([2, 1, 0]);
  expect(await page.getByTestId("plane").inputValue()).toBe("zy");
  await page.keyboard.press("e");
  await both([0, 1, 2]);
});

test("the statistics panel counts pictures, says where their time goes, and when every pixel is as rendered", async () => {
  await page.getByTestId("statistics-toggle").click();
  const panel = page.getByTestId("statistics");
  await panel.waitFor();
  await page.getByTestId("dim-z-slider").focus();
  for (let i = 0; i < 5; ++i) await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.getByTestId("statistics-rate").textContent()).toMatch(/^[1-9]|^0\.[1-9]/);
  await expect.poll(() => page.getByTestId("statistics-now").textContent()).toBe("at rest, every pixel exact");
  expect(await panel.locator("dt").allTextContents()).toContain("rendering");
  await screenshot(page, "statistics");
  await page.getByTestId("stage").focus();
  await page.keyboard.press("i");
  await panel.waitFor({ state: "detached" });
});
