// The resolution level: what is shown is said, and can be held or biased, for everybody in the view.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openPage, page_errors, projection, settled, untilLive } from "./browser";
import { NdcastServer } from "./ndcast_server";
import { sample } from "./paths";

let browser: Browser;
let server: NdcastServer;
let page: Page;
let other: Page;

beforeAll(async () => {
  browser = await launch();
  server = await NdcastServer.start([sample("blastocyst.ome.zarr")]);
  page = await openPage(browser, server.link);
  await untilLive(page);
  other = await openPage(browser, server.link);
  await untilLive(other);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  expect(page_errors).toEqual([]);
});

const shown = (of: Page) => of.evaluate(() => window.ndcast?.lastFrame?.level_shown);

test("a held level is shown to both, and let go again", async () => {
  await settled(page);
  await page.getByTestId("level-choice").selectOption("level 1");
  for (const each of [page, other]) {
    await expect.poll(() => projection(each, "multiscale", "main", "level")).toBe(1);
    await expect.poll(() => shown(each)).toBe(1);
    await expect.poll(() => each.getByTestId("level").textContent()).toContain("level 1 · held");
  }
  await other.getByTestId("level-choice").selectOption("bias -2");
  for (const each of [page, other]) {
    await expect.poll(() => projection(each, "multiscale", "main", "level")).toBe(null);
    await expect.poll(() => projection(each, "multiscale", "main", "bias")).toBe(-2);
    await expect.poll(() => shown(each)).toBe(0);
  }
});
