// The client library as it is built, in Node.js, against the real server: gestures through lost connections, restarts,
// refusals; the README's examples and the programs beside it.

import { connect, ConnectionError, Room, type Change, type ConnectOptions } from "@ndcast/client";
import { execFile, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { Door, NdcastServer } from "./ndcast_server";
import { repository, sample } from "./paths";

const kImage = sample("blastocyst.ome.zarr");
const kLastZ = 235;
const package_folder = join(repository, "web", "client");

const rooms: Room[] = [];
async function enter(link: string, options: ConnectOptions = {}): Promise<Room> {
  const room = await connect(link, { WebSocket, ...options });
  rooms.push(room);
  return room;
}
afterEach(() => {
  for (const room of rooms.splice(0)) room.close();
});

/** The same link through a door. */
function through(door: Door, link: string): string {
  const url = new URL(link);
  url.port = String(door.port);
  return url.toString();
}

const z = (room: Room) => room.get("dims", "z", "index");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("one server", () => {
  let server: NdcastServer;
  beforeAll(async () => {
    server = await NdcastServer.start([kImage]);
  });
  afterAll(() => server?.stop());

  test("WP8 WP15 a drag at 120 Hz through two lost connections: its last value arrives, nothing twice, both sides converge", async () => {
    const door = await Door.to(server.port);
    const writer = await enter(through(door, server.link), { name: "writer" });
    const reader = await enter(server.link, { name: "reader" });
    const seen: Change[] = [];
    reader.watch({ scope: "dims", target: "z" }, (change) => seen.push(change));
    const phases: string[] = [];
    writer.on("status", (status) => phases.push(status.phase));

    const drag = writer.drag("dims", "z", "index");
    for (let i = 0; i < 480; ++i) {
      // Up and down, so that a value sent twice, or late, would show.
      const value = Math.round(100 + 100 * Math.sin(i / 40));
      drag.update(value);
      expect(z(writer)).toBe(value);
      if (i === 120 || i === 300) door.slam();
      if (i === 180 || i === 330) door.open();
      await sleep(1000 / 120);
    }
    const applied = await drag.commit(17);
    expect(applied.value).toBe(17);
    expect(phases.filter((phase) => phase === "waiting").length).toBeGreaterThanOrEqual(2);

    await reader.waitFor("dims", "z", "index", 17);
    expect(z(writer)).toBe(17);
    expect(writer.pending).toBe(0);
    expect(reader.confirmed("dims", "z", "index")).toMatchObject({ version: applied.version, actor: "writer", phase: "commit" });
    const versions = seen.map((change) => change.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    // A second value that came late would make the same step again.
    const client_seqs = reader.confirmed("dims", "z", "index")?.client_seq ?? 0;
    expect(seen.length).toBeLessThanOrEqual(client_seqs);
    expect(seen.length).toBeGreaterThan(20);
    console.log(`480 updates at 120 Hz, ${client_seqs} sent, ${seen.length} changes seen by another`);
    await door.close();
  });

  test("a commit made while the connection is lost arrives when it is back", async () => {
    const door = await Door.to(server.port);
    const writer = await enter(through(door, server.link));
    const reader = await enter(server.link);
    const drag = writer.drag("dims", "z", "index");
    drag.update(30);
    await reader.waitFor("dims", "z", "index", 30);
    door.slam();
    await expect.poll(() => writer.status.phase).not.toBe("live");
    const applied = drag.commit(500);
    expect(z(writer)).toBe(500);
    await sleep(300);
    expect(z(reader)).toBe(30);
    door.open();
    expect((await applied).value).toBe(kLastZ);
    await reader.waitFor("dims", "z", "index", kLastZ);
    expect(z(writer)).toBe(kLastZ);
    await door.close();
  });

  test("somebody else was there meanwhile: theirs stands", async () => {
    const door = await Door.to(server.port);
    const writer = await enter(through(door, server.link));
    const other = await enter(server.link, { name: "Bob" });
    door.slam();
    await expect.poll(() => writer.status.phase).not.toBe("live");
    const mine = writer.set("dims", "z", "index", 40);
    await other.set("dims", "z", "index", 50);
    door.open();
    await expect(mine).rejects.toMatchObject({ code: "update.overtaken", message: expect.stringContaining("Bob") });
    expect(z(writer)).toBe(50);
    await door.close();
  });

  test("two that drag at once end on the same value", async () => {
    const both = [await enter(server.link, { name: "one" }), await enter(server.link, { name: "two" })];
    await Promise.all(
      both.map(async (room, which) => {
        const drag = room.drag("dims", "z", "index");
        for (let i = 0; i < 120; ++i) {
          drag.update(which * 100 + (i % 60));
          await sleep(1000 / 120);
        }
        await drag.commit(which * 100 + 7);
      }),
    );
    const newest = Math.max(...both.map((room) => room.confirmed("dims", "z", "index")?.version ?? 0));
    await expect.poll(() => both.map((room) => room.confirmed("dims", "z", "index")?.version)).toEqual([newest, newest]);
    expect(z(both[0] as Room)).toBe(z(both[1] as Room));
  });

  test("waits until a picture is drawn, though nobody watches", async () => {
    const room = await enter(server.link);
    const moved = await room.camera.zoom(0.5, [640, 360]);
    expect(await room.waitUntil(moved)).toMatchObject({ view: "main" });
    const mark = await room.waitUntil(await room.set("dims", "z", "index", 60));
    expect(mark.complete_server_seq).toBeGreaterThanOrEqual(room.confirmed("dims", "z", "index")?.version ?? Infinity);
    expect(mark.complete_camera_seq).toBeGreaterThanOrEqual(moved.camera_seq ?? Infinity);
  });

  test("WP1 WP4 refusals are told apart: token, none, room, no server", async () => {
    const refused = async (link: string, options: ConnectOptions = {}) => {
      const error = await enter(link, options).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ConnectionError);
      return (error as ConnectionError).code;
    };
    const { origin } = new URL(server.link);
    expect(await refused(`${origin}/?token=wrong`)).toBe("auth.invalid");
    expect(await refused(`${origin}/`)).toBe("auth.required");
    expect(await refused(server.link, { room: "nowhere" })).toBe("room.not_found");
    expect(await refused("http://127.0.0.1:1/", { connect_timeout_ms: 300 })).toBe("session.timeout");
  });

  test("the README's examples run, one after the other", async () => {
    const blocks = [...readFileSync(join(package_folder, "README.md"), "utf8").matchAll(/^```js\n(.*?)^```$/gms)].map((block) => block[1] ?? "");
    expect(blocks.length).toBeGreaterThanOrEqual(7);
    // Each continues the first; imports have to come first.
    const lines = blocks.map((block, i) => `{ console.log("example ${i}");\n${block.replace(/^import .*$/gm, "").replace(/^room\.close\(\);$/gm, "")}\n}`);
    lines[0] = (lines[0] ?? "").replace(/^\{ /, "").replace(/\}$/, "");
    const imports = 'import { connect, UpdateError, CommandError } from "@ndcast/client"; import WebSocket from "ws";';
    const file = join(package_folder, `readme_${process.pid}.mjs`);
    writeFileSync(file, `${imports}\n${lines.join("\n")}\nroom.close();\n`);
    try {
      const output = await node(file, server.link);
      for (let i = 0; i < blocks.length; ++i) expect(output).toContain(`example ${i}`);
      expect(output).toContain("z is drawn at 12");
      expect(output).toContain("state.invalid");
      expect(output).toContain("my script moved z to 3");
    } finally {
      rmSync(file);
    }
  });

  test("the example programs run", async () => {
    const follower = spawn(process.execPath, [join(package_folder, "examples", "follow.mjs"), server.link, "dims"], { stdio: "pipe" });
    let told = "";
    for (const stream of [follower.stdout, follower.stderr]) stream.on("data", (data: Buffer) => (told += data.toString()));
    await expect.poll(() => told).toContain("following main");
    expect(await node(join(package_folder, "examples", "go_to.mjs"), server.link, "z=33")).toMatch(/drawn at z=33 after \d+ ms/);
    await expect.poll(() => told).toContain("go_to.mjs: dims z index 33");
    const ended = new Promise((resolve) => follower.once("exit", resolve));
    follower.kill("SIGINT");
    expect(await ended).toBe(0);
    const listed = await node(join(package_folder, "examples", "list.mjs"), server.link);
    expect(listed).toContain("blastocyst (ready)");
    expect(listed).toMatch(/dims z index +33 {2}\(\d+ by go_to\.mjs\)/);
    await expect(node(join(package_folder, "examples", "go_to.mjs"), server.link, "q=1")).rejects.toThrow(/state\.unknown_target/);
  });
});

describe("a server that restarts", () => {
  test("WP15 another history: everything is fresh, and work goes on", async () => {
    const first = await NdcastServer.start([kImage, "--no-auth"]);
    const door = await Door.to(first.port);
    const rooms = [await enter(through(door, first.link)), await enter(through(door, first.link))] as [Room, Room];
    await rooms[0].set("dims", "z", "index", 5);
    await rooms[1].waitFor("dims", "z", "index", 5);
    const history = rooms[0].historyId;
    const fresh: boolean[] = [];
    rooms[0].on("state", (state) => fresh.push(state.fresh));
    const causes: string[] = [];
    rooms[0].on("status", (status) => {
      if (status.phase === "waiting") causes.push(status.cause.code);
    });

    await first.stop();
    await expect.poll(() => rooms.map((room) => room.status.phase)).not.toContain("live");
    expect(causes[0]).toBe("server.goodbye");
    const pending = rooms[0].set("dims", "z", "index", 9);
    expect(z(rooms[0])).toBe(9);
    const second = await NdcastServer.start([kImage, "--no-auth"]);
    door.leadTo(second.port);

    await expect(pending).rejects.toMatchObject({ code: "update.history_changed" });
    await Promise.all(rooms.map((room) => room.ready()));
    expect(rooms[0].historyId).not.toBe(history);
    expect(rooms[0].historyId).toBe(rooms[1].historyId);
    expect(fresh).toContain(true);
    expect(z(rooms[0])).toBe(z(rooms[1]));
    expect(z(rooms[0])).not.toBe(5);
    await rooms[0].set("dims", "z", "index", 6);
    await rooms[1].waitFor("dims", "z", "index", 6);
    for (const room of rooms) room.close();
    await door.close();
    await second.stop();
  });

  test("WP1 another token: refused, and visibly so, without knocking on", async () => {
    const first = await NdcastServer.start([kImage]);
    const door = await Door.to(first.port);
    const room = await enter(through(door, first.link));
    await first.stop();
    const second = await NdcastServer.start([kImage]);
    door.leadTo(second.port);
    await expect.poll(() => room.status).toMatchObject({ phase: "refused", error: { code: "auth.invalid" } });
    await expect(room.set("dims", "z", "index", 1)).rejects.toMatchObject({ code: "auth.invalid" });
    await door.close();
    await second.stop();
  });
});

/** Runs a program to its end; rejects with what it said when it fails. */
function node(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: package_folder, timeout: 50_000 }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${args.join(" ")}: ${stderr || error.message}\n${stdout}`));
      else resolve(stdout);
    });
  });
}
