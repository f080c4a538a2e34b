// Pictures as numbers: read from a page's canvas or from a PNG file, compared by PSNR.

import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

/** 8-bit RGB, rows from the top. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** The canvas of the page, as drawn. */
export function canvasPicture(page: Page): Promise<Picture> {
  return page
    .evaluate(() => {
      const canvas = window.ndcast?.canvas;
      if (canvas === undefined) throw new Error("the page has no window.ndcast");
      return canvas.toDataURL("image/png");
    })
    .then((url) => decodePng(page, url));
}

/** What is on the screen, CSS pixels of the page. */
export async function screenPicture(page: Page, clip: { x: number; y: number; width: number; height: number }): Promise<Picture> {
  return decodePng(page, `data:image/png;base64,${(await page.screenshot({ clip })).toString("base64")}`);
}

/** The browser decodes: no PNG library to install, and both pictures go the same way. */
export async function pngPicture(page: Page, path: string): Promise<Picture> {
  return decodePng(page, `data:image/png;base64,${(await readFile(path)).toString("base64")}`);
}

async function decodePng(page: Page, url: string): Promise<Picture> {
  const { width, height, base64 } = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("no 2D context");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let text = "";
    for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
    return { width: canvas.width, height: canvas.height, base64: btoa(text) };
  }, url);
  const rgba = Buffer.from(base64, "base64");
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; ++i) rgb.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
  return { width, height, rgb };
}

/** Peak signal to noise over all three channels, dB; identical pictures give Infinity. */
export function psnr(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`pictures of ${a.width}×${a.height} and ${b.width}×${b.height} cannot be compared`);
  let sum = 0;
  for (let i = 0; i < a.rgb.length; ++i) sum += ((a.rgb[i] ?? 0) - (b.rgb[i] ?? 0)) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.rgb.length));
}

/** Standard deviation of the luma, 0–255: a flat picture would agree with anything flat. */
export function deviation({ rgb }: Picture): number {
  let sum = 0;
  let squares = 0;
  const count = rgb.length / 3;
  for (let i = 0; i < rgb.length; i += 3) {
    const luma = 0.2126 * (rgb[i] ?? 0) + 0.7152 * (rgb[i + 1] ?? 0) + 0.0722 * (rgb[i + 2] ?? 0);
    sum += luma;
    squares += luma * luma;
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** Moved right and down; what comes in repeats the edge. */
export function shifted(picture: Picture, dx: number, dy: number): Picture {
  const { width, height, rgb } = picture;
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const from = 3 * (Math.max(0, y - dy) * width + Math.max(0, x - dx));
      out.set(rgb.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return { width, height, rgb: out };
}

/** A picture made pixel by pixel, grey. */
export function greyPicture(width: number, height: number, value: (column: number, row: number) => number): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; ++row)
    for (let column = 0; column < width; ++column) rgb.fill(value(column, row), 3 * (row * width + column), 3 * (row * width + column) + 3);
  return { width, height, rgb };
}
