// WP32 in browsers: one page looks around by itself while another stays, and comes back.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ask, projection, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, psnr } from "./pictures";
import { served } from "./served";

const at = served([sample("mri-stack.ome.zarr")], { pages: 2 });
let ada: Page;
let bob: Page;
beforeAll(async () => {
  [ada, bob] = at.both;
  await Promise.all([settled(ada), settled(bob)]);
});

async function sees(page: Page, forked: boolean): Promise<void> {
  await expect.poll(() => ask(page, (nd) => nd.view), { timeout: 15_000 }).toMatch(forked ? /^view-/ : /^main$/);
  await settled(page);
}

async function moveTo(page: Page, z: number): Promise<void> {
  await page.evaluate((index) => window.ndcast?.set("dims", "z", "index", index), z);
  await expect.poll(() => page.evaluate(() => window.ndcast?.register("dims", "z", "index").confirmed), { timeout: 15_000 }).toBe(z);
  await settled(page);
}

test("WP32 one page forks and moves, the other stays, and they come together again", async () => {
  await moveTo(bob, 5);
  await expect.poll(() => projection(ada, "dims", "z", "index"), { timeout: 15_000 }).toBe(5);
  await settled(ada);
  const together = await canvasPicture(ada);

  const others = bob.getByTestId("people").getByRole("listitem");
  await expect.poll(() => others.count(), { timeout: 15_000 }).toBe(1);
  expect(await others.first().getAttribute("title")).toContain("looks at the same view");

  await ada.getByTestId("view").click();
  await sees(ada, true);
  await expect.poll(() => others.first().getAttribute("title"), { timeout: 15_000 }).toContain("a view of their own");
  expect(await ada.getByTestId("view").getAttribute("aria-pressed")).toBe("true");
  expect(psnr(await canvasPicture(ada), together)).toBeGreaterThan(30);
  await moveTo(ada, 20);
  expect(psnr(await canvasPicture(ada), together)).toBeLessThan(25);
  expect(await projection(bob, "dims", "z", "index")).toBe(5);
  await settled(bob);
  expect(psnr(await canvasPicture(bob), together)).toBeGreaterThan(30);
  expect(await ask(bob, (nd) => nd.view)).toBe("main");

  await moveTo(bob, 6);
  expect(await projection(ada, "dims", "z", "index")).toBe(20);
  await moveTo(bob, 5);

  await ada.getByTestId("view").click();
  await sees(ada, false);
  expect(await projection(ada, "dims", "z", "index")).toBe(5);
  expect(psnr(await canvasPicture(ada), together)).toBeGreaterThan(30);
  expect(await ask(ada, (nd) => nd.video.troubles)).toEqual([]);
});
