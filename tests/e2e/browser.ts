// Debian's Chromium, driven by playwright-core; and what the tests ask a page again and again.

import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import type { Exposed } from "../../web/src/ui/expose";
import { artefacts } from "./paths";

const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: kFlags });
}

/** A window of its own, with its own cookies. What the page's console warns about lands in `page_errors`. */
export async function openPage(browser: Browser, url: string, size = { width: 1280, height: 800 }): Promise<Page> {
  const context = await browser.newContext({ viewport: size, colorScheme: "dark" });
  const page = await context.newPage();
  page.on("pageerror", (error) => page_errors.push(String(error)));
  await page.goto(url);
  return page;
}

/** Uncaught errors of every page; a test that expects none looks here. */
export const page_errors: string[] = [];

export async function untilLive(page: Page): Promise<void> {
  await page.waitForFunction(() => window.ndcast?.live === true && window.ndcast.lastFrame !== null);
}

/** Waits until the page shows, complete, everything that it knows of; never by time. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nd = window.ndcast;
    if (nd === undefined) throw new Error("no window.ndcast");
    let seq = -1;
    // A picture may bring news itself (the level that it shows): until nothing is new, wait again.
    while (seq !== nd.serverSeq) {
      seq = nd.serverSeq;
      await nd.waitUntil(seq);
    }
  });
}

export function screenshot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: join(artefacts, `${name}.png`) });
}

/** Reads from the page's window.ndcast. */
export function ask<Result>(page: Page, question: (ndcast: Exposed) => Result): Promise<Awaited<Result>> {
  return page.evaluate(`(${question.toString()})(window.ndcast)`) as Promise<Awaited<Result>>;
}

export function projection(page: Page, scope: string, target: string, key: string): Promise<unknown> {
  return page.evaluate(([s, t, k]) => window.ndcast?.register(s ?? "", t ?? "", k ?? "").projection, [scope, target, key]);
}
