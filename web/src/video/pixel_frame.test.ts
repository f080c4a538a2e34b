import { describe, expect, test } from "vitest";
import { pixelMessage } from "../testing/pixel_message";
import { BitstreamError, inspectAvcc, toAnnexB } from "./h264";
import { parsePixelFrame, PixelFrameError } from "./pixel_frame";

describe("pixel message", () => {
  test("header and v2 extension, big-endian", () => {
    const payload = new Uint8Array([1, 2, 3]);
    const message = pixelMessage({
      seq: 0xfffffffe,
      timestamp: 1234.5,
      width: 1280,
      height: 720,
      keyframe: true,
      payload,
      extension: { server_seq: 2 ** 52 + 1, camera_seq: 7, view_epoch: 3, level_shown: -1, complete: true, mode: 2, pose: [1, 2, 3, 4] },
    });
    const frame = parsePixelFrame(message);
    expect(frame).toMatchObject({ seq: 0xfffffffe, timestamp: 1234.5, width: 1280, height: 720, codec: 1, keyframe: true, still: false });
    expect(frame.extension).toMatchObject({
      server_seq: 2 ** 52 + 1,
      camera_seq: 7,
      view_epoch: 3,
      level_shown: -1,
      complete: true,
      pose: { mode: 2, left: 1, bottom: 2, width: 3, height: 4 },
    });
    expect([...frame.payload]).toEqual([1, 2, 3]);
  });

  test("a 3D pose", () => {
    const pose = [1, 2, 3, 30, 40, 5, 600, 60];
    const frame = parsePixelFrame(pixelMessage({ extension: { server_seq: 1, mode: 3, pose } }));
    expect(frame.extension?.pose).toEqual({ mode: 3, center: [1, 2, 3], azimuth: 30, elevation: 40, roll: 5, distance: 600, fov: 60 });
  });

  test("without extension", () => {
    expect(parsePixelFrame(pixelMessage({})).extension).toBeNull();
  });

  test("a short message says how short", () => {
    expect(() => parsePixelFrame(new ArrayBuffer(23))).toThrow(new PixelFrameError("pixel message of 23 bytes, expected at least 24"));
    const cut = pixelMessage({ extension: { server_seq: 1 } }).slice(0, 60);
    expect(() => parsePixelFrame(cut)).toThrow("extension of 120 bytes in a message of 60");
  });
});

describe("AVCC", () => {
  const nal = (...bytes: number[]) => [0, 0, 0, bytes.length, ...bytes];
  const keyframe = () => new Uint8Array([...nal(0x67, 0x64, 0x00, 0x28, 0xac), ...nal(0x68, 0xee), ...nal(0x65, 1, 2, 3)]);

  test("the codec string comes from the sequence parameter set", () => {
    expect(inspectAvcc(keyframe())).toEqual({ codec: "avc1.640028", idr: true });
    expect(inspectAvcc(new Uint8Array(nal(0x41, 9)))).toEqual({ codec: null, idr: false });
  });

  test("lengths become start codes in place", () => {
    const unit = keyframe();
    toAnnexB(unit);
    expect([...unit]).toEqual([0, 0, 0, 1, 0x67, 0x64, 0x00, 0x28, 0xac, 0, 0, 0, 1, 0x68, 0xee, 0, 0, 0, 1, 0x65, 1, 2, 3]);
  });

  test.each([
    ["a length past the end", [0, 0, 0, 9, 1]],
    ["an empty unit", [0, 0, 0, 0]],
    ["stray bytes", [0, 0, 0, 1, 0x41, 7]],
  ])("%s is an error", (_, bytes) => {
    expect(() => inspectAvcc(new Uint8Array(bytes))).toThrow(BitstreamError);
  });
});
