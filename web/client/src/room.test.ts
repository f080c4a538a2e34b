import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Room } from "./room.js";
import { FakeServer } from "./testing/fake_socket.js";
import type { Refusal } from "./pending.js";
import type { Change, Shown } from "./room_types.js";
import type { Json } from "./types.js";

let server: FakeServer;
let room: Room;
let refusals: Refusal[];
let changes: Change[];
let shown: Shown[];

const registers = (value: Json, version: number, more: object = {}) => [{ scope: "dims", target: "z", key: "index", value, version, ...more }];
const value = () => room.get("dims", "z", "index");
const phase = () => room.status.phase;

function arrive(server_seq = 10, history_id = "H"): void {
  server.latest.accept();
  server.latest.welcome(server_seq, history_id);
}
function snapshot(at: Json = 5, version = 3, server_seq = 10, history_id = "H"): void {
  server.latest.say("nd.snapshot", { history_id, server_seq, registers: registers(at, version) });
}
function acknowledge(applied_value: Json, version: number): void {
  const update = server.latest.of("state.update").at(-1);
  const ids = { intent_id: update?.intent_id, in_reply_to: update?.frame_id };
  server.latest.say("ack.state", { ...ids, status: "accepted", applied_value, version });
}
async function drop(): Promise<void> {
  server.latest.drop();
  await vi.advanceTimersByTimeAsync(0);
}
async function lose(): Promise<void> {
  await drop();
  await vi.advanceTimersByTimeAsync(300);
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  refusals = [];
  changes = [];
  shown = [];
  room = new Room("http://test:1/base/?token=secret&room=lab", { WebSocket: server.WebSocket, name: "Ada", random: () => 0.5 });
  room.on("refused", (refusal) => refusals.push(refusal));
  room.open();
  arrive();
  snapshot();
  room.on("change", (change) => changes.push(change));
  room.on("shown", (one) => shown.push(one));
});
afterEach(() => {
  room.close();
  vi.useRealTimers();
});

describe("entering", () => {
  test("the room is in the address, the token in the hello and nowhere else", () => {
    expect(server.latest.url).toBe("ws://test:1/base/state?room=lab");
    expect(server.latest.sent[0]).toMatchObject({
      payload: { auth: { type: "bearer", token: "secret" }, client: { name: "ndcast-client" } },
      nd: { actor: { name: "Ada", kind: "agent" } },
    });
  });

  test("it is live when its state is in", () => {
    expect(phase()).toBe("live");
    expect([room.serverSeq, room.historyId, value()]).toEqual([10, "H", 5]);
  });

  test("no link, no WebSocket: said at once, with what to do", () => {
    expect(() => new Room("nonsense")).toThrow(/expected the link that ndcast serve prints, found "nonsense"/);
    expect(() => new Room("ftp://x/")).toThrow(/http or https/);
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new Room("http://x/")).toThrow(/npm install ws/);
    vi.unstubAllGlobals();
  });

  test("ready() tells a refusal, and a time-out with what was wrong", async () => {
    const other = new FakeServer();
    const refused = new Room("http://test/", { WebSocket: other.WebSocket });
    refused.open();
    const ready = refused.ready();
    other.latest.accept();
    other.latest.say("session.reject", { code: "auth.required", message: "no token" });
    await expect(ready).rejects.toMatchObject({ name: "ConnectionError", code: "auth.required" });
    await expect(refused.set("dims", "z", "index", 1)).rejects.toMatchObject({ code: "auth.required" });
    refused.retry();
    expect(other.sockets).toHaveLength(2);
    const late = refused.ready({ timeout_ms: 100 });
    const told = expect(late).rejects.toMatchObject({ code: "wait.timeout", message: expect.stringContaining("the session is connecting") });
    await vi.advanceTimersByTimeAsync(100);
    await told;
    refused.close();
  });
});

describe("values", () => {
  test("a set value is shown at once, its ack settles it, and each step is told once", async () => {
    const applied = room.set("dims", "z", "index", 300);
    expect(value()).toBe(300);
    expect(room.confirmed("dims", "z", "index")?.value).toBe(5);
    acknowledge(235, 11);
    expect(await applied).toEqual({ value: 235, version: 11, server_seq: 11 });
    server.latest.say("nd.commit", { from: 10, server_seq: 11, registers: registers(235, 11, { actor: "Ada", origin: "agent" }) });
    expect(shown.map((s) => [s.value, s.pending])).toEqual([
      [300, true],
      [235, false],
    ]);
    expect(changes).toEqual([
      { scope: "dims", target: "z", key: "index", value: 235, version: 11, actor: "Ada", origin: "agent", gone: false, own: true, news: true },
    ]);
  });

  test("a change says whether it is one's own, and whether it just happened", () => {
    const told = () => changes.map(({ value, own, news }) => [value, own, news]);
    server.latest.say("nd.commit", { from: 10, server_seq: 12, registers: registers(7, 12, { actor: "Bea", origin: "client" }) });
    server.latest.say("nd.commit", { from: 12, server_seq: 13, registers: registers(8, 13, { actor: "Ada", origin: "agent", intent_id: "nd.undo" }) });
    server.latest.say("nd.snapshot", { history_id: "H", server_seq: 14, view: "main", registers: registers(9, 14) });
    expect(told()).toEqual([
      [7, false, true],
      [8, true, true],
      [9, false, false],
    ]);
  });

  test("under another name it goes on in another session", () => {
    expect(room.name).toBe("Ada");
    room.rename("Ada");
    const before = server.latest;
    room.rename("Bea");
    expect(server.latest).not.toBe(before);
    server.latest.accept();
    expect(server.latest.of("session.hello")[0]).toMatchObject({ nd: { actor: { name: "Bea" } } });
  });

  test("a refusal returns the value and is told; nobody has to wait for the promise", async () => {
    void room.set("dims", "z", "index", -1);
    const update = server.latest.of("state.update")[0];
    const error = { code: "state.invalid", message: "index is -1" };
    server.latest.say("ack.state", { intent_id: update?.intent_id, in_reply_to: update?.frame_id, status: "rejected", error });
    await vi.advanceTimersByTimeAsync(0);
    expect(value()).toBe(5);
    expect(refusals[0]).toMatchObject({ refused: -1, settled: 5, error });
  });

  test("WP12 a commit is one step: all of it is in before anybody is told", () => {
    const seen: Json[] = [];
    room.on("change", () => seen.push([value() ?? null, room.get("dims", "t", "index") ?? null]));
    const t = { scope: "dims", target: "t", key: "index", value: 2, version: 12 };
    server.latest.say("nd.commit", { from: 10, server_seq: 12, registers: [...registers(1, 11), t] });
    expect(seen).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test("a drag has one interaction and its phases; cancel returns to what was", async () => {
    const drag = room.drag("dims", "z", "index");
    drag.update(6);
    acknowledge(6, 11);
    await vi.advanceTimersByTimeAsync(20);
    drag.update(7);
    acknowledge(7, 12);
    void drag.cancel();
    acknowledge(5, 13);
    const payloads = server.latest.of("state.update").map((u) => u.payload);
    expect(payloads.map((p) => [p.value, p.phase, p.client_seq])).toEqual([
      [6, "start", 1],
      [7, "update", 2],
      [5, "commit", 3],
    ]);
    expect(new Set(payloads.map((p) => p.interaction_id))).toEqual(new Set([drag.interaction_id]));
    expect(() => drag.update(8)).toThrow(/over/);
    expect(() => room.drag("dims", "z", "index").commit()).toThrow(/never updated/);
    expect(await room.drag("dims", "z", "index").cancel()).toBeNull();
  });

  test("a listener that throws stops nobody", async () => {
    const thrown: unknown[] = [];
    const catcher = (error: unknown) => thrown.push(error);
    process.once("uncaughtException", catcher);
    room.on("change", () => {
      throw new Error("mine");
    });
    const seen: Json[] = [];
    room.on("change", (change) => seen.push(change.version));
    server.latest.say("nd.commit", { from: 10, server_seq: 11, registers: registers(1, 11) });
    expect(seen).toEqual([11]);
    await vi.advanceTimersByTimeAsync(0);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    expect(String(thrown[0])).toContain("mine");
  });
});

describe("a lost connection", () => {
  test("WP15 comes back with since; a value that had no answer is sent again, with its old name", async () => {
    const applied = room.set("dims", "z", "index", 7);
    const first = server.latest.of("state.update")[0];
    await drop();
    expect(phase()).toBe("waiting");
    expect(value()).toBe(7);
    await vi.advanceTimersByTimeAsync(300);
    arrive(12);
    expect(server.latest.sent[0]?.nd).toMatchObject({ since: { history_id: "H", server_seq: 10 } });
    expect(server.latest.of("state.update")).toHaveLength(0);
    server.latest.say("nd.commit", { from: 10, server_seq: 12, registers: [] });
    const again = server.latest.of("state.update")[0];
    expect([again?.frame_id, again?.intent_id]).toEqual([first?.frame_id, first?.intent_id]);
    expect(again?.payload).toEqual({ ...first?.payload, base_version: 3 });
    acknowledge(7, 13);
    expect(await applied).toMatchObject({ value: 7, version: 13 });
  });

  test("WP15 a gap in the commits makes it connect again, with what it has", () => {
    const first = server.latest;
    first.say("nd.commit", { from: 11, server_seq: 12, registers: registers(9, 12) });
    expect(first.closed_with).toBe(4000);
    expect(server.sockets).toHaveLength(2);
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ since: { history_id: "H", server_seq: 10 } });
    expect(value()).toBe(5);
  });

  test("another history: all is fresh, what was pending is refused, and who follows is told", async () => {
    const fresh: boolean[] = [];
    room.on("state", (state) => fresh.push(state.fresh));
    const pending = room.set("dims", "z", "index", 7);
    await lose();
    arrive(2, "NEW");
    snapshot(1, 1, 2, "NEW");
    await expect(pending).rejects.toMatchObject({ code: "update.history_changed" });
    expect([value(), room.serverSeq, room.historyId, fresh]).toEqual([1, 2, "NEW", [true]]);
    expect(changes.at(-1)).toMatchObject({ value: 1, version: 1 });
    expect(server.latest.of("state.update")).toHaveLength(0);
  });

  test("close() ends everything, and everything that waits", async () => {
    const ends = [
      room.set("dims", "z", "index", 7),
      room.call("fs.listdir"),
      room.waitFor("dims", "z", "index", 99),
      room.changes().next().then((result) => (result.done === true ? Promise.reject({ code: "done" }) : result)),
    ].map((promise) => (promise as Promise<unknown>).catch((error: { code: string }) => error.code));
    room.close();
    expect(await Promise.all(ends)).toEqual(["session.closed", "command.session_closed", "session.closed", "done"]);
    expect(server.latest.of("session.goodbye")).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
    await expect(room.set("dims", "z", "index", 1)).rejects.toMatchObject({ code: "session.closed" });
  });
});

describe("commands", () => {
  const answer = (result: Json) => {
    const call = server.latest.of("call.command").at(-1);
    server.latest.say("reply.command", { in_reply_to: call?.frame_id, status: "ok", result });
  };

  test("resolve with their result", async () => {
    const entries = room.call("fs.listdir", { path: "." });
    const call = server.latest.of("call.command")[0];
    expect(call?.payload).toMatchObject({ command: "fs.listdir", args: [], kwargs: { path: "." }, origin: "ndcast-client" });
    answer({ entries: [] });
    expect(await entries).toEqual({ entries: [] });
  });

  test("reject with the server's code and details", async () => {
    const refused = room.call("fs.listdir", { path: ".." });
    const call = server.latest.of("call.command")[0];
    server.latest.say("error.command", { in_reply_to: call?.frame_id, status: "error", code: "fs.forbidden", message: "outside", details: { path: ".." } });
    await expect(refused).rejects.toMatchObject({ name: "CommandError", code: "fs.forbidden", message: "outside", details: { path: ".." } });
  });

  test("reject when the connection goes, when there is none, when no answer comes, when the caller gives up", async () => {
    const stop = new AbortController();
    const aborted = room.call("x", {}, { signal: stop.signal }).catch((error: unknown) => error);
    stop.abort();
    expect(await aborted).toMatchObject({ code: "command.aborted" });
    const late = room.call("x", {}, { timeout_ms: 50 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(50);
    expect(await late).toMatchObject({ code: "command.timeout" });
    const lost = room.call("x").catch((error: unknown) => error);
    await drop();
    expect(await lost).toMatchObject({ code: "command.session_closed" });
    await expect(room.call("x")).rejects.toMatchObject({ code: "command.session_closed" });
  });

  test("waitUntil goes on through a lost connection", async () => {
    const drawn = room.waitUntil({ server_seq: 10 });
    await vi.advanceTimersByTimeAsync(0);
    expect(server.latest.of("call.command")[0]?.payload).toMatchObject({ command: "nd.wait_until", kwargs: { server_seq: 10, until: "complete" } });
    await lose();
    arrive(10);
    server.latest.say("nd.commit", { from: 10, server_seq: 10, registers: [] });
    await vi.advanceTimersByTimeAsync(0);
    answer({ view: "main", server_seq: 10, complete_server_seq: 10, camera_seq: 0, complete_camera_seq: 0 });
    expect(await drawn).toMatchObject({ complete_server_seq: 10 });
  });

  test("waitUntil ends by its own time, not the server's", async () => {
    const drawn = room.waitUntil({ server_seq: 99 }, { timeout_ms: 40_000, draw: false }).catch((error: unknown) => error);
    for (let i = 0; i < 8; ++i) {
      await vi.advanceTimersByTimeAsync(5_000);
      const call = server.latest.of("call.command").at(-1);
      server.latest.say("session.heartbeat");
      if (i === 4 || i === 7) {
        server.latest.say("error.command", { in_reply_to: call?.frame_id, status: "error", code: "command.timeout", message: "not yet" });
      }
    }
    expect(await drawn).toMatchObject({ name: "WaitError", code: "wait.timeout" });
    expect(server.latest.of("call.command").map((c) => (c.payload.kwargs as { timeout_ms: number }).timeout_ms)).toEqual([25_000, 15_000]);
  });

  test("waitUntil has a picture drawn that nobody watches, and watches no longer than it waits", async () => {
    const drawn = room.waitUntil({ server_seq: 10 });
    await vi.advanceTimersByTimeAsync(0);
    const calls = () => server.sockets[0]?.of("call.command") ?? [];
    const say = (type: string, more: object) => server.sockets[0]?.say(type, { in_reply_to: calls().at(-1)?.frame_id, ...more });
    expect(calls().at(-1)?.payload.kwargs).toEqual({ until: "complete", server_seq: 10, timeout_ms: 150 });
    say("error.command", { status: "error", code: "command.timeout", message: "not yet" });
    await vi.advanceTimersByTimeAsync(0);
    expect(calls().at(-1)?.payload.command).toBe("nd.pixel_ticket");
    say("reply.command", { status: "ok", result: { ticket: "T2" } });
    await vi.advanceTimersByTimeAsync(0);
    expect(server.latest.url).toBe("ws://test:1/base/pixels?ticket=T2&codecs=h264&v=2");
    expect(calls().at(-1)?.payload.kwargs).toMatchObject({ timeout_ms: 25_000 });
    expect(server.latest.closed_with).toBeNull();
    say("reply.command", { status: "ok", result: { view: "main", complete_server_seq: 10 } });
    expect(await drawn).toMatchObject({ complete_server_seq: 10 });
    expect(server.latest.closed_with).toBe(1000);
  });

  test("waitUntil of a state that another history took away", async () => {
    const drawn = room.waitUntil({ server_seq: 10 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    await lose();
    arrive(2, "NEW");
    snapshot(1, 1, 2, "NEW");
    expect(await drawn).toMatchObject({ code: "wait.history_changed" });
  });
});

describe("following", () => {
  const commit = (at: Json, version: number, target = "z") =>
    server.latest.say("nd.commit", { from: version - 1, server_seq: version, registers: [{ scope: "dims", target, key: "index", value: at, version }] });

  test("waitFor sees what is there, what comes, and its time-out", async () => {
    expect((await room.waitFor("dims", "z", "index", 5)).version).toBe(3);
    const later = room.waitFor("dims", "z", "index", (at) => Number(at) > 7);
    commit(7, 11);
    commit(8, 12);
    expect((await later).value).toBe(8);
    const never = room.waitFor("dims", "q", "index", 1, { timeout_ms: 10 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);
    expect(await never).toMatchObject({ code: "wait.timeout" });
  });

  test("for await reads each change; a slow reader the last of each register", async () => {
    const seen: string[] = [];
    commit(0, 11);
    const feed = room.changes({ scope: "dims" });
    commit(1, 12);
    commit(4, 13, "t");
    commit(2, 14);
    for await (const change of feed) {
      seen.push(`${change.target}=${String(change.value)}@${change.version}`);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["t=4@13", "z=2@14"]);
  });

  test("watch filters, and stops", () => {
    const seen: number[] = [];
    const stop = room.watch({ target: "t" }, (change) => seen.push(change.version));
    commit(1, 11);
    commit(1, 12, "t");
    stop();
    commit(2, 13, "t");
    expect(seen).toEqual([12]);
  });

  test("what is removed is told as gone, and is absent", () => {
    server.latest.say("nd.commit", { from: 10, server_seq: 11, registers: registers(null, 11, { gone: true }) });
    expect(changes).toMatchObject([{ gone: true, value: undefined, version: 11 }]);
    expect(shown).toMatchObject([{ value: undefined }]);
    expect([...room.registers()]).toEqual([]);
  });
});

describe("hints", () => {
  test("the network is back: tried at once; the page is seen again: the session is looked at", async () => {
    room.close();
    const scope = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { visibilityState: "visible" }) });
    vi.stubGlobal("addEventListener", scope.addEventListener.bind(scope));
    vi.stubGlobal("removeEventListener", scope.removeEventListener.bind(scope));
    vi.stubGlobal("document", scope.document);
    room.open();
    arrive();
    snapshot();
    await drop();
    expect(phase()).toBe("waiting");
    scope.dispatchEvent(new Event("online"));
    expect(phase()).toBe("connecting");
    arrive();
    snapshot();
    vi.setSystemTime(Date.now() + 3_600_000);
    scope.document.dispatchEvent(new Event("visibilitychange"));
    expect(phase()).toBe("connecting");
    const sockets = server.sockets.length;
    room.close();
    scope.dispatchEvent(new Event("online"));
    expect(server.sockets).toHaveLength(sockets);
    vi.unstubAllGlobals();
  });
});

describe("views (WP32)", () => {
  const fork = () =>
    server.latest.say("nd.snapshot", { history_id: "H", server_seq: 12, view: "view-1", binding: 1, registers: registers(7, 4) });

  test("a snapshot of another view replaces what main meant", () => {
    expect(room.view).toBe("main");
    fork();
    expect([room.view, room.binding, value()]).toEqual(["view-1", 1, 7]);
  });

  test("coming back asks for the view that the known state is of", async () => {
    fork();
    await lose();
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ view: "view-1", since: { history_id: "H", server_seq: 12 } });
  });

  test("a view that was closed meanwhile gives way to the room's, from scratch", async () => {
    fork();
    await lose();
    server.latest.accept();
    server.latest.say("session.reject", { code: "room.not_found", message: "the room has no view view-1" });
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).not.toHaveProperty("view");
    expect(server.latest.sent[0]?.nd).not.toHaveProperty("since");
  });

  const tellMe = (view: string, follows: boolean) =>
    server.latest.say("nd.presence", { whole: true, sessions: 2, here: [{ session: "S", actor: "Ada", kind: "agent", role: "admin", view, follows, color: "#fff" }], gone: [] });
  async function follow(kwargs: { [key: string]: Json }): Promise<void> {
    const answer = room.call("nd.view.follow", kwargs);
    server.latest.say("reply.command", { in_reply_to: server.latest.of("call.command").at(-1)?.frame_id, status: "ok", result: { view: "view-1", binding: 1, server_seq: 12 } });
    fork();
    tellMe("view-1", true);
    await answer;
  }
  const follows = () => server.latest.of("call.command").filter(({ payload }) => payload.command === "nd.view.follow").map(({ payload }) => payload.kwargs);
  const refuse = () => server.latest.say("error.command", { in_reply_to: server.latest.of("call.command").at(-1)?.frame_id, status: "error", code: "args.invalid", message: "no such session" });

  /** Each time later than the time before. */
  async function comeBack(): Promise<void> {
    await drop();
    await vi.advanceTimersByTimeAsync(5_000);
    arrive(12);
  }

  test("who follows comes back home, and follows on; what was followed never becomes their home", async () => {
    await follow({ session: "BEA" });
    expect([room.view, room.home]).toEqual(["view-1", "main"]);
    await comeBack();
    expect(server.latest.sent[0]?.nd).not.toHaveProperty("view");
    expect(server.latest.sent[0]?.nd).not.toHaveProperty("since");
    expect(follows()).toEqual([{ session: "BEA" }]);
    // News of oneself from before the question was heard end nothing.
    tellMe("main", false);
    snapshot(5, 3, 12);
    await comeBack();
    expect(server.sockets).toHaveLength(3);
    expect(follows()).toEqual([{ session: "BEA" }]);
    refuse();
    snapshot(5, 3, 12);
    await comeBack();
    expect(server.sockets).toHaveLength(4);
    expect(follows()).toEqual([]);
  });

  test("another name is another session: it follows too; a view is called as the new session calls it", async () => {
    server.latest.say("nd.snapshot", { history_id: "H", server_seq: 11, view: "view-2", binding: 1, registers: [] });
    await follow({ view: "room" });
    expect(room.home).toBe("view-2");
    room.rename("Bea");
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ view: "view-2" });
    server.latest.welcome(12);
    expect(follows()).toHaveLength(1);
  });

  test("a move of one's own has ended it: the view that came of it is home", async () => {
    await follow({ session: "BEA" });
    server.latest.say("nd.snapshot", { history_id: "H", server_seq: 13, view: "view-3", binding: 2, registers: [] });
    tellMe("view-3", false);
    expect(room.home).toBe("view-3");
    await lose();
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ view: "view-3", since: { server_seq: 13 } });
  });

  test("a home that was closed while one followed elsewhere gives way to the room's view, once", async () => {
    server.latest.say("nd.snapshot", { history_id: "H", server_seq: 11, view: "view-2", binding: 1, registers: [] });
    await follow({ session: "BEA" });
    await lose();
    server.latest.accept();
    expect(server.latest.sent[0]?.nd).toMatchObject({ view: "view-2" });
    server.latest.say("session.reject", { code: "room.not_found", message: "the room has no view view-2" });
    arrive(12);
    expect(server.latest.sent[0]?.nd).not.toHaveProperty("view");
    expect(follows()).toEqual([{ session: "BEA" }]);
  });
});
