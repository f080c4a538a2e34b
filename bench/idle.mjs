// What a room costs while nothing changes: a server, viewers that have seen their picture, and then a minute of nothing; and
// how soon somebody who joins then sees it. The server is a process of its own; viewers are real sockets in this one.
//
//   node bench/idle.mjs [--viewers 4] [--seconds 60] [--image URI] [--json FILE]

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "../web/client/dist/index.js";
import WebSocket from "../web/node_modules/ws/wrapper.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const viewers = Number(option("viewers", 4));
const seconds = Number(option("seconds", 60));
const image = option("image", here("samples/blastocyst.ome.zarr"));

const kTicksPerSecond = 100; // USER_HZ, the same on every Linux
const kSettleMs = 5_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Processor seconds that a process has used, in its own code and in the kernel's. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / kTicksPerSecond;
}

function startServer() {
  const child = spawn(here("build/release/ndcast"), ["serve", image, "--port", "0", "--no-journal"], { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`ndcast serve ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (/^https?:\/\/\S+$/.test(line.trim())) resolve({ child, link: line.trim() });
    });
  });
}

/** A viewer as the page is one: both channels, strips acknowledged, pictures told as presented. */
async function enter(link) {
  const viewer = { bytes: 0, first_picture: null, room: null, pixels: null };
  class Counted extends WebSocket {
    constructor(...args) {
      super(...args);
      this.on("message", (data) => (viewer.bytes += data.length));
    }
  }
  viewer.room = await connect(link, { WebSocket: Counted, name: "idle" });
  const url = new URL("pixels", link);
  url.protocol = "ws:";
  url.search = new URLSearchParams({ ticket: viewer.room.welcome.pixel_ticket, codecs: "h264,webp", v: "2" }).toString();
  viewer.pixels = new Counted(url);
  viewer.first_picture = new Promise((resolve) => {
    viewer.pixels.on("message", (data) => {
      const [seq, is_still] = [data.readUInt32BE(0), (data.readUInt8(21) & 2) !== 0];
      viewer.pixels.send(JSON.stringify(is_still ? { type: "strip", seq } : { type: "presented", seq, decode_ms: 1, present_ms: 1 }));
      resolve(performance.now());
    });
  });
  await viewer.first_picture;
  return viewer;
}

const { child, link } = await startServer();
const seen = [];
for (let i = 0; i < viewers; ++i) seen.push(await enter(link));
await sleep(kSettleMs);

const before = { cpu: processorSeconds(child.pid), bytes: seen.map(({ bytes }) => bytes) };
await sleep(seconds * 1000);
const cpu_percent = (100 * (processorSeconds(child.pid) - before.cpu)) / seconds;
const most_bytes_per_s = Math.max(...seen.map(({ bytes }, i) => bytes - before.bytes[i])) / seconds;

const joined_at = performance.now();
const late = await enter(link);
const join_ms = (await late.first_picture) - joined_at;

const row = (what, value, unit, reach) => ({ what, value: Number(value.toFixed(3)), unit, peer: "", peer_value: null, ratio: null, reach, ok: value <= reach });
const rows = [
  row(`processor time, ${viewers} viewers`, cpu_percent, "% of a core", 1),
  row("bytes a viewer", most_bytes_per_s, "B/s", 1000),
  row("from joining to the first picture", join_ms, "ms", 1000),
];
const machine = `${cpus().length} x ${cpus()[0]?.model ?? "?"}`;
console.log(`idle on ${machine}, ${seconds} s`);
for (const { what, value, unit, reach, ok } of rows) console.log(`  ${what.padEnd(44)} ${value.toFixed(2).padStart(10)} ${unit.padEnd(12)} reach ${reach}: ${ok ? "ok" : "MISSED"}`);
const json = option("json", "");
if (json !== "") writeFileSync(json, JSON.stringify({ name: "idle", machine, rows }, null, 1));

for (const { room, pixels } of [...seen, late]) {
  pixels.close();
  room.close();
}
child.removeAllListeners("exit");
child.kill("SIGTERM");
