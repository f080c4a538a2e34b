#!/usr/bin/env node
// Every way to draw an image, on one picture; all else is as the image is opened.
//   tools/contact_sheet.mjs OUT.png IMAGE… [--ndcast build/release/ndcast]
// The pictures are `ndcast render`'s; Chromium lays them out.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? ".", "..");
const { chromium } = createRequire(join(root, "web", "package.json"))("playwright-core");

const [out, ...rest] = process.argv.slice(2);
const at = rest.indexOf("--ndcast");
const program = at < 0 ? join(root, "build/release/ndcast") : rest[at + 1];
const images = rest.filter((_, i) => at < 0 || (i !== at && i !== at + 1));
if (out === undefined || images.length === 0) {
  console.error("usage: tools/contact_sheet.mjs OUT.png IMAGE… [--ndcast PROGRAM]");
  process.exit(2);
}

const kWidth = 288;
const kHeight = 216;
const deep = { interpolation: "linear" };
/** Name, displayed axes, layer controls, margins along z in steps, controls of the first label image. */
const ways = [
  ["slice, nearest", 2, { interpolation: "nearest" }, 0],
  ["slice, cubic", 2, { interpolation: "cubic" }, 0],
  ["slab, max of 21 planes", 2, { projection_mode: "max", interpolation: "linear" }, 10],
  ["slab, mean of 21 planes", 2, { projection_mode: "mean", interpolation: "linear" }, 10],
  ...["mip", "minip", "attenuated_mip", "translucent", "iso", "additive", "average"].map((mode) => [mode.replace("_", " "), 3, { ...deep, rendering: mode }, 0]),
  ["plane", 3, { ...deep, depiction: "plane", plane_thickness: 2 }, 0],
  ["labels", 2, { visible: true }, 0, { visible: true }],
  ["label contours", 2, { visible: true }, 0, { visible: true, contour: 1 }],
  ["labels in 3D", 3, { visible: false }, 0, { visible: true }],
];
const kColumns = 5;

function axesOf(image) {
  const info = JSON.parse(execFileSync(program, ["info", "--json", image], { encoding: "utf8" }));
  const level = info.arrays[0];
  const names = level.axes.map((axis) => axis.name);
  const z = names.indexOf("z");
  const c = names.indexOf("c");
  return { z_step: z < 0 ? 0 : level.scale[z], channels: c < 0 ? 1 : level.shape[c] };
}

function scene([, ndisplay, controls, planes, labels], axes) {
  const registers = [{ scope: "view", target: "main", key: "ndisplay", value: ndisplay }];
  const put = (layer, values) => {
    for (const [key, value] of Object.entries(values)) registers.push({ scope: "layer", target: `layer-${layer}`, key, value });
  };
  for (let layer = 0; layer < axes.channels; ++layer) put(layer, controls);
  // Label images lie above the channels.
  if (labels !== undefined) put(axes.channels, labels);
  for (const key of planes > 0 ? ["margin_left", "margin_right"] : []) registers.push({ scope: "dims", target: "z", key, value: planes * axes.z_step });
  return JSON.stringify({ ndcast_scene: 1, registers });
}

const folder = mkdtempSync(join(tmpdir(), "ndcast-sheet-"));
/** The picture as a data URL; nothing for labels of an image that has none. */
function picture(image, way, axes) {
  writeFileSync(join(folder, "scene.json"), scene(way, axes));
  const arguments_ = ["render", image, "--scene", join(folder, "scene.json"), "--size", `${kWidth}x${kHeight}`, "--out", join(folder, "cell.png")];
  try {
    execFileSync(program, arguments_, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    if (way[4] !== undefined) return undefined;
    throw error;
  }
  return `data:image/png;base64,${readFileSync(join(folder, "cell.png")).toString("base64")}`;
}

let body = "";
for (const image of images) {
  const axes = axesOf(image);
  body += `<h1>${basename(image).replace(/(\.ome)?\.zarr$/, "")}</h1><div class="grid">`;
  for (const way of ways) {
    const source = picture(image, way, axes);
    if (source !== undefined) body += `<figure><img src="${source}"><figcaption>${way[0]}</figcaption></figure>`;
  }
  body += "</div>";
}
rmSync(folder, { recursive: true });

const style = `body{margin:0;padding:4px 12px 12px;background:#16181d;color:#e6e8ec;font:14px system-ui,sans-serif;width:max-content}
.grid{display:grid;grid-template-columns:repeat(${kColumns},${kWidth}px);gap:6px}h1{font-size:16px;margin:10px 0 6px}
figure{margin:0;position:relative;background:#000}img{display:block}
figcaption{position:absolute;left:7px;top:5px;text-shadow:0 0 3px #000,0 0 3px #000}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.setContent(`<style>${style}</style>${body}`);
await page.locator("body").screenshot({ path: out });
await browser.close();
