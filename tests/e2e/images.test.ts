// A page that decodes no video (an insecure address, an old browser) shows pictures one by one, and the same at rest.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, deviation, psnr } from "./pictures";
import { renderScene, sceneOf } from "./scene";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { pages: 0 });
let page: Page;
let video: Page;
/** As it is on http://workstation: there is no decoder in the page nor in its worker, and the context knows it. */
const without = () => at.open({ before: () => void Reflect.deleteProperty(globalThis, "VideoDecoder") });
beforeAll(async () => {
  page = await without();
});

const lossless = (of: Page) => of.waitForFunction(() => window.ndcast?.video.lossless === true);

async function isRight(name: string): Promise<void> {
  await settled(page);
  await lossless(page);
  const shown = await canvasPicture(page);
  expect(deviation(shown)).toBeGreaterThan(5);
  expect(psnr(shown, await renderScene(page, await sceneOf(page), name, shown))).toBe(Infinity);
}

test("WP20 the page says so, and shows what ndcast render makes of the scene", async () => {
  await page.getByTestId("no-video").waitFor();
  await isRight("images_plane");
  await screenshot(page, "images");
});

test("WP20 moves come as pictures, in 3D too, beside a viewer with video", async () => {
  video = await at.open();
  await page.evaluate(() => window.ndcast?.set("dims", "z", "index", 60));
  await page.waitForFunction(() => window.ndcast?.register("dims", "z", "index").confirmed === 60);
  await isRight("images_moved");
  await video.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 3));
  for (const each of [page, video]) await each.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await isRight("images_volume");
  await settled(video);
  await lossless(video);
  expect(psnr(await canvasPicture(video), await canvasPicture(page))).toBe(Infinity);
});

test("WP20 who comes while others with video are there sees the picture at once", async () => {
  await page.context().close();
  page = await without();
  await isRight("images_late");
  await video.context().close();
  await page.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 2));
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
  await isRight("images_alone");
});
