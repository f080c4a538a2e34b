// Debian's Chromium, driven by playwright-core; and what the tests ask a page again and again.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import type { Exposed } from "../../web/src/ui/expose";
import { artefacts, axe_script } from "./paths";

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

export interface PageOptions {
  width?: number;
  height?: number;
  scheme?: "dark" | "light";
  /** A tablet: fingers, no mouse. */
  touch?: boolean;
  /** What its user is called; else the page finds a name. */
  name?: string;
  /** Runs in the page, and in each frame of it, before anything of its own. */
  before?: () => void;
}

/** A window of its own, with its own cookies. Its uncaught errors land in `page_errors`. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<Page> {
  const { width = 1280, height = 800, scheme = "dark", touch = false, name, before } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: touch, isMobile: touch, ignoreHTTPSErrors: true });
  if (name !== undefined) await context.addInitScript((said) => localStorage.setItem("ndcast.name", said), name);
  if (before !== undefined) await context.addInitScript(before);
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

/** What axe finds wrong with the page as it is now. */
export async function violations(page: Page): Promise<string[]> {
  // As a script of the page it would be against the page's own rules. Once a page: it is half a megabyte.
  if (!(await page.evaluate(() => Reflect.has(window, "axe")))) await page.evaluate(readFileSync(axe_script, "utf8"));
  return page.evaluate(async () => {
    const axe = Reflect.get(window, "axe") as typeof import("axe-core");
    const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
  });
}
