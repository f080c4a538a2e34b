// A room as a program sees it: every register, kept up to date; changes, commands and waits; one session that comes back by
// itself. Made by connect(); see README.md.
//
//   socket ─► connection ─► frames ─► confirmed ┐
//   set, drag ─► outbox ────────────────────────┴─► get(), events
//
// What get() shows is the newest own value that is pending, else the confirmed one. Events are told in the order of the
// frames, after all of a frame is in, on the thread of the socket.

import { diagnose, endpoint, readAddress, type Address } from "./address.js";
import { Camera } from "./camera.js";
import { ChangeFeed } from "./change_feed.js";
import { Commands, type CallOptions } from "./commands.js";
import { ConfirmedState } from "./confirmed.js";
import { StateConnection, type SocketLike, type Status } from "./connection.js";
import { Drag } from "./drag.js";
import { CommandError, connectionError, ConnectionError, WaitError } from "./errors.js";
import { Emitter } from "./events.js";
import { Following } from "./following.js";
import { kMainView } from "./frames.js";
import { watchHints } from "./hints.js";
import { Outbox } from "./outbox.js";
import type { Applied } from "./pending.js";
import { News } from "./news.js";
import { People, Pointer } from "./people.js";
import { kWaitMs, PictureWaits } from "./picture_wait.js";
import type { Change, Filter, PictureWait, RoomEvents, RoomOptions, WaitOptions, Watermark, WebSocketClass } from "./room_types.js";
import { registerId, sameJson, type Inbound, type Job, type Json, type Phase, type Present, type Register, type RegisterName, type Thumbnail, type Welcome } from "./types.js";

export class Room {
  /** Movements of the camera. */
  readonly camera = new Camera((key, value) => this.put({ scope: "camera", target: "main", key }, value));
  private readonly address_: Address;
  private options_: RoomOptions;
  private readonly openSocket_: (url: string) => SocketLike;
  private readonly confirmed_ = new ConfirmedState();
  private readonly events_ = new Emitter<RoomEvents>();
  private readonly outbox_: Outbox;
  private readonly commands_: Commands;
  private readonly connection_: StateConnection;
  private readonly picture_waits_ = new PictureWaits({
    ready: (options) => this.ready(options),
    historyId: () => this.historyId,
    call: (command, kwargs, options) => this.call(command, kwargs, options),
    watchPixels: () => this.watchPixels(),
  });
  private readonly shown_ = new Map<string, { name: RegisterName; value: Json; pending: boolean }>();
  private readonly client_id_: string;
  private stop_hints_: () => void = () => undefined;
  private view_ = kMainView;
  private binding_ = 0;
  private readonly following_ = new Following();
  private welcome_: Welcome | null = null;
  private readonly people_ = new People();
  private readonly pointer_: Pointer;
  private readonly news_ = new News();
  private watches_thumbnails_ = false;
  private interactions_ = 0;

  /**
   * `link` is what `ndcast serve` prints: http(s), with `?token=…` and perhaps `&room=…`. Nothing happens before open().
   * @throws ConnectionError `session.bad_link`, `session.no_websocket`
   */
  constructor(link: string | URL, options: RoomOptions = {}) {
    const found = readAddress(link);
    this.address_ = { base: found.base, room: options.room ?? found.room, token: options.token ?? found.token };
    this.options_ = options;
    const random = options.random ?? Math.random;
    this.client_id_ = Math.floor(random() * 2 ** 48).toString(16).padStart(12, "0");
    this.openSocket_ = socketOpener(options.WebSocket);
    this.connection_ = new StateConnection({
      url: () => endpoint(this.address_.base, "state", { room: this.address_.room }),
      openSocket: this.openSocket_,
      random,
      hello: () => this.hello(),
      diagnose: () => diagnose(this.address_),
      onFrame: (frame) => this.receive(frame),
      onStatus: (status) => this.statusChanged(status),
      onBadFrame: (error) => this.events_.emit("bad_frame", error),
    });
    const { writer } = this.connection_;
    this.commands_ = new Commands((name, kwargs) => {
      const frame = writer.command(name, kwargs, this.clientName());
      return this.connection_.send(frame) ? frame.frame_id : null;
    });
    this.pointer_ = new Pointer((cursor) => this.connection_.send(writer.pointing(cursor)));
    this.outbox_ = new Outbox({
      transmit: (intent, ids, base_version) => void this.connection_.send(writer.stateUpdate(intent, ids, base_version), true),
      nextIds: () => writer.updateIds(),
      confirmed: this.confirmed_,
      onConfirmed: (register) => this.confirmedByAck(register),
      onShown: (name) => this.tellShown(name),
      onRefused: (refusal) => this.events_.emit("refused", refusal),
    });
  }

  // --- what is there ---

  /** What to show of a register: your pending value, else the confirmed one; undefined when there is none. */
  get(scope: string, target: string, key: string): Json | undefined {
    const name = { scope, target, key };
    return this.outbox_.pendingValue(name)?.value ?? this.confirmed_.find(name)?.value;
  }

  /** The register as the server has it, with version and author. */
  confirmed(scope: string, target: string, key: string): Register | undefined {
    return this.confirmed_.find({ scope, target, key });
  }

  /** Every confirmed register that matches, in no particular order. */
  *registers(filter: Filter = {}): IterableIterator<Register> {
    for (const register of this.confirmed_.all()) if (matches(filter, register)) yield register;
  }

  /** Everything up to this server_seq is here; 0 before the first state. */
  get serverSeq(): number {
    return this.confirmed_.serverSeq;
  }

  /** Changes when the server lost its history; every version starts anew then. */
  get historyId(): string | null {
    return this.confirmed_.historyId;
  }

  /** Id of the view that this session sees and calls "main", as of the newest snapshot (WP32). */
  get view(): string {
    return this.view_;
  }

  /** Id of the view that own moves land in: the one that is seen, unless another is followed (WP32). */
  get home(): string {
    return this.following_.homeOf(this.view_);
  }

  /** Carried by the pictures of that view. */
  get binding(): number {
    return this.binding_;
  }

  /** Who is in the room, by session, as of the newest news (WP14); the first 64 who came. */
  get people(): ReadonlyMap<string, Present> {
    return this.people_.here;
  }

  /** Sessions in the room, those that `people` leaves out included. */
  get sessions(): number {
    return this.people_.sessions;
  }

  /** Newest small pictures by layer, as of watchThumbnails() (WP34). */
  get thumbnails(): ReadonlyMap<string, Thumbnail> {
    return this.news_.thumbnails;
  }

  /** Has the server send a small picture of each layer, now, whenever it looks otherwise, and in every later session. */
  watchThumbnails(): void {
    this.watches_thumbnails_ = true;
    if (this.status.phase === "live") this.askForThumbnails();
  }

  /** Jobs that this session heard of, by id, oldest first (WP35); `nd.job.list` knows of those before it came. */
  get jobs(): ReadonlyMap<string, Job> {
    return this.news_.jobs;
  }

  /** Shows the others what this session points at: a world position, one number an axis; null: at nothing. */
  pointAt(world: readonly number[] | null): void {
    this.pointer_.pointAt(world);
  }

  /** How this session calls itself; a token that was made for somebody says otherwise (`welcome.actor`). */
  get name(): string {
    return this.options_.name ?? this.clientName();
  }

  /** Goes on under another name, in a session of its own. */
  rename(name: string): void {
    if (name === this.name) return;
    this.options_ = { ...this.options_, name };
    if (this.status.phase === "live") this.connection_.reopen({ code: "client.reconnect", message: "under another name" });
  }

  /** Own updates that are waiting or unanswered. */
  get pending(): number {
    return this.outbox_.size;
  }

  get status(): Status {
    return this.connection_.status;
  }

  /** The newest session's: room, view, role, capabilities; null before the first. Kept while the connection is lost. */
  get welcome(): Welcome | null {
    return this.welcome_;
  }

  // --- changing it ---

  /**
   * Changes a register. It is shown at once; the promise settles with what the server made of it. When several are set in
   * quick succession, a value that a newer one replaced before it left is not sent, and settles as the newer one does.
   * While the connection is lost the newest value waits, and is sent unless somebody else has changed the register meanwhile.
   *
   * `dims AXIS step` and everything of `camera` are movements: never shown in advance, never sent twice.
   * @throws UpdateError when it is refused; ConnectionError when there is, or will be, no session. You need not await it:
   * the `refused` event tells the same.
   */
  set(scope: string, target: string, key: string, value: Json, gesture: { phase?: Phase; interaction_id?: string } = {}): Promise<Applied> {
    return this.put({ scope, target, key }, value, gesture.phase, gesture.interaction_id);
  }

  /** Moves an axis' index by whole steps; steps that wait add up. */
  step(axis: string, delta: number): Promise<Applied> {
    return this.put({ scope: "dims", target: axis, key: "step" }, delta);
  }

  /** A gesture of many values: a slider, an animation. */
  drag(scope: string, target: string, key: string): Drag {
    const name = { scope, target, key };
    const put = (value: Json, phase: Phase, interaction_id: string) => this.put(name, value, phase, interaction_id);
    return new Drag(name, { put, before: this.get(scope, target, key), interaction_id: this.nextInteraction() });
  }

  // --- commands and waits ---

  /**
   * Calls a command of docs/protocol.md §8, such as `fs.listdir`. What `nd.view.follow` follows is followed again after a
   * lost connection, if it is still there.
   * @throws CommandError with the server's code, or when no answer comes
   */
  call(command: string, kwargs: { [key: string]: Json } = {}, options: CallOptions = {}): Promise<Json> {
    const answer = this.commands_.call(command, kwargs, options);
    return command === "nd.view.follow" ? this.following_.note(Following.read(kwargs, this.view_), this.view_, answer) : answer;
  }

  /**
   * Waits until the picture shows a state: everything up to `server_seq` and `camera_seq` applied, and with `complete` (the
   * default) every visible chunk in it. Takes what set(), drag() and camera give. Goes on through a lost connection.
   *
   * A server draws only while somebody watches. So unless `draw` is false, a wait for `complete` that lasts watches too: it
   * opens the pixel channel until it is over, and throws the pictures away.
   * @throws WaitError, CommandError, or ConnectionError when the session ends for good
   */
  waitUntil(mark: { server_seq?: number; camera_seq?: number }, options: PictureWait = {}): Promise<Watermark> {
    return this.picture_waits_.wait(mark, options);
  }

  /**
   * Waits until a register is confirmed with a value that `test` accepts (now, or later); `test` may be the value itself.
   * @throws WaitError, ConnectionError
   */
  waitFor(scope: string, target: string, key: string, test: Json | ((value: Json) => boolean), options: WaitOptions = {}): Promise<Register> {
    const accepts = typeof test === "function" ? test : (value: Json) => sameJson(value, test);
    const look = () => {
      const register = this.confirmed(scope, target, key);
      return register !== undefined && accepts(register.value) ? register : undefined;
    };
    return this.until(`${scope} ${target} ${key}`, look, "change", options);
  }

  /**
   * Waits until all of the room's state is here.
   * @throws WaitError; ConnectionError when the server refuses, or the room was closed
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    await this.until("a session", () => (this.status.phase === "live" ? true : undefined), "status", options);
  }

  // --- following it ---

  /** Calls `listener` at each event; returns what ends that. */
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): () => void {
    return this.events_.on(name, listener);
  }

  /** The changes of some registers; returns what ends that. */
  watch(filter: Filter, listener: (change: Change) => void): () => void {
    return this.events_.on("change", (change) => {
      if (matches(filter, change)) listener(change);
    });
  }

  /**
   * The changes from now on, for `for await`; leave the loop with `break` or by the signal. A slow reader gets the last
   * change of each register. Goes on through lost connections; ends when the room is closed, with an error when it is refused.
   */
  changes(filter: Filter = {}, { signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<Change, undefined> {
    const stops: (() => void)[] = [];
    const feed = new ChangeFeed<Change>(registerId, () => {
      for (const stop of stops) stop();
    });
    const aborted = () => feed.end();
    signal?.addEventListener("abort", aborted, { once: true });
    stops.push(
      this.watch(filter, (change) => feed.push(change)),
      this.on("status", (status) => {
        if (status.phase === "closed") feed.end();
        if (status.phase === "refused") feed.end(connectionError(status.error));
      }),
      () => signal?.removeEventListener("abort", aborted),
    );
    const ended = this.ended();
    if (signal?.aborted === true) feed.end();
    else if (ended !== null) feed.end(ended);
    return feed;
  }

  // --- the session ---

  /** Begins to connect; after a refusal or close(), begins again. */
  open(): void {
    this.stop_hints_();
    this.stop_hints_ = watchHints(globalThis, {
      online: () => this.connection_.retryNow(),
      awake: () => {
        this.connection_.checkAlive();
        this.connection_.retryNow();
      },
    });
    this.connection_.open();
  }

  /** Tries now instead of at `retry_at_ms`, or again after a refusal. */
  retry(): void {
    const { phase } = this.status;
    if (phase === "waiting" || phase === "refused") this.connection_.open();
  }

  /** Says goodbye and stays away. Whatever is pending or waited for fails with `session.closed`. */
  close(): void {
    this.stop_hints_();
    this.pointer_.stop();
    this.connection_.close();
  }

  // --- inside ---

  /** Returns what ends it; null when there is no ticket to be had just now. */
  private async watchPixels(): Promise<(() => void) | null> {
    const answer = await this.call("nd.pixel_ticket").catch(() => null);
    const ticket = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer.ticket : undefined;
    if (typeof ticket !== "string") return null;
    const socket = this.openSocket_(endpoint(this.address_.base, "pixels", { ticket, codecs: "h264", v: "2" }));
    socket.onerror = () => undefined;
    return () => socket.close(1000);
  }

  private hello() {
    const { kind = "agent", client, view } = this.options_;
    const who = { name: this.clientName(), version: client?.version ?? "0.1.0", platform: client?.platform ?? platform() };
    if (this.home !== this.view_) {
      // Nobody comes home to what they followed. What is known is of that, and of no use here.
      this.view_ = this.home;
      this.confirmed_.forgetHistory();
    }
    // What is known was printed for a view, and is resumed in it.
    const wanted = this.view_ === kMainView ? view : this.view_;
    return { actor: this.name, kind, client: who, view: wanted, since: this.confirmed_.since, token: this.address_.token };
  }

  /** A server that has none refuses, which is no trouble. */
  private askForThumbnails(): void {
    this.call("nd.thumbnails").catch(() => undefined);
  }

  /** What the session before followed; whoever has left is not missed. */
  private followAgain(): void {
    const followed = this.following_.again(this.view_);
    if (followed === null) return;
    this.call("nd.view.follow", Following.print(followed, this.view_)).catch((error: unknown) => {
      if (!(error instanceof CommandError && error.code === "command.session_closed")) this.following_.ended();
    });
  }

  private clientName(): string {
    return this.options_.client?.name ?? "ndcast-client";
  }

  private nextInteraction(): string {
    return `${this.client_id_}-${++this.interactions_}`;
  }

  private put(name: RegisterName, value: Json, phase?: Phase, interaction_id = this.nextInteraction()): Promise<Applied> {
    const ended = this.ended();
    if (ended !== null) {
      const refused = Promise.reject<Applied>(ended);
      refused.catch(() => undefined);
      return refused;
    }
    return this.outbox_.put({ ...name, value, phase, interaction_id });
  }

  /** Why nothing more will come of this session; null while something may. */
  private ended(): ConnectionError | null {
    const { status } = this;
    if (status.phase === "closed") return new ConnectionError("session.closed", "the room was closed");
    return status.phase === "refused" ? connectionError(status.error) : null;
  }

  private receive(frame: Inbound): void {
    switch (frame.type) {
      case "session.welcome":
        this.welcome_ = frame.welcome;
        this.view_ = frame.welcome.view;
        this.binding_ = 0;
        this.people_.clear();
        this.news_.again();
        if (this.watches_thumbnails_) this.askForThumbnails();
        this.followAgain();
        this.pointer_.again();
        this.events_.emit("welcome", frame.welcome);
        return;
      case "nd.snapshot": {
        this.view_ = frame.snapshot.view ?? kMainView;
        this.binding_ = frame.snapshot.binding ?? 0;
        const { changed, fresh } = this.confirmed_.applySnapshot(frame.snapshot);
        this.applied(changed, { fresh, news: false });
        return;
      }
      case "nd.commit": {
        const outcome = this.confirmed_.applyCommit(frame.commit);
        // A gap is never silent: connecting again with `since` brings what is missing, or a snapshot (WP15).
        if (outcome.gap) this.connection_.reopen({ code: "state.gap", message: "commits are missing" });
        else this.applied(outcome.changed, { fresh: false, news: true }, frame.commit.registers);
        return;
      }
      case "nd.presence":
        this.people_.apply(frame.notice);
        this.following_.told(this.people_.here.get(this.welcome_?.session ?? ""));
        this.events_.emit("people", this.people_.here);
        return;
      case "nd.thumbnail":
        this.events_.emit("thumbnail", this.news_.noteThumbnail(frame.notice));
        return;
      case "nd.job":
        this.news_.noteJob(frame.job);
        this.events_.emit("job", frame.job);
        return;
      case "nd.telemetry":
        this.events_.emit("telemetry", frame.telemetry);
        return;
      case "notify.error":
        this.events_.emit("trouble", frame.trouble);
        return;
      case "ack.state":
        this.outbox_.acknowledge(frame.ack);
        return;
      case "reply.command":
        this.commands_.answer(frame.reply);
        return;
      default:
        return;
    }
  }

  /** All of a frame is in: first what is one's own is settled (with a session's first frame, judged), then everybody is told. */
  private applied(changed: Register[], { fresh, news }: { fresh: boolean; news: boolean }, told: Register[] = changed): void {
    this.outbox_.resume(fresh);
    this.outbox_.told(told);
    for (const register of changed) this.tellShown(register);
    for (const register of changed) this.tellChange(register, { own: register.intent_id !== undefined, news });
    this.events_.emit("state", { server_seq: this.serverSeq, fresh });
    this.connection_.synced();
  }

  private confirmedByAck(register: Register): void {
    const actor = this.name;
    const origin = (this.options_.kind ?? "agent") === "agent" ? "agent" : "client";
    const stamped: Register = { ...register, actor, origin };
    if (this.confirmed_.confirm(stamped)) this.tellChange(stamped, { own: true, news: true });
  }

  private tellChange(register: Register, how: { own: boolean; news: boolean }): void {
    const { scope, target, key, version, actor = "", origin = "system" } = register;
    const gone = register.gone === true;
    this.events_.emit("change", { scope, target, key, value: gone ? undefined : register.value, version, actor, origin, gone, ...how });
  }

  private tellShown({ scope, target, key }: RegisterName): void {
    const name = { scope, target, key };
    const id = registerId(name);
    const own = this.outbox_.pendingValue(name);
    const value = own !== undefined ? own.value : this.confirmed_.find(name)?.value;
    const pending = own !== undefined;
    const before = this.shown_.get(id);
    if (before?.pending === pending && sameJson(before.value, value)) return;
    if (before === undefined && value === undefined) return;
    if (value === undefined) this.shown_.delete(id);
    else this.shown_.set(id, { name, value, pending });
    this.events_.emit("shown", { ...name, value, pending });
  }

  private statusChanged(status: Status): void {
    if (status.phase === "refused" && status.error.code === "room.not_found" && this.view_ !== kMainView) {
      // The view was closed while nobody was there; the room may well be.
      this.view_ = kMainView;
      this.following_.again(kMainView);
      this.confirmed_.forgetHistory();
      this.connection_.open();
      return;
    }
    if (status.phase !== "syncing" && status.phase !== "live") {
      this.commands_.failAll("the connection went before the answer came");
      this.outbox_.suspend();
    }
    const ended = this.ended();
    if (ended !== null) this.outbox_.failAll(ended);
    this.events_.emit("status", status);
  }

  /** The one wait of this class: looks now and at each `event`, until there is something, time is up or the session ended. */
  private until<Found>(what: string, look: () => Found | undefined, event: keyof RoomEvents, options: WaitOptions): Promise<Found> {
    const { timeout_ms = kWaitMs, signal } = options;
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const settle = (act: () => void) => {
        for (const stop of stops) stop();
        act();
      };
      const check = () => {
        const found = look();
        const ended = this.ended();
        if (found !== undefined) settle(() => resolve(found));
        else if (ended !== null) settle(() => reject(ended));
      };
      const aborted = () => settle(() => reject(new WaitError("wait.aborted", "aborted by the caller")));
      const timer = setTimeout(() => settle(() => reject(this.timedOut(what, timeout_ms))), Math.max(0, timeout_ms));
      signal?.addEventListener("abort", aborted, { once: true });
      stops.push(
        () => clearTimeout(timer),
        () => signal?.removeEventListener("abort", aborted),
        this.on("status", check),
      );
      if (event !== "status") stops.push(this.on(event, check));
      if (signal?.aborted === true) aborted();
      else check();
    });
  }

  private timedOut(what: string, timeout_ms: number): WaitError {
    const { status } = this;
    const why = status.phase === "waiting" ? `; ${status.cause.message}` : status.phase === "live" ? "" : `; the session is ${status.phase}`;
    return new WaitError("wait.timeout", `waited for ${what}, in vain, for ${Math.round(timeout_ms)} ms${why}`);
  }
}

function matches(filter: Filter, name: RegisterName): boolean {
  return (
    (filter.scope === undefined || filter.scope === name.scope) &&
    (filter.target === undefined || filter.target === name.target) &&
    (filter.key === undefined || filter.key === name.key)
  );
}

function socketOpener(given: WebSocketClass | undefined): (url: string) => SocketLike {
  const found = given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
  if (found === undefined) {
    throw new ConnectionError(
      "session.no_websocket",
      'this runtime has no WebSocket (Node.js has one from 22 on): npm install ws, then import WebSocket from "ws" and pass { WebSocket }',
    );
  }
  return (url) => new found(url) as SocketLike;
}

function platform(): string {
  const { process, navigator } = globalThis as { process?: { version?: string; platform?: string }; navigator?: { userAgent?: string } };
  if (process?.version !== undefined) return `Node.js ${process.version}, ${process.platform ?? "?"}`;
  return navigator?.userAgent?.slice(0, 120) ?? "unknown";
}
