import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pixelMessage } from "../testing/pixel_message";
import { FrameGate } from "./frame_gate";
import { kKeyframeRetryMs, PixelSession, type DecoderEvents, type DecoderLike, type PictureInfo, type PixelSocketLike } from "./pixel_session";

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
let session: PixelSession<Picture>;

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
  requests = [];
  troubles = [];
  closes = [];
  session = new PixelSession<Picture>({
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
    on: {
      picture: (_, info) => pictures.push(info),
      needKeyframe: (reason) => requests.push(reason),
      closed: (code) => closes.push(code),
      trouble: (message) => troubles.push(message),
    },
  });
  session.open("ws://test/pixels");
});
afterEach(() => vi.useRealTimers());

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
