// From the hand to the canvas: the real viewer in Chromium, pointer events as the browser's own input makes them, and the
// picture read back from the canvas as it is drawn. An input counts as drawn with the first picture whose frame says that
// it shows what became of the input; the marks in its pixels must say the same, or the bench gives no times.
//
//   node bench/latency.mjs [--inputs 150] [--sizes 720,1080] [--gestures pan,scrub,orbit] [--seed 1] [--quick] [--json FILE]
//
// `one by one`: inputs 90 to 140 ms apart, at any phase of the display. `60 a second`: a hand that does not stop.
// bench/latency (C++) measures the same path to the socket, without a browser.

import { flag, main, option, percentile, row, sleep, startServer, temporaryFolder } from "./viewer/harness.mjs";
import { judgeInputs } from "./viewer/judge.mjs";
import { writePlane, writeVolume } from "./viewer/marker_image.mjs";
import { probed } from "./viewer/probe.mjs";
import { atRest, grab, launchChromium, openViewer, show3d } from "./viewer/viewer_page.mjs";

const kDisplayFrameMs = 1000 / 60;
/** For what lies between the stages: sockets, threads, the page. */
const kBetweenMs = 8;
const kWarmUp = 8;
const kSizes = { 720: { width: 1280, height: 720 }, 1080: { width: 1920, height: 1080 } };

const quick = flag("quick");
const inputs = Number(option("inputs", quick ? 25 : 150));
const sizes = option("sizes", quick ? "720" : "720,1080").split(",");
const gestures = option("gestures", "pan,scrub,orbit").split(",");

let random_state = Number(option("seed", 1));
const random = () => (random_state = (random_state * 16807) % 2147483647) / 2147483647;

/** Positions of the pointer: to and fro, so that each differs from the one before by a step that shows. */
function* path(gesture, from) {
  for (let i = 1; ; ++i) {
    const swing = (length) => length - Math.abs((i % (2 * length)) - length);
    if (gesture === "pan") yield { x: from.x + 12 * (swing(20) - 10), y: from.y };
    else if (gesture === "orbit") yield { x: from.x + 10 * (swing(16) - 8), y: from.y };
    else yield { x: from.left + from.step * (2 + swing(27)), y: from.y };
  }
}

async function move(page, gesture, count, gapMs) {
  const from = await grab(page, gesture);
  const positions = path(gesture, from);
  for (let i = 0; i < kWarmUp; ++i) {
    const { x, y } = positions.next().value;
    await page.mouse.move(x, y);
    await sleep(120);
  }
  await probed(page);
  await page.evaluate(() => (window.__bench.predicts = true));
  const begin = performance.now();
  for (let i = 0, at = 0; i < count; ++i) {
    const { x, y } = positions.next().value;
    await page.mouse.move(x, y);
    at += gapMs();
    await sleep(Math.max(0, begin + at - performance.now()));
  }
  await sleep(300);
  await page.mouse.up();
  const notes = await probed(page);
  await atRest(page);
  return notes;
}

function stageRows(name, judged) {
  const stages = [
    ["intent to start of rendering", "intent_to_render_ms"],
    ["render", "render_ms"],
    ["convert", "convert_ms"],
    ["encode", "encode_ms"],
    ["queue", "queue_ms"],
    ["decode", "decode_ms"],
    ["present", "present_ms"],
  ];
  const times = stages.map(([what, key]) => [what, judged.map(({ frame }) => frame.stages[key])]);
  times.unshift(["input to sent", judged.map(({ send }) => send.sent_ms - send.inputs.at(-1))]);
  return times.flatMap(([what, values]) => [row(`${name}: ${what} p50`, percentile(values, 0.5), "ms"), row(`${name}: ${what} p95`, percentile(values, 0.95), "ms")]);
}

function rowsOfOneByOne(name, size, { judged, notes }, gesture) {
  const total = judged.map(({ drawn_after_ms }) => drawn_after_ms);
  const allowed = judged.map(({ frame: { stages } }) => stages.render_ms + stages.encode_ms + stages.decode_ms + kDisplayFrameMs + kBetweenMs);
  const p50 = percentile(total, 0.5);
  const rows = [
    row(`${name}: input to drawn p50`, p50, "ms", { peer: `render + encode + decode + a display frame + ${kBetweenMs} ms`, peer_value: percentile(allowed, 0.5), reach: 1 }),
    row(`${name}: input to drawn p95`, percentile(total, 0.95), "ms"),
    row(`${name}: input to drawn p99`, percentile(total, 0.99), "ms", { reach: size === "720" ? 80 : null }),
  ];
  if (size === "720") rows.splice(1, 0, row(`${name}: input to drawn p50, as a time`, p50, "ms", { reach: 35 }));
  rows.push(...stageRows(name, judged));
  if (gesture !== "scrub") {
    rows.push(row(`${name}: input to moved on the screen p50`, percentile(notes.predictions, 0.5), "ms"));
    rows.push(row(`${name}: input to moved on the screen p95`, percentile(notes.predictions, 0.95), "ms", { reach: Number(kDisplayFrameMs.toFixed(1)) }));
  }
  return rows;
}

function rowsOfStream(name, { judged, notes }) {
  const total = judged.map(({ drawn_after_ms }) => drawn_after_ms);
  const seconds = (notes.frames.at(-1).drawn_ms - notes.frames[0].drawn_ms) / 1000;
  return [
    row(`${name}: input to drawn p50`, percentile(total, 0.5), "ms"),
    row(`${name}: input to drawn p95`, percentile(total, 0.95), "ms"),
    row(`${name}: input to drawn p99`, percentile(total, 0.99), "ms"),
    row(`${name}: pictures drawn`, (notes.frames.length - 1) / seconds, "/s"),
  ];
}

async function measure(browser, link, gesture, size) {
  const page = await openViewer(browser, link, { size: kSizes[size], marker: gesture === "orbit" ? "volume" : "plane" });
  if (gesture === "orbit") await show3d(page);
  const name = `${gesture} ${size}p`;
  const one_by_one = judgeInputs(await move(page, gesture, inputs, () => 90 + 50 * random()), gesture, { apart: true });
  const rows = rowsOfOneByOne(`${name}, one by one`, size, one_by_one, gesture);
  const stream = judgeInputs(await move(page, gesture, 2 * inputs, () => kDisplayFrameMs), gesture, { apart: false });
  rows.push(...rowsOfStream(`${name}, 60 a second`, stream));
  await page.context().close();
  return rows;
}

await main("latency_browser", async () => {
  const folder = temporaryFolder();
  const browser = await launchChromium();
  const rows = [];
  for (const gesture of gestures) {
    const server = await startServer([gesture === "orbit" ? writeVolume(folder) : writePlane(folder)]);
    for (const size of sizes) rows.push(...(await measure(browser, server.link, gesture, size)));
    await server.stop();
  }
  return rows;
});
