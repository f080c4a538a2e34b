// The resolution level: what is shown is said, and can be held or biased, for everybody in the view.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { projection, settled } from "./browser";
import { sample } from "./paths";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { pages: 2 });
let page: Page;
let other: Page;
beforeAll(() => void ([page, other] = at.both));

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
