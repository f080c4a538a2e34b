// What more viewers cost, and what they feel of one another: 1, 4 and 16 of one view, 4 views of their own, and one on
// 1 Mbit/s beside three that are not. A slider is moved; a viewer has an update when its first picture that shows it has
// arrived, or in the browser, when it is drawn.
//
//   node bench/viewers.mjs [--seconds 10] [--rounds 6] [--window 3] [--rate 30] [--only views,slow] [--quick] [--json FILE]
//
// Of 4 and 16 viewers one is Chromium; the others take pictures without decoding them, and share this process, which
// also moves the slider: the server has what they leave of the machine. `slow` needs root (bench/viewer/link.mjs).

import { spawn } from "node:child_process";
import { flag, here, limited, main, mean, option, percentile, processorSeconds, row, sleep, startServer, temporaryFolder, atEnd } from "./viewer/harness.mjs";
import { makeLink } from "./viewer/link.mjs";
import { writePlane } from "./viewer/marker_image.mjs";
import { NativeViewer, nowMs } from "./viewer/native_viewer.mjs";
import { probed } from "./viewer/probe.mjs";
import { launchChromium, openViewer } from "./viewer/viewer_page.mjs";

const quick = flag("quick");
const seconds = Number(option("seconds", quick ? 3 : 10));
const rounds = Number(option("rounds", quick ? 2 : 6));
const window_s = Number(option("window", quick ? 1.5 : 3));
const rate = Number(option("rate", 30));
const only = option("only", "views,slow").split(",");
const kCanvas = { width: 1280, height: 720 };
const kPlanes = 32;
const kSettleMs = 1_000;
/** After the link got slower or faster. */
const kChangeMs = 1_500;
const kSlowMbit = 1;
const kQuickMbit = 1000;
const kReach = 1.1;

/** Moves the slider of a session's view for a while. → [{ at_ms, server_seq }], one an update */
async function scrub(room, length_s) {
  const updates = [];
  const begin = performance.now();
  for (let i = 0; performance.now() - begin < length_s * 1000; ++i) {
    const z = Math.abs((i % (2 * kPlanes - 2)) - (kPlanes - 1));
    const at_ms = nowMs();
    updates.push(room.set("dims", "z", "index", z).then(({ server_seq }) => ({ at_ms, server_seq })));
    await sleep(Math.max(0, begin + ((i + 1) * 1000) / rate - performance.now()));
  }
  await sleep(kSettleMs / 2);
  return limited(Promise.all(updates), "the answers to the updates");
}

/** How long after each update its picture was there; updates that a later one overtook count with that one's picture. */
function waits(updates, pictures) {
  return updates.flatMap(({ at_ms, server_seq }) => {
    const shown = pictures.find((picture) => picture.server_seq >= server_seq);
    return shown === undefined ? [] : [shown.at_ms - at_ms];
  });
}

function within(pictures, updates) {
  const [first, last] = [updates[0].at_ms, updates.at(-1).at_ms];
  return pictures.filter(({ at_ms }) => at_ms >= first && at_ms <= last).length / ((last - first) / 1000);
}

async function drawnBy(page) {
  const origin = await page.evaluate(() => performance.timeOrigin);
  return (await probed(page)).frames.map(({ drawn_ms, server_seq }) => ({ at_ms: origin + drawn_ms, server_seq }));
}

/** What viewers feel and cost. `hands`: who moves the view of the viewer at the same place; one moves it for all. */
async function measure(name, server, viewers, hands, page) {
  await sleep(kSettleMs);
  for (const viewer of viewers) viewer.pictures = [];
  if (page !== null) await probed(page);
  const before = { server: processorSeconds(server.pid), at: performance.now() };
  const updates = await Promise.all(hands.map((hand) => scrub(hand, seconds)));
  const share = (100 * (processorSeconds(server.pid) - before.server)) / ((performance.now() - before.at) / 1000);
  const rows = [row(`${name}: the server's processor time`, share, "% of a core")];
  if (viewers.length > 0) {
    const of = (i) => updates[i % updates.length];
    const arrived = viewers.flatMap((viewer, i) => waits(of(i), viewer.pictures));
    const rates = viewers.map((viewer, i) => within(viewer.pictures, of(i)));
    rows.push(row(`${name}: pictures received`, mean(rates), "/s"));
    rows.push(row(`${name}: pictures received, by who gets the fewest`, Math.min(...rates), "/s"));
    rows.push(row(`${name}: update to picture received p50`, percentile(arrived, 0.5), "ms"));
    rows.push(row(`${name}: update to picture received p95`, percentile(arrived, 0.95), "ms"));
  }
  if (page !== null) {
    const frames = await drawnBy(page);
    const drawn = waits(updates[0], frames);
    rows.push(row(`${name}: pictures drawn in Chromium`, within(frames, updates[0]), "/s"));
    rows.push(row(`${name}: update to drawn in Chromium p50`, percentile(drawn, 0.5), "ms"));
    rows.push(row(`${name}: update to drawn in Chromium p95`, percentile(drawn, 0.95), "ms"));
  }
  return rows;
}

const setCanvas = (room) => room.set("view", "main", "canvas", { ...kCanvas, dpr: 1 });

async function ofOneView(server) {
  const hand = await NativeViewer.hand(server.link);
  await limited(setCanvas(hand), "the canvas");
  const viewers = [await NativeViewer.enter(server.link, "watcher")];
  const rows = await measure("1 viewer, no browser", server, viewers, [hand], null);
  viewers.pop().leave();
  const browser = await launchChromium();
  const page = await openViewer(browser, server.link, { size: kCanvas });
  for (const count of quick ? [1, 4] : [1, 4, 16]) {
    while (viewers.length < count - 1) viewers.push(await NativeViewer.enter(server.link, "watcher"));
    rows.push(...(await measure(`${count} of one view`, server, viewers, [hand], page)));
  }
  await browser.close();
  for (const viewer of viewers) viewer.leave();
  hand.close();
  return rows;
}

async function apart(server) {
  const viewers = [];
  for (let i = 0; i < 4; ++i) {
    const viewer = await NativeViewer.enter(server.link, `apart ${i}`);
    await viewer.fork(server.link);
    await setCanvas(viewer.room);
    viewers.push(viewer);
  }
  const rows = await measure("4 views apart, no browser", server, viewers, viewers.map(({ room }) => room), null);
  for (const viewer of viewers) viewer.leave();
  return rows;
}

async function views(image) {
  const server = await startServer([image]);
  const rows = [...(await ofOneView(server)), ...(await apart(server))];
  await server.stop();
  return rows;
}

function startSlowViewer(link, url) {
  const child = spawn("ip", ["netns", "exec", link.space, process.execPath, here("bench/viewer/native_viewer.mjs"), url], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  atEnd(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the slow viewer ended with ${code}`)));
    child.stdout.once("data", resolve);
  });
}

/** p95 of what the others wait, while the one is on a link of `mbit`. */
async function othersWait(link, hand, viewers, mbit) {
  link.setRate(mbit);
  await sleep(kChangeMs);
  for (const viewer of viewers) viewer.pictures = [];
  const updates = await scrub(hand, window_s);
  return percentile(viewers.flatMap((viewer) => waits(updates, viewer.pictures)), 0.95);
}

/** Quotients of neighbouring windows, each pair the other way round than the one before. */
async function pairs(link, hand, viewers, [one, other]) {
  const quotients = [];
  for (let round = 0; round < rounds; ++round) {
    const order = round % 2 === 0 ? [one, other] : [other, one];
    const found = [await othersWait(link, hand, viewers, order[0]), await othersWait(link, hand, viewers, order[1])];
    if (round % 2 === 1) found.reverse();
    quotients.push({ one: found[0], quotient: found[0] / found[1] });
  }
  return quotients;
}

async function slow(image) {
  const link = makeLink({ mbit: kQuickMbit });
  const server = await startServer([image, "--host", link.server_address]);
  const viewers = [];
  for (let i = 0; i < 3; ++i) viewers.push(await NativeViewer.enter(server.link, `quick ${i}`));
  const hand = await NativeViewer.hand(server.link);
  await setCanvas(hand);
  await startSlowViewer(link, server.link);
  const same = await pairs(link, hand, viewers, [kQuickMbit, kQuickMbit]);
  const slowed = await pairs(link, hand, viewers, [kSlowMbit, kQuickMbit]);
  for (const viewer of viewers) viewer.leave();
  hand.close();
  await server.stop();
  const middle = (values) => percentile(values, 0.5);
  const noise = middle(same.map(({ quotient }) => Math.max(quotient, 1 / quotient)));
  return [
    row("one of four on 1 Mbit/s: the others' p95", middle(slowed.map(({ one }) => one)), "ms"),
    row("one of four on 1 Mbit/s: the others' p95, over that without", middle(slowed.map(({ quotient }) => quotient)), "x", { reach: Math.max(kReach, noise) }),
    row("the same, nobody slow (A/A): how far from 1", noise, "x"),
  ];
}

await main("viewers", async () => {
  const image = writePlane(temporaryFolder());
  return [...(only.includes("views") ? await views(image) : []), ...(only.includes("slow") ? await slow(image) : [])];
});
