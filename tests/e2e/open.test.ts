// Opening an image from the page: the server's folders, a typed address, several images behind one, and those of lately.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, deviation } from "./pictures";
import { served } from "./served";

let page: Page;
const root = mkdtempSync(join(tmpdir(), "ndcast-root-"));

cpSync(sample("blastocyst.ome.zarr"), join(root, "embryos", "blastocyst.ome.zarr"), { recursive: true });
cpSync(sample("mri-stack.ome.zarr"), join(root, "heads", "mri-stack.ome.zarr"), { recursive: true });
cpSync(sample("mri-stack.ome.zarr"), join(root, "heads", "again.ome.zarr"), { recursive: true });
// Without an image there is no picture that a page could be live with.
const at = served(["--data-root", root], { pages: 0 });
beforeAll(async () => {
  page = await openPage(at.browser, at.link);
  await page.waitForFunction(() => window.ndcast?.live === true);
});
afterAll(() => rmSync(root, { recursive: true }));

const source = () => page.getByTestId("source").textContent();

async function shows(name: string): Promise<void> {
  await expect.poll(source).toBe(name);
  await page.getByTestId("open-dialog").waitFor({ state: "hidden" });
  await settled(page);
  await expect.poll(async () => deviation(await canvasPicture(page))).toBeGreaterThan(5);
}

test("folders are walked down to an image, which everybody then sees", async () => {
  await page.getByTestId("notice-idle").waitFor();
  await page.getByTestId("open").click();
  await page.getByTestId("open-entries").getByText("embryos").click();
  await page.getByTestId("open-entries").getByText("blastocyst.ome.zarr").waitFor();
  await screenshot(page, "open_dialog");
  await page.getByTestId("open-up").click();
  await page.getByTestId("open-entries").getByText("heads").waitFor();
  await page.getByTestId("open-entries").getByText("embryos").click();
  await page.getByTestId("open-entries").getByText("blastocyst.ome.zarr").click();
  await shows("blastocyst");
});

test("a typed address that is wrong is told, and one of several images is asked for", async () => {
  await page.keyboard.press("Control+o");
  await page.getByTestId("open-address").fill(join(root, "nothing.ome.zarr"));
  await page.keyboard.press("Enter");
  await page.getByTestId("open-trouble").waitFor();
  expect(await source()).toBe("blastocyst");
  await page.getByTestId("open-address").fill(join(root, "heads"));
  await page.getByTestId("open-go").click();
  await page.getByTestId("open-choices").getByText("mri-stack").click();
  await shows("mri-stack");
});

test("what was opened lately is a click away; outside of the roots nothing is", async () => {
  await page.getByTestId("open").click();
  await page.getByTestId("open-address").fill("/etc");
  await page.getByTestId("open-go").click();
  await page.getByTestId("open-trouble").waitFor();
  await page.getByTestId("open-recent").getByText("blastocyst.ome.zarr").click();
  await shows("blastocyst");
});
