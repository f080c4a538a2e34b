// Debian's Firefox ESR, driven by puppeteer-core over WebDriver BiDi (playwright-core drives a patched Firefox only).

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Page as ChromiumPage } from "playwright-core";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { page_errors } from "./browser";
import { artefacts } from "./paths";

export const firefox_binary = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

export function hasFirefox(): boolean {
  if (existsSync(firefox_binary)) return true;
  console.warn(`SKIPPED: no Firefox at ${firefox_binary}. tools/deps.sh test installs Debian's firefox-esr; FIREFOX=/path names another.`);
  return false;
}

export function launchFirefox(preferences: { [name: string]: unknown } = {}): Promise<Browser> {
  return puppeteer.launch({ browser: "firefox", executablePath: firefox_binary, headless: true, extraPrefsFirefox: preferences });
}

/** Not thrown by the page: Firefox's own words on sockets that end with the page that they are of. */
const kSocketEnded = /^Error: (Firefox can’t establish a connection|The connection to ws)/;

export async function openInFirefox(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error) => {
    if (!kSocketEnded.test(String(error))) page_errors.push(String(error));
  });
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(url);
  await page.waitForFunction(() => window.ndcast?.live === true && window.ndcast.lastFrame !== null);
  return page;
}

/** For helpers that only ask `evaluate()` with at most one argument, which both libraries have alike. */
export function asked(page: Page): ChromiumPage {
  return page as unknown as ChromiumPage;
}

export const control = (test_id: string) => `[data-testid="${test_id}"]`;

export async function boxOf(page: Page, test_id: string): Promise<{ x: number; y: number; width: number; height: number }> {
  const element = await page.waitForSelector(control(test_id));
  const box = await element?.boundingBox();
  if (box == null) throw new Error(`${test_id} has no box`);
  return box;
}

/** From the middle of the picture, with the left button. */
export async function dragPicture(page: Page, dx: number, dy: number): Promise<void> {
  const box = await boxOf(page, "picture");
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 8 });
  await page.mouse.up();
}

/** What the keyboard makes of a number field: all of it replaced, and taken. */
export async function type(page: Page, test_id: string, text: string): Promise<void> {
  const field = await page.waitForSelector(control(test_id));
  await field?.click({ count: 3 });
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

export async function firefoxScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artefacts, `${name}.png`) });
}
