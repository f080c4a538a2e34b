// How layers look, by hand: the opacity curve over the histogram, the crop box, the objects of a label image. Each control
// moves its register, the other page's control, and the picture.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projection, screenshot, settled, violations } from "./browser";
import { sample } from "./paths";
import { canvasPicture, type Picture } from "./pictures";
import { layersOf, sceneOf } from "./scene";
import { served } from "./served";

function brightness({ rgb }: Picture): number {
  return rgb.reduce((sum, value) => sum + value, 0) / rgb.length;
}

/** The picture of everything that the page knows, without loss. */
async function picture(page: Page): Promise<Picture> {
  await settled(page);
  await page.waitForFunction(() => window.ndcast?.video.lossless === true);
  return canvasPicture(page);
}

async function middleOf(of: Locator): Promise<[number, number]> {
  await of.scrollIntoViewIfNeeded();
  const box = await of.boundingBox();
  if (box === null) throw new Error("it is not on the page");
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function drag(page: Page, from: Locator, dx: number, dy: number): Promise<void> {
  const [x, y] = await middleOf(from);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 6 });
  await page.mouse.up();
}

const undo = (page: Page) => page.evaluate(() => window.ndcast?.command("nd.undo"));

describe("a volume", () => {
  const at = served([sample("mri-stack.ome.zarr")], { pages: 2 });
  let page: Page;
  let other: Page;
  let layer: string;
  const testid = (name: string, of = page) => of.getByTestId(`layer-${layer}-${name}`);
  const curve = (of: Page) => projection(of, "layer", layer, "opacity_curve") as Promise<[number, number][]>;
  const planes = (of: Page) => projection(of, "layer", layer, "clip_planes") as Promise<{ position: number[]; normal: number[]; enabled: boolean }[]>;
  /** Confirmed, and known to the other page. */
  const bothCurves = async (wanted: (stops: [number, number][]) => boolean) => {
    for (const each of [page, other]) await expect.poll(async () => wanted(await curve(each))).toBe(true);
    return curve(page);
  };

  beforeAll(async () => {
    [page, other] = at.both;
    layer = layersOf(await sceneOf(page))[0] ?? "";
    await page.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 3));
    for (const each of [page, other]) await each.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
    await testid("rendering").selectOption("translucent");
    await other.waitForFunction((id) => window.ndcast?.register("layer", id, "rendering").confirmed === "translucent", layer);
  });
  test("an opacity curve is put over the histogram, on every page", async () => {
    const before = brightness(await picture(page));
    const limits = (await projection(page, "layer", layer, "contrast_limits")) as [number, number];
    await testid("curve-on").click();
    expect(await bothCurves((stops) => stops.length === 2)).toEqual([[limits[0], 0], [limits[1], 1]]);
    expect(await testid("curve-stop-1", other).getAttribute("aria-valuenow")).toBe("1");
    // The default ramp is the density that translucent volumes have without a curve.
    expect(Math.abs(brightness(await picture(page)) - before)).toBeLessThan(0.5);
  });

  test("a stop that is dragged moves live, is one step of undo, and thins the volume", async () => {
    const full = brightness(await picture(page));
    const start = await curve(page);
    await drag(page, testid("curve-stop-1"), 0, 60);
    const thin = await bothCurves((stops) => (stops[1]?.[1] ?? 1) < 0.5);
    expect(thin[0]).toEqual(start[0]);
    expect(Number(await testid("curve-stop-1", other).getAttribute("aria-valuenow"))).toBe(thin[1]?.[1]);
    expect(brightness(await picture(page))).toBeLessThan(full - 0.3);
    await undo(page);
    expect(await bothCurves((stops) => stops[1]?.[1] === 1)).toEqual(start);
    expect(Math.abs(brightness(await picture(page)) - full)).toBeLessThan(0.01);
  });

  test("a double click adds a stop there, another on it takes it away", async () => {
    const box = await testid("curve").boundingBox();
    if (box === null) throw new Error("no plot");
    await testid("curve").dblclick({ position: { x: box.width * 0.75, y: box.height * 0.25 } });
    const stops = await bothCurves((found) => found.length === 3);
    expect(stops.some(([, opacity]) => Math.abs(opacity - 0.75) < 0.03)).toBe(true);
    await screenshot(page, "opacity_curve");
    expect(await violations(page)).toEqual([]);
    const at = stops.findIndex(([, opacity]) => Math.abs(opacity - 0.75) < 0.03);
    await testid(`curve-stop-${at}`).dblclick();
    await bothCurves((found) => found.length === 2);
  });

  test("the keyboard moves, adds and removes stops, and keeps the last two", async () => {
    const start = await curve(page);
    await testid("curve-stop-1").focus();
    await page.keyboard.press("ArrowDown");
    await bothCurves((stops) => stops[1]?.[1] === 0.98);
    await page.keyboard.press("Shift+ArrowLeft");
    await bothCurves((stops) => (stops[1]?.[0] ?? 0) < (start[1]?.[0] ?? 0));
    await page.keyboard.press("Insert");
    expect(await bothCurves((stops) => stops.length === 3)).toHaveLength(3);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe(`layer-${layer}-curve-stop-1`);
    await page.keyboard.press("Delete");
    await bothCurves((stops) => stops.length === 2);
    await page.keyboard.press("Delete");
    await page.keyboard.press("Home");
    await bothCurves((stops) => stops.length === 2 && stops[0]?.[1] === 0);
    await testid("curve-on").click();
    await bothCurves((stops) => stops.length === 0);
    expect(await testid("curve", other).count()).toBe(0);
  });

  test("a surface, which has one opacity, gets no curve", async () => {
    await testid("rendering").selectOption("iso");
    await expect.poll(() => testid("curve-on").count()).toBe(0);
    await testid("rendering").selectOption("translucent");
    await expect.poll(() => testid("curve-on").count()).toBe(1);
  });

  test("a crop box cuts the volume, is switched off and on, and reset", async () => {
    const whole = brightness(await picture(page));
    await testid("crop").click();
    await testid("crop-x-low-field").fill("90");
    await testid("crop-x-low-field").press("Enter");
    for (const each of [page, other]) {
      await expect.poll(() => planes(each)).toMatchObject([{ position: [90, expect.any(Number), expect.any(Number)], normal: [1, 0, 0], enabled: true }]);
    }
    const cut = brightness(await picture(page));
    expect(cut).toBeLessThan(whole * 0.85);
    expect(await testid("crop-x-low-field", other).inputValue()).toBe("90");
    await screenshot(page, "crop_box");
    expect(await violations(page)).toEqual([]);
    await testid("crop-on").uncheck();
    for (const each of [page, other]) await expect.poll(async () => (await planes(each)).map((plane) => plane.enabled)).toEqual([false]);
    expect(brightness(await picture(page))).toBeCloseTo(whole, 3);
    await testid("crop-on").check();
    expect(brightness(await picture(page))).toBeCloseTo(cut, 3);
    await testid("crop-reset").click();
    for (const each of [page, other]) await expect.poll(() => planes(each)).toEqual([]);
    expect(brightness(await picture(page))).toBeCloseTo(whole, 3);
  });

  test("an end of the box is dragged in one step, and planes of scripts stay", async () => {
    const oblique = { position: [80, 90, 10], normal: [0.6, 0.8, 0], enabled: true };
    await page.evaluate(([id, plane]) => window.ndcast?.set("layer", id as string, "clip_planes", [plane as never]), [layer, oblique] as const);
    await expect.poll(async () => (await planes(other)).length).toBe(1);
    const box = await testid("crop-z-high").boundingBox();
    if (box === null) throw new Error("no slider");
    await testid("crop-z-high").hover({ position: { x: box.width - 8, y: box.height / 2 } });
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 6 });
    await page.mouse.up();
    for (const each of [page, other]) {
      await expect.poll(() => planes(each)).toMatchObject([{ normal: [0, 0, -1], enabled: true }, { enabled: true }]);
    }
    expect((await planes(page))[1]?.normal[0]).toBeCloseTo(0.6, 9);
    await undo(page);
    await expect.poll(async () => (await planes(other)).length).toBe(1);
  });
});

/** 64 × 64 pixels and a label image of two squares, 7 on the left and 300 on the right. */
function writeLabelled(path: string): void {
  const image = { axes: [{ name: "y", type: "space" }, { name: "x", type: "space" }], datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }] };
  const group = (at: string, attributes: object, bytes: Uint8Array, dtype: string) => {
    mkdirSync(join(at, "0"), { recursive: true });
    writeFileSync(join(at, ".zgroup"), '{"zarr_format":2}');
    writeFileSync(join(at, ".zattrs"), JSON.stringify({ multiscales: [{ version: "0.4", ...image }], ...attributes }));
    const array = { zarr_format: 2, shape: [64, 64], chunks: [64, 64], dtype, compressor: null, fill_value: 0, order: "C", filters: null, dimension_separator: "." };
    writeFileSync(join(at, "0", ".zarray"), JSON.stringify(array));
    writeFileSync(join(at, "0", "0.0"), bytes);
  };
  group(path, {}, new Uint8Array(64 * 64).fill(40), "|u1");
  const labels = new Uint16Array(64 * 64);
  for (let row = 16; row < 48; ++row) {
    labels.fill(7, row * 64 + 8, row * 64 + 28);
    labels.fill(300, row * 64 + 36, row * 64 + 56);
  }
  mkdirSync(join(path, "labels"));
  writeFileSync(join(path, "labels", ".zgroup"), '{"zarr_format":2}');
  writeFileSync(join(path, "labels", ".zattrs"), '{"labels":["cells"]}');
  group(join(path, "labels", "cells"), { "image-label": { version: "0.4", colors: [{ "label-value": 300, rgba: [250, 100, 20, 255] }] } }, new Uint8Array(labels.buffer), "<u2");
}

describe("a label image", () => {
  const folder = mkdtempSync(join(tmpdir(), "ndcast-labels-"));
  writeLabelled(join(folder, "cells.ome.zarr"));
  const at = served([join(folder, "cells.ome.zarr")], { pages: 2 });
  let page: Page;
  let other: Page;
  let layer: string;
  const testid = (name: string, of = page) => of.getByTestId(`layer-${layer}-${name}`);

  beforeAll(async () => {
    [page, other] = at.both;
    layer = layersOf(await sceneOf(page))[1] ?? "";
    await testid("visible").click();
    for (const each of [page, other]) {
      await each.waitForFunction((id) => window.ndcast?.register("layer", id, "visible").confirmed === true, layer);
      await testid("expand", each).click();
    }
    // Label images are let shine through at first.
    await page.evaluate((id) => window.ndcast?.set("layer", id, "opacity", 1), layer);
    await page.waitForFunction((id) => window.ndcast?.register("layer", id, "opacity").confirmed === 1, layer);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Where a voxel is on the page, and in the picture. */
  async function placeOf(column: number, row: number): Promise<{ page: [number, number]; px: [number, number] }> {
    const { rect } = (await page.evaluate(() => window.ndcast?.register("camera", "main", "plane").confirmed)) as { rect: [number, number, number, number] };
    const box = await page.getByTestId("picture").boundingBox();
    const size = await canvasPicture(page);
    if (box === null) throw new Error("no picture");
    const [u, v] = [(column - rect[0]) / rect[2], (row - rect[1]) / rect[3]];
    return { page: [box.x + u * box.width, box.y + v * box.height], px: [Math.floor(u * size.width), Math.floor(v * size.height)] };
  }
  async function pixel(column: number, row: number): Promise<string> {
    const seen = await picture(page);
    const { px } = await placeOf(column, row);
    const at = 3 * (px[1] * seen.width + px[0]);
    return `#${Buffer.from(seen.rgb.subarray(at, at + 3)).toString("hex")}`;
  }
  async function click(column: number, row: number): Promise<void> {
    const { page: place } = await placeOf(column, row);
    await page.mouse.click(...place);
  }

  test("WP39 a click on an object selects it, on every page, with its number and colour", async () => {
    await picture(page);
    await click(46, 32);
    for (const each of [page, other]) await expect.poll(() => projection(each, "layer", layer, "selected_label")).toBe(300);
    expect(await testid("selected_label", other).inputValue()).toBe("300");
    expect(await testid("label-color").getAttribute("data-color")).toBe("#fa6414");
    expect(await pixel(46, 32)).toBe("#fa6414");
    // A colour that the file does not give.
    await click(18, 32);
    for (const each of [page, other]) await expect.poll(() => projection(each, "layer", layer, "selected_label")).toBe(7);
    expect(await testid("label-color").getAttribute("data-color")).toBe(await pixel(18, 32));
    await screenshot(page, "label_picked");
    expect(await violations(page)).toEqual([]);
  });

  test("beside the objects a click selects nothing, and a drag moves the picture", async () => {
    const before = await page.evaluate(() => window.ndcast?.serverSeq ?? 0);
    await click(32, 5);
    const { page: from } = await placeOf(46, 32);
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(from[0] + 20, from[1], { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction((seq) => (window.ndcast?.register("camera", "main", "plane").version ?? 0) > seq, before);
    // What a click would have asked has been answered by now.
    await page.evaluate(() => window.ndcast?.command("nd.probe", { world: {} }));
    expect(await projection(page, "layer", layer, "selected_label")).toBe(7);
    await page.getByTestId("reset").click();
    await settled(page);
  });

  test("the selected label alone, its contour, its opacity", async () => {
    await testid("show_selected_label").check();
    for (const each of [page, other]) await expect.poll(() => projection(each, "layer", layer, "show_selected_label")).toBe(true);
    const ground = await pixel(2, 2);
    expect(await pixel(46, 32)).toBe(ground);
    expect(await pixel(18, 32)).not.toBe(ground);
    // An object that is not shown is there to be picked.
    await click(46, 32);
    await expect.poll(() => projection(other, "layer", layer, "selected_label")).toBe(300);
    expect(await pixel(46, 32)).toBe("#fa6414");
    expect(await pixel(18, 32)).toBe(ground);
    await testid("contour").fill("2");
    await expect.poll(() => projection(other, "layer", layer, "contour")).toBe(2);
    expect(await pixel(46, 32)).toBe(ground);
    await testid("contour").fill("0");
    await testid("opacity").fill("0.5");
    for (const each of [page, other]) await expect.poll(() => projection(each, "layer", layer, "opacity")).toBe(0.5);
    expect(await testid("opacity", other).inputValue()).toBe("0.5");
    const half = await pixel(46, 32);
    expect(half).not.toBe("#fa6414");
    expect(half).not.toBe(ground);
  });
});
