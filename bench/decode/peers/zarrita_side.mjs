// zarrita, npm's: getChunk() of each chunk of the first layers, one after the other or all at once (its reads are
// asynchronous, its decoders run on this one thread).

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, layout, , , layers_text] = process.argv.slice(2);
const layers = Number(layers_text);

/** An import of a package that lies in another folder than this file. */
async function from_modules(name) {
  const folder = join(process.env.NDCAST_NODE_MODULES ?? "node_modules", name);
  const entry = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).exports["."];
  return import(pathToFileURL(join(folder, entry.import ?? entry.default ?? entry)).href);
}

let zarr, FileSystemStore;
try {
  zarr = await from_modules("zarrita");
  ({ FileSystemStore } = await from_modules("@zarrita/storage"));
} catch (error) {
  console.log(`absent not installed (${error.message.split("\n")[0]})`);
  process.exit(0);
}

const store = new FileSystemStore(join(folder, layout));
const positions = [];
for (let z = 0; z < layers; ++z) for (let y = 0; y < 8; ++y) for (let x = 0; x < 8; ++x) positions.push([z, y, x]);

// Anew for each pass: it keeps shard indices, nothing else.
const opened = () => zarr.open.v3(store, { kind: "array" });

async function check() {
  const array = await opened();
  let out = 0n;
  for (const position of positions) {
    const { data } = await array.getChunk(position);
    for (let z = 0; z < 64; ++z) {
      let plane = 0;
      for (let i = z * 4096; i < (z + 1) * 4096; ++i) plane += data[i];
      out += BigInt(position[0] * 64 + z + 1) * BigInt(plane);
    }
  }
  return out;
}

const ways = {
  "one by one": async (array) => {
    for (const position of positions) await array.getChunk(position);
  },
  "all at once": async (array) => {
    await Promise.all(positions.map((position) => array.getChunk(position)));
  },
};

async function seconds(way) {
  const array = await opened();
  const begin = performance.now();
  await ways[way](array);
  return (performance.now() - begin) / 1000;
}

const sum = await check();
let best;
for (const way of Object.keys(ways)) {
  const took = Math.min(await seconds(way), await seconds(way));
  if (!best || took < best.took) best = { took, way };
}
console.log(`check ${sum} ${best.way}`);
for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const took = await seconds(best.way);
  const { user, system } = process.cpuUsage(before);
  console.log(took, (user + system) / 1e6);
}
process.exit(0);
