// Pictures at rest arrive pixel for pixel (WP38): the canvas of a browser is what `ndcast render` makes of the same state.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ask, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, deviation, type Picture } from "./pictures";
import { layersOf, renderScene, sceneOf } from "./scene";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")]);
let page: Page;
beforeAll(() => void (page = at.page));

async function set(scope: string, target: string, key: string, value: unknown): Promise<void> {
  await page.evaluate(([s, t, k, v]) => window.ndcast?.set(s as string, t as string, k as string, v as never), [scope, target, key, value]);
}

/** The canvas once all its strips are there; they come after the picture that `settled` waits for. */
async function still(of: Page): Promise<Picture> {
  await settled(of);
  await of.waitForFunction(() => window.ndcast?.video.lossless === true);
  return canvasPicture(of);
}

/** How many pixels differ, in any component. */
function wrongPixels(a: Picture, b: Picture): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let wrong = 0;
  for (let i = 0; i < a.rgb.length; i += 3) if (a.rgb[i] !== b.rgb[i] || a.rgb[i + 1] !== b.rgb[i + 1] || a.rgb[i + 2] !== b.rgb[i + 2]) wrong += 1;
  return wrong;
}

async function judge(name: string): Promise<void> {
  const shown = await still(page);
  const right = await renderScene(page, await sceneOf(page), `still_${name}`, shown);
  expect(deviation(shown)).toBeGreaterThan(5);
  expect(wrongPixels(shown, right)).toBe(0);
}

test("WP38 a slice at rest is exact", async () => {
  await judge("plane");
});

test("WP38 a moved picture is video first and exact again at rest", async () => {
  await set("dims", "z", "index", 90);
  await page.waitForFunction(() => window.ndcast?.register("dims", "z", "index").confirmed === 90);
  await judge("moved");
});

test("WP38 a volume at rest is exact", async () => {
  await set("view", "main", "ndisplay", 3);
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await judge("volume");
  await screenshot(page, "still_volume");
});

test("WP38 colours and contrast at rest are exact", async () => {
  const [first] = layersOf(await sceneOf(page));
  await set("view", "main", "ndisplay", 2);
  await set("layer", String(first), "colormap", "viridis");
  await set("layer", String(first), "contrast_limits", [10, 300]);
  await page.waitForFunction((layer) => window.ndcast?.register("layer", layer, "colormap").confirmed === "viridis", String(first));
  await judge("viridis");
});

test("WP38 somebody who joins gets the still too, and who has it keeps it", async () => {
  await still(page);
  const frames = await ask(page, (nd) => nd.lastFrame?.seq ?? 0);
  const other = await at.open();
  const theirs = await still(other);
  // The keyframe for the one who joined goes to everybody.
  await page.waitForFunction((seq) => (window.ndcast?.lastFrame?.seq ?? 0) > seq, frames);
  expect(await ask(page, (nd) => nd.video.lossless)).toBe(true);
  expect(wrongPixels(await canvasPicture(page), await renderScene(page, await sceneOf(page), "still_joined", theirs))).toBe(0);
  await other.context().close();
});
