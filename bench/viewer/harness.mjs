// What the benches in JavaScript share: options, processes that end with them, rows for people and for programs.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const here = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const kPatienceMs = 30_000;

/** The promise, or after 30 s an error that says what did not come. */
export function limited(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing for ${kPatienceMs / 1000} s`)), kPatienceMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const flag = (name) => process.argv.includes(`--${name}`);
export const ndcast_binary = process.env.NDCAST ?? here("build/release/ndcast");

export function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
}

const cleanups = [];
let cleaning = null;

/** Runs at the end of the bench, on Ctrl-C too; the newest first. */
export function atEnd(cleanup) {
  cleanups.push(cleanup);
}

async function cleanUpAll() {
  while (cleanups.length > 0) {
    try {
      await cleanups.pop()();
    } catch (error) {
      console.error(String(error));
    }
  }
}

/** Once, whoever asks: the end of the bench and Ctrl-C may come together. */
const cleanUp = () => (cleaning ??= cleanUpAll());

/** Runs the bench; whatever happens, nothing that it began is left behind. */
export async function main(name, bench) {
  const interrupted = (signal) => void cleanUp().then(() => process.exit(signal === "SIGINT" ? 130 : 143));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupted);
  let status = 2;
  try {
    status = report(name, await bench()) ? 0 : 1;
  } catch (error) {
    // What was interrupted fails too, and says nothing of interest.
    if (cleaning === null) console.error(`bench/${name}: ${error instanceof Error ? error.stack : error}`);
    else return;
  }
  await cleanUp();
  process.exit(status);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "ndcast-bench-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const kTicksPerSecond = 100; // USER_HZ, the same on every Linux

/** Processor seconds that a process has used, in its own code and in the kernel's. */
export function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / kTicksPerSecond;
}

/** `ndcast serve` as a process of its own; `before` is a command that it runs in (taskset, ip netns exec). */
export function startServer(args, { before = [] } = {}) {
  const [command, ...rest] = [...before, ndcast_binary, "serve", ...args, "--port", "0", "--no-journal", "--log-level", "warn"];
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  atEnd(stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${command} ${rest.join(" ")} ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const link = /^https?:\/\/\S+$/.exec(line.trim())?.[0];
      if (link !== undefined) resolve({ link, pid: child.pid, port: Number(new URL(link).port), stop });
    });
  });
}

export function percentile(values, fraction) {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * (sorted.length - 1) + 0.5))];
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * One row. `reach` is what the value, or with a peer its ratio to the peer's, is to stay at or below; with `at_least` to
 * reach. Without a reach the row only tells.
 */
export function row(what, value, unit, { peer = null, peer_value = null, reach = null, at_least = false } = {}) {
  const ratio = peer_value === null ? null : value / peer_value;
  const judged = ratio ?? value;
  const ok = reach === null || (at_least ? judged >= reach : judged <= reach);
  return { what, value, unit, peer, peer_value, ratio, reach, ok, at_least };
}

const rounded = (value) => (typeof value === "number" && Number.isFinite(value) ? Number(value.toFixed(4)) : value);

function report(name, rows) {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "?"}`;
  console.log(`${name} on ${machine}`);
  const number = (value) => (Number.isFinite(value) ? value.toFixed(2) : "none");
  for (const { what, value, unit, peer, peer_value, ratio, reach, ok, at_least } of rows) {
    const beside = peer_value === null ? "" : `  ${number(ratio)} x ${peer} (${number(peer_value)})`;
    const judged = reach === null ? "" : `  reach ${at_least ? "≥" : "≤"} ${reach}: ${ok ? "ok" : "MISSED"}`;
    console.log(`  ${what.padEnd(66)} ${number(value).padStart(10)} ${unit.padEnd(8)}${beside}${judged}`);
  }
  const file = option("json", "");
  const printed = rows.map(({ at_least: _, ...each }) => Object.fromEntries(Object.entries(each).map(([key, value]) => [key, rounded(value)])));
  if (file !== "") writeFileSync(file, JSON.stringify({ name, machine, rows: printed }, null, 1) + "\n");
  return rows.every(({ ok }) => ok);
}
