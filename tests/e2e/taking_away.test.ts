// The picture as a file, and the scene as one that opens it again.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { projection, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, pngPicture } from "./pictures";
import { layersOf, renderScene, sceneOf } from "./scene";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")]);
let page: Page;
const folder = mkdtempSync(join(tmpdir(), "ndcast-taking-away-"));

beforeAll(async () => {
  page = at.page;
  await settled(page);
});

async function taken(button: string): Promise<{ path: string; name: string }> {
  if (!(await page.getByTestId("share-menu").isVisible())) await page.getByTestId("share").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(button).click()]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return { path, name: download.suggestedFilename() };
}

test("the saved picture is what ndcast render makes of the scene, pixel for pixel", async () => {
  await page.getByTestId("share").click();
  await page.getByTestId("share-bar").uncheck();
  await screenshot(page, "share_menu");
  const { path, name } = await taken("share-save");
  expect(name).toMatch(/^blastocyst z\d+\.png$/);
  const saved = await pngPicture(page, path);
  const right = await renderScene(page, await sceneOf(page), "saved", saved);
  expect(Buffer.compare(saved.rgb, right.rgb)).toBe(0);
});

test("with the scale bar only its corner differs", async () => {
  await page.getByTestId("share").click();
  await page.getByTestId("share-bar").check();
  const saved = await pngPicture(page, (await taken("share-save")).path);
  const canvas = await canvasPicture(page);
  let [inside, outside] = [0, 0];
  for (let i = 0; i < saved.rgb.length; ++i) {
    if (saved.rgb[i] === canvas.rgb[i]) continue;
    const [row, column] = [Math.floor(i / 3 / saved.width), Math.floor(i / 3) % saved.width];
    if (row > saved.height * 0.85 && column < saved.width * 0.3) inside += 1;
    else outside += 1;
  }
  expect(inside).toBeGreaterThan(500);
  expect(outside).toBe(0);
});

async function dropFile(path: string): Promise<void> {
  const text = readFileSync(path, "utf8");
  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], "scene.json", { type: "application/json" }));
    return transfer;
  }, text);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

test("WP33 a saved scene that is dropped on the page shows the same again", async () => {
  const [first] = layersOf(await sceneOf(page));
  await page.evaluate((layer) => window.ndcast?.set("layer", layer, "gamma", 0.5), String(first));
  await page.waitForFunction((layer) => window.ndcast?.register("layer", layer, "gamma").confirmed === 0.5, String(first));
  await settled(page);
  const { path, name } = await taken("share-scene");
  expect(name).toMatch(/\.scene\.json$/);
  await page.evaluate((layer) => window.ndcast?.set("layer", layer, "gamma", 2), String(first));
  await page.evaluate(() => window.ndcast?.set("dims", "z", "index", 3));
  await page.waitForFunction(() => window.ndcast?.register("dims", "z", "index").confirmed === 3);
  await dropFile(path);
  await expect.poll(() => projection(page, "layer", String(first), "gamma")).toBe(0.5);
  await expect.poll(() => projection(page, "dims", "z", "index")).not.toBe(3);
});

test("WP33 a file that is no scene changes nothing and says why", async () => {
  const path = join(folder, "no.json");
  writeFileSync(path, '{"ndcast_scene":1,"registers":7}');
  await dropFile(path);
  await page.getByText("Scene: not opened").waitFor();
  expect(await projection(page, "dims", "z", "index")).not.toBe(3);
});

test("a link to a view opens where it was copied, and moves nobody else", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => window.ndcast?.set("dims", "z", "index", 42));
  await page.waitForFunction(() => window.ndcast?.register("dims", "z", "index").confirmed === 42);
  const box = await page.getByTestId("picture").boundingBox();
  await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 200);
  await page.mouse.wheel(0, -300);
  await settled(page);
  if (!(await page.getByTestId("share-menu").isVisible())) await page.getByTestId("share").click();
  await page.getByTestId("share-link").click();
  await page.getByText("Link copied").waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  expect(link.searchParams.has("token")).toBe(false);
  expect(link.hash).toContain("z=42");
  // Everybody goes elsewhere; then somebody comes with the link.
  const rect = (of: Page) => of.evaluate(() => (window.ndcast?.register("camera", "main", "plane").confirmed as { rect: number[] }).rect);
  const linked = await rect(page);
  await page.evaluate(() => window.ndcast?.set("dims", "z", "index", 7));
  await page.getByTestId("reset").click();
  await settled(page);
  const token = new URL(at.link).searchParams.get("token") ?? "";
  link.searchParams.set("token", token);
  const guest = await at.open({ link: link.toString() });
  await expect.poll(() => projection(guest, "dims", "z", "index")).toBe(42);
  await expect.poll(async () => (await rect(guest)).every((value, i) => Math.abs(value - (linked[i] ?? 0)) < 1e-3)).toBe(true);
  expect(new URL(guest.url()).hash).toBe("");
  expect(await projection(page, "dims", "z", "index")).toBe(7);
  await guest.context().close();
});
