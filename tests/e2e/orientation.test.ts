// Knowing where one is, and getting to a known place: axes on the picture, positions typed with their unit.

import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { projection, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, psnr } from "./pictures";
import { served } from "./served";

const at = served([sample("blastocyst.ome.zarr")], { pages: 2, door: true });
let page: Page;
let other: Page;
let axes: { label: string; start: number; step: number; unit: string; size: number }[];
beforeAll(async () => {
  [page, other] = at.both;
  await Promise.all([settled(page), settled(other)]);
  axes = ((await projection(page, "axes", "main", "spec")) as { axes: typeof axes }).axes;
});

const axis = (label: string) => {
  const found = axes.find((each) => each.label === label);
  if (found === undefined) throw new Error(`no axis ${label}`);
  return found;
};
const both = (scope: string, target: string, key: string) => ({
  are: async (test_value: (value: unknown) => boolean) => {
    for (const each of [page, other]) await expect.poll(async () => test_value(await projection(each, scope, target, key))).toBe(true);
  },
});
const centre = (value: unknown) => (value as { center: number[] }).center;
const close = (a: number[], b: number[]) => a.length === b.length && a.every((each, i) => Math.abs(each - (b[i] ?? NaN)) < 1e-4);

test("a slice says which way its axes run, also when they are swapped", async () => {
  const slice = page.getByTestId("gizmo-slice");
  expect(await slice.getAttribute("aria-label")).toBe("x runs to the right, y downwards");
  await page.getByTestId("stage").focus();
  await page.keyboard.press("t");
  await expect.poll(() => slice.getAttribute("aria-label")).toBe("y runs to the right, x downwards");
  await page.keyboard.press("t");
  await settled(page);
});

test("g goes to a typed position: the slider jumps, the place comes into the middle, for everybody in the view", async () => {
  const before = await canvasPicture(page);
  const z = axis("z");
  await page.getByTestId("stage").focus();
  await page.keyboard.press("g");
  await page.getByTestId("goto-dialog").waitFor();
  const world = z.start + 40 * z.step;
  await page.getByTestId("goto-z-world").fill(world.toFixed(4));
  expect(await page.getByTestId("goto-z-index").inputValue()).toBe("40");
  const x = axis("x");
  await page.getByTestId("goto-x-index").fill("30");
  expect(Number(await page.getByTestId("goto-x-world").inputValue())).toBeCloseTo(x.start + 30 * x.step, 4);
  await screenshot(page, "go_to");
  await page.getByTestId("goto-go").click();
  await page.getByTestId("goto-dialog").waitFor({ state: "hidden" });
  await both("dims", "z", "index").are((value) => value === 40);
  await both("camera", "main", "plane").are((value) => Math.abs((centre(value)[0] ?? NaN) - (x.start + 30 * x.step)) < 1e-3);
  expect(await other.getByTestId("dim-z-slider").inputValue()).toBe("40");
  await settled(page);
  expect(psnr(await canvasPicture(page), before)).toBeLessThan(25);
  // What is outside of the image is not gone to.
  await page.keyboard.press("g");
  await page.getByTestId("goto-z-index").fill(String(z.size));
  await page.getByTestId("goto-go").click();
  expect(await page.getByTestId("goto-dialog").isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  await page.getByTestId("goto-dialog").waitFor({ state: "hidden" });
  expect(await projection(page, "dims", "z", "index")).toBe(40);
  await page.getByTestId("reset").click();
});

test("what is being typed stays while pictures come; an emptied field goes nowhere", async () => {
  await settled(page);
  await page.getByTestId("stage").focus();
  await page.keyboard.press("g");
  const field = page.getByTestId("goto-x-index");
  await field.fill("3");
  await other.evaluate(() => window.ndcast?.set("dims", "z", "index", 41));
  await page.waitForFunction(() => window.ndcast?.register("dims", "z", "index").confirmed === 41);
  await settled(page);
  await page.keyboard.type("1");
  expect(await field.inputValue()).toBe("31");
  await field.fill("");
  await page.getByTestId("goto-go").click();
  await page.getByTestId("goto-dialog").waitFor({ state: "hidden" });
  const before = centre(await projection(page, "camera", "main", "plane"));
  await page.evaluate(() => window.ndcast?.command("nd.view.list"));
  expect(centre(await projection(page, "camera", "main", "plane"))).toEqual(before);
  expect(await projection(page, "dims", "z", "index")).toBe(41);
});

test("a slider takes a position in the axis' unit", async () => {
  const z = axis("z");
  const field = page.getByTestId("dim-z-world");
  await field.fill(String(z.start + 90.3 * z.step));
  await field.press("Enter");
  await both("dims", "z", "index").are((value) => value === 90);
  expect(Number(await other.getByTestId("dim-z-world").inputValue())).toBeCloseTo(z.start + 90 * z.step, 1);
  expect(await page.getByTestId("dim-z").textContent()).toContain("µm");
});

test("the axes of a volume turn with the hand, and their ends look along them, by mouse and by keyboard", async () => {
  await page.getByTestId("mode-3d").click();
  for (const each of [page, other]) await each.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await Promise.all([settled(page), settled(other)]);
  const whole = await canvasPicture(page);
  const end = (name: string) => page.getByTestId(`gizmo-${name}`);
  const middle = async (name: string) => {
    const box = await end(name).boundingBox();
    if (box === null) throw new Error(`no end ${name}`);
    return [box.x + box.width / 2, box.y + box.height / 2] as const;
  };
  await screenshot(page, "gizmo");

  await end("+x").click();
  await both("camera", "main", "volume").are((value) => close((value as { angles: number[] }).angles, [90, 0, 0]));
  await settled(page);
  // y runs to the right now, z up; x comes towards the eye.
  expect((await middle("+y"))[0]).toBeGreaterThan((await middle("-y"))[0] + 40);
  expect((await middle("+z"))[1]).toBeLessThan((await middle("-z"))[1] - 40);
  expect(psnr(await canvasPicture(page), whole)).toBeLessThan(30);
  await settled(other);

  await end("-z").focus();
  await page.keyboard.press("Enter");
  await both("camera", "main", "volume").are((value) => close((value as { angles: number[] }).angles, [0, -89.9, 0]));
  await settled(page);

  at.door.hold();
  const [before] = await middle("+x");
  const stage = await page.getByTestId("stage").boundingBox();
  if (stage === null) throw new Error("no stage");
  await page.mouse.move(stage.x + 300, stage.y + 200);
  await page.mouse.down();
  await page.mouse.move(stage.x + 400, stage.y + 200, { steps: 5 });
  // Soon: a page that hears nothing for seconds connects anew, past the held door.
  await expect.poll(async () => Math.abs((await middle("+x"))[0] - before), { timeout: 2_000 }).toBeGreaterThan(2);
  await page.mouse.up();
  at.door.letGo();
  await settled(page);

  await page.keyboard.press("g");
  await page.getByTestId("goto-y-index").fill("20");
  await page.getByTestId("goto-y-index").press("Enter");
  const y = axis("y");
  await both("camera", "main", "volume").are((value) => Math.abs((centre(value)[1] ?? NaN) - (y.start + 20 * y.step)) < 1e-3);
});
