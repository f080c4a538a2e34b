import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionStatus } from "../protocol/connection";
import type { Json } from "../protocol/types";
import { FakeServer } from "../testing/fake_socket";
import type { Refusal } from "./register_ledger";
import { RoomClient } from "./room_client";

let server: FakeServer;
let client: RoomClient;
let statuses: ConnectionStatus[];
let refusals: Refusal[];

const shown = (key = "index", target = "z", scope = "dims") => client.ledger.projection(scope, target, key);
const registers = (value: Json, version: number) => [{ scope: "dims", target: "z", key: "index", value, version }];

function arrive(server_seq = 10): void {
  server.latest.accept();
  server.latest.welcome(server_seq);
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  statuses = [];
  refusals = [];
  client = new RoomClient({
    url: () => "ws://test/state",
    openSocket: server.openSocket,
    actor: "Ada",
    onStatus: (status) => statuses.push(status),
    onRefusal: (refusal) => refusals.push(refusal),
  });
  client.open();
  arrive();
  server.latest.say("nd.snapshot", { history_id: "H", server_seq: 10, registers: registers(5, 3) });
});
afterEach(() => vi.useRealTimers());

describe("intents", () => {
  test("a set value is a state.update with rising client_seq, and its ack settles it", () => {
    client.set("dims", "z", "index", 300);
    client.set("dims", "z", "index", 301);
    const updates = server.latest.of("state.update");
    expect(updates.map((u) => u.payload.client_seq)).toEqual([1, 2]);
    expect(new Set(updates.map((u) => u.frame_id)).size).toBe(2);
    expect(updates[0]?.intent_id).toMatch(/^intent-[0-9a-f]{8}$/);
    expect(shown()).toBe(301);
    for (const update of updates)
      server.latest.say("ack.state", {
        intent_id: update.intent_id,
        in_reply_to: update.frame_id,
        status: "accepted",
        applied_value: 235,
        version: 11,
      });
    expect(shown()).toBe(235);
  });

  test("a refusal returns the value and is told", () => {
    client.set("layer", "a", "gamma", -1);
    const update = server.latest.of("state.update")[0];
    const error = { code: "state.invalid", message: "gamma is -1, expected above 0" };
    server.latest.say("ack.state", { intent_id: update?.intent_id, in_reply_to: update?.frame_id, status: "rejected", error });
    expect(shown("gamma", "a", "layer")).toBeUndefined();
    expect(refusals[0]).toMatchObject({ refused: -1, settled: null, error });
  });

  test("WP11 a camera reset predicts nothing, and is answered without a trace", () => {
    client.set("camera", "main", "reset", true);
    expect(shown("reset", "main", "camera")).toBeUndefined();
    expect(server.latest.of("state.update")[0]?.payload).toMatchObject({ scope: "camera", key: "reset" });
  });

  test("offline, a value is neither shown nor kept for later", () => {
    server.latest.drop();
    client.set("dims", "z", "index", 7);
    expect(shown()).toBe(5);
    vi.advanceTimersByTime(500);
    arrive();
    expect(server.latest.of("state.update")).toHaveLength(0);
  });
});

describe("connection", () => {
  test("WP15 comes back with since; the missing commits bring it up to date", () => {
    client.set("dims", "z", "index", 7);
    server.latest.drop();
    expect(shown()).toBe(5);
    vi.advanceTimersByTime(500);
    arrive(12);
    expect(server.latest.sent[0]?.nd).toMatchObject({ since: { history_id: "H", server_seq: 10 } });
    server.latest.say("nd.commit", { from: 10, server_seq: 12, registers: registers(9, 12) });
    expect(shown()).toBe(9);
    expect(statuses.at(-1)?.phase).toBe("live");
  });

  test("WP15 a gap in the commits makes it connect again, with what it has", () => {
    const first = server.latest;
    first.say("nd.commit", { from: 11, server_seq: 12, registers: registers(9, 12) });
    expect(first.closed_with).toBe(4000);
    expect(server.sockets).toHaveLength(2);
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ since: { history_id: "H", server_seq: 10 } });
    expect(shown()).toBe(5);
  });
});

describe("commands", () => {
  test("resolve with their result", async () => {
    const answer = client.command("fs.listdir", { path: "." });
    const call = server.latest.of("call.command")[0];
    expect(call?.payload).toMatchObject({ command: "fs.listdir", args: [], kwargs: { path: "." } });
    server.latest.say("reply.command", { in_reply_to: call?.frame_id, status: "ok", result: { entries: [] } });
    await expect(answer).resolves.toEqual({ entries: [] });
  });

  test("reject with the server's code", async () => {
    const answer = client.command("fs.listdir", { path: ".." });
    const call = server.latest.of("call.command")[0];
    server.latest.say("error.command", { in_reply_to: call?.frame_id, status: "error", code: "fs.forbidden", message: "outside" });
    await expect(answer).rejects.toMatchObject({ code: "fs.forbidden", message: "outside" });
  });

  test("reject when the connection goes, and when there is none", async () => {
    const answer = client.command("nd.wait_until", {});
    server.latest.drop();
    await expect(answer).rejects.toMatchObject({ code: "command.session_closed" });
    await expect(client.command("x")).rejects.toMatchObject({ code: "command.session_closed" });
  });

  test("reject when no answer comes", async () => {
    const answer = client.command("x").catch((error: unknown) => error);
    for (let i = 0; i < 4; ++i) {
      await vi.advanceTimersByTimeAsync(10_000);
      server.latest.say("session.heartbeat");
    }
    expect(await answer).toMatchObject({ code: "command.timeout" });
  });
});
