// Builds messages of the pixel channel as the server would (docs/protocol.md §10).

import { kExtensionBytes, kHeaderBytes } from "../video/pixel_frame";

export interface MessageParts {
  seq?: number;
  timestamp?: number;
  width?: number;
  height?: number;
  codec?: number;
  keyframe?: boolean;
  still?: boolean;
  payload?: Uint8Array;
  extension?: {
    server_seq: number;
    camera_seq?: number;
    view_epoch?: number;
    level_shown?: number;
    complete?: boolean;
    mode?: number;
    binding?: number;
    pose?: number[];
    picture?: number;
    strip_top?: number;
  };
}

export function pixelMessage(parts: MessageParts): ArrayBuffer {
  const payload = parts.payload ?? new Uint8Array();
  const extension_bytes = parts.extension === undefined ? 0 : kExtensionBytes;
  const message = new ArrayBuffer(kHeaderBytes + extension_bytes + payload.byteLength);
  const view = new DataView(message);
  view.setUint32(0, parts.seq ?? 0);
  view.setFloat64(4, parts.timestamp ?? 0);
  view.setUint32(12, parts.width ?? 64);
  view.setUint32(16, parts.height ?? 64);
  view.setUint8(20, parts.codec ?? 1);
  view.setUint8(21, (parts.keyframe === true ? 1 : 0) | (parts.still === true ? 2 : 0));
  view.setUint16(22, extension_bytes);
  const extension = parts.extension;
  if (extension !== undefined) {
    view.setBigUint64(24, BigInt(extension.server_seq));
    view.setBigUint64(32, BigInt(extension.camera_seq ?? 0));
    view.setUint32(40, extension.view_epoch ?? 0);
    view.setInt8(44, extension.level_shown ?? 0);
    view.setUint8(45, extension.complete === true ? 1 : 0);
    view.setUint8(46, extension.mode ?? 2);
    view.setUint8(47, extension.binding ?? 0);
    view.setUint32(136, extension.picture ?? 0);
    view.setUint32(140, extension.strip_top ?? 0);
    (extension.pose ?? []).forEach((value, i) => view.setFloat64(48 + 8 * i, value));
  }
  new Uint8Array(message, kHeaderBytes + extension_bytes).set(payload);
  return message;
}
