// One message of the pixel channel (docs/protocol.md §10): 24-byte header, the v2 extension, the encoded picture.
//
//   const frame = parsePixelFrame(event.data);   // throws PixelFrameError on a message it cannot use
//   frame.extension?.server_seq                  // the newest state that is entirely in this picture (WP19)
//
// All numbers are big-endian. `payload` is a view into the message, not a copy.

export const kHeaderBytes = 24;
export const kExtensionBytes = 120;
/** Of servers that count no pictures. */
const kLeastExtensionBytes = 112;

export const kCodecH264 = 1;
export const kCodecJpeg = 16;
export const kCodecWebp = 18;

const kFlagKeyframe = 1;
const kFlagStill = 2;

export class PixelFrameError extends Error {}

/** Where the camera stood when the picture was drawn, world units and degrees. */
export type Pose =
  | { mode: 2; left: number; bottom: number; width: number; height: number }
  | { mode: 3; center: [number, number, number]; azimuth: number; elevation: number; roll: number; distance: number; fov: number };

/** Milliseconds spent at each stage of the server. */
export interface Stages {
  intent_to_render_ms: number;
  render_ms: number;
  convert_ms: number;
  encode_ms: number;
  queue_ms: number;
  total_ms: number;
}

export interface PixelExtension {
  server_seq: number;
  camera_seq: number;
  view_epoch: number;
  level_shown: number;
  complete: boolean;
  /** That of the snapshot whose view this is a picture of (WP32). */
  binding: number;
  pose: Pose;
  stages: Stages;
  /** Video frames and strips of one picture have the same number; 0: not counted. */
  picture: number;
  /** First row of a strip of a still. */
  strip_top: number;
}

export interface PixelFrame {
  seq: number;
  /** Unix seconds at the server. */
  timestamp: number;
  width: number;
  height: number;
  codec: number;
  keyframe: boolean;
  still: boolean;
  extension: PixelExtension | null;
  payload: Uint8Array;
}

/** @throws PixelFrameError when the message is shorter than its header says. */
export function parsePixelFrame(message: ArrayBuffer): PixelFrame {
  if (message.byteLength < kHeaderBytes)
    throw new PixelFrameError(`pixel message of ${message.byteLength} bytes, expected at least ${kHeaderBytes}`);
  const view = new DataView(message);
  const extension_bytes = view.getUint16(22);
  if (message.byteLength < kHeaderBytes + extension_bytes)
    throw new PixelFrameError(`extension of ${extension_bytes} bytes in a message of ${message.byteLength}`);
  const flags = view.getUint8(21);
  return {
    seq: view.getUint32(0),
    timestamp: view.getFloat64(4),
    width: view.getUint32(12),
    height: view.getUint32(16),
    codec: view.getUint8(20),
    keyframe: (flags & kFlagKeyframe) !== 0,
    still: (flags & kFlagStill) !== 0,
    // A later version may append to the extension; what is known of it stays in front.
    extension: extension_bytes >= kLeastExtensionBytes ? parseExtension(new DataView(message, kHeaderBytes, extension_bytes)) : null,
    payload: new Uint8Array(message, kHeaderBytes + extension_bytes),
  };
}

function parseExtension(view: DataView): PixelExtension {
  const f64 = (i: number) => view.getFloat64(24 + 8 * i);
  const f32 = (i: number) => view.getFloat32(88 + 4 * i);
  const mode = view.getUint8(22);
  const pose: Pose =
    mode === 3
      ? { mode: 3, center: [f64(0), f64(1), f64(2)], azimuth: f64(3), elevation: f64(4), roll: f64(5), distance: f64(6), fov: f64(7) }
      : { mode: 2, left: f64(0), bottom: f64(1), width: f64(2), height: f64(3) };
  return {
    // server_seq stays below 2^53 (docs/protocol.md §2), so a double holds it.
    server_seq: Number(view.getBigUint64(0)),
    camera_seq: Number(view.getBigUint64(8)),
    view_epoch: view.getUint32(16),
    level_shown: view.getInt8(20),
    complete: view.getUint8(21) !== 0,
    binding: view.getUint8(23),
    pose,
    stages: {
      intent_to_render_ms: f32(0),
      render_ms: f32(1),
      convert_ms: f32(2),
      encode_ms: f32(3),
      queue_ms: f32(4),
      total_ms: f32(5),
    },
    picture: view.byteLength >= kExtensionBytes ? view.getUint32(112) : 0,
    strip_top: view.byteLength >= kExtensionBytes ? view.getUint32(116) : 0,
  };
}
