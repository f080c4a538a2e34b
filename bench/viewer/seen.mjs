// How good the pictures were that somebody saw while moving: samples of the canvas against `ndcast render` of the state
// that their frames name; and what a JPEG of the same quality would have cost.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ndcast_binary } from "./harness.mjs";

const execute = promisify(execFile);

/** The scene, seen from where a sample was: its pose, and the plane that its state named. */
function sceneSeen(scene, { pose, width, z }) {
  const camera =
    pose.mode === 2
      ? ["plane", { rect: [pose.left, pose.bottom, pose.width, pose.height], center: [pose.left + pose.width / 2, pose.bottom + pose.height / 2], zoom: width / pose.width }]
      : ["volume", { center: pose.center, angles: [pose.azimuth, pose.elevation, pose.roll], distance: pose.distance, fov: pose.fov }];
  const registers = scene.registers.map((register) => {
    if (register.scope === "camera" && register.key === camera[0]) return { ...register, value: camera[1] };
    if (z !== null && register.scope === "dims" && register.target === "z" && register.key === "index") return { ...register, value: z };
    return register;
  });
  return { ...scene, registers };
}

/** In the page: sample `i` against the right picture; both as 8-bit RGB, dB. And the JPEG of it that is as good. */
async function compare({ i, png }) {
  const { copy } = window.__bench.samples[i];
  const pixels = (canvas) => canvas.getContext("2d", { alpha: false }).getImageData(0, 0, canvas.width, canvas.height).data;
  const canvasOf = async (blob) => {
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d", { alpha: false }).drawImage(bitmap, 0, 0);
    return canvas;
  };
  const right = await canvasOf(new Blob([Uint8Array.from(atob(png), (each) => each.charCodeAt(0))]));
  const truth = pixels(right);
  const psnr = (data) => {
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) for (let c = 0; c < 3; ++c) sum += (data[at + c] - truth[at + c]) ** 2;
    return 10 * Math.log10(255 ** 2 / Math.max(1e-9, sum / ((data.length * 3) / 4)));
  };
  const seen_db = psnr(pixels(copy));
  let [low, high, bytes, jpeg_db] = [0, 1, 0, 0];
  for (let step = 0; step < 7; ++step) {
    const quality = (low + high) / 2;
    const blob = await right.convertToBlob({ type: "image/jpeg", quality });
    [bytes, jpeg_db] = [blob.size, psnr(pixels(await canvasOf(blob)))];
    if (jpeg_db < seen_db) low = quality;
    else high = quality;
  }
  return { seen_db, jpeg_bytes: bytes, jpeg_db };
}

export const sceneOfRoom = (page) => page.evaluate(async () => (await fetch("api/v1/scene")).json());

/** Of all samples that the probe took since the room showed `scene`. → [{ during, seen_db, jpeg_bytes, jpeg_db }] */
export async function judgeSamples(page, scene, folder) {
  const samples = await page.evaluate(() => window.__bench.samplesWithPlanes().map(({ copy, pose, during, z }) => ({ pose, during, z, width: copy.width, height: copy.height })));
  const judged = [];
  for (const [i, sample] of samples.entries()) {
    const [file, out] = [join(folder, "sample.json"), join(folder, "sample.png")];
    writeFileSync(file, JSON.stringify(sceneSeen(scene, sample)));
    await execute(ndcast_binary, ["render", "--scene", file, "--size", `${sample.width}x${sample.height}`, "--out", out, "--quiet"]);
    judged.push({ during: sample.during, ...(await page.evaluate(compare, { i, png: readFileSync(out).toString("base64") })) });
  }
  await page.evaluate(() => (window.__bench.samples = []));
  return judged;
}
