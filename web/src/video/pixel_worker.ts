// The Worker: socket and decoder away from the page's thread, so that neither waits for the other.

import type { FromWorker, ToWorker } from "./messages";
import { PixelSession, type DecoderEvents, type DecoderLike, type PixelSocketLike } from "./pixel_session";

const scope = self as unknown as {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

function openSocket(url: string): PixelSocketLike {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  return {
    set onmessage(listener: PixelSocketLike["onmessage"]) {
      socket.onmessage = listener;
    },
    set onclose(listener: PixelSocketLike["onclose"]) {
      socket.onclose = listener;
    },
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
  };
}

function createDecoder(events: DecoderEvents<VideoFrame>): DecoderLike {
  const decoder = new VideoDecoder({
    output: (frame) => events.output(frame, frame.timestamp),
    error: (error) => events.error(error.message),
  });
  return {
    get state() {
      return decoder.state;
    },
    get decodeQueueSize() {
      return decoder.decodeQueueSize;
    },
    configure: (config) => decoder.configure(config),
    decode: (unit) => decoder.decode(new EncodedVideoChunk(unit)),
    close: () => decoder.close(),
  };
}

const session = new PixelSession<VideoFrame | ImageBitmap>({
  openSocket,
  createDecoder,
  decodeImage: (jpeg) => createImageBitmap(new Blob([jpeg as BlobPart], { type: "image/jpeg" }), { premultiplyAlpha: "none" }),
  // Pixels as they are: no colour profile, no alpha.
  decodeStrip: (webp) => createImageBitmap(new Blob([webp as BlobPart], { type: "image/webp" }), { colorSpaceConversion: "none", premultiplyAlpha: "none" }),
  on: {
    picture: (frame, info) => scope.postMessage({ type: "picture", frame, info }, [frame]),
    strip: (bitmap, info) => scope.postMessage({ type: "strip", bitmap, info }, [bitmap]),
    needKeyframe: (reason) => scope.postMessage({ type: "need_keyframe", reason }),
    closed: (code, reason) => scope.postMessage({ type: "closed", code, reason }),
    trouble: (message) => scope.postMessage({ type: "trouble", message }),
  },
});

scope.onmessage = (event) => {
  const message = event.data;
  if (message.type === "open") session.open(message.url);
  else if (message.type === "close") session.close();
  else session.tell(message);
};
