// For everybody: no barrier that axe finds in any dialog, menu or panel, dark and light; and the whole way by keyboard alone.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, describe, beforeAll, expect, test } from "vitest";
import { ask, openPage, projection, screenshot, settled, untilLive, violations } from "./browser";
import { sample } from "./paths";
import { served } from "./served";

describe("axe, WCAG 2 AA", () => {
  const at = served([sample("blastocyst.ome.zarr")], { pages: 0 });
  let page: Page;
  let other: Page;
  beforeAll(async () => {
    page = await at.open({ name: "Ada" });
    other = await at.open({ name: "Bob" });
    for (const card of await page.locator("[data-testid$='-expand'][aria-expanded=false]").all()) await card.click();
    await settled(page);
  });

  const press = (testid: string) => page.getByTestId(testid).click();
  const escape = () => page.keyboard.press("Escape");
  const mode = async (wanted: 2 | 3) => {
    await press(`mode-${wanted}d`);
    await page.waitForFunction((ndisplay) => window.ndcast?.lastFrame?.mode === ndisplay, wanted);
  };
  const situations: { name: string; shown: string; open: () => Promise<void>; close: () => Promise<void> }[] = [
    { name: "the page with company", shown: "person-Bob", open: async () => undefined, close: async () => undefined },
    { name: "about oneself", shown: "me-name", open: () => press("me"), close: escape },
    { name: "about somebody", shown: "follow", open: () => press("person-Bob"), close: escape },
    { name: "save and copy", shown: "share-menu", open: () => press("share"), close: escape },
    { name: "opening an image", shown: "open-dialog", open: () => press("open"), close: escape },
    { name: "going to a place", shown: "goto-dialog", open: () => press("goto"), close: escape },
    { name: "help", shown: "help-dialog", open: () => press("help"), close: escape },
    { name: "statistics", shown: "statistics", open: () => press("statistics-toggle"), close: () => press("statistics-toggle") },
    { name: "colour maps", shown: "layer-layer-0-colormap-gray", open: () => press("layer-layer-0-colormap"), close: () => press("layer-layer-0-colormap") },
    { name: "a volume", shown: "gizmo", open: () => mode(3), close: () => mode(2) },
    {
      name: "somebody's hand and cursor",
      shown: "cursor-Bob",
      open: async () => {
        await other.getByTestId("dim-z-slider").press("ArrowRight");
        await page.locator("[data-touched]").first().waitFor();
        await page.getByTestId("dim-z-slider").focus();
        await other.mouse.move(400, 400);
      },
      close: () => other.mouse.move(5, 5),
    },
    {
      name: "following",
      shown: "following",
      open: async () => {
        await press("person-Bob");
        await press("follow");
      },
      close: () => press("unfollow"),
    },
    { name: "something refused", shown: "toast", open: () => page.evaluate(() => window.ndcast?.set("layer", "layer-0", "gamma", -3)), close: async () => undefined },
  ];

  test.each(["dark", "light"] as const)("%s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const found: string[] = [];
    for (const { name, shown, open, close } of situations) {
      await open();
      await page.getByTestId(shown).first().waitFor({ state: "attached" });
      // Colours that are on their way to others are neither.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations === 1).map((each) => each.finished)));
      for (const violation of await violations(page)) found.push(`${name}: ${violation}`);
      await screenshot(page, `axe_${colorScheme}_${name.replaceAll(/\W+/g, "_")}`);
      await close();
    }
    expect(found).toEqual([]);
  });
});

describe("by keyboard alone", () => {
  const root = mkdtempSync(join(tmpdir(), "ndcast-keyboard-"));
  cpSync(sample("blastocyst.ome.zarr"), join(root, "blastocyst.ome.zarr"), { recursive: true });
  const at = served(["--data-root", root], { pages: 0 });
  let page: Page;
  let bob: Page;
  beforeAll(async () => {
    page = await openPage(at.browser, at.link, { name: "Ada" });
    await page.waitForFunction(() => window.ndcast?.live === true);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const kMostTabs = 120;
  /** Presses Tab until that is focused. */
  async function tabTo(testid: string): Promise<void> {
    const at_it = () => page.evaluate((id) => (document.activeElement as HTMLElement | null)?.dataset.testid === id, testid);
    for (let presses = 0; presses < kMostTabs; ++presses) {
      if (await at_it()) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${testid}`);
  }
  const becomes = (scope: string, target: string, key: string, test_value: (value: unknown) => boolean) =>
    expect.poll(async () => test_value(await projection(page, scope, target, key)), { message: `${scope} ${target} ${key}` }).toBe(true);

  test("open, slice, contrast, colours, volume, orbit, go to, follow, leave", async () => {
    await page.keyboard.press("Control+o");
    await tabTo("open-address");
    await page.keyboard.type(join(root, "blastocyst.ome.zarr"));
    await page.keyboard.press("Enter");
    await page.getByTestId("open-dialog").waitFor({ state: "hidden" });
    await untilLive(page);
    await settled(page);
    bob = await at.open({ name: "Bob" });

    await tabTo("dim-z-slider");
    const z = (await projection(page, "dims", "z", "index")) as number;
    await page.keyboard.press("ArrowRight");
    await becomes("dims", "z", "index", (value) => value === z + 1);
    await page.keyboard.press("PageUp");
    await becomes("dims", "z", "index", (value) => value === z + 11);

    await tabTo("layer-layer-0-contrast-low");
    await page.keyboard.press("ArrowRight");
    await becomes("layer", "layer-0", "contrast_limits", (value) => (value as number[])[0] === 1);
    await tabTo("layer-layer-0-colormap");
    await page.keyboard.press("Enter");
    const before = await projection(page, "layer", "layer-0", "colormap");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await becomes("layer", "layer-0", "colormap", (value) => value !== before);
    const map = await projection(page, "layer", "layer-0", "colormap");
    await expect.poll(() => projection(bob, "layer", "layer-0", "colormap")).toBe(map);

    await tabTo("stage");
    const rect = (await projection(page, "camera", "main", "plane")) as { rect: number[] };
    await page.keyboard.press("Shift+ArrowRight");
    await becomes("camera", "main", "plane", (value) => ((value as { rect: number[] }).rect[0] ?? 0) > (rect.rect[0] ?? 0));
    await tabTo("mode-3d");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
    await tabTo("stage");
    const angles = async () => ((await projection(page, "camera", "main", "volume")) as { angles: number[] }).angles;
    const [azimuth, elevation] = (await angles()) as [number, number];
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowUp");
    await expect.poll(async () => (await angles()).slice(0, 2).map(Math.round)).toEqual([azimuth + 5, elevation + 5].map(Math.round));
    await tabTo("gizmo-+x");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await angles())[0]).toBe(90);

    await page.keyboard.press("v");
    await page.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
    await page.keyboard.press("g");
    await tabTo("goto-z-index");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("17");
    await page.keyboard.press("Enter");
    await becomes("dims", "z", "index", (value) => value === 17);

    await bob.getByTestId("view").click();
    await expect.poll(() => ask(bob, (nd) => nd.view)).toMatch(/^view-/);
    await tabTo("person-Bob");
    await page.keyboard.press("Enter");
    await tabTo("follow");
    await page.keyboard.press("Enter");
    await page.getByTestId("following").waitFor();
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.testid)).toBe("person-Bob");
    await screenshot(page, "keyboard_following");
    await tabTo("unfollow");
    await page.keyboard.press("Enter");
    await page.getByTestId("following").waitFor({ state: "detached" });

    // Again, and away by a move.
    await tabTo("person-Bob");
    await page.keyboard.press("Enter");
    await tabTo("follow");
    await page.keyboard.press("Enter");
    await page.getByTestId("following").waitFor();
    await tabTo("stage");
    await page.keyboard.press("ArrowRight");
    await page.getByTestId("following").waitFor({ state: "detached" });
    await becomes("dims", "z", "index", (value) => value === 18);
    expect(await projection(bob, "dims", "z", "index")).toBe(17);
    await tabTo("view");
    await page.keyboard.press("Enter");
    await expect.poll(() => ask(page, (nd) => nd.view)).toBe("main");
  });
});
