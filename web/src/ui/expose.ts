// window.ndcast: the page as a test or a curious user may read it. It offers nothing that the page itself cannot do.

import type { Json } from "@ndcast/client";
import type { Pose, Stages } from "../video/pixel_frame";
import type { Player } from "../video/player";
import type { Room } from "./room.svelte";

export interface Exposed {
  readonly canvas: HTMLCanvasElement;
  readonly live: boolean;
  readonly serverSeq: number;
  /** Id of the view that this page sees. */
  readonly view: string;
  /** What is shown and what is confirmed of one register. */
  register(scope: string, target: string, key: string): { projection: Json | undefined; confirmed: Json | undefined; version: number };
  registers(): { scope: string; target: string; key: string; value: Json; version: number }[];
  readonly lastFrame: {
    seq: number;
    server_seq: number;
    camera_seq: number;
    complete: boolean;
    level_shown: number;
    mode: number;
    width: number;
    height: number;
    bytes: number;
    pose: Pose;
    /** The server's times of this picture, and the page's. */
    stages: Stages & { decode_ms: number; present_ms: number };
    /** performance.now() at which it was drawn. */
    drawn_ms: number;
  } | null;
  /** `lossless`: the canvas holds every pixel as it was rendered. */
  readonly video: { drawn: number; skipped: number; lossless: boolean; troubles: string[] };
  set(scope: string, target: string, key: string, value: Json): void;
  command(name: string, kwargs?: { [key: string]: Json }): Promise<Json>;
  /** Resolves once a picture that shows all of `server_seq`, with every visible chunk, has been drawn. */
  waitUntil(server_seq: number, timeout_ms?: number): Promise<void>;
}

declare global {
  interface Window {
    ndcast?: Exposed;
  }
}

export function exposeForTests(room: Room, player: Player, canvas: HTMLCanvasElement): void {
  const { client } = room;
  window.ndcast = {
    canvas,
    get live() {
      return room.live;
    },
    get view() {
      return client.view;
    },
    get serverSeq() {
      return client.serverSeq;
    },
    register(scope, target, key) {
      const confirmed = client.confirmed(scope, target, key);
      return { projection: client.get(scope, target, key), confirmed: confirmed?.value, version: confirmed?.version ?? 0 };
    },
    registers: () => [...client.registers()].map(({ scope, target, key, value, version }) => ({ scope, target, key, value, version })),
    get lastFrame() {
      const last = player.last;
      if (last === null || last.extension === null) return null;
      const { seq, width, height, bytes, decode_ms, present_ms, drawn_ms } = last;
      const { server_seq, camera_seq, complete, level_shown, pose, stages } = last.extension;
      return { seq, server_seq, camera_seq, complete, level_shown, mode: pose.mode, width, height, bytes, pose, stages: { ...stages, decode_ms, present_ms }, drawn_ms };
    },
    get video() {
      return { drawn: player.drawn, skipped: player.skipped, lossless: player.lossless, troubles: [...player.troubles] };
    },
    set: (scope, target, key, value) => void client.set(scope, target, key, value),
    command: (name, kwargs = {}) => client.call(name, kwargs),
    waitUntil: (server_seq, timeout_ms = 20_000) => waitUntil(room, player, server_seq, timeout_ms),
  };
}

async function waitUntil(room: Room, player: Player, server_seq: number, timeout_ms: number): Promise<void> {
  const deadline = performance.now() + timeout_ms;
  await room.client.waitUntil({ server_seq }, { timeout_ms, draw: false });
  const of_this_view = () => player.last?.extension?.binding === room.client.binding;
  const shows = () => of_this_view() && (player.last?.extension?.server_seq ?? -1) >= server_seq && player.last?.extension?.complete === true;
  if (shows()) return;
  // A change without an effect on the picture brings no picture of its own; the keyframe asked for is the last one again.
  const before = player.last?.seq ?? -1;
  await room.client.call("napari.pixel.request_keyframe");
  const repeated = () => player.last !== null && player.last.keyframe && player.last.seq > before && of_this_view() && player.last.extension?.complete === true;
  while (!shows() && !repeated()) {
    if (performance.now() > deadline)
      throw new Error(`no complete picture of server_seq ${server_seq} within ${timeout_ms} ms; last: ${JSON.stringify(player.last?.extension)}`);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}
