// The same moves every time: where the pointer is follows from the time alone, so that a slow machine or link goes the same
// way with fewer events.
//
//   for (const section of kPlaneMoves) await play(page, section, seconds);      // → { first_ms, last_ms } of the page's clock

import { sleep } from "./harness.mjs";
import { grab } from "./viewer_page.mjs";

const kEventMs = 1000 / 60;
const kTurn = 2 * Math.PI;

/** So that a new plane is there to be drawn more than thirty times a second, at the turns too. */
const kPlanesPerSecond = 40;
/** To and fro around the middle at an even speed. */
function scrubbed(t, steps) {
  const reach = Math.min(13, steps / 2);
  const way = (t * kPlanesPerSecond) % (4 * reach);
  return steps / 2 - reach + (way < 2 * reach ? way : 4 * reach - way);
}

/** `at(seconds, from)` → where the pointer is, or how far the wheel turns. */
const kSections = {
  pan: { every_ms: kEventMs, at: (t, from) => ({ x: from.x + 260 * Math.sin((kTurn * t) / 4), y: from.y + 120 * Math.sin((kTurn * t) / 2.5) }) },
  zoom: { every_ms: kEventMs, wheel: (t) => (t % 2 < 1 ? -20 : 20) },
  scrub: { every_ms: kEventMs, at: (t, from) => ({ x: from.left + from.step * scrubbed(t, from.steps), y: from.y }) },
  orbit: { every_ms: kEventMs, at: (t, from) => ({ x: from.x + 220 * Math.sin((kTurn * t) / 4), y: from.y + 40 * Math.sin((kTurn * t) / 3) }) },
};

export const kPlaneMoves = ["pan", "zoom", "scrub"];

/** Plays a section; @returns the page's times of its first and last input */
export async function play(page, name, seconds) {
  const { every_ms, at, wheel } = kSections[name];
  const from = wheel === undefined ? await grab(page, name) : await grab(page, "pan");
  if (wheel !== undefined) await page.mouse.up();
  const now = () => page.evaluate(() => performance.now());
  const first_ms = await now();
  const begin = performance.now();
  for (let i = 0; ; ++i) {
    const t = (performance.now() - begin) / 1000;
    if (t >= seconds) break;
    if (wheel !== undefined) await page.mouse.wheel(0, wheel(t));
    else {
      const { x, y } = at(t, from);
      await page.mouse.move(x, y);
    }
    await sleep(Math.max(0, begin + (i + 1) * every_ms - performance.now()));
  }
  const last_ms = await now();
  if (wheel === undefined) await page.mouse.up();
  return { first_ms, last_ms };
}
