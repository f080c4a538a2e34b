// The page's side of the video: owns the Worker, keeps only the newest decoded picture and draws it at the next
// animation frame.
//
//   const player = new Player(canvas, { requestKeyframe, ticketedUrl });
//   player.open(url);   …   player.last?.extension?.server_seq
//
// At rest strips of the same picture follow, pixel for pixel as it was rendered (WP38); they are drawn over it.
// A picture that a newer one overtakes before it is drawn is closed undrawn: latency, not completeness, is the aim.

import { Backoff } from "@ndcast/client";
import type { FromWorker, ToWorker } from "./messages";
import type { PictureInfo } from "./pixel_session";
import { StillOnCanvas } from "./still_on_canvas";

export interface Shown extends PictureInfo {
  width: number;
  height: number;
  /** performance.now() at which it was drawn. */
  drawn_ms: number;
  /** From the decoder's output to the canvas. */
  present_ms: number;
}

export interface PlayerOptions {
  requestKeyframe: (reason: string) => void;
  /** A fresh one-use ticket's address after the socket was lost; null while the session itself is down. */
  nextUrl: () => Promise<string | null>;
  onShown: (shown: Shown) => void;
}

/** WP22: `presented` notes at ≤ 10 Hz. */
const kPresentedIntervalMs = 100;

export class Player {
  last: Shown | null = null;
  drawn = 0;
  skipped = 0;
  readonly troubles: string[] = [];
  private readonly canvas_: HTMLCanvasElement;
  private readonly context_: CanvasRenderingContext2D;
  private readonly options_: PlayerOptions;
  private readonly worker_: Worker;
  private readonly backoff_ = new Backoff();
  private newest_: { frame: VideoFrame | ImageBitmap; info: PictureInfo; arrived_ms: number } | null = null;
  private readonly still_: StillOnCanvas<ImageBitmap>;
  private animation_ = 0;
  private told_ms_ = -Infinity;
  private retry_timer_: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement, options: PlayerOptions) {
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("this browser gives no 2D canvas context");
    this.canvas_ = canvas;
    this.context_ = context;
    this.still_ = new StillOnCanvas((strip, top) => context.drawImage(strip, 0, top));
    this.options_ = options;
    this.worker_ = new Worker(new URL("./pixel_worker.ts", import.meta.url), { type: "module", name: "ndcast-pixels" });
    this.worker_.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
    document.addEventListener("visibilitychange", () => this.tell({ type: "visible", value: !document.hidden }));
  }

  /** The canvas holds every pixel as it was rendered. */
  get lossless(): boolean {
    return this.still_.whole;
  }

  open(url: string): void {
    clearTimeout(this.retry_timer_);
    this.still_.pictureDrawn(0);  // another server may count from anew
    this.tell({ type: "open", url });
  }

  close(): void {
    clearTimeout(this.retry_timer_);
    this.tell({ type: "close" });
  }

  private tell(message: ToWorker): void {
    this.worker_.postMessage(message);
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case "picture":
        this.keep(message.frame, message.info);
        return;
      case "strip":
        this.still_.take(message.bitmap, message.info);
        return;
      case "need_keyframe":
        this.options_.requestKeyframe(message.reason);
        return;
      case "trouble":
        console.warn(`ndcast: ${message.message}`);
        if (this.troubles.push(message.message) > 32) this.troubles.shift();
        return;
      case "closed":
        this.reopenLater();
        return;
    }
  }

  private reopenLater(): void {
    clearTimeout(this.retry_timer_);
    this.retry_timer_ = setTimeout(() => {
      this.options_.nextUrl().then(
        (url) => (url === null ? undefined : this.open(url)),
        () => this.reopenLater(),
      );
    }, this.backoff_.next());
  }

  private keep(frame: VideoFrame | ImageBitmap, info: PictureInfo): void {
    if (this.newest_ !== null) {
      this.newest_.frame.close();
      this.skipped += 1;
    }
    this.newest_ = { frame, info, arrived_ms: performance.now() };
    this.backoff_.reset();
    if (this.animation_ === 0) this.animation_ = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.animation_ = 0;
    const newest = this.newest_;
    if (newest === null) return;
    this.newest_ = null;
    const { frame, info } = newest;
    // What was decoded may be smaller (a slow connection's video, an image made while things move) and is scaled. Of a
    // decoder's left-over nothing is known but its own size.
    const known = info.width > 0 || !("displayWidth" in frame);
    const { width, height } = known ? info : { width: frame.displayWidth, height: frame.displayHeight };
    if (this.canvas_.width !== width || this.canvas_.height !== height) {
      this.canvas_.width = width;
      this.canvas_.height = height;
    }
    const picture = info.extension?.picture ?? 0;
    // The same picture again, for somebody who joined: what is there already is better.
    if (!this.still_.covers(picture)) this.context_.drawImage(frame, 0, 0, width, height);
    frame.close();
    this.still_.pictureDrawn(picture);
    this.drawn += 1;
    const drawn_ms = performance.now();
    const present_ms = drawn_ms - newest.arrived_ms;
    this.last = { ...info, width, height, drawn_ms, present_ms };
    if (drawn_ms - this.told_ms_ >= kPresentedIntervalMs) {
      this.told_ms_ = drawn_ms;
      this.tell({ type: "presented", seq: info.seq, decode_ms: info.decode_ms, present_ms });
    }
    this.options_.onShown(this.last);
  }
}
