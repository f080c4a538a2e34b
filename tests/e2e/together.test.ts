// Together in one room: what the others point at and look at, following somebody and leaving, whose hand was on a control,
// and programs that look like what they are.

import { connect, type Room } from "@ndcast/client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { ask, projection, screenshot, settled } from "./browser";
import { sample } from "./paths";
import { canvasPicture, psnr } from "./pictures";
import { served } from "./served";

const at = served([sample("mri-stack.ome.zarr")], { pages: 0, door: true });
let ada: Page;
let bob: Page;
let robot: Room;
beforeAll(async () => {
  ada = await at.open({ link: at.server.link, name: "Ada" });
  bob = await at.open({ name: "Bob", width: 1000, height: 760 });
  robot = await connect(at.server.link, { WebSocket, name: "segmenter", kind: "agent" });
  await Promise.all([settled(ada), settled(bob)]);
});
afterAll(() => robot?.close());

type Point = [number, number];

async function boxOf(page: Page, testid: string) {
  const box = await page.getByTestId(testid).boundingBox();
  if (box === null) throw new Error(`no ${testid}`);
  return box;
}

/** Points with the mouse at a share of the picture's width and height. */
async function pointAt(page: Page, x: number, y: number): Promise<void> {
  const box = await boxOf(page, "picture");
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
}

/** Where on the picture a page shows somebody's cursor, as shares; null: nowhere. */
async function cursorOn(page: Page, who: string): Promise<Point | null> {
  const shown = await page
    .getByTestId(`cursor-${who}`)
    .evaluateAll((all) => all.map((each) => new DOMMatrix(getComputedStyle(each).transform)).map(({ e, f }) => [e, f]));
  const stage = await boxOf(page, "stage");
  const box = await boxOf(page, "picture");
  const [x, y] = shown[0] ?? [];
  if (x === undefined || y === undefined) return null;
  return [(stage.x + x - box.x) / box.width, (stage.y + y - box.y) / box.height];
}

async function near(page: Page, who: string, [x, y]: Point): Promise<void> {
  await expect.poll(async () => {
    const shown = await cursorOn(page, who);
    return shown !== null && Math.hypot(shown[0] - x, shown[1] - y) < 0.004;
  }, { message: `${who}'s cursor` }).toBe(true);
}

const set = (page: Page, scope: string, target: string, key: string, value: unknown) =>
  page.evaluate(([s, t, k, v]) => window.ndcast?.set(s as string, t as string, k as string, v as never), [scope, target, key, value]);
const sees = (page: Page, scope: string, target: string, key: string, value: unknown) =>
  expect.poll(() => projection(page, scope, target, key)).toEqual(value);
const viewOf = (page: Page) => ask(page, (nd) => nd.view);

test("WP14 a cursor is shown to the others where it points, in a window of another size, and is gone when it leaves", async () => {
  await pointAt(ada, 0.3, 0.6);
  await near(bob, "Ada", [0.3, 0.6]);
  await pointAt(ada, 0.7, 0.25);
  await near(bob, "Ada", [0.7, 0.25]);
  expect(await bob.getByTestId("cursor-Ada").getAttribute("data-apart")).toBe("false");
  expect(await ada.getByTestId("cursor-Ada").count()).toBe(0);
  await screenshot(bob, "cursor");
  await ada.mouse.move(5, 5);
  await bob.getByTestId("cursor-Ada").waitFor({ state: "detached" });
});

test("WP14 it moves with the picture under the hand, before the server has answered", async () => {
  await pointAt(ada, 0.5, 0.5);
  await near(bob, "Ada", [0.5, 0.5]);
  at.door.hold();
  const stage = await boxOf(bob, "stage");
  const shown = () => bob.getByTestId("cursor-Ada").evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).e);
  const before = await shown();
  await bob.mouse.move(stage.x + 300, stage.y + 200);
  await bob.mouse.down();
  await bob.mouse.move(stage.x + 340, stage.y + 200, { steps: 4 });
  await expect.poll(async () => Math.round((await shown()) - before)).toBe(40);
  await bob.mouse.up();
  at.door.letGo();
  await settled(bob);
  await bob.getByTestId("reset").click();
  await settled(bob);
});

test("WP14 in another plane it is faded; in a volume it stands where it points", async () => {
  await pointAt(ada, 0.4, 0.4);
  await near(bob, "Ada", [0.4, 0.4]);
  const [, y, x] = [...robot.people.values()].find(({ actor }) => actor === "Ada")?.cursor ?? [];
  robot.pointAt([0, y ?? 0, x ?? 0]);
  await near(bob, "segmenter", [0.4, 0.4]);
  await expect.poll(() => bob.getByTestId("cursor-segmenter").getAttribute("data-apart")).toBe("true");
  expect(await bob.getByTestId("cursor-Ada").getAttribute("data-apart")).toBe("false");
  await screenshot(bob, "cursor_apart");

  await set(ada, "view", "main", "ndisplay", 3);
  for (const page of [ada, bob]) await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  await Promise.all([settled(ada), settled(bob)]);
  await pointAt(ada, 0.35, 0.3);
  await near(bob, "Ada", [0.35, 0.3]);
  await screenshot(bob, "cursor_volume");
  // What is pointed at stays under the cursor when the volume is turned about it: the middle does.
  robot.pointAt(((await projection(bob, "camera", "main", "volume")) as { center: number[] }).center.reverse());
  await near(bob, "segmenter", [0.5, 0.5]);
  await bob.getByTestId("stage").focus();
  const stage = await boxOf(bob, "stage");
  await bob.mouse.move(stage.x + 300, stage.y + 200);
  await bob.mouse.down();
  await bob.mouse.move(stage.x + 420, stage.y + 260, { steps: 6 });
  await bob.mouse.up();
  await settled(bob);
  await near(bob, "segmenter", [0.5, 0.5]);
  robot.pointAt(null);
  await set(ada, "view", "main", "ndisplay", 2);
  for (const page of [ada, bob]) await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
  await ada.mouse.move(5, 5);
});

test("WP32 following: what they see, said on the page, left by any own move; and the way back", async () => {
  await ada.getByTestId("view").click();
  await expect.poll(() => viewOf(ada)).toMatch(/^view-/);
  await set(ada, "dims", "z", "index", 3);
  await sees(ada, "dims", "z", "index", 3);
  // Ada looks at a part of it: bob sees which one.
  const box = await boxOf(ada, "picture");
  await ada.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5);
  await ada.mouse.wheel(0, -500);
  await settled(ada);
  await bob.getByTestId("frame-Ada").waitFor();
  const part = (await projection(ada, "camera", "main", "plane")) as { rect: [number, number, number, number] };
  const all = (await projection(bob, "camera", "main", "plane")) as { rect: [number, number, number, number] };
  await expect
    .poll(async () => Math.round(((await boxOf(bob, "frame-Ada")).width / (await boxOf(bob, "picture")).width) * 200))
    .toBe(Math.round((part.rect[2] / all.rect[2]) * 200));
  expect(await bob.getByTestId("frame-Ada").getAttribute("class")).toContain("apart");
  await ada.mouse.move(5, 5);
  await screenshot(bob, "frame_of_another_view");

  await bob.getByTestId("person-Ada").click();
  await screenshot(bob, "person_menu");
  await bob.getByTestId("person-Ada-menu").getByTestId("follow").click();
  await bob.getByTestId("following").getByText("Ada").waitFor();
  expect(await viewOf(bob)).toBe(await viewOf(ada));
  await sees(bob, "dims", "z", "index", 3);
  await Promise.all([settled(ada), settled(bob)]);
  expect(psnr(await canvasPicture(bob), await canvasPicture(ada))).toBeGreaterThan(30);
  await screenshot(bob, "following");
  await set(ada, "dims", "z", "index", 7);
  await sees(bob, "dims", "z", "index", 7);

  await bob.getByTestId("unfollow").click();
  await expect.poll(() => viewOf(bob)).toBe("main");
  await bob.getByTestId("following").waitFor({ state: "detached" });

  // Over a lost connection: followed again, and at home where they were before.
  await bob.getByTestId("person-Ada").click();
  await bob.getByTestId("person-Ada-menu").getByTestId("follow").click();
  await bob.getByTestId("following").waitFor();
  at.door.slam();
  await bob.getByTestId("banner-lost").waitFor();
  at.door.open();
  await bob.waitForFunction(() => window.ndcast?.live === true);
  await expect.poll(() => viewOf(bob)).toBe(await viewOf(ada));
  await bob.getByTestId("following").getByText("Ada").waitFor();
  await set(ada, "dims", "z", "index", 6);
  await sees(bob, "dims", "z", "index", 6);
  await set(ada, "dims", "z", "index", 7);
  await bob.getByTestId("unfollow").click();
  await expect.poll(() => viewOf(bob)).toBe("main");
  await bob.getByTestId("following").waitFor({ state: "detached" });
  expect(await bob.getByText("You no longer follow").count()).toBe(0);

  // Again, and away by a move.
  await bob.getByTestId("person-Ada").click();
  await bob.getByTestId("person-Ada-menu").getByTestId("follow").click();
  await bob.getByTestId("following").waitFor();
  await bob.getByTestId("stage").focus();
  await bob.keyboard.press("ArrowRight");
  await bob.getByTestId("following").waitFor({ state: "detached" });
  await sees(bob, "dims", "z", "index", 8);
  await sees(ada, "dims", "z", "index", 7);
  const own = await viewOf(bob);
  expect(own).toMatch(/^view-/);
  expect(own).not.toBe(await viewOf(ada));
  await bob.getByText("You no longer follow Ada").waitFor();
  expect(await bob.getByTestId("view").textContent()).toContain("Room's view");
  for (const page of [ada, bob]) {
    await page.getByTestId("view").click();
    await expect.poll(() => viewOf(page)).toBe("main");
  }
});

test("going to where somebody points", async () => {
  await set(bob, "dims", "z", "index", 2);
  await sees(ada, "dims", "z", "index", 2);
  robot.pointAt([11, 20, 30]);
  await bob.getByTestId("person-segmenter").click();
  const go = bob.getByTestId("person-segmenter-menu").getByTestId("go-there");
  await expect.poll(() => go.isEnabled()).toBe(true);
  await screenshot(bob, "agent_menu");
  await go.click();
  await sees(bob, "dims", "z", "index", 11);
  await near(bob, "segmenter", [0.5, 0.5]);
  expect(await bob.getByTestId("cursor-segmenter").getAttribute("data-apart")).toBe("false");
  robot.pointAt(null);
  await bob.getByTestId("reset").click();
});

test("a control shows whose hand was on it, for those who did not do it", async () => {
  const layer = String((await ask(bob, (nd) => nd.registers().find(({ scope }) => scope === "layer")?.target)) ?? "");
  const row = (page: Page, control: string) => page.locator("[data-touched]").filter({ has: page.getByTestId(control) });
  const expand = bob.getByTestId(`layer-${layer}-expand`);
  if ((await expand.getAttribute("aria-expanded")) !== "true") await expand.click();

  await ada.getByTestId("dim-z-slider").focus();
  await ada.keyboard.press("ArrowRight");
  await row(bob, "dim-z-slider").waitFor();
  expect(await row(bob, "dim-z-slider").getAttribute("data-touched")).toMatch(/^Ada changed this at /);
  const ada_color = await bob.getByTestId("person-Ada").evaluate((face) => getComputedStyle(face).backgroundColor);
  const mark = await row(bob, "dim-z-slider").evaluate((element) => getComputedStyle(element, "::before").backgroundColor);
  expect(mark).toBe(ada_color);
  expect(await row(ada, "dim-z-slider").count()).toBe(0);

  await robot.set("layer", layer, "gamma", 2);
  await row(bob, `layer-${layer}-gamma`).waitFor();
  expect(await row(bob, `layer-${layer}-gamma`).getAttribute("data-touched")).toMatch(/^segmenter \(a program\) changed this at /);
  await bob.getByTestId(`layer-${layer}-gamma`).focus();
  expect(await bob.getByTestId(`layer-${layer}-gamma`).getAttribute("aria-description")).toContain("segmenter");
  await bob.locator(".touch-tip", { hasText: "segmenter (a program) changed this" }).waitFor();
  await screenshot(bob, "touched");
  await bob.getByTestId("dim-z-slider").hover();
  await bob.locator(".touch-tip", { hasText: "Ada changed this" }).waitFor();
  await bob.mouse.move(5, 5);
  await bob.locator(".touch-tip", { hasText: "Ada changed this" }).waitFor({ state: "hidden" });
  await bob.locator("[data-touched]").first().waitFor({ state: "detached" });
});

test("one is called as one says, and programs look like what they are", async () => {
  const radius = (who: string) => bob.getByTestId(`person-${who}`).evaluate((face) => getComputedStyle(face).borderRadius);
  expect(await radius("segmenter")).not.toBe(await radius("Ada"));
  expect(await bob.getByTestId("person-segmenter").getAttribute("aria-label")).toContain("a program");
  await ada.getByTestId("me").click();
  await ada.getByTestId("me-name").fill("Ada Lovelace");
  await ada.getByTestId("me-name").press("Enter");
  await bob.getByTestId("person-Ada Lovelace").waitFor();
  await bob.getByTestId("person-Ada").waitFor({ state: "detached" });
  await ada.waitForFunction(() => window.ndcast?.live === true);
  await settled(ada);
});
