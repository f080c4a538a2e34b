// The main path in Firefox ESR: the first picture, a slider, a pan, an orbit, a layer's contrast. Each change is seen by
// a page in Chromium too, and at rest both canvases hold the same picture, pixel for pixel.

import type { Browser as Chromium, Page as ChromiumPage } from "playwright-core";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, openPage, page_errors, settled, untilLive } from "./browser";
import { asked, boxOf, control, dragPicture, firefoxScreenshot, hasFirefox, launchFirefox, openInFirefox, type } from "./firefox";
import { NdcastServer } from "./ndcast_server";
import { sample } from "./paths";
import { canvasPicture, deviation, psnr, type Picture } from "./pictures";
import { layersOf, renderScene, sceneOf } from "./scene";

const kVideoDb = 32;
const kMovedDb = 30;

describe.skipIf(!hasFirefox())("Firefox", () => {
  let server: NdcastServer;
  let firefox: Browser;
  let chromium: Chromium;
  let page: Page;
  let other: ChromiumPage;

  beforeAll(async () => {
    server = await NdcastServer.start([sample("blastocyst.ome.zarr")]);
    [firefox, chromium] = await Promise.all([launchFirefox(), launch()]);
    page = await openInFirefox(firefox, server.link);
  });
  afterAll(async () => {
    await firefox?.close();
    await chromium?.close();
    await server?.stop();
    expect(page_errors).toEqual([]);
  });

  const lossless = () => window.ndcast?.video.lossless === true;
  const poseOf = (key: string) => other.evaluate((k) => window.ndcast?.register("camera", "main", k).confirmed, key);

  /** At rest: both pages show what `ndcast render` makes of the room's scene, every pixel of it. */
  async function isRight(name: string): Promise<Picture> {
    await settled(asked(page));
    await settled(other);
    await page.waitForFunction(lossless);
    await other.waitForFunction(lossless);
    const shown = await canvasPicture(asked(page));
    await firefoxScreenshot(page, `firefox_${name}`);
    expect(deviation(shown)).toBeGreaterThan(5);
    expect(psnr(shown, await canvasPicture(other))).toBe(Infinity);
    expect(psnr(shown, await renderScene(other, await sceneOf(other), `firefox_${name}`, shown))).toBe(Infinity);
    return shown;
  }

  function registered(scope: string, target: string, key: string, value: unknown): Promise<void> {
    return expect.poll(() => other.evaluate(([s, t, k]) => window.ndcast?.register(s ?? "", t ?? "", k ?? "").confirmed, [scope, target, key])).toEqual(value);
  }

  test("decodes the video, and its first picture is the room's", async () => {
    expect(await page.evaluate(() => typeof VideoDecoder)).toBe("function");
    expect(await page.$(control("no-video"))).toBeNull();
    await settled(asked(page));
    const video = await canvasPicture(asked(page));
    other = await openPage(chromium, server.link);
    await untilLive(other);
    expect(psnr(video, await renderScene(other, await sceneOf(other), "firefox_video", video))).toBeGreaterThan(kVideoDb);
    await isRight("opened");
    expect(await page.evaluate(() => window.ndcast?.video.troubles)).toEqual([]);
  });

  test("slider: typed, by key and dragged", async () => {
    const before = await canvasPicture(asked(page));
    await type(page, "dim-z-field", "100");
    await registered("dims", "z", "index", 100);
    await page.focus(control("dim-z-slider"));
    await page.keyboard.press("ArrowRight");
    await registered("dims", "z", "index", 101);
    const typed = await isRight("slider");
    expect(psnr(before, typed)).toBeLessThan(kMovedDb);
    const track = await boxOf(page, "dim-z-slider");
    const [x, y] = [Math.round(track.x + track.width * 0.43), Math.round(track.y + track.height / 2)];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y, { steps: 6 });
    await page.mouse.up();
    await expect.poll(() => other.evaluate(() => window.ndcast?.register("dims", "z", "index").confirmed)).toBeGreaterThan(105);
    expect(psnr(typed, await isRight("dragged"))).toBeLessThan(kMovedDb);
  });

  test("a drag pans, the wheel zooms", async () => {
    const pose = async () => (await poseOf("plane")) as { rect: [number, number, number, number]; zoom: number };
    const before = await pose();
    const picture = await canvasPicture(asked(page));
    await dragPicture(page, 60, 30);
    await expect.poll(async () => (await pose()).rect[0]).toBeLessThan(before.rect[0]);
    await page.mouse.wheel({ deltaY: -240 });
    await expect.poll(async () => (await pose()).zoom).toBeGreaterThan(before.zoom * 1.2);
    expect(psnr(picture, await isRight("panned"))).toBeLessThan(kMovedDb);
    expect(await page.$eval(control("picture"), (canvas) => (canvas as HTMLElement).style.transform)).toBe("none");
  });

  test("a layer's contrast", async () => {
    const [layer] = layersOf(await sceneOf(other));
    const before = await canvasPicture(asked(page));
    await type(page, `layer-${layer}-contrast-high-field`, "400");
    await registered("layer", String(layer), "contrast_limits", [0, 400]);
    expect(psnr(before, await isRight("contrast"))).toBeLessThan(kMovedDb);
  });

  test("the volume, turned", async () => {
    await page.click(control("mode-3d"));
    for (const each of [asked(page), other]) await each.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
    const pose = async () => (await poseOf("volume")) as { angles: [number, number, number] };
    const before = await pose();
    const picture = await isRight("volume");
    await dragPicture(page, 120, 0);
    await expect.poll(async () => (await pose()).angles).not.toEqual(before.angles);
    expect(psnr(picture, await isRight("turned"))).toBeLessThan(kMovedDb);
  });

  test("what Chromium changes is seen in Firefox", async () => {
    await other.getByTestId("mode-2d").click();
    await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
    await isRight("back");
  });

  test("WP20 without WebCodecs pictures come one by one, and the page says so", async () => {
    const plain = await launchFirefox({ "dom.media.webcodecs.enabled": false });
    try {
      page = await openInFirefox(plain, server.link);
      expect(await page.evaluate(() => typeof VideoDecoder)).toBe("undefined");
      await page.waitForSelector(control("no-video"));
      await type(page, "dim-z-field", "60");
      await registered("dims", "z", "index", 60);
      await isRight("images");
    } finally {
      await plain.close();
    }
  });
});
