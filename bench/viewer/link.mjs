// A slow link on this machine: a network namespace for the client, a pair of virtual Ethernet ends, a token bucket (tc tbf)
// on each. What the server sends really waits in its kernel for the link; a delay is added in the client's namespace
// (forwarder.mjs), since not every kernel has netem. Needs root.
//
//   const link = makeLink({ mbit: 8, rtt_ms: 20 });
//   startServer([…, "--host", link.server_address]);   const port = await link.forward(server.port);
//   launchChromium({ executablePath: link.inClient("/usr/bin/chromium") });
//   link.bytes();   link.setRate(2);

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd, here, temporaryFolder } from "./harness.mjs";

/** A home router's queue: what waits longer is dropped. */
const kQueueMs = 100;
/** At least a jumbo of segments, and 2 ms of the link: less and tbf falls short of the rate that it was given. */
const burstBytes = (mbit) => Math.max(16 << 10, Math.round((mbit * 1e6) / 8 / 500));

const run = (command, ...args) => execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] }).toString();
const quietly = (...command) => {
  try {
    run(...command);
  } catch {
    // It is gone already.
  }
};

let made = 0;

export function makeLink({ mbit, rtt_ms = 0 }) {
  if (process.getuid() !== 0) throw new Error("a link of its own (network namespace, tc) can be made by root only");
  for (const tool of ["/usr/sbin/tc", "/usr/sbin/ip"]) if (!existsSync(tool)) throw new Error(`${tool} is missing: apt-get install iproute2`);
  const number = (process.pid + made++) % 250;
  const space = `ndbench${process.pid}x${made}`;
  const [outside, inside] = [`ndb${process.pid % 100000}x${made}o`, `ndb${process.pid % 100000}x${made}i`];
  const [server_address, client_address] = [`10.219.${number}.1`, `10.219.${number}.2`];

  const close = () => {
    quietly("ip", "netns", "del", space);
    quietly("ip", "link", "del", outside);
  };
  atEnd(close);
  run("ip", "netns", "add", space);
  run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", space);
  run("ip", "addr", "add", `${server_address}/30`, "dev", outside);
  run("ip", "link", "set", outside, "up");
  run("ip", "-n", space, "addr", "add", `${client_address}/30`, "dev", inside);
  run("ip", "-n", space, "link", "set", inside, "up");
  run("ip", "-n", space, "link", "set", "lo", "up");

  const setRate = (rate) => {
    const bucket = ["root", "tbf", "rate", `${rate}mbit`, "burst", String(burstBytes(rate)), "latency", `${kQueueMs}ms`];
    run("tc", "qdisc", "replace", "dev", outside, ...bucket);
    run("tc", "-n", space, "qdisc", "replace", "dev", inside, ...bucket);
  };
  setRate(mbit);

  const scripts = temporaryFolder();
  /** A program file that starts `program` in the client's namespace. */
  const inClient = (program) => {
    const script = join(scripts, "in_client");
    writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${space} ${program} "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  };

  /** A port of 127.0.0.1 in the client's namespace that leads to one of the server's address. */
  const forward = async (port) => {
    const args = ["netns", "exec", space, process.execPath, here("bench/viewer/forwarder.mjs"), server_address, String(port), String(rtt_ms / 2)];
    const child = spawn("ip", args, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    atEnd(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    return new Promise((resolve, reject) => {
      void ended.then((code) => reject(new Error(`forwarder ended with ${code}`)));
      createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line)));
    });
  };

  /** Bytes that went to the client, with all headers. */
  const bytes = () => Number(readFileSync(`/sys/class/net/${outside}/statistics/tx_bytes`, "utf8"));

  return { server_address, space, inClient, forward, setRate, bytes, close };
}
