// What a slow link makes of moving: the viewer in Chromium behind a link of so many Mbit/s (a network namespace and tc tbf),
// the same moves each time. Pictures a second, bytes, the longest stall, how good the pictures are that are seen, and how
// soon the picture is sharp after a stop; beside it JPEG pictures, and neuroglancer showing the same OME-Zarr from a plain
// web server.
//
//   node bench/stream.mjs [--seconds 12] [--links 50,8,2] [--rtts 20] [--quick] [--no-jpeg] [--no-orbit] [--json FILE]
//   …  --image URI         another image than the bench's own planes in camera noise, for the moves in 2D
//
// As root (`ip netns`, `tc`); neuroglancer after tools/bench_peers.sh.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { flag, here, main, mean, option, row, sleep, startServer, temporaryFolder } from "./viewer/harness.mjs";
import { makeLink } from "./viewer/link.mjs";
import { writePlane, writeVolume } from "./viewer/marker_image.mjs";
import { kPlaneMoves, play } from "./viewer/moves.mjs";
import { installProbe, probed } from "./viewer/probe.mjs";
import { judgeSamples, sceneOfRoom } from "./viewer/seen.mjs";
import { serveFiles } from "./viewer/static_server.mjs";
import { kSoftwareWebgl, launchChromium, openViewer, show3d } from "./viewer/viewer_page.mjs";

const quick = flag("quick");
const seconds = Number(option("seconds", quick ? 6 : 12));
const links = option("links", quick ? "8" : "50,8,2").split(",").map(Number);
const rtts = option("rtts", "20").split(",").map(Number);
const peer_folder = option("neuroglancer", here("build/peers/neuroglancer/dist"));

const image = option("image", "");

const kCanvas = { width: 1280, height: 720 };
/** Of each section. */
const kSamples = quick ? 3 : 6;
/** What is not sharp by then is told as none. */
const kSharpTimeoutMs = 10_000;
const kPollMs = 200;
/** So many in a row without a new picture: it stands. */
const kCalmPolls = 4;

/** What the page notes until its picture stands, sharp; and when it came to be so. */
async function untilSharp(page) {
  const [frames, inputs, sharp] = [[], [], []];
  const end = performance.now() + kSharpTimeoutMs;
  for (let calm = 0; calm < kCalmPolls && performance.now() < end; ) {
    await sleep(kPollMs);
    const notes = await probed(page);
    frames.push(...notes.frames);
    inputs.push(...notes.inputs);
    sharp.push(...notes.sharp);
    calm = notes.frames.length === 0 && (await page.evaluate(() => window.ndcast.video.lossless)) ? calm + 1 : 0;
  }
  return { frames, inputs, sharp_ms: sharp.at(-1) ?? NaN };
}

/** Plays one section and waits until it is sharp. */
async function section(page, link, name, length_s) {
  await page.getByTestId("reset").click();
  await untilSharp(page);
  const sample = { most: kSamples, apart_ms: (length_s * 1000) / (kSamples + 1), during: name };
  await page.evaluate((wanted) => {
    window.__bench.sample = { ...wanted, most: window.__bench.samples.length + wanted.most };
  }, sample);
  const bytes_before = link.bytes();
  const { first_ms, last_ms } = await play(page, name, length_s);
  const bytes = link.bytes() - bytes_before;
  await page.evaluate(() => (window.__bench.sample = undefined));
  const { frames, inputs, sharp_ms } = await untilSharp(page);
  const moving = frames.map(({ drawn_ms }) => drawn_ms).filter((at) => at >= first_ms && at <= last_ms);
  const times = [first_ms, ...moving, last_ms];
  return {
    name,
    fps: moving.length / ((last_ms - first_ms) / 1000),
    inputs_s: inputs.length / ((last_ms - first_ms) / 1000),
    stall_ms: Math.max(...times.slice(1).map((at, i) => at - times[i])),
    kbit_s: (8 * bytes) / (last_ms - first_ms),
    bytes_a_picture: bytes / Math.max(1, moving.length),
    sharp_after_ms: sharp_ms - last_ms,
  };
}

/** One page through its sections, and what the samples of it are worth. */
async function run({ browser, link, url, codecs, names, folder, in_3d = false }) {
  const page = await openViewer(browser, url, { size: kCanvas, codecs });
  if (in_3d) await show3d(page);
  const scene = await sceneOfRoom(page);
  const sections = [];
  for (const name of names) sections.push(await section(page, link, name, seconds / names.length));
  const samples = await judgeSamples(page, scene, folder);
  await page.context().close();
  return sections.map((each) => {
    const of_it = samples.filter(({ during }) => during === each.name);
    return { ...each, seen_db: mean(of_it.map(({ seen_db }) => seen_db)), jpeg_bytes: mean(of_it.map(({ jpeg_bytes }) => jpeg_bytes)) };
  });
}

function rowsOf(where, codec, mbit, sections) {
  return sections.flatMap((each) => {
    const name = `${where}, ${codec}, ${each.name}`;
    const is_judged = codec === "video" && each.name !== "orbit" && mbit === 8;
    const rows = [
      row(`${name}: inputs`, each.inputs_s, "/s"),
      row(`${name}: pictures drawn`, each.fps, "/s", is_judged ? { reach: 30, at_least: true } : {}),
      row(`${name}: longest stall`, each.stall_ms, "ms", is_judged ? { reach: 250 } : {}),
      row(`${name}: on the link`, each.kbit_s, "kbit/s"),
      row(`${name}: as it should be, seen while moving`, each.seen_db, "dB"),
      row(`${name}: sharp after a stop`, each.sharp_after_ms, "ms"),
    ];
    if (codec === "video")
      rows.push(row(`${name}: bytes a picture`, each.bytes_a_picture, "B", { peer: "JPEG as good", peer_value: each.jpeg_bytes, reach: each.name === "orbit" ? null : 0.1 }));
    return rows;
  });
}

/** From the navigation to the first picture, and to the sharp one; nothing is cached. */
async function firstPicture(browser, link, url) {
  const before = link.bytes();
  const context = await browser.newContext({ viewport: { width: 1584, height: 832 } });
  await installProbe(context, "none");
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => window.__bench.first_ms !== undefined && window.ndcast.video.lossless, undefined, { timeout: 120_000 });
  const found = await page.evaluate(() => ({ first_ms: window.__bench.first_ms, complete_ms: performance.now() }));
  await context.close();
  return { ...found, bytes: link.bytes() - before };
}

async function firstPictureOfPeer(browser, link, origin) {
  const before = link.bytes();
  const context = await browser.newContext({ viewport: { width: 1584, height: 832 } });
  const page = await context.newPage();
  const shader = "void main() { emitGrayscale(toNormalized(getDataValue())); }";
  const layer = { type: "image", source: `zarr://${origin}/data/`, name: "plane", shader };
  const state = { layers: [layer], layout: "xy", showAxisLines: false, showScaleBar: false, crossSectionScale: 1 };
  await page.goto(`${origin}/#!${encodeURIComponent(JSON.stringify(state))}`, { waitUntil: "commit" });
  await page.waitForFunction(() => window.__pictures?.complete_ms != null, undefined, { timeout: 180_000 });
  const found = await page.evaluate(() => window.__pictures);
  await context.close();
  return { ...found, bytes: link.bytes() - before };
}

async function besidePeer(browser, executablePath, where, link, url, plane) {
  const ours = await firstPicture(browser, link, url);
  const rows = [];
  let peer = { first_ms: null, complete_ms: null, bytes: null };
  if (existsSync(peer_folder)) {
    const port = await serveFiles(link.server_address, { "/data/": plane, "/": peer_folder });
    const local = await link.forward(port);
    const with_webgl = await launchChromium({ executablePath }, kSoftwareWebgl);
    peer = await firstPictureOfPeer(with_webgl, link, `http://127.0.0.1:${local}`);
    await with_webgl.close();
  } else console.error(`no neuroglancer in ${dirname(peer_folder)}: tools/bench_peers.sh installs it`);
  const beside = (peer_value, reach = null) => (peer_value === null ? {} : { peer: "neuroglancer", peer_value, reach });
  rows.push(row(`${where}: page to first picture`, ours.first_ms, "ms", beside(peer.first_ms, 1)));
  rows.push(row(`${where}: page to every pixel`, ours.complete_ms, "ms", beside(peer.complete_ms)));
  rows.push(row(`${where}: bytes until then`, ours.bytes, "B", beside(peer.bytes)));
  return rows;
}

await main("stream", async () => {
  const folder = temporaryFolder();
  const plane = writePlane(folder);
  const volume = flag("no-orbit") ? null : writeVolume(folder);
  const rows = [];
  for (const rtt_ms of rtts)
    for (const mbit of links) {
      const link = makeLink({ mbit, rtt_ms });
      const serve = (image) => startServer([image, "--host", link.server_address, "--allowed-host", "127.0.0.1"]);
      const reach = async (server) => {
        const url = new URL(server.link);
        url.port = String(await link.forward(server.port));
        url.hostname = "127.0.0.1";
        return url.toString();
      };
      const executablePath = link.inClient(process.env.CHROMIUM ?? "/usr/bin/chromium");
      const browser = await launchChromium({ executablePath });
      const where = `${mbit} Mbit/s, ${rtt_ms} ms`;
      const of_plane = await serve(image === "" ? plane : image);
      const url = await reach(of_plane);
      if (image === "") rows.push(...(await besidePeer(browser, executablePath, where, link, url, plane)));
      const shared = { browser, link, folder };
      const moves = { ...shared, url, names: kPlaneMoves };
      rows.push(...rowsOf(where, "video", mbit, await run({ ...moves, codecs: "h264" })));
      if (!flag("no-jpeg")) rows.push(...rowsOf(where, "JPEG", mbit, await run({ ...moves, codecs: "jpeg" })));
      await of_plane.stop();
      if (volume !== null) {
        const of_volume = await serve(volume);
        rows.push(...rowsOf(where, "video", mbit, await run({ ...shared, url: await reach(of_volume), codecs: "h264", names: ["orbit"], in_3d: true })));
        await of_volume.stop();
      }
      await browser.close();
      link.close();
    }
  return rows;
});
