// One pixel socket and one decoder: messages in, decoded pictures out, keyframes asked for. Runs in the Worker; its
// socket and decoder are handed in, so that tests run it in Node.
//
//   socket ─► parsePixelFrame ─► FrameGate ─► VideoDecoder ─► on.picture(frame, about)
//                                    ├──────────────────────► on.needKeyframe()
//                                    └─► decodeStrip ───────► on.strip(bitmap, about)        (WP38)
//
// WebCodecs facts it rests on (measured in Chromium 156): `optimizeForLatency` or one frame is held back; a corrupt
// unit closes the decoder for good; flush() mid-stream would demand a keyframe, so it is never called.

import { BitstreamError, inspectAvcc, toAnnexB } from "./h264";
import { kCodecH264, kCodecJpeg, kCodecWebp, parsePixelFrame, PixelFrameError, type PixelExtension, type PixelFrame } from "./pixel_frame";
import { FrameGate } from "./frame_gate";

/** What the message said of a decoded picture. */
export interface PictureInfo {
  seq: number;
  keyframe: boolean;
  extension: PixelExtension | null;
  bytes: number;
  decode_ms: number;
  /** Of the canvas; the picture may have fewer pixels and is scaled to it. */
  width: number;
  height: number;
}

/** What the message said of a strip of a still. */
export interface StripInfo {
  seq: number;
  /** PixelExtension.picture */
  picture: number;
  top: number;
  /** Of the whole picture. */
  height: number;
  bytes: number;
}

export interface DecoderLike {
  readonly state: string;
  readonly decodeQueueSize: number;
  configure(config: VideoDecoderConfig): void;
  decode(chunk: EncodedVideoChunkInit): void;
  close(): void;
}

export interface DecoderEvents<Picture> {
  output: (picture: Picture, timestamp: number) => void;
  error: (message: string) => void;
}

export interface PixelSocketLike {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface PixelSessionOptions<Picture, Strip = ImageBitmap> {
  openSocket: (url: string) => PixelSocketLike;
  createDecoder: (events: DecoderEvents<Picture>) => DecoderLike;
  decodeStrip: (webp: Uint8Array) => Promise<Strip>;
  decodeImage: (jpeg: Uint8Array) => Promise<Picture>;
  on: {
    picture: (picture: Picture, info: PictureInfo) => void;
    strip: (strip: Strip, info: StripInfo) => void;
    needKeyframe: (reason: string) => void;
    closed: (code: number, reason: string) => void;
    trouble: (message: string) => void;
  };
}

/** An unanswered request is repeated after this long; the server pays its debts within 500 ms (WP21). */
export const kKeyframeRetryMs = 1_000;
/** Units waiting in the decoder past which this machine cannot keep up: skip to the next keyframe. */
const kDecodeQueueMax = 12;
/** A picture not out after this long, with nothing queued, is held back by a hardware decoder. */
const kHeldBackMs = 1_000;

export class PixelSession<Picture, Strip = ImageBitmap> {
  readonly gate = new FrameGate();
  decoder_rebuilds = 0;
  private readonly options_: PixelSessionOptions<Picture, Strip>;
  private socket_: PixelSocketLike | null = null;
  private decoder_: DecoderLike | null = null;
  private codec_ = "";
  private prefer_software_ = false;
  private decoding_ = false;
  private next_image_: PixelFrame | null = null;
  private retry_timer_: ReturnType<typeof setTimeout> | undefined;
  private held_timer_: ReturnType<typeof setTimeout> | undefined;
  /** Units inside the decoder by timestamp; at most kDecodeQueueMax and the ones it holds. */
  private readonly inside_ = new Map<number, { info: Omit<PictureInfo, "decode_ms">; since_ms: number }>();

  constructor(options: PixelSessionOptions<Picture, Strip>) {
    this.options_ = options;
  }

  open(url: string): void {
    this.closeSocket();
    this.gate.restart();
    const socket = this.options_.openSocket(url);
    this.socket_ = socket;
    socket.onmessage = (event) => {
      if (event.data instanceof ArrayBuffer) this.receive(event.data);
    };
    socket.onclose = (event) => {
      this.socket_ = null;
      this.stopAsking();
      this.options_.on.closed(event.code, event.reason);
    };
  }

  close(): void {
    this.closeSocket();
    this.dropDecoder();
  }

  /** WP22; sent only while a socket is open. */
  tell(note: { type: "presented"; seq: number; decode_ms: number; present_ms: number } | { type: "visible"; value: boolean } | { type: "strip"; seq: number }): void {
    this.socket_?.send(JSON.stringify(note));
  }

  private receive(message: ArrayBuffer): void {
    let frame: PixelFrame;
    try {
      frame = parsePixelFrame(message);
    } catch (error) {
      if (!(error instanceof PixelFrameError)) throw error;
      this.options_.on.trouble(error.message);
      return;
    }
    if (frame.codec === kCodecWebp && frame.still) {
      this.receiveStrip(frame);
      return;
    }
    if (frame.codec === kCodecJpeg) {
      if (this.gate.accept(frame.seq, true) === "decode") this.decodeImage(frame);
      return;
    }
    if (frame.codec !== kCodecH264) {
      this.options_.on.trouble(`picture with codec ${frame.codec}, expected ${kCodecH264} (h264) or a still with ${kCodecWebp} (webp)`);
      return;
    }
    if ((this.decoder_?.decodeQueueSize ?? 0) > kDecodeQueueMax) this.gate.needKeyframe();
    if (this.gate.accept(frame.seq, frame.keyframe) === "decode") this.decode(frame);
    if (this.gate.waiting) this.askForKeyframe(`waiting at frame ${frame.seq}`);
    else this.stopAsking();
  }

  /** A strip needs no other frame to be decoded; but where one is missing, nothing tells what it would lie on. */
  private receiveStrip(frame: PixelFrame): void {
    const accepted = this.gate.accept(frame.seq, false) === "decode";
    if (this.gate.waiting) this.askForKeyframe(`waiting at strip ${frame.seq}`);
    const { seq, height, extension } = frame;
    if (!accepted || extension === null) {
      this.tell({ type: "strip", seq });
      return;
    }
    const info = { seq, picture: extension.picture, top: extension.strip_top, height, bytes: frame.payload.byteLength };
    this.options_
      .decodeStrip(frame.payload)
      .then(
        (strip) => this.options_.on.strip(strip, info),
        (error: unknown) => this.options_.on.trouble(`strip ${seq}: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => this.tell({ type: "strip", seq }));
  }

  /** One at a time, the newest next: each stands alone. */
  private decodeImage(frame: PixelFrame): void {
    if (this.decoding_) {
      this.next_image_ = frame;
      return;
    }
    this.decoding_ = true;
    const since_ms = performance.now();
    const { seq, extension, width, height } = frame;
    this.options_
      .decodeImage(frame.payload)
      .then(
        (picture) => {
          const info = { seq, keyframe: true, extension, bytes: frame.payload.byteLength, width, height, decode_ms: performance.now() - since_ms };
          this.options_.on.picture(picture, info);
        },
        (error: unknown) => this.options_.on.trouble(`picture ${seq}: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        this.decoding_ = false;
        const next = this.next_image_;
        this.next_image_ = null;
        if (next !== null) this.decodeImage(next);
      });
  }

  private decode(frame: PixelFrame): void {
    try {
      const unit = inspectAvcc(frame.payload);
      if (unit.codec !== null) this.configure(unit.codec);
      toAnnexB(frame.payload);
      if (this.decoder_ === null) throw new BitstreamError("keyframe without a sequence parameter set");
      const bytes = frame.payload.byteLength;
      const { width, height } = frame;
      const info = { seq: frame.seq, keyframe: frame.keyframe, extension: frame.extension, bytes, width, height };
      this.inside_.set(frame.seq, { info, since_ms: performance.now() });
      this.decoder_.decode({ type: frame.keyframe ? "key" : "delta", timestamp: frame.seq, data: frame.payload });
      this.watchForHeldBack();
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  private configure(codec: string): void {
    if (this.decoder_ !== null && this.codec_ === codec) return;
    this.decoder_ ??= this.options_.createDecoder({
      output: (picture, timestamp) => this.output(picture, timestamp),
      error: (message) => this.failed(message),
    });
    const hardwareAcceleration = this.prefer_software_ ? "prefer-software" : "no-preference";
    this.decoder_.configure({ codec, optimizeForLatency: true, hardwareAcceleration });
    this.codec_ = codec;
  }

  private output(picture: Picture, timestamp: number): void {
    const inside = this.inside_.get(timestamp);
    for (const seq of this.inside_.keys()) {
      this.inside_.delete(seq);
      if (seq === timestamp) break;
    }
    const decode_ms = inside === undefined ? 0 : performance.now() - inside.since_ms;
    const info = inside?.info ?? { seq: timestamp, keyframe: false, extension: null, bytes: 0, width: 0, height: 0 };
    this.options_.on.picture(picture, { ...info, decode_ms });
    if (this.inside_.size === 0) clearTimeout(this.held_timer_);
  }

  private failed(message: string): void {
    this.options_.on.trouble(`decoder: ${message}`);
    this.dropDecoder();
    this.decoder_rebuilds += 1;
    this.gate.needKeyframe();
    this.askForKeyframe("decoder failed");
  }

  private watchForHeldBack(): void {
    clearTimeout(this.held_timer_);
    if (this.prefer_software_) return;
    this.held_timer_ = setTimeout(() => {
      if (this.inside_.size === 0 || this.decoder_ === null || this.decoder_.decodeQueueSize > 0) return;
      this.prefer_software_ = true;
      this.failed(`holds ${this.inside_.size} picture(s) back; software decoding from here on`);
    }, kHeldBackMs);
  }

  private dropDecoder(): void {
    clearTimeout(this.held_timer_);
    this.inside_.clear();
    const decoder = this.decoder_;
    this.decoder_ = null;
    this.codec_ = "";
    if (decoder !== null && decoder.state !== "closed") decoder.close();
  }

  private askForKeyframe(reason: string): void {
    if (this.retry_timer_ !== undefined) return;
    this.options_.on.needKeyframe(reason);
    this.retry_timer_ = setTimeout(() => {
      this.retry_timer_ = undefined;
      if (this.gate.waiting && this.socket_ !== null) this.askForKeyframe(`${reason}, still`);
    }, kKeyframeRetryMs);
  }

  private stopAsking(): void {
    clearTimeout(this.retry_timer_);
    this.retry_timer_ = undefined;
  }

  private closeSocket(): void {
    this.stopAsking();
    const socket = this.socket_;
    this.socket_ = null;
    if (socket === null) return;
    socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }
}
