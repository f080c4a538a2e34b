// What the page and its pixel Worker say to each other. VideoFrames and ImageBitmaps are transferred, not copied; who gets one closes it.

import type { PictureInfo, StripInfo } from "./pixel_session";

export type ToWorker =
  | { type: "open"; url: string }
  | { type: "close" }
  | { type: "presented"; seq: number; decode_ms: number; present_ms: number }
  | { type: "visible"; value: boolean };

export type FromWorker =
  | { type: "picture"; frame: VideoFrame | ImageBitmap; info: PictureInfo }
  | { type: "strip"; bitmap: ImageBitmap; info: StripInfo }
  | { type: "need_keyframe"; reason: string }
  | { type: "closed"; code: number; reason: string }
  | { type: "trouble"; message: string };
