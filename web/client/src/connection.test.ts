import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeServer } from "./testing/fake_socket.js";
import { kStableMs, StateConnection, type Status } from "./connection.js";
import type { Inbound, Since, WireError } from "./types.js";

let server: FakeServer;
let statuses: Status[];
let bad_frames: string[];
let frames: Inbound[];
let since: Since | undefined;
let diagnosis: WireError | null;
let hangs: boolean;

function connect(): StateConnection {
  const connection = new StateConnection({
    url: () => "ws://test/state",
    hello: () => ({ actor: "Ada", kind: "human", client: { name: "test", version: "1", platform: "vitest" }, since }),
    openSocket: server.openSocket,
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    onBadFrame: (error) => bad_frames.push(error.message),
    diagnose: () => (hangs ? new Promise(() => undefined) : Promise.resolve(diagnosis)),
    // The longest of each delay's range, but for a hair.
    random: () => 0.999999,
  });
  connection.open();
  return connection;
}

const phase = () => statuses.at(-1)?.phase;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  statuses = [];
  bad_frames = [];
  frames = [];
  since = undefined;
  diagnosis = null;
  hangs = false;
});

afterEach(() => {
  vi.useRealTimers();
});

describe("handshake", () => {
  test("WP3 the first frame is a native hello without session", () => {
    connect();
    server.latest.accept();
    const hello = server.latest.sent[0];
    expect(hello).toMatchObject({ type: "session.hello", payload: { protocols: [2] }, nd: { extensions: 1, actor: { name: "Ada", kind: "human" } } });
    expect(hello).not.toHaveProperty("session");
    expect(hello?.nd).not.toHaveProperty("since");
  });

  test("WP2 later frames carry the session of the welcome", () => {
    const connection = connect();
    server.latest.accept();
    expect(connection.send(connection.writer.command("x", {}, "test"))).toBe(false);
    server.latest.welcome();
    expect(phase()).toBe("syncing");
    connection.synced();
    expect(phase()).toBe("live");
    expect(connection.send(connection.writer.command("x", {}, "test"))).toBe(true);
    expect(server.latest.of("call.command")[0]?.session).toBe("S");
  });

  test("WP15 the hello offers the history that is already here", () => {
    since = { history_id: "H", server_seq: 41 };
    connect();
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ since });
  });

  test("WP4 a final refusal is shown and not repeated", () => {
    connect();
    server.latest.accept();
    server.latest.say("session.reject", { code: "auth.invalid", message: "no such token" });
    expect(statuses.at(-1)).toEqual({ phase: "refused", error: { code: "auth.invalid", message: "no such token", details: null } });
    vi.advanceTimersByTime(60_000);
    expect(server.sockets).toHaveLength(1);
  });

  test("WP4 a full room is tried again", () => {
    connect();
    server.latest.accept();
    server.latest.say("session.reject", { code: "room.full", message: "full" });
    expect(phase()).toBe("waiting");
    vi.advanceTimersByTime(500);
    expect(server.sockets).toHaveLength(2);
  });

  test("a socket refused before its welcome asks why", async () => {
    diagnosis = { code: "auth.required", message: "no cookie" };
    connect();
    server.latest.drop();
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses.at(-1)).toEqual({ phase: "refused", error: diagnosis });
  });
});

describe("coming back", () => {
  const delay = () => {
    const status = statuses.at(-1);
    if (status?.phase !== "waiting") throw new Error(`expected waiting, got ${status?.phase}`);
    return status.retry_at_ms - Date.now();
  };
  async function drop(): Promise<void> {
    server.latest.drop();
    await vi.advanceTimersByTimeAsync(0);
  }

  test("waits up to 0.25 s, twice as long each time, at most 10 s", async () => {
    connect();
    const waits: number[] = [];
    for (let i = 0; i < 8; ++i) {
      await drop();
      waits.push(delay());
      await vi.advanceTimersByTimeAsync(delay());
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test("begins anew after a session that stood for a while, not after one that fell at once", async () => {
    connect();
    for (let i = 0; i < 3; ++i) {
      server.latest.accept();
      server.latest.welcome();
      await drop();
      if (i < 2) await vi.advanceTimersByTimeAsync(delay());
    }
    expect(delay()).toBe(1000);
    await vi.advanceTimersByTimeAsync(delay());
    server.latest.accept();
    server.latest.welcome();
    await vi.advanceTimersByTimeAsync(kStableMs);
    await drop();
    expect(delay()).toBe(250);
  });

  test("does not wait less than a refusal asks for", async () => {
    connect();
    server.latest.accept();
    server.latest.say("session.reject", { code: "rate.limited", message: "slow down", details: { retry_after_ms: 7000 } });
    expect(delay()).toBe(7000);
  });

  test("says why: closed, goodbye, too slow", async () => {
    const cause = () => {
      const status = statuses.at(-1);
      return status?.phase === "waiting" ? [status.cause.code, status.cause.message] : status?.phase;
    };
    const connection = connect();
    const welcome = () => {
      server.latest.accept();
      server.latest.welcome();
    };
    welcome();
    await drop();
    expect(cause()).toEqual(["socket.closed", "the connection closed with 1006"]);
    connection.retryNow();
    welcome();
    server.latest.say("session.goodbye", { code: "shutdown", message: "the server stops", reason: "server_shutdown" });
    server.latest.drop(1001);
    await vi.advanceTimersByTimeAsync(0);
    expect(cause()).toEqual(["server.goodbye", "the server stops"]);
    connection.retryNow();
    welcome();
    server.latest.drop(1013);
    await vi.advanceTimersByTimeAsync(0);
    expect(cause()?.[0]).toBe("socket.slow");
  });

  test("a goodbye for good, as when the token ran out, is a refusal", () => {
    connect();
    server.latest.accept();
    server.latest.welcome();
    server.latest.say("session.goodbye", { code: "auth.expired", message: "the token ran out" });
    expect(statuses.at(-1)).toMatchObject({ phase: "refused", error: { code: "auth.expired" } });
    vi.advanceTimersByTime(60_000);
    expect(server.sockets).toHaveLength(1);
  });

  test("the package `ws` says why an upgrade was refused", async () => {
    connect();
    server.latest.fail("Unexpected server response: 404");
    await drop();
    expect(statuses.at(-1)).toMatchObject({ phase: "refused", error: { code: "room.not_found" } });
  });

  test("asks why only where somebody may have refused, and not for long", async () => {
    diagnosis = { code: "auth.required", message: "no cookie" };
    connect();
    server.latest.fail("connect ECONNREFUSED 127.0.0.1:8787");
    await drop();
    expect(statuses.at(-1)).toMatchObject({ phase: "waiting", cause: { message: "connect ECONNREFUSED 127.0.0.1:8787" } });
    hangs = true;
    await vi.advanceTimersByTimeAsync(delay());
    await drop();
    expect(phase()).toBe("connecting");
    await vi.advanceTimersByTimeAsync(2000);
    expect(phase()).toBe("waiting");
  });

  test("a path that is silent after an update is given up sooner than one at rest", () => {
    const connection = connect();
    server.latest.accept();
    server.latest.welcome();
    connection.send(connection.writer.command("x", {}, "test"), true);
    vi.advanceTimersByTime(10_100);
    expect(server.sockets[0]?.closed_with).toBe(4001);
    expect(statuses.at(-1)).toMatchObject({ phase: "waiting", cause: { code: "socket.silent" } });
  });

  test("after a sleep, in which no timer ran, it looks whether the session is still alive", () => {
    const connection = connect();
    server.latest.accept();
    server.latest.welcome();
    connection.checkAlive();
    expect(phase()).toBe("syncing");
    vi.setSystemTime(Date.now() + 3_600_000);
    connection.checkAlive();
    expect(phase()).toBe("waiting");
  });

  test("WP6 answers heartbeats and gives up a silent server", () => {
    connect();
    server.latest.accept();
    server.latest.welcome();
    const first = server.latest;
    vi.advanceTimersByTime(15_000);
    first.say("session.heartbeat");
    expect(first.of("session.ack")).toHaveLength(1);
    vi.advanceTimersByTime(22_000);
    expect(phase()).toBe("syncing");
    vi.advanceTimersByTime(600);
    expect(first.closed_with).toBe(4001);
    expect(phase()).toBe("waiting");
  });

  test("a page that closes says goodbye and stays away", () => {
    const connection = connect();
    server.latest.accept();
    server.latest.welcome();
    const socket = server.latest;
    connection.close();
    expect(socket.of("session.goodbye")).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(server.sockets).toHaveLength(1);
  });
});

describe("WP7 frames that cannot be used", () => {
  test.each([
    ["no JSON", "{"],
    ["no object", "[1]"],
    ["no type", "{}"],
    ["a commit without registers", `{"type":"nd.commit","payload":{"from":1,"server_seq":2}}`],
    ["a register without version", `{"type":"nd.commit","payload":{"from":1,"server_seq":2,"registers":[{"scope":"a","target":"b","key":"c"}]}}`],
    ["an ack of unknown status", `{"type":"ack.state","payload":{"intent_id":"i","in_reply_to":"f","status":"maybe"}}`],
  ])("%s: skipped and counted", (_, text) => {
    connect();
    server.latest.accept();
    server.latest.welcome();
    const before = frames.length;
    server.latest.sayText(text);
    expect(bad_frames).toHaveLength(1);
    expect(frames).toHaveLength(before);
    expect(phase()).toBe("syncing");
  });

  test("an unknown type is passed on as such", () => {
    connect();
    server.latest.accept();
    server.latest.welcome();
    server.latest.say("nd.confetti");
    expect(frames.at(-1)).toEqual({ type: "other", name: "nd.confetti" });
  });
});
