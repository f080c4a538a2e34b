// The page against a server that misbehaves: lost and corrupt pictures, refusals, dropped connections, no entry.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ask, launch, openPage, page_errors, projection, screenshot, untilLive } from "./browser";
import { FakeNdcast } from "./fake_server";
import { axe_script } from "./paths";

let browser: Browser;
let fake: FakeNdcast;
let page: Page;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(async () => {
  page_errors.length = 0;
  fake = await FakeNdcast.start();
  page = await openPage(browser, fake.url);
  await untilLive(page);
});
afterEach(async () => {
  await page.context().close();
  await fake.stop();
  expect(page_errors).toEqual([]);
});

const drawn = () => ask(page, (nd) => nd.video.drawn);
async function nextPicture(): Promise<void> {
  const before = await drawn();
  fake.picture();
  await page.waitForFunction((count) => (window.ndcast?.video.drawn ?? 0) > count, before);
}

test("the token leaves the address bar", () => {
  expect(new URL(page.url()).search).toBe("");
});

test("WP21 lost pictures: the page asks for a keyframe and shows the next pictures", async () => {
  await nextPicture();
  fake.commands.length = 0;
  fake.lose_pictures = 2;
  fake.picture();
  fake.picture();
  fake.picture();
  await expect.poll(() => fake.commands).toContain("napari.pixel.request_keyframe");
  await nextPicture();
  await nextPicture();
});

test("a corrupt picture: the decoder is rebuilt and the stream goes on", async () => {
  fake.corrupt_pictures = 1;
  fake.picture();
  await expect.poll(() => ask(page, (nd) => nd.video.troubles.length)).toBeGreaterThan(0);
  await expect.poll(() => fake.commands).toContain("napari.pixel.request_keyframe");
  await nextPicture();
  await nextPicture();
});

test("a value is shown at once, and settles", async () => {
  fake.delay_ms = 400;
  await page.getByTestId("dim-z-field").fill("42");
  await page.getByTestId("dim-z-field").press("Enter");
  expect(await projection(page, "dims", "z", "index")).toBe(42);
  expect(await ask(page, (nd) => nd.register("dims", "z", "index").confirmed)).toBe(118);
  await expect.poll(() => ask(page, (nd) => nd.register("dims", "z", "index").confirmed)).toBe(42);
  expect(await page.getByTestId("dim-z-world").inputValue()).toBe("21.00");
});

test("a refused value returns, and the page says why", async () => {
  fake.refuse("dims", "index", "z is held by the microscope");
  fake.delay_ms = 300;
  const slider = page.getByTestId("dim-z-slider");
  await slider.focus();
  await slider.press("End");
  await expect.poll(() => slider.inputValue()).toBe("235");
  await expect.poll(() => slider.inputValue()).toBe("118");
  await expect.poll(() => page.getByTestId("toast").textContent()).toContain("z is held by the microscope");
  await screenshot(page, "refused");
});

test("another actor's change arrives", async () => {
  fake.change("layer", "layer-1", "contrast_limits", [10, 4000]);
  await expect.poll(() => page.getByTestId("layer-layer-1-contrast-high-field").inputValue()).toBe("4000");
  fake.change("dims", "t", "index", 7);
  await expect.poll(() => page.getByTestId("dim-t-slider").inputValue()).toBe("7");
});

test("a dropped connection comes back by itself, with what it knows, and the picture goes on", async () => {
  await fake.stop();
  await page.getByTestId("banner-lost").waitFor();
  // A frame that was under way when the connection went may still be drawn, so the last picture is read from here on.
  const shown = () => page.getByTestId("picture").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const picture = await shown();
  const blank = await page.getByTestId("picture").evaluate((canvas: HTMLCanvasElement) =>
    Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height }).toDataURL());
  expect(picture === blank).toBe(false);
  expect(await page.getByTestId("banner-lost").textContent()).toMatch(/again in [012] s|again…/);
  await screenshot(page, "disconnected");
  expect((await shown()) === picture).toBe(true);
  expect(await page.getByTestId("dim-z-slider").isDisabled()).toBe(true);
  fake.hellos.length = 0;
  await fake.listen();
  await page.waitForFunction(() => window.ndcast?.live);
  expect(fake.hellos[0]?.nd).toMatchObject({ since: { history_id: "H" } });
  await nextPicture();
});

test("no valid token: the page says what to do, and does not knock again", async () => {
  fake.turn_away = 401;
  fake.dropConnections();
  await page.getByTestId("notice-refused").waitFor();
  await screenshot(page, "refused_entry");
  expect(await page.getByTestId("notice-refused").textContent()).toContain("ndcast serve");
  fake.turn_away = null;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => window.ndcast?.live);
});

test("without WebCodecs the page says that pictures come one by one, and what would bring video", async () => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 640 } });
  const bare = await context.newPage();
  await bare.addInitScript(() => Reflect.deleteProperty(globalThis, "VideoDecoder"));
  await bare.goto(fake.url);
  await bare.getByTestId("no-video").waitFor();
  expect(await bare.getByTestId("no-video").getAttribute("title")).toContain("has no WebCodecs");
  await bare.addInitScript(() => Object.defineProperty(globalThis, "isSecureContext", { value: false }));
  await bare.goto(fake.url);
  await bare.getByTestId("no-video").waitFor();
  expect(await bare.getByTestId("no-video").getAttribute("title")).toContain(`ssh -L ${fake.port}:localhost:${fake.port}`);
  await screenshot(bare, "insecure");
  await context.close();
});

test("a failed image is named", async () => {
  fake.change("scene", "main", "source", { status: "error", uri: "/data/x", name: "x", message: "zarr.json: expected an object, found 3" });
  await page.getByTestId("notice-error").waitFor();
  expect(await page.getByTestId("notice-error").textContent()).toContain("expected an object, found 3");
});

test("drags and the wheel become camera intents in canvas pixels", async () => {
  const box = await page.getByTestId("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  const before = await drawn();
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 130, { steps: 6 });
  await page.mouse.up();
  await page.mouse.wheel(0, -120);
  await page.waitForFunction((count) => (window.ndcast?.video.drawn ?? 0) > count, before);
});

test.each(["dark", "light"] as const)("accessible in %s: names, roles, contrast (axe, WCAG 2 AA)", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await page.getByTestId("layer-layer-1-expand").click();
  await page.getByTestId("layer-layer-1-colormap").click();
  const sideways = await page.getByTestId("layers-panel").evaluate((panel) => {
    const wide = [...panel.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > panel.getBoundingClientRect().right);
    return wide.map((element) => element.className);
  });
  expect(sideways).toEqual([]);
  await page.addScriptTag({ path: axe_script });
  const found = await page.evaluate(async () => {
    const axe = Reflect.get(window, "axe") as typeof import("axe-core");
    const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
  });
  expect(found).toEqual([]);
  await screenshot(page, `theme_${colorScheme}`);
});

test("the help lists keys, and the keys do what it says", async () => {
  await page.keyboard.press("?");
  await page.getByTestId("help-dialog").waitFor();
  await screenshot(page, "help");
  await page.keyboard.press("Escape");
  await page.getByTestId("stage").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => projection(page, "dims", "t", "index")).toBe(4);
  await page.keyboard.press("2");
  await expect.poll(() => projection(page, "layer", "layer-1", "visible")).toBe(false);
  await page.keyboard.press("v");
  await expect.poll(() => projection(page, "view", "main", "ndisplay")).toBe(3);
  await page.keyboard.press("l");
  expect(await page.getByTestId("layers-panel").count()).toBe(0);
  await page.getByTestId("dim-t-field").press("r");
  await page.getByTestId("dim-t-field").press("v");
  expect(await projection(page, "view", "main", "ndisplay")).toBe(3);
});

test("layer controls in 2D", async () => {
  await page.getByTestId("layer-layer-1-expand").click();
  await page.getByTestId("layer-layer-1-colormap").click();
  await screenshot(page, "layers");
  await page.getByTestId("layer-layer-1-colormap-viridis").check({ force: true });
  await expect.poll(() => projection(page, "layer", "layer-1", "colormap")).toBe("viridis");
  await page.getByTestId("layer-layer-1-blending").selectOption("translucent");
  await expect.poll(() => projection(page, "layer", "layer-1", "blending")).toBe("translucent");
  await page.getByTestId("layer-layer-1-visible").click();
  await expect.poll(() => projection(page, "layer", "layer-1", "visible")).toBe(false);
  const low = page.getByTestId("layer-layer-0-contrast-low");
  await low.fill("3000");
  await expect.poll(() => projection(page, "layer", "layer-0", "contrast_limits")).toEqual([1900, 1900]);
});
