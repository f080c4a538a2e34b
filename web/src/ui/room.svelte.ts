// The room as the components see it: projections of registers as reactive values, and the verbs of the viewer.
//
//   @ndcast/client `shown` ─► registers (one reactive entry each) ─► components
//   components ─► room.set, room.camera ─► @ndcast/client ─► server

import { SvelteMap, SvelteSet } from "svelte/reactivity";
import { registerId, Room as Client, type Colormap, type Json, type Phase, type Refusal, type StateKey, type Status, type Welcome } from "@ndcast/client";
import { ownName, storeOf } from "../state/names";
import { Measure } from "./measure.svelte";
import * as model from "../state/scene_model";
import type { Place } from "../state/view_link";
import type { Shown } from "../video/player";
import { kOrthographicFovDeg, type Size } from "../view/coordinates";
import type { CameraSink } from "../view/gestures";
import { Together } from "./together.svelte";

export interface Toast {
  id: number;
  title: string;
  text: string;
  tone: "bad" | "info";
}

export interface RoomAddress {
  /** Of the page; every endpoint is relative to it. */
  base: URL;
  room: string | null;
}

/** Each may do what the one before it can. */
const kRoles = ["viewer", "editor", "admin"];
const kNoCamera: CameraSink = { pan: () => undefined, orbit: () => undefined, zoom: () => undefined };
const kToastMs = 6_000;
const kToastsMax = 4;
const kTroubles: { [domain: string]: string } = { render: "The picture cannot be drawn", journal: "The journal is not kept" };
const kFirstPlay: model.Play = { fps: 10, loop: "loop" };
/** Refusals that the user did not ask for and can do nothing about: the value returns, no word is said. */
const kSilentRefusals = ["view:canvas"];

export class Room {
  readonly client: Client;
  private readonly address_: RoomAddress;
  private readonly registers_ = new SvelteMap<string, Json>();
  private readonly layer_ids_ = new SvelteSet<string>();
  private readonly play_choices_ = new SvelteMap<string, model.Play>();
  status = $state.raw<Status>({ phase: "connecting", attempt: 0 });
  welcome = $state.raw<Welcome | null>(null);
  shown = $state.raw<Shown | null>(null);
  server_seq = $state(0);
  /** The newest change that a picture can show; others (the stream's own data, say) bring no picture. */
  picture_seq = $state(0);
  /** Id of the view that this page sees. */
  view = $state("main");
  private binding_ = $state(0);
  readonly together: Together;
  readonly measure = new Measure(this);
  /** Colours of objects of label images that the server has told, by "layer/label". */
  readonly label_colors = new SvelteMap<string, string>();
  private readonly thumbnails_ = new SvelteMap<string, string>();
  /** The first snapshot is here. */
  known = $state(false);
  toasts = $state.raw<Toast[]>([]);
  private next_toast_ = 1;

  readonly live = $derived(this.status.phase === "live" && this.known);
  readonly axes = $derived(model.readAxes(this.get("axes", "main", "spec")));
  readonly ndisplay = $derived<2 | 3>(this.get("view", "main", "ndisplay") === 3 ? 3 : 2);
  readonly order = $derived(model.readOrder(this.get("view", "main", "order"), this.axes));
  readonly hidden = $derived(model.hiddenAxes(this.axes, this.order, this.ndisplay));
  readonly rows = $derived(model.rowAxes(this.axes, this.order));
  readonly displayed = $derived(model.displayedAxes(this.axes, this.order, this.ndisplay));
  readonly source = $derived(model.readSource(this.get("scene", "main", "source")));
  readonly lod = $derived(model.readLod(this.get("lod", "main", "shown")));
  /** Up to here the server said that everything visible is in the picture, with or without a picture of its own. */
  private complete_seq_ = $state(0);
  private readonly shown_seq_ = $derived(this.shown?.extension?.complete === true ? this.shown.extension.server_seq : 0);
  /** The picture on the canvas is still of the view before. */
  private readonly of_other_view_ = $derived(this.shown?.extension != null && this.shown.extension.binding !== this.binding_);
  readonly forked = $derived(this.view !== "main");
  /** Not everything that was asked for is on the canvas yet. */
  readonly behind = $derived(this.live && this.layer_ids_.size > 0 && (this.of_other_view_ || Math.max(this.shown_seq_, this.complete_seq_) < this.picture_seq));
  /** First drawn first. */
  readonly layers = $derived(
    [...this.layer_ids_].sort((a, b) => this.numberOf("layer", a, "order", 0) - this.numberOf("layer", b, "order", 0)),
  );
  readonly colormaps = $derived<Colormap[]>(this.welcome?.capabilities.colormaps ?? []);

  constructor(address: RoomAddress, onWelcome: (welcome: Welcome) => void) {
    this.address_ = address;
    this.client = new Client(address.base, {
      room: address.room ?? undefined,
      name: ownName(storeOf(() => globalThis.localStorage)),
      kind: "human",
      client: { name: "ndcast-viewer", version: "0.1.0" },
    });
    this.together = new Together(this.client, (title, text, tone) => this.toast(title, text, tone));
    this.client.on("status", (status) => (this.status = status));
    this.client.on("welcome", (welcome) => {
      if (welcome.history_id !== this.welcome?.history_id) this.complete_seq_ = 0;
      this.welcome = welcome;
      onWelcome(welcome);
    });
    this.client.on("refused", (refusal) => this.refused(refusal));
    this.client.on("state", ({ server_seq }) => {
      this.server_seq = server_seq;
      this.view = this.client.view;
      if (this.binding_ !== this.client.binding) this.together.forgetHands();
      this.binding_ = this.client.binding;
      this.picture_seq = model.pictureSeq(this.client.registers());
      this.known = true;
    });
    this.client.on("shown", ({ scope, target, key, value }) => {
      const id = registerId({ scope, target, key });
      this.noteOtherImage(scope, target, key, value);
      if (value === undefined) this.registers_.delete(id);
      else this.registers_.set(id, value);
      if (scope === "layer" && key === "meta") {
        if (value === undefined) this.layer_ids_.delete(target);
        else this.layer_ids_.add(target);
      }
    });
    this.client.on("thumbnail", (small) => this.thumbnails_.set(small.layer_id, small.url));
    this.client.watchThumbnails();
    this.client.on("trouble", ({ domain, code, message }) => {
      const title = code === "durability.restored" ? "Journal: all is well again" : (kTroubles[domain] ?? "The server");
      this.toast(title, message || code);
    });
    this.client.on("bad_frame", (error) => console.warn(`ndcast: skipped a frame: ${error.message}`));
  }

  get(scope: string, target: string, key: string): Json | undefined {
    return this.registers_.get(registerId({ scope, target, key }));
  }

  /** A small picture of the layer, for an image's src; undefined while there is none. */
  thumbnailOf(layer: string): string | undefined {
    return this.thumbnails_.get(layer);
  }

  numberOf(scope: string, target: string, key: string, otherwise: number): number {
    const value = this.get(scope, target, key);
    return typeof value === "number" ? value : otherwise;
  }

  textOf(scope: string, target: string, key: string, otherwise = ""): string {
    const value = this.get(scope, target, key);
    return typeof value === "string" ? value : otherwise;
  }

  /** Whether this session's role may change keys of the scope; what it may not is shown and cannot be moved. */
  may(scope: string): boolean {
    const key = this.welcome?.capabilities.keys.find((entry) => entry.scope === scope);
    // Who follows moves in a view of their own, which they leave following for.
    const needed = (this.forked || this.together.following ? key?.own_role : key?.role) ?? "viewer";
    return kRoles.indexOf(this.welcome?.role ?? "admin") >= kRoles.indexOf(needed);
  }

  /** Where gestures go: the camera, or nowhere when the role only looks. */
  get camera(): CameraSink {
    return this.may("camera") ? this.client.camera : kNoCamera;
  }

  set(scope: string, target: string, key: string, value: Json, phase?: Phase, interaction_id?: string): void {
    if (!this.may(scope)) return;
    void this.client.set(scope, target, key, value, { phase, interaction_id });
  }

  /** What the server says of a key; absent when it does not know it (then it gets no control). */
  capability(scope: string, key: string): StateKey | undefined {
    return this.welcome?.capabilities.keys.find((entry) => entry.scope === scope && entry.key === key);
  }

  choices(scope: string, key: string): string[] {
    return (this.capability(scope, key)?.enum ?? []).filter((entry) => typeof entry === "string");
  }

  limit(name: string, otherwise: number): number {
    const value = this.welcome?.capabilities.limits[name];
    return typeof value === "number" ? value : otherwise;
  }

  /** The slider that the keyboard moves: the one that was used last, else the first. */
  private active_label_ = $state("");
  readonly active = $derived(this.hidden.find((axis) => axis.label === this.active_label_) ?? this.hidden[0]);
  activate(axis: model.Axis): void {
    this.active_label_ = axis.label;
  }
  /** The next slider below (1) or above (-1), around and around. */
  activateNext(by: 1 | -1): void {
    if (this.active === undefined) return;
    const at = this.hidden.indexOf(this.active) + by + this.hidden.length;
    this.active_label_ = this.hidden[at % this.hidden.length]?.label ?? "";
  }
  stepActive(delta: number): void {
    if (this.active !== undefined) this.stepAxis(this.active, delta);
  }

  stepAxis(axis: model.Axis, delta: number): void {
    const index = this.numberOf("dims", axis.label, "index", 0);
    const wanted = Math.min(axis.size - 1, Math.max(0, index + delta));
    if (wanted !== index) this.set("dims", axis.label, "index", wanted);
  }

  /** What the server plays on an axis; null while nothing does. */
  playing(axis: model.Axis): model.Play | null {
    return model.readPlay(this.get("dims", axis.label, "play"));
  }

  /** Pace and loop that the axis' play button starts with: those that it plays with, or played with last. */
  playChoice(axis: model.Axis): model.Play {
    return this.playing(axis) ?? this.play_choices_.get(axis.label) ?? kFirstPlay;
  }

  togglePlay(axis: model.Axis): void {
    const choice = this.playChoice(axis);
    this.play_choices_.set(axis.label, choice);
    this.set("dims", axis.label, "play", this.playing(axis) === null ? { ...choice } : null);
  }

  /** Takes effect at once while the axis plays, else when it is started. */
  choosePlay(axis: model.Axis, change: Partial<model.Play>): void {
    const choice = { ...this.playChoice(axis), ...change };
    this.play_choices_.set(axis.label, choice);
    if (this.playing(axis) !== null) this.set("dims", axis.label, "play", { ...choice });
  }

  togglePlayActive(): void {
    const axis = this.active;
    if (axis !== undefined && this.capability("dims", "play") !== undefined) this.togglePlay(axis);
  }

  isVisible(layer: string): boolean {
    return this.get("layer", layer, "visible") !== false;
  }
  showLayers(layers: string[], visible: boolean): void {
    for (const layer of layers) if (this.isVisible(layer) !== visible) this.set("layer", layer, "visible", visible);
  }
  /** Only these layers are drawn; asked again, all are. */
  soloLayers(alone: string[]): void {
    const is_alone = this.layers.every((layer) => this.isVisible(layer) === alone.includes(layer));
    for (const layer of this.layers) this.showLayers([layer], is_alone || alone.includes(layer));
  }

  async removeLayer(id: string): Promise<void> {
    const name = this.textOf("layer", id, "name", id);
    try {
      await this.client.call("nd.layer.remove", { layer: id });
    } catch (error) {
      this.toast(`${name}: not taken away`, error instanceof Error ? error.message : String(error));
    }
  }

  /** One place later (1) or sooner (-1) in the drawing order. */
  moveLayer(id: string, by: 1 | -1): void {
    const order = [...this.layers];
    const at = order.indexOf(id);
    const other = order[at + by];
    if (at < 0 || other === undefined) return;
    order[at] = other;
    order[at + by] = id;
    order.forEach((layer, place) => {
      if (this.numberOf("layer", layer, "order", -1) !== place) this.set("layer", layer, "order", place);
    });
  }

  /** Which axes the slice lies along. */
  readonly plane = $derived(model.slicePlane(this.axes, this.order.at(-2) ?? 0, this.order.at(-1) ?? 0));
  readonly planes = $derived(model.slicePlanes(this.axes));
  showPlane(plane: model.SlicePlane): void {
    this.set("view", "main", "order", model.orderShowing(this.order, plane));
  }
  /** The next of the usual planes. */
  nextPlane(): void {
    const at = this.planes.findIndex(({ rows, columns }) => new Set([rows, columns, this.plane.rows, this.plane.columns]).size === 2);
    const next = this.planes[(at + 1) % this.planes.length];
    if (this.ndisplay === 2 && next !== undefined) this.showPlane(next);
  }
  transpose(): void {
    if (this.ndisplay === 2 && this.axes.length > 1) this.showPlane({ ...this.plane, rows: this.plane.columns, columns: this.plane.rows });
  }

  setMode(ndisplay: 2 | 3): void {
    if (ndisplay !== this.ndisplay) this.set("view", "main", "ndisplay", ndisplay);
  }

  private sceneUrl(): URL {
    const url = new URL("api/v1/scene", this.address_.base);
    if (this.address_.room !== null) url.searchParams.set("room", this.address_.room);
    return url;
  }

  /** Of something that a command left to be fetched (WP43). */
  resultUrl(relative: string): string {
    return new URL(relative, this.address_.base).toString();
  }

  /** Where this page looks. */
  place(): Place {
    const index: { [axis: string]: number } = {};
    for (const axis of this.rows) index[axis.label] = this.numberOf("dims", axis.label, "index", 0);
    const order = this.order.flatMap((at) => this.axes[at]?.label ?? []);
    const pose = this.shown?.extension?.pose;
    if (pose === undefined) return { index, order };
    if (pose.mode === 2) return { index, order, rect: [pose.left, pose.bottom, pose.width, pose.height] };
    return { index, order, volume: { center: pose.center, angles: [pose.azimuth, pose.elevation, pose.roll], distance: pose.distance, fov: pose.fov } };
  }

  /** Looks there, in a view of this page's own, so that nobody else is moved. */
  async goTo(place: Place): Promise<void> {
    if (!this.forked && this.offers("nd.view.fork") && this.together.others > 0) await this.toggleView();
    const order = place.order.map((label) => this.axes.findIndex((axis) => axis.label === label));
    if ([...order].sort((a, b) => a - b).every((at, i) => at === i) && order.length === this.axes.length) this.set("view", "main", "order", order);
    this.setMode(place.volume === undefined ? 2 : 3);
    for (const [label, at] of Object.entries(place.index)) {
      if (this.axes.some((axis) => axis.label === label)) this.set("dims", label, "index", at);
    }
    if (!this.may("camera")) return;
    if (place.volume !== undefined) await this.client.camera.set({ ...place.volume });
    else if (place.rect !== undefined) await this.client.camera.set({ rect: place.rect });
  }

  /** Puts a place into the middle of the picture, and the sliders where it lies; axes that are left out stay. */
  async lookAt(world: { [axis: string]: number }): Promise<void> {
    for (const axis of this.hidden) {
      const at = world[axis.label];
      if (at !== undefined) this.set("dims", axis.label, "index", model.indexOf(axis, at));
    }
    const pose = this.shown?.extension?.pose;
    if (pose === undefined || !this.may("camera")) return;
    const now = pose.mode === 3 ? pose.center : [pose.left + pose.width / 2, pose.bottom + pose.height / 2];
    const center = [...this.displayed].reverse().map((axis, i) => world[axis.label] ?? now[i] ?? 0);
    if (center.some((at, i) => at !== now[i])) await this.client.camera.set({ center });
  }

  /** The scene as everybody sees it, as a file (WP33). */
  async sceneFile(): Promise<Blob> {
    const answer = await fetch(this.sceneUrl(), { cache: "no-store" });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.blob();
  }

  /** Shows everybody what such a file says. */
  async openSceneFile(file: Blob): Promise<void> {
    try {
      const answer = await fetch(this.sceneUrl(), { method: "PUT", body: file, headers: { "content-type": "application/json" } });
      if (!answer.ok) this.toast("Scene: not opened", (await answer.text()).trim());
    } catch (error) {
      this.toast("Scene: not opened", error instanceof Error ? error.message : String(error));
    }
  }

  /** A view of this page's own, or back to the one that everybody in the room shares; who follows is back where they were. */
  async toggleView(): Promise<void> {
    if (this.together.following) return this.together.leave();
    try {
      await this.client.call(this.forked ? "nd.view.close" : "nd.view.fork");
    } catch (error) {
      this.toast("View: not changed", error instanceof Error ? error.message : String(error));
    }
  }

  /** The newest change of one's own that nobody has changed since; what others did stays. */
  async undo(which: "undo" | "redo"): Promise<void> {
    try {
      const answer = await this.client.call(`nd.${which}`);
      const changed = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer.changed : undefined;
      if (Array.isArray(changed) && changed.length === 0) this.toast(which === "undo" ? "Nothing to undo" : "Nothing to redo", "These are your own changes; those of others stay.", "info");
    } catch (error) {
      this.toast(`${which === "undo" ? "Undo" : "Redo"}: not done`, error instanceof Error ? error.message : String(error));
    }
  }

  offers(command: string): boolean {
    return this.welcome?.capabilities.commands.includes(command) ?? false;
  }

  /** The 3D camera shows no perspective. */
  get orthographic(): boolean {
    return model.readFov(this.get("camera", "main", "volume")) === 0;
  }
  togglePerspective(): void {
    if (this.ndisplay === 3 && this.may("camera")) void this.client.camera.set({ fov: this.orthographic ? kOrthographicFovDeg : 0 });
  }

  resetCamera(): void {
    if (this.may("camera")) void this.client.camera.reset();
  }

  /** A change that nobody can see (of a hidden layer) brings no picture; so when none comes, the server is asked. */
  async askWhetherComplete(): Promise<void> {
    const server_seq = this.picture_seq;
    await this.client.waitUntil({ server_seq }, { draw: false });
    this.complete_seq_ = Math.max(this.complete_seq_, server_seq);
  }

  canvas(): Size & { dpr: number } {
    const value = this.get("view", "main", "canvas");
    const record = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
    const read = (key: string, otherwise: number) => (typeof record[key] === "number" ? (record[key] as number) : otherwise);
    return { width: read("width", 1280), height: read("height", 720), dpr: read("dpr", 1) };
  }

  /** `info`: nothing is wrong. */
  toast(title: string, text: string, tone: "bad" | "info" = "bad"): void {
    const id = this.next_toast_++;
    this.toasts = [...this.toasts.slice(1 - kToastsMax), { id, title, text, tone }];
    setTimeout(() => this.dismiss(id), kToastMs);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** Ids of layers come again with the next image: what was known of the one before goes. */
  private noteOtherImage(scope: string, target: string, key: string, value: Json | undefined): void {
    if (scope === "scene" && key === "source" && model.readSource(value).uri !== this.source.uri) this.together.forgetHands();
    if (scope !== "layer" || key !== "meta") return;
    const known = model.readLayerMeta(this.get(scope, target, key));
    if (known === null || model.readLayerMeta(value)?.uri === known.uri) return;
    this.thumbnails_.delete(target);
    for (const label of [...this.label_colors.keys()]) if (label.startsWith(`${target}/`)) this.label_colors.delete(label);
  }

  private refused(refusal: Refusal): void {
    const { scope, target, key } = refusal.name;
    // A stale value lost to a newer one of somebody else, and what a lost connection took (update.*) the banner tells: the
    // value on show is all there is to say.
    if (refusal.error.code === "state.stale" || refusal.error.code.startsWith("update.") || kSilentRefusals.includes(`${scope}:${key}`)) return;
    const subject = [scope === "layer" ? this.textOf("layer", target, "name", target) : target === "main" ? "" : target, key.replaceAll("_", " ")];
    this.toast(`${subject.join(" ").trim()}: not accepted`, refusal.error.message || refusal.error.code);
  }
}
