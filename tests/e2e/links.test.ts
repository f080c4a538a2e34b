// A viewer behind a narrow connection beside one that is not (WP40): what each gets while both look at one moving view.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { ask, screenshot, settled } from "./browser";
import { canvasPicture, psnr } from "./pictures";
import { sample } from "./paths";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { door: true, pages: 1 });
let far: Page;
let near: Page;

beforeAll(async () => {
  far = at.page;
  near = await at.open({ link: at.server.link, name: "near" });
  for (const page of [far, near]) await page.keyboard.press("i");
});

const connection = (page: Page) => page.getByTestId("statistics-connection").textContent();
const canvasSize = (page: Page) => page.getByTestId("picture").evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);

/** Pans to and fro on the near page until the condition holds. */
async function moveUntil(condition: () => Promise<boolean>): Promise<void> {
  const stage = await near.getByTestId("stage").boundingBox();
  if (stage === null) throw new Error("no stage");
  const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
  await near.mouse.move(x, y);
  await near.mouse.down();
  for (let step = 0; !(await condition()); ++step) {
    const angle = step / 5;
    await near.mouse.move(x + 120 * Math.sin(angle), y + 60 * Math.cos(angle), { steps: 4 });
  }
  await near.mouse.up();
}

async function lossless(page: Page): Promise<void> {
  await settled(page);
  await page.waitForFunction(() => window.ndcast?.video.lossless === true);
}

test("a narrow connection gets half the size, and its picture is as large as the other's", async () => {
  await lossless(far);
  const size = await canvasSize(far);
  at.door.narrow(400_000);
  await moveUntil(async () => (await connection(far))?.includes("half-size") === true);
  await screenshot(far, "half_size");
  expect(await connection(near)).not.toContain("half-size");
  expect(await canvasSize(far)).toEqual(size);
  const seen = await ask(far, ({ lastFrame }) => lastFrame?.camera_seq ?? 0);
  await moveUntil(async () => (await ask(far, ({ lastFrame }) => lastFrame?.camera_seq ?? 0)) > seen + 50);
});

test("at rest it shows every pixel all the same", async () => {
  at.door.narrow(Infinity);
  await lossless(far);
  await lossless(near);
  const [one, other] = [await canvasPicture(far), await canvasPicture(near)];
  expect(psnr(one, other)).toBe(Infinity);
});

test("a connection that is wide again brings the whole size", async () => {
  await moveUntil(async () => (await connection(far))?.includes("half-size") === false);
  await lossless(far);
});
