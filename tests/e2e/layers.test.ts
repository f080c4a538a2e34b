// The list of layers: names, who lies over whom, one alone, and finding one among many.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projection, screenshot, settled } from "./browser";
import { canvasPicture, type Picture } from "./pictures";
import { layersOf, sceneOf } from "./scene";
import { served } from "./served";

const kChannels = 12;
let page: Page;
let other: Page;
let layers: string[];
const folder = mkdtempSync(join(tmpdir(), "ndcast-channels-"));

/** An OME-Zarr of 64 × 64 pixels whose channel i is bright in column band i. */
function writeImage(path: string): void {
  mkdirSync(path);
  writeFileSync(join(path, ".zgroup"), '{"zarr_format":2}');
  const channels = Array.from({ length: kChannels }, (_, i) => ({ label: `marker ${i}`, color: i % 2 === 0 ? "FF0000" : "00FF00", active: true, window: { start: 0, end: 255, min: 0, max: 255 } }));
  const axes = [{ name: "c", type: "channel" }, { name: "y", type: "space" }, { name: "x", type: "space" }];
  const datasets = [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1, 1] }] }];
  writeFileSync(join(path, ".zattrs"), JSON.stringify({ multiscales: [{ version: "0.4", axes, datasets }], omero: { channels } }));
  mkdirSync(join(path, "0"));
  const array = { zarr_format: 2, shape: [kChannels, 64, 64], chunks: [1, 64, 64], dtype: "|u1", compressor: null, fill_value: 0, order: "C", filters: null, dimension_separator: "." };
  writeFileSync(join(path, "0", ".zarray"), JSON.stringify(array));
  for (let c = 0; c < kChannels; ++c) {
    const chunk = new Uint8Array(64 * 64);
    for (let i = 0; i < chunk.length; ++i) if (Math.floor((i % 64) / 5) === c) chunk[i] = 255;
    writeFileSync(join(path, "0", `${c}.0.0`), chunk);
  }
}

writeImage(join(folder, "many.ome.zarr"));
const at = served([join(folder, "many.ome.zarr")], { pages: 2 });
beforeAll(async () => {
  [page, other] = at.both;
  layers = layersOf(await sceneOf(page));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Mean red and green. */
function colours({ rgb }: Picture): [number, number] {
  let [red, green] = [0, 0];
  for (let i = 0; i < rgb.length; i += 3) [red, green] = [red + (rgb[i] ?? 0), green + (rgb[i + 1] ?? 0)];
  return [(3 * red) / rgb.length, (3 * green) / rgb.length];
}
const visible = (of: Page) => Promise.all(layers.map((layer) => projection(of, "layer", layer, "visible")));

test("twelve channels: a search narrows the list, a card opens", async () => {
  expect(layers).toHaveLength(kChannels);
  await page.getByTestId("layers-search").fill("marker 11");
  await expect.poll(() => page.locator("[data-testid$='-expand']").count()).toBe(1);
  await page.getByTestId("layers-search").fill("nothing");
  await page.getByText("No layer's name has “nothing” in it.").waitFor();
  await page.getByTestId("layers-search").fill("");
  await expect.poll(() => page.locator("[data-testid$='-expand']").count()).toBe(kChannels);
  await screenshot(page, "twelve_channels");
});

test("one layer alone, for everybody, and all again", async () => {
  const all = await visible(page);
  await page.getByTestId(`layer-${layers[0]}-solo`).click();
  const alone = layers.map((_, i) => i === 0);
  for (const each of [page, other]) await expect.poll(() => visible(each)).toEqual(alone);
  await settled(page);
  await expect.poll(async () => colours(await canvasPicture(page))[0]).toBeGreaterThan(5);
  expect(colours(await canvasPicture(page))[1]).toBeLessThan(1);
  await page.getByTestId(`layer-${layers[0]}-visible`).click({ modifiers: ["Alt"] });
  for (const each of [page, other]) await expect.poll(() => visible(each)).toEqual(all.map(() => true));
});

test("a layer is renamed, and drawn later than the next one", async () => {
  const [first, second] = layers;
  await page.getByTestId(`layer-${first}-name`).fill("nuclei");
  await page.getByTestId(`layer-${first}-name`).press("Enter");
  await expect.poll(() => projection(other, "layer", String(first), "name")).toBe("nuclei");
  await page.getByTestId(`layer-${first}-later`).click();
  for (const each of [page, other]) {
    await expect.poll(() => projection(each, "layer", String(first), "order")).toBe(1);
    await expect.poll(() => projection(each, "layer", String(second), "order")).toBe(0);
  }
  const names = await page.locator("[data-testid$='-expand'] .name").allTextContents();
  expect(names.slice(0, 2)).toEqual(["marker 1", "nuclei"]);
});

test("a narrow page keeps every control within reach", async () => {
  for (const width of [600, 900]) {
    await page.setViewportSize({ width, height: 800 });
    const boxes = await page.locator("header button, header select, aside input").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().right));
    expect(Math.max(...boxes)).toBeLessThanOrEqual(width);
  }
  expect(await page.getByTestId("open").getAttribute("title")).toContain("Open");
  await page.setViewportSize({ width: 1280, height: 800 });
});
