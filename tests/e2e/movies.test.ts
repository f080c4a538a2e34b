// A movie made from the page: its dialog, its progress, its file as ffmpeg decodes it, and who gets it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@ndcast/client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { screenshot, settled, violations } from "./browser";
import { sample } from "./paths";
import { canvasPicture, deviation, pngPicture, psnr, type Picture } from "./pictures";
import { served } from "./served";

const at = served([sample("mri-stack.ome.zarr")], { door: true });
const folder = mkdtempSync(join(tmpdir(), "ndcast-movies-"));
/** Videos are made beside whatever else the machine does. */
const kMovieMs = 240_000;
let page: Page;
beforeAll(() => void (page = at.page));
afterAll(() => rmSync(folder, { recursive: true }));

interface Probed {
  codec: string;
  width: number;
  height: number;
  frames: number;
}

function probe(file: string): Probed {
  const entries = "stream=codec_name,width,height,nb_read_frames";
  const words = execFileSync("ffprobe", ["-v", "error", "-select_streams", "v", "-count_frames", "-show_entries", entries, "-of", "csv=p=0", file], { encoding: "utf8" }).trim().split(",");
  return { codec: words[0] ?? "", width: Number(words[1]), height: Number(words[2]), frames: Number(words[3]) };
}
async function frame(file: string, number: number): Promise<Picture> {
  const png = join(folder, `frame-${number}.png`);
  execFileSync("ffmpeg", ["-v", "error", "-y", "-i", file, "-vf", `select=eq(n\\,${number})`, "-frames:v", "1", png]);
  return pngPicture(page, png);
}

async function openDialog(): Promise<void> {
  await page.getByTestId("share").click();
  await page.getByTestId("share-movie").click();
  await page.getByTestId("movie-dialog").waitFor();
}
async function typed(field: string, value: number): Promise<void> {
  await page.getByTestId(field).fill(String(value));
  await page.getByTestId(field).press("Enter");
}
async function saved(): Promise<{ file: string; name: string }> {
  await page.getByTestId("movie-save").waitFor({ timeout: 120_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("movie-save").click()]);
  const file = join(folder, download.suggestedFilename());
  await download.saveAs(file);
  return { file, name: download.suggestedFilename() };
}

test("WP43 along an axis: as many pictures as the dialog says, each the slice that the page shows there", async () => {
  await openDialog();
  expect(await page.getByTestId("movie-kind").inputValue()).toBe("z");
  await typed("movie-from", 6);
  await typed("movie-to", 18);
  await typed("movie-every", 4);
  await typed("movie-fps", 8);
  await expect.poll(() => page.getByTestId("movie-length").textContent()).toMatch(/4 pictures · 0\.5 s/);
  await screenshot(page, "movie_dialog");
  expect(await violations(page)).toEqual([]);
  await page.getByTestId("movie-make").click();
  const { file, name } = await saved();
  await screenshot(page, "movie_ready");
  expect(name).toBe("mri-stack-along.mp4");
  await page.getByTestId("movie-close").click();
  const shown = await canvasPicture(page);
  expect(probe(file)).toEqual({ codec: "h264", width: shown.width - (shown.width % 2), height: shown.height - (shown.height % 2), frames: 4 });
  for (const [number, z] of [[0, 6], [3, 18]] as const) {
    await page.evaluate((index) => window.ndcast?.set("dims", "z", "index", index), z);
    await page.waitForFunction((index) => window.ndcast?.register("dims", "z", "index").confirmed === index, z);
    await settled(page);
    await page.waitForFunction(() => window.ndcast?.video.lossless === true);
    const slice = await canvasPicture(page);
    const seen = await frame(file, number);
    expect(deviation(seen)).toBeGreaterThan(10);
    expect(psnr(seen, slice)).toBeGreaterThan(32);
    expect(psnr(await frame(file, 3 - number), slice)).toBeLessThan(26);
  }
}, kMovieMs);

test("WP43 a turn of the volume, cancelled and made smaller", async () => {
  await page.evaluate(() => window.ndcast?.set("view", "main", "ndisplay", 3));
  await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await settled(page);
  await openDialog();
  await page.getByTestId("movie-kind").selectOption("turntable");
  await typed("movie-seconds", 60);
  await page.getByTestId("movie-size").selectOption("1080p");
  await expect.poll(() => page.getByTestId("movie-length").textContent()).toMatch(/1800 pictures · 60 s · 1920 × 1080/);
  await page.getByTestId("movie-make").click();
  await expect.poll(async () => Number(await page.getByTestId("movie-progress").getAttribute("value"))).toBeGreaterThan(0);
  await screenshot(page, "movie_progress");
  await page.getByTestId("movie-cancel").click();
  await page.getByText("Cancelled.").waitFor();

  // The page learns also what happened while it was away.
  await page.getByTestId("movie-make").click();
  await expect.poll(async () => Number(await page.getByTestId("movie-progress").getAttribute("value"))).toBeGreaterThan(0);
  at.door.slam();
  await page.waitForFunction(() => window.ndcast?.live === false);
  const admin = await connect(at.server.link, { WebSocket });
  const { jobs } = (await admin.call("nd.job.list")) as { jobs: { job: string; state: string }[] };
  const ended = jobs.find(({ state }) => state === "running")?.job ?? "";
  await admin.call("nd.job.cancel", { job: ended });
  const state = async () => ((await admin.call("nd.job.list")) as { jobs: { job: string; state: string }[] }).jobs.find(({ job }) => job === ended)?.state;
  await expect.poll(state).toBe("cancelled");
  admin.close();
  at.door.open();
  await page.getByText("Cancelled.").waitFor();

  await page.getByTestId("movie-size").selectOption("720p");
  await typed("movie-seconds", 0.4);
  await typed("movie-fps", 10);
  await page.getByTestId("movie-make").click();
  const { file, name } = await saved();
  expect(name).toBe("mri-stack-turntable.mp4");
  expect(probe(file)).toEqual({ codec: "h264", width: 1280, height: 720, frames: 4 });
  const front = await frame(file, 0);
  expect(deviation(front)).toBeGreaterThan(5);
  expect(psnr(await frame(file, 2), front)).toBeLessThan(30);
  await page.getByTestId("movie-close").click();
}, kMovieMs);

test("WP43 nd.screenshot is the picture of the page, and results are handed to whoever may look", async () => {
  await settled(page);
  await page.waitForFunction(() => window.ndcast?.video.lossless === true);
  const taken = (await page.evaluate(() => window.ndcast?.command("nd.screenshot"))) as { url: string; width: number };
  const base = new URL(page.url());
  const url = new URL(taken.url, base.origin);
  const answer = await page.request.get(url.toString());
  expect(answer.headers()["content-type"]).toBe("image/png");
  const file = join(folder, "taken.png");
  writeFileSync(file, await answer.body());
  const [picture, shown] = [await pngPicture(page, file), await canvasPicture(page)];
  expect(Buffer.compare(picture.rgb, shown.rgb)).toBe(0);

  expect((await fetch(url)).status).toBe(401);
  const other = new URL(url);
  other.pathname = other.pathname.replace(/[0-9a-f]{32}/, "0".repeat(32));
  expect((await page.request.get(other.toString())).status()).toBe(404);
  url.searchParams.set("room", "elsewhere");
  expect((await page.request.get(url.toString())).status()).toBe(404);
});
