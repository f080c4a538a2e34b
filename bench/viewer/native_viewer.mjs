// A viewer without a screen: both channels as the page has them, pictures counted and acknowledged and not decoded, so that
// sixteen of them leave the server its processors.
//
//   const viewer = await NativeViewer.enter(link, "watcher");   …   viewer.pictures   // [{ at_ms, server_seq, bytes }]
//
// Times are Unix milliseconds, as a page's performance.timeOrigin + performance.now() are.

import { connect } from "../../web/client/dist/index.js";
import { limited } from "./harness.mjs";
import WebSocket from "../../web/node_modules/ws/wrapper.mjs";

const kHeaderBytes = 24;
const kStill = 2;
/** WP22: at most so often. */
const kPresentedEveryMs = 100;

export const nowMs = () => performance.timeOrigin + performance.now();

export class NativeViewer {
  pictures = [];
  #told_ms = 0;

  /** A session that only acts, for whoever moves what others look at. */
  static hand(link) {
    return connect(link, { WebSocket, name: "hand" });
  }

  static async enter(link, name) {
    const viewer = new NativeViewer();
    viewer.room = await connect(link, { WebSocket, name });
    await viewer.watch(link, viewer.room.welcome.pixel_ticket);
    return viewer;
  }

  /** Goes to a view of its own: what it sees from here on is only its own doing. */
  async fork(link) {
    await limited(this.room.call("nd.view.fork"), "nd.view.fork");
    const { ticket } = await limited(this.room.call("nd.pixel_ticket"), "nd.pixel_ticket");
    this.pixels.close();
    await this.watch(link, ticket);
  }

  async watch(link, ticket) {
    const url = new URL("pixels", link);
    url.protocol = "ws:";
    url.search = new URLSearchParams({ ticket, codecs: "h264,webp", v: "2" }).toString();
    const pixels = new WebSocket(url);
    this.pixels = pixels;
    const first = new Promise((resolve, reject) => {
      pixels.once("error", reject);
      pixels.on("message", (data) => {
        this.#take(pixels, data);
        resolve();
      });
    });
    await limited(first, "the first picture");
    pixels.on("error", () => undefined);
  }

  #take(pixels, data) {
    const at_ms = nowMs();
    const seq = data.readUInt32BE(0);
    if (data.readUInt8(21) & kStill) {
      pixels.send(JSON.stringify({ type: "strip", seq }));
      return;
    }
    this.pictures.push({ at_ms, server_seq: Number(data.readBigUInt64BE(kHeaderBytes)), bytes: data.length });
    if (at_ms - this.#told_ms < kPresentedEveryMs) return;
    this.#told_ms = at_ms;
    pixels.send(JSON.stringify({ type: "presented", seq, decode_ms: 2, present_ms: 8 }));
  }

  leave() {
    this.pixels.close();
    this.room.close();
  }
}

/** Run as a program it watches until it is ended: node native_viewer.mjs LINK; prints "watching". */
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const viewer = await NativeViewer.enter(process.argv[2], "slow");
  console.log("watching");
  setInterval(() => (viewer.pictures = viewer.pictures.slice(-1)), 1000);
  process.stdin.on("end", () => process.exit(0)).resume();
}
