// Layers of another image beside those of the scene's own (WP44).

import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { screenshot, settled, violations } from "./browser";
import { sample } from "./paths";
import { canvasPicture, psnr } from "./pictures";
import { layersOf, renderScene, sceneOf } from "./scene";
import { served } from "./served";

const folder = mkdtempSync(join(tmpdir(), "ndcast-adding-"));
cpSync(sample("blastocyst.ome.zarr"), join(folder, "second.ome.zarr"), { recursive: true });

const at = served([sample("blastocyst.ome.zarr"), "--data-root", folder], { pages: 2 });
let page: Page;
let other: Page;
beforeAll(() => void ([page, other] = at.both));

const cards = (of: Page) => of.locator("article.card").count();

async function sharp(): Promise<void> {
  await settled(page);
  await page.waitForFunction(() => window.ndcast?.video.lossless === true);
}

test("another image's layers come from the panel's plus, for everybody, and are drawn", async () => {
  await sharp();
  const before = await canvasPicture(page);
  await page.getByTestId("layers-add").click();
  expect(await page.getByTestId("open-beside").isChecked()).toBe(true);
  await page.getByTestId("open-entries").getByRole("button", { name: "second.ome.zarr" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await screenshot(page, "adding");
  await page.getByTestId("open-entries").getByRole("button", { name: "second.ome.zarr" }).click();
  await page.getByTestId("open-dialog").waitFor({ state: "hidden" });
  await expect.poll(() => cards(page)).toBe(4);
  await expect.poll(() => cards(other)).toBe(4);
  expect(layersOf(await sceneOf(page)).length).toBe(4);
  await sharp();
  const after = await canvasPicture(page);
  expect(psnr(before, after)).toBeLessThan(40); // additive: twice as bright
  const right = await renderScene(page, await sceneOf(page), "adding", after);
  expect(Buffer.compare(after.rgb, right.rgb)).toBe(0);
  await screenshot(page, "added");
});

test("what is there already is not added again, and the dialog says so", async () => {
  await page.getByTestId("layers-add").click();
  await page.getByTestId("open-address").fill(join(folder, "second.ome.zarr"));
  await page.getByTestId("open-go").click();
  expect(await page.getByTestId("open-trouble").textContent()).toContain("is shown already");
  await page.keyboard.press("Escape");
});

test("layers are taken away one by one, for everybody", async () => {
  const [, , third, last] = layersOf(await sceneOf(page));
  for (const id of [last, third]) {
    const remove = page.getByTestId(`layer-${id}-remove`);
    if (!(await remove.isVisible())) await page.getByTestId(`layer-${id}-expand`).click();
    await remove.click();
    await page.getByTestId(`layer-${id}`).waitFor({ state: "detached" });
  }
  await expect.poll(() => cards(other)).toBe(2);
  expect(layersOf(await sceneOf(page)).length).toBe(2);
});
