// H.264 access units as the pixel channel carries them (AVCC, 4-byte lengths) made ready for a decoder.
//
//   const unit = inspectAvcc(payload);            // throws on a broken length
//   decoder.configure({ codec: unit.codec, optimizeForLatency: true });
//   toAnnexB(payload);                            // in place: each length becomes a start code of the same size
//
// Annex B without a description was chosen over avcC: SPS and PPS are in-band on every keyframe (WP20), so a stream
// may change its size without a new configuration, and no avcC has to be built. Source: ISO/IEC 14496-10 annex B and
// 14496-15 §5.3; the W3C AVC registration for WebCodecs.

const kNalTypeMask = 0x1f;
const kNalIdr = 5;
const kNalSps = 7;
const kLengthBytes = 4;

export class BitstreamError extends Error {}

export interface AccessUnit {
  /** "avc1.PPCCLL" from the sequence parameter set, when the unit carries one. */
  codec: string | null;
  idr: boolean;
}

/** @throws BitstreamError when a length runs past the end. */
export function inspectAvcc(payload: Uint8Array): AccessUnit {
  let codec: string | null = null;
  let idr = false;
  forEachNal(payload, (at, size) => {
    const type = (payload[at] ?? 0) & kNalTypeMask;
    if (type === kNalIdr) idr = true;
    if (type === kNalSps && size >= 4) codec = `avc1.${hex(payload[at + 1])}${hex(payload[at + 2])}${hex(payload[at + 3])}`;
  });
  return { codec, idr };
}

/** Overwrites each 4-byte length by the start code 00 00 00 01. */
export function toAnnexB(payload: Uint8Array): void {
  forEachNal(payload, (at) => payload.set([0, 0, 0, 1], at - kLengthBytes));
}

function forEachNal(payload: Uint8Array, visit: (at: number, size: number) => void): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  while (at < payload.byteLength) {
    if (at + kLengthBytes > payload.byteLength) throw new BitstreamError(`${payload.byteLength - at} stray bytes after the last NAL unit`);
    const size = view.getUint32(at);
    at += kLengthBytes;
    if (size === 0 || at + size > payload.byteLength)
      throw new BitstreamError(`NAL unit of ${size} bytes at ${at} in an access unit of ${payload.byteLength}`);
    visit(at, size);
    at += size;
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, "0").toUpperCase();
}
