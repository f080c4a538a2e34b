import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pixelMessage } from "../testing/pixel_message";
import { FrameGate } from "./frame_gate";
import { kKeyframeRetryMs, PixelSession, type DecoderEvents, type DecoderLike, type PictureInfo, type PixelSocketLike, type StripInfo } from "./pixel_session";

type Picture = { timestamp: number };

class FakeDecoder implements DecoderLike {
  state = "unconfigured";
  decodeQueueSize = 0;
  configs: VideoDecoderConfig[] = [];
  chunks: EncodedVideoChunkInit[] = [];
  readonly events: DecoderEvents<Picture>;
  constructor(events: DecoderEvents<Picture>) {
    this.events = events;
  }
  configure(config: VideoDecoderConfig): void {
    this.state = "configured";
    this.configs.push(config);
  }
  decode(chunk: EncodedVideoChunkInit): void {
    this.chunks.push(chunk);
  }
  close(): void {
    this.state = "closed";
  }
  output(timestamp: number): void {
    this.events.output({ timestamp }, timestamp);
  }
  fail(message: string): void {
    this.state = "closed";
    this.events.error(message);
  }
}

let sockets: (PixelSocketLike & { sent: string[] })[];
let decoders: FakeDecoder[];
let pictures: PictureInfo[];
let requests: string[];
let troubles: string[];
let closes: number[];
let strips: { strip: string; info: StripInfo }[];
let images: ((picture: Picture) => void)[];
let session: PixelSession<Picture, string>;

const nal = (...bytes: number[]) => [0, 0, 0, bytes.length, ...bytes];
const kKey = [...nal(0x67, 0x42, 0xc0, 0x1f), ...nal(0x68, 1), ...nal(0x65, 2)];
const kDelta = nal(0x41, 3);

function say(seq: number, keyframe: boolean, bytes: number[] = keyframe ? kKey : kDelta, codec = 1): void {
  const payload = new Uint8Array(bytes);
  const data = pixelMessage({ seq, keyframe, payload, codec, extension: { server_seq: seq + 100 } });
  sockets.at(-1)?.onmessage?.({ data });
}
const decoder = () => decoders.at(-1) as FakeDecoder;
const decoded = () => decoder().chunks.map((chunk) => chunk.timestamp);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  decoders = [];
  pictures = [];
  strips = [];
  images = [];
  requests = [];
  troubles = [];
  closes = [];
  session = new PixelSession<Picture, string>({
    openSocket: () => {
      const sent: string[] = [];
      const socket = { onmessage: null, onclose: null, sent, send: (text: string) => void sent.push(text), close: () => undefined };
      sockets.push(socket);
      return socket;
    },
    createDecoder: (events) => {
      decoders.push(new FakeDecoder(events));
      return decoder();
    },
    decodeImage: () => new Promise((resolve) => images.push(resolve)),
    decodeStrip: (webp) => (webp.length > 1 ? Promise.resolve([...webp].join()) : Promise.reject(new Error("not a WebP file"))),
    on: {
      strip: (strip, info) => strips.push({ strip, info }),
      picture: (_, info) => pictures.push(info),
      needKeyframe: (reason) => requests.push(reason),
      closed: (code) => closes.push(code),
      trouble: (message) => troubles.push(message),
    },
  });
  session.open("ws://test/pixels");
});
afterEach(() => vi.useRealTimers());

describe("pictures one by one", () => {
  test("each stands alone; while one is decoded the newest of the others waits", async () => {
    for (const seq of [5, 6, 7, 9]) say(seq, true, [1], 16);
    expect(images).toHaveLength(1);
    images[0]?.({ timestamp: 5 });
    await vi.advanceTimersByTimeAsync(0);
    expect(images).toHaveLength(2);
    images[1]?.({ timestamp: 9 });
    await vi.advanceTimersByTimeAsync(0);
    expect(pictures.map(({ seq, width, height }) => [seq, width, height])).toEqual([
      [5, 64, 64],
      [9, 64, 64],
    ]);
    expect(requests).toEqual([]);
    expect(images).toHaveLength(2);
  });
});

describe("stills", () => {
  const strip = (seq: number, top: number, bytes = [7, 8]) => {
    const payload = new Uint8Array(bytes);
    sockets.at(-1)?.onmessage?.({ data: pixelMessage({ seq, codec: 18, still: true, height: 48, payload, extension: { server_seq: 1, picture: 9, strip_top: top } }) });
  };
  const acknowledged = () => sockets[0]?.sent.map((text) => JSON.parse(text) as unknown);

  test("WP38 a strip is decoded, handed on and told to be here", async () => {
    say(5, true);
    strip(6, 16);
    await vi.advanceTimersByTimeAsync(0);
    expect(strips).toEqual([{ strip: "7,8", info: { seq: 6, picture: 9, top: 16, height: 48, bytes: 2 } }]);
    expect(acknowledged()).toEqual([{ type: "strip", seq: 6 }]);
    say(7, false);
    expect(decoded()).toEqual([5, 7]);
  });

  test("WP38 a broken strip is told and the next one comes", async () => {
    say(5, true);
    strip(6, 0, [1]);
    strip(7, 16);
    await vi.advanceTimersByTimeAsync(0);
    expect(troubles).toEqual(["strip 6: not a WebP file"]);
    expect(strips.map(({ info }) => info.seq)).toEqual([7]);
    expect(acknowledged()).toEqual([{ type: "strip", seq: 6 }, { type: "strip", seq: 7 }]);
  });

  test("WP38 behind a hole nobody knows what a strip lies on", async () => {
    say(5, true);
    strip(7, 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(strips).toEqual([]);
    expect(requests).toHaveLength(1);
  });
});

describe("decoding", () => {
  test("is configured from the in-band SPS, for latency, and fed Annex B", () => {
    say(5, true);
    say(6, false);
    expect(decoder().configs).toEqual([{ codec: "avc1.42C01F", optimizeForLatency: true, hardwareAcceleration: "no-preference" }]);
    expect(decoder().chunks.map((chunk) => chunk.type)).toEqual(["key", "delta"]);
    expect([...(decoder().chunks[1]?.data as Uint8Array)]).toEqual([0, 0, 0, 1, 0x41, 3]);
  });

  test("WP19 a picture comes with what its message said", () => {
    say(5, true);
    decoder().output(5);
    expect(pictures[0]).toMatchObject({ seq: 5, keyframe: true, extension: { server_seq: 105 } });
  });

  test("a new SPS configures the same decoder again", () => {
    say(1, true);
    say(2, true, [...nal(0x67, 0x64, 0x00, 0x28), ...nal(0x68, 1), ...nal(0x65, 2)]);
    expect(decoders).toHaveLength(1);
    expect(decoder().configs.map((config) => config.codec)).toEqual(["avc1.42C01F", "avc1.640028"]);
  });

  test("other codecs are named and skipped", () => {
    say(1, true, kKey, 2);
    expect(decoders).toHaveLength(0);
    expect(troubles[0]).toContain("codec 2");
  });
});

describe("WP21 gaps", () => {
  test("a delta at the start waits for a keyframe and asks for one", () => {
    say(8, false);
    expect(decoders).toHaveLength(0);
    expect(requests).toHaveLength(1);
    say(9, true);
    expect(decoded()).toEqual([9]);
  });

  test("a hole in seq drops everything up to the next keyframe", () => {
    say(1, true);
    say(3, false);
    say(4, false);
    say(5, true);
    say(6, false);
    expect(decoded()).toEqual([1, 5, 6]);
    expect(requests).toHaveLength(1);
    expect(session.gate.gaps).toBe(1);
    expect(session.gate.dropped).toBe(2);
  });

  test("a keyframe behind the hole heals it without a request", () => {
    say(1, true);
    say(7, true);
    expect(decoded()).toEqual([1, 7]);
    expect(requests).toEqual([]);
  });

  test("an unanswered request is repeated each second, until the keyframe is here", () => {
    say(1, false);
    vi.advanceTimersByTime(2 * kKeyframeRetryMs + 10);
    expect(requests).toHaveLength(3);
    say(2, true);
    decoder().output(2);
    vi.advanceTimersByTime(10 * kKeyframeRetryMs);
    expect(requests).toHaveLength(3);
  });

  test("seq wraps", () => {
    const gate = new FrameGate();
    expect(gate.accept(0xffffffff, true)).toBe("decode");
    expect(gate.accept(0, false)).toBe("decode");
    expect(gate.gaps).toBe(0);
  });

  test("a new socket counts anew", () => {
    say(40, true);
    session.open("ws://test/pixels");
    say(0, true);
    say(1, false);
    expect(session.gate.gaps).toBe(0);
    expect(decoded()).toEqual([40, 0, 1]);
  });
});

describe("failures", () => {
  test("a decoder that fails is rebuilt at the next keyframe, which is asked for", () => {
    say(1, true);
    decoder().fail("EncodingError");
    expect(requests).toEqual(["decoder failed"]);
    say(2, false);
    expect(decoders).toHaveLength(1);
    say(3, true);
    expect(decoders).toHaveLength(2);
    expect(decoded()).toEqual([3]);
  });

  test("a broken access unit does the same", () => {
    say(1, true);
    say(2, false, [0, 0, 0, 200, 1]);
    expect(decoder().state).toBe("closed");
    expect(troubles[0]).toContain("NAL unit of 200 bytes");
    say(3, true);
    expect(decoders).toHaveLength(2);
  });

  test("a short message is named and skipped", () => {
    sockets.at(-1)?.onmessage?.({ data: new ArrayBuffer(3) });
    expect(troubles).toEqual(["pixel message of 3 bytes, expected at least 24"]);
  });

  test("a decoder that holds a picture back is replaced by one in software", () => {
    say(1, true);
    vi.advanceTimersByTime(1_000);
    expect(requests).toEqual(["decoder failed"]);
    say(2, true);
    expect(decoder().configs[0]?.hardwareAcceleration).toBe("prefer-software");
  });

  test("an overloaded decoder skips to the next keyframe", () => {
    say(1, true);
    decoder().decodeQueueSize = 20;
    say(2, false);
    expect(decoded()).toEqual([1]);
    expect(requests).toHaveLength(1);
  });

  test("a closed socket is reported and asks for nothing more", () => {
    say(1, false);
    sockets.at(-1)?.onclose?.({ code: 1006, reason: "" });
    vi.advanceTimersByTime(10_000);
    expect(closes).toEqual([1006]);
    expect(requests).toHaveLength(1);
  });
});

test("WP22 notes are JSON text", () => {
  session.tell({ type: "presented", seq: 4, decode_ms: 1, present_ms: 2 });
  expect(sockets[0]?.sent).toEqual([`{"type":"presented","seq":4,"decode_ms":1,"present_ms":2}`]);
});
