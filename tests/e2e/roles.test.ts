// A role that only looks: what is shown, no control that would be refused, and a view of one's own in which one may move.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, projection, screenshot, settled } from "./browser";
import { ndcast } from "./ndcast_server";
import { sample } from "./paths";
import { served } from "./served";

const folder = mkdtempSync(join(tmpdir(), "ndcast-key-"));
const key = join(folder, "key");
let token: string;
const at = served(async () => {
  token = (await ndcast("token", "create", "--new-key", key, "--role", "viewer", "--subject", "Vera", "--expires", "1h")).trim();
  return [sample("blastocyst.ome.zarr"), "--token-key", key];
});
let editor: Page;
let guest: Page;
beforeAll(async () => {
  editor = at.page;
  const link = new URL(at.link);
  link.searchParams.set("token", token);
  guest = await at.open({ link: link.toString() });
  for (const card of await guest.locator("[data-testid$='-expand'][aria-expanded=false]").all()) await card.click();
  await settled(guest);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Of whatever can be pressed, moved or typed into. */
const controls = (page: Page) =>
  page
    .locator("button, input, select, textarea, [role=slider]")
    .evaluateAll((all) => all.filter((each) => each.checkVisibility()).map((each) => (each as HTMLElement).dataset.testid ?? each.outerHTML));

/** What such a role may do: look, be told, measure, take away, talk about itself. */
const kHarmless = /^(view|share|help|panel-toggle|statistics-toggle|measure-.*|me|person-.*|layer-.*-expand)$/;
const kMoving = /^(dim-z-.*|mode-[23]d|plane|reset|goto|undo|redo|level-choice|perspective|gizmo-.*)$/;

test("no control is there that would be refused, in slices and volumes; a note says so", async () => {
  expect((await controls(guest)).filter((each) => !kHarmless.test(each))).toEqual([]);
  expect((await controls(editor)).length).toBeGreaterThan((await controls(guest)).length + 15);
  await guest.getByTestId("only-looks").getByText("You only look here").waitFor();
  await guest.getByTestId("layers-note").waitFor();
  expect(at.server.log).not.toContain(token);
  await screenshot(guest, "only_looks");
  await editor.getByTestId("mode-3d").click();
  await guest.waitForFunction(() => window.ndcast?.lastFrame?.mode === 3);
  expect((await controls(guest)).filter((each) => !kHarmless.test(each))).toEqual([]);
  expect(await guest.getByTestId("gizmo").textContent()).toContain("z");
  await editor.getByTestId("mode-2d").click();
  await guest.waitForFunction(() => window.ndcast?.lastFrame?.mode === 2);
});

test("what others do is shown as it is", async () => {
  await editor.getByTestId("dim-z-field").fill("33");
  await editor.getByTestId("dim-z-field").press("Enter");
  await expect.poll(() => guest.getByTestId("dim-z-index").textContent()).toBe("33");
  await editor.evaluate(() => window.ndcast?.set("layer", "layer-0", "opacity", 0.5));
  await guest.getByTestId("layer-layer-0-summary").getByText("50 %").waitFor();
});

test("keys and gestures change nothing, and nothing is refused", async () => {
  const state = () => guest.evaluate(() => JSON.stringify(window.ndcast?.registers().filter(({ scope }) => ["dims", "view", "camera", "layer"].includes(scope))));
  const before = await state();
  await guest.getByTestId("stage").focus();
  for (const press of ["ArrowRight", "PageUp", "v", "e", "t", "r", "g", "o", "+", "1", " ", "Control+z", "Control+o"]) await guest.keyboard.press(press);
  await guest.mouse.move(400, 300);
  await guest.mouse.wheel(0, 300);
  await guest.mouse.down();
  await guest.mouse.move(440, 330, { steps: 3 });
  await guest.mouse.up();
  // Had one of them been sent, its answer would be here before that of a later command.
  await guest.evaluate(() => window.ndcast?.command("nd.view.list"));
  expect(await state()).toBe(before);
  expect(await guest.getByTestId("toast").count()).toBe(0);
  expect(await guest.locator("dialog[open]").count()).toBe(0);
});

test("WP32 in a view of one's own one moves, and layers stay others' matter", async () => {
  await guest.getByTestId("view").click();
  await expect.poll(() => ask(guest, (nd) => nd.view)).toMatch(/^view-/);
  await guest.getByTestId("dim-z-slider").waitFor();
  const there = await controls(guest);
  expect(there.filter((each) => !kHarmless.test(each) && !kMoving.test(each))).toEqual([]);
  await guest.getByTestId("dim-z-slider").press("ArrowRight");
  await expect.poll(() => projection(guest, "dims", "z", "index")).toBe(34);
  expect(await projection(editor, "dims", "z", "index")).toBe(33);
  await settled(guest);
  await screenshot(guest, "own_view_of_a_viewer");
  await guest.getByTestId("view").click();
  await guest.getByTestId("only-looks").waitFor();
});
