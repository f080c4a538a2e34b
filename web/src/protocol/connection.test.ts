import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeServer } from "../testing/fake_socket";
import { StateConnection, type ConnectionStatus } from "./connection";
import type { Inbound, Since, WireError } from "./types";

let server: FakeServer;
let statuses: ConnectionStatus[];
let frames: Inbound[];
let since: Since | undefined;
let diagnosis: WireError | null;

function connect(): StateConnection {
  const connection = new StateConnection({
    url: () => "ws://test/state",
    hello: () => ({ actor: "Ada", since }),
    openSocket: server.openSocket,
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    diagnose: () => Promise.resolve(diagnosis),
  });
  connection.open();
  return connection;
}

const phase = () => statuses.at(-1)?.phase;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  statuses = [];
  frames = [];
  since = undefined;
  diagnosis = null;
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
    expect(connection.send(connection.writer.command("x"))).toBe(false);
    server.latest.welcome();
    expect(phase()).toBe("live");
    expect(connection.send(connection.writer.command("x"))).toBe(true);
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
    expect(statuses.at(-1)).toEqual({ phase: "refused", error: { code: "auth.invalid", message: "no such token" } });
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
  test("waits 0.5 s, half as much again each time, at most 10 s, and starts anew after a welcome", async () => {
    connect();
    const waits: number[] = [];
    for (let i = 0; i < 10; ++i) {
      server.latest.drop();
      await vi.advanceTimersByTimeAsync(0);
      const status = statuses.at(-1);
      if (status?.phase !== "waiting") throw new Error(`expected waiting, got ${status?.phase}`);
      waits.push(status.retry_at_ms - Date.now());
      await vi.advanceTimersByTimeAsync(waits.at(-1) ?? 0);
    }
    expect(waits.slice(0, 4)).toEqual([500, 750, 1125, 1688]);
    expect(waits.at(-1)).toBe(10_000);
    server.latest.accept();
    server.latest.welcome();
    server.latest.drop();
    await vi.advanceTimersByTimeAsync(0);
    const status = statuses.at(-1);
    expect(status?.phase === "waiting" ? status.retry_at_ms - Date.now() : 0).toBe(500);
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
    expect(phase()).toBe("live");
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
    const connection = connect();
    server.latest.accept();
    server.latest.welcome();
    const before = frames.length;
    server.latest.sayText(text);
    expect(connection.bad_frames).toBe(1);
    expect(frames).toHaveLength(before);
    expect(phase()).toBe("live");
  });

  test("an unknown type is passed on as such", () => {
    connect();
    server.latest.accept();
    server.latest.welcome();
    server.latest.say("nd.confetti");
    expect(frames.at(-1)).toEqual({ type: "other", name: "nd.confetti" });
  });
});
