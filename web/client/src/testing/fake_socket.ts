// A socket whose other end is the test: what the client sent, and what it is told.
//
//   const server = new FakeServer();
//   new StateConnection({ openSocket: server.openSocket, … });
//   server.latest.accept(); server.latest.say("nd.commit", {...});

import type { SocketLike } from "../connection.js";

export interface Said {
  type: string;
  frame_id: string;
  intent_id?: string;
  session?: string;
  nd?: { [key: string]: unknown };
  payload: { [key: string]: unknown };
}

export class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly url: string;
  readonly sent: Said[] = [];
  closed_with: number | null = null;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Said);
  }

  close(code = 1005): void {
    this.closed_with = code;
  }

  accept(): void {
    this.onopen?.(undefined as never);
  }

  sayText(text: string): void {
    this.onmessage?.({ data: text });
  }

  say(type: string, payload: object = {}, nd?: object): void {
    this.sayText(JSON.stringify({ type, version: 2, session: "S", timestamp: 1, payload, ...(nd === undefined ? {} : { nd }) }));
  }

  welcome(server_seq = 1, history_id = "H"): void {
    this.say(
      "session.welcome",
      { protocol_version: 2, session: { id: "S", heartbeat_s: 15, ack_timeout_ms: 250 }, features: {} },
      {
        room: "main",
        view: "main",
        actor: "viewer",
        role: "admin",
        history_id,
        server_seq,
        pixel_ticket: "T",
        capabilities: { keys: [], commands: [], colormaps: [], limits: {}, encoders: ["x264"] },
      },
    );
  }

  drop(code = 1006): void {
    this.onclose?.({ code, reason: "" });
  }

  /** As `ws` does before it closes a socket that did not come to be. */
  fail(message: string): void {
    this.onerror?.({ message } as never);
  }

  /** Frames of one type that the client sent, oldest first. */
  of(type: string): Said[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  /** To be handed to a Room as its WebSocket class. */
  readonly WebSocket = ((server: FakeServer) =>
    class {
      constructor(url: string) {
        return server.openSocket(url);
      }
    })(this);
  readonly openSocket = (url: string): FakeSocket => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  };

  get latest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("the client has opened no socket");
    return socket;
  }
}
