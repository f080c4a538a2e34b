// A page that decodes no video (an insecure address, an old browser) shows pictures one by one, and the same at rest.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openPage, page_errors, screenshot, settled, untilLive } from "./browser";
import { NdcastServer } from "./ndcast_server";
import { sample } from "./paths";
import { canvasPicture, deviation, psnr } from "./pictures";
import { renderScene, sceneOf } from "./scene";

let browser: Browser;
let server: NdcastServer;
let page: Page;
let video: Page;

beforeAll(async () => {
  browser = await launch();
  server = await NdcastServer.start([sample("blastocyst.ome.zarr")]);
  // As it is on http://workstation: there is no decoder in the page nor in its worker, and the context knows it.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "VideoDecoder"));
  page = await context.newPage();
  page.on("pageerror", (error) => page_errors.push(String(error)));
  await page.goto(server.link);
  await untilLive(page);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  expect(page_errors).toEqual([]);
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
  video = await openPage(browser, server.link);
  await untilLive(video);
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
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "VideoDecoder"));
  page = await context.newPage();
  await page.goto(server.link);
  await untilLive(page);
  await isRight("images_late");
  await video.context().close();
  await page.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 2));
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
  await isRight("images_alone");
});
