// Seeded stories of one room and a few clients that set, drag and step while the network delays and cuts, others write,
// registers come and go, and the server refuses, restarts or forgets. Whatever happened:
//   a value is shown at once; no register of a client ever goes back to an older version; each promise settles, and with
//   the truth; nothing has an effect twice; at the end every client shows exactly what the server has.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Drag } from "./drag.js";
import type { UpdateError } from "./errors.js";
import type { Applied } from "./pending.js";
import { Room } from "./room.js";
import { Random } from "./testing/random.js";
import { SimServer } from "./testing/sim_server.js";
import { registerId, type Json, type RegisterName } from "./types.js";

const kSeeds = Number(process.env.NDCAST_SIM_SEEDS ?? 200);
const kOnlySeed = process.env.NDCAST_SIM_SEED;
const kSteps = 150;

const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

/** One client, and what it has been promised. */
class Player {
  readonly room: Room;
  readonly name: string;
  readonly errors: string[] = [];
  open_promises = 0;
  steps_accepted = 0;
  steps_lost = 0;
  private drag_: { drag: Drag; name: RegisterName } | null = null;
  private readonly server_: SimServer;
  private readonly random_: Random;
  private readonly versions_ = new Map<string, number>();

  constructor(name: string, server: SimServer, random: Random) {
    this.name = name;
    this.server_ = server;
    this.random_ = random;
    this.room = new Room("http://sim/", { WebSocket: server.WebSocket, name, random: random.next });
    this.room.on("change", (change) => {
      const id = `${this.room.historyId} ${registerId(change)}`;
      const before = this.versions_.get(id) ?? 0;
      if (change.version <= before) this.errors.push(`${name}: ${id} went from version ${before} to ${change.version}`);
      this.versions_.set(id, change.version);
    });
    this.room.open();
  }

  act(): void {
    const { random_: random } = this;
    const kind = random.below(10);
    if (kind < 4) this.set();
    else if (kind < 9) this.dragOn();
    else this.step();
  }

  letGo(): void {
    if (this.drag_ !== null) this.commit();
  }

  private set(): void {
    const name = this.random_.of(this.server_.names);
    const value = this.random_.below(130);
    this.expectPromise(name, value, this.room.set(name.scope, name.target, name.key, value));
    this.shows(name, value);
  }

  private dragOn(): void {
    if (this.drag_ === null) {
      const name = this.random_.of(this.server_.names);
      this.drag_ = { drag: this.room.drag(name.scope, name.target, name.key), name };
    }
    if (this.random_.chance(0.15)) {
      this.commit();
      return;
    }
    const value = this.random_.below(130);
    this.drag_.drag.update(value);
    this.shows(this.drag_.name, value);
  }

  private commit(): void {
    const held = this.drag_;
    this.drag_ = null;
    if (held === null) return;
    const value = this.random_.below(130);
    this.expectPromise(held.name, value, held.drag.commit(value));
    this.shows(held.name, value);
  }

  private step(): void {
    const by = 1 + this.random_.below(3);
    this.open_promises += 1;
    this.room.step("z", by).then(
      () => {
        this.steps_accepted += by;
        this.open_promises -= 1;
      },
      (error: UpdateError) => {
        count(error.code);
        if (error.code === "update.lost") this.steps_lost += by;
        this.open_promises -= 1;
      },
    );
  }

  private shows(name: RegisterName, value: Json): void {
    const shown = this.room.get(name.scope, name.target, name.key);
    if (shown !== value) this.errors.push(`${this.name}: set ${registerId(name)} to ${String(value)}, shows ${String(shown)}`);
  }

  private expectPromise(name: RegisterName, value: Json, promise: Promise<Applied>): void {
    const history = this.room.historyId;
    const version = this.room.confirmed(name.scope, name.target, name.key)?.version ?? 0;
    this.open_promises += 1;
    promise.then(
      (applied) => {
        this.open_promises -= 1;
        this.mustBeTrue(name, applied);
      },
      (error: UpdateError) => {
        this.open_promises -= 1;
        count(error.code);
        this.mustBeExcused(name, value, error, history, version);
      },
    );
  }

  /** "Applied v as version n" means that the server's record says so. */
  private mustBeTrue(name: RegisterName, applied: Applied): void {
    count("promise_kept");
    const logged = this.server_.authorOf(this.room.historyId ?? "", applied.version, name) ?? this.inAnyHistory(name, applied);
    if (logged?.register.value !== applied.value) {
      this.errors.push(`${this.name}: told that ${registerId(name)} is ${JSON.stringify(applied)}, the record says ${JSON.stringify(logged?.register)}`);
    }
  }

  /** The promise may be read only after the server went on to another history. */
  private inAnyHistory(name: RegisterName, applied: Applied) {
    for (let i = 0; i < 10; ++i) {
      const logged = this.server_.authorOf(`history-${i}`, applied.version, name);
      if (logged !== undefined && logged.register.value === applied.value) return logged;
    }
    return undefined;
  }

  private mustBeExcused(name: RegisterName, value: Json, error: UpdateError, history: string | null, version: number): void {
    const excused =
      error.code === "state.invalid" ||
      (error.code === "state.unknown_target" || error.code === "update.gone" ? registerId(name) === registerId(this.server_.names[3] as RegisterName) : false) ||
      (error.code === "update.history_changed" && history !== this.room.historyId) ||
      ((error.code === "update.overtaken" || error.code === "state.stale") && this.overtaken(name, history ?? this.room.historyId, version));
    if (!excused) this.errors.push(`${this.name}: ${registerId(name)} = ${String(value)} at ${version} of ${history}: ${error.code}, without a reason`);
  }

  private overtaken(name: RegisterName, history: string | null, version: number): boolean {
    return history === null || history !== this.server_.history_id || this.server_.othersWrote(history, name, version, this.name);
  }
}

async function play(seed: number): Promise<void> {
  const random = new Random(seed);
  const server = new SimServer(random);
  const players = Array.from({ length: 1 + random.below(3) }, (_, i) => new Player(`player-${i}`, server, random));
  const errors = () => players.flatMap((player) => player.errors);
  for (let step = 0; step < kSteps; ++step) {
    if (random.chance(0.6)) random.of(players).act();
    if (random.chance(0.4)) server.mischief();
    await vi.advanceTimersByTimeAsync(random.of([0, 1, 5, 20, random.below(400)]));
    expect(errors(), `seed ${seed}, step ${step}`).toEqual([]);
  }
  for (const player of players) player.letGo();
  server.settle();
  // A half-open path is noticed after 22.5 s, then the longest delay and a second attempt pass.
  for (let i = 0; i < 60; ++i) {
    await vi.advanceTimersByTimeAsync(1000);
    server.flush();
  }
  expect(errors(), `seed ${seed}, at rest`).toEqual([]);
  for (const { room, name, open_promises, steps_accepted, steps_lost } of players) {
    const where = `seed ${seed}, ${name} at rest`;
    expect([room.status.phase, room.pending, open_promises], where).toEqual(["live", 0, 0]);
    expect(room.serverSeq, where).toBe(server.server_seq);
    for (const register of server.names) {
      expect([register.target, room.get(register.scope, register.target, register.key)], where).toEqual([register.target, server.value(register)]);
    }
    const stepped = server.stepped.get(name) ?? 0;
    expect(stepped, `${where}: steps told as applied`).toBeGreaterThanOrEqual(steps_accepted);
    expect(stepped, `${where}: steps told as applied, or perhaps`).toBeLessThanOrEqual(steps_accepted + steps_lost);
    room.close();
  }
  const twice = [...server.applied].filter(([, times]) => times > 1);
  expect(twice, `seed ${seed}: updates with two effects`).toEqual([]);
  for (const [what, times] of server.counts) counts.set(what, (counts.get(what) ?? 0) + times);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test(
  `WP8 WP9 WP12 WP13 WP15 WP17 WP18 ${kOnlySeed === undefined ? `seeds 1 to ${kSeeds}` : `seed ${kOnlySeed}`}`,
  async () => {
    const seeds = kOnlySeed === undefined ? Array.from({ length: kSeeds }, (_, i) => i + 1) : [Number(kOnlySeed)];
    for (const seed of seeds) await play(seed);
    console.log([...counts].sort().map(([what, times]) => `${what} ${times}`).join(", "));
    if (kOnlySeed !== undefined || kSeeds < 200) return;
    // A story in which something never happens proves nothing about it.
    const expected = [
      "accepted", "clamped", "identical", "step", "other_writer", "hold", "fresh_snapshot", "cut", "half_open", "slow_reader",
      "removed", "brought", "restart", "restart_fresh", "prune", "resumed", "resumed_by_snapshot", "resumed_fresh", "room_full",
      "rate.limited", "state.invalid", "state.stale", "state.unknown_target",
      "promise_kept", "update.gone", "update.history_changed", "update.lost", "update.not_sent", "update.overtaken",
    ];
    expect(expected.filter((what) => (counts.get(what) ?? 0) < 20)).toEqual([]);
  },
  600_000,
);
