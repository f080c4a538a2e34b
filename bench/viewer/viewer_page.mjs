// The viewer in Debian's Chromium, with a stage of a given size, and hands on it.

import { chromium } from "../../web/node_modules/playwright-core/index.mjs";
import { atEnd } from "./harness.mjs";
import { installProbe } from "./probe.mjs";

const kFlags = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// main() ends it all in order.
const kOwnSignals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
const kNoGpu = ["--disable-gpu"];
/** For pages that draw with WebGL, on the processor. */
export const kSoftwareWebgl = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

export async function launchChromium({ executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium" } = {}, drawing = kNoGpu) {
  const browser = await chromium.launch({ executablePath, headless: true, args: [...kFlags, ...drawing], ...kOwnSignals });
  atEnd(() => browser.close());
  return browser;
}

/** A page whose stage, and so its canvas, is exactly `size`; `codecs` "jpeg": a page without a video decoder. */
export async function openViewer(browser, link, { size, marker = "none", codecs = "h264" }) {
  const context = await browser.newContext({ viewport: { width: size.width + 304, height: size.height + 112 }, colorScheme: "dark" });
  await installProbe(context, marker);
  if (codecs === "jpeg") await context.addInitScript(() => Reflect.deleteProperty(globalThis, "VideoDecoder"));
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(link);
  await page.waitForFunction(() => window.ndcast?.live === true && window.ndcast.lastFrame !== null);
  const stage = await page.getByTestId("stage").boundingBox();
  const viewport = page.viewportSize();
  await page.setViewportSize({ width: viewport.width + size.width - stage.width, height: viewport.height + size.height - stage.height });
  await page.waitForFunction(({ width, height }) => window.ndcast.lastFrame?.width === width && window.ndcast.lastFrame.height === height, size);
  await atRest(page);
  return page;
}

/** The picture stands, and is what the server rendered, pixel for pixel. */
export function atRest(page) {
  return page.waitForFunction(() => window.ndcast.video.lossless);
}

export async function box(page, test_id) {
  const found = await page.getByTestId(test_id).boundingBox();
  if (found === null) throw new Error(`the page shows no ${test_id}`);
  return found;
}

export async function show3d(page) {
  await page.getByTestId("mode-3d").click();
  await page.waitForFunction(() => window.ndcast.lastFrame?.mode === 3);
  await page.evaluate(() => window.ndcast.command("nd.wait_until", { server_seq: window.ndcast.serverSeq, until: "applied", timeout_ms: 20000 }));
  await atRest(page);
}

/** Where the pointer stands when a gesture begins. */
export async function grab(page, gesture) {
  const at = gesture === "scrub" ? await thumb(page) : await middle(page);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  return at;
}

async function middle(page) {
  const { x, y, width, height } = await box(page, "picture");
  return { x: Math.round(x + width / 2), y: Math.round(y + height * 0.6) };
}

async function thumb(page) {
  const slider = page.locator('[data-testid^="dim-"][data-testid$="-slider"]').first();
  const { x, y, width, height } = await slider.boundingBox();
  const share = await slider.evaluate((input) => (input.valueAsNumber - Number(input.min)) / (Number(input.max) - Number(input.min)));
  const kThumb = 14;
  const steps = await slider.evaluate((input) => Number(input.max) - Number(input.min));
  return { x: Math.round(x + kThumb / 2 + share * (width - kThumb)), y: Math.round(y + height / 2), left: x + kThumb / 2, step: (width - kThumb) / steps, steps };
}
