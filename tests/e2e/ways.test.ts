// Ways to draw a layer, from the controls of its card: what the register holds, what the other page shows, and that the
// canvas shows what `ndcast render` makes of the same state.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, deviation, psnr } from "./pictures";
import { layersOf, renderScene, sceneOf } from "./scene";
import { served } from "./served";

const kAlikeDb = 32;
const kOtherDb = 30;

const at = served([sample("blastocyst.ome.zarr")]);
let page: Page;
let other: Page;
let layer: string;

beforeAll(async () => {
  page = at.page;
  other = await at.open({ width: 900, height: 700 });
  for (const each of [page, other]) await settled(each);
  layer = layersOf(await sceneOf(page))[0] ?? "";
  for (const each of [page, other]) {
    const turn = each.getByTestId(`layer-${layer}-expand`);
    if ((await turn.getAttribute("aria-expanded")) !== "true") await turn.click();
  }
});

const control = (of: Page, name: string) => of.getByTestId(`layer-${layer}-${name}`);
const choose = (name: string, word: string) => control(page, name).selectOption(word);

function registered(scope: string, target: string, key: string, value: unknown): Promise<void> {
  const read = () => other.evaluate(([s, t, k]) => window.ndcast?.register(s ?? "", t ?? "", k ?? "").confirmed, [scope, target, key]);
  return expect.poll(read, { timeout: 15_000 }).toEqual(value);
}

/** The canvas shows the scene of this moment; returns its picture. Frames of a picture at rest become better and better. */
async function judged(name: string) {
  await settled(page);
  const right = await renderScene(page, await sceneOf(page), name, await canvasPicture(page));
  await expect.poll(async () => psnr(await canvasPicture(page), right), { timeout: 15_000 }).toBeGreaterThanOrEqual(kAlikeDb);
  expect(deviation(right)).toBeGreaterThan(5);
  await screenshot(page, name);
  return right;
}

test("a slab: the projection of a layer, and how thick it is", async () => {
  const slice = await judged("way_slice");
  expect(await page.getByTestId("dim-z-margin").count()).toBe(0);
  await choose("projection_mode", "max");
  await registered("layer", layer, "projection_mode", "max");
  await page.getByTestId("dim-z-margin").fill("6");
  await page.getByTestId("dim-z-margin").press("Enter");
  await registered("dims", "z", "margin_left", 6);
  await registered("dims", "z", "margin_right", 6);
  await expect.poll(() => other.getByTestId("dim-z-margin").inputValue()).toBe("6");
  expect(psnr(await judged("way_slab"), slice)).toBeLessThan(kOtherDb);
  await choose("interpolation", "cubic");
  await registered("layer", layer, "interpolation", "cubic");
  await judged("way_cubic");
});

test("a plane of the volume, moved and turned; perspective and parallel rays", async () => {
  await page.getByTestId("mode-3d").click();
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  const whole = await judged("way_volume");
  await choose("depiction", "plane");
  const plane = await judged("way_plane");
  expect(psnr(plane, whole)).toBeLessThan(kOtherDb);
  await choose("plane-axis", "2");
  await expect.poll(() => control(other, "plane-axis").inputValue()).toBe("2");
  expect(psnr(await judged("way_plane_across_x"), plane)).toBeLessThan(kOtherDb);
  const before = await control(page, "plane-at").inputValue();
  await control(page, "plane-at").press("ArrowRight");
  await expect.poll(() => control(other, "plane-at").inputValue()).not.toBe(before);
  await choose("depiction", "volume");
  expect(await control(page, "plane-at").count()).toBe(0);

  await page.getByTestId("perspective").click();
  await expect.poll(() => other.getByTestId("perspective").textContent(), { timeout: 15_000 }).toBe("Orthographic");
  expect(psnr(await judged("way_orthographic"), whole)).toBeLessThan(kOtherDb);
  await page.keyboard.press("o");
  await expect.poll(() => page.getByTestId("perspective").textContent(), { timeout: 15_000 }).toBe("Perspective");
});
