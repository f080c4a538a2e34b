// The library's entry.
//
//   const room = await connect("http://127.0.0.1:8787/?token=…", { name: "my script" });

import { ConnectionError, WaitError } from "./errors.js";
import { Room } from "./room.js";
import type { RoomOptions } from "./room_types.js";

/** Long enough for a server that is still reading its image's metadata. */
const kConnectTimeoutMs = 15_000;

export interface ConnectOptions extends RoomOptions {
  /** How long to keep trying, 15 s unless told: a server that is just starting is waited for. */
  connect_timeout_ms?: number;
  /** Gives up connecting. It does not close the room later. */
  signal?: AbortSignal;
}

/**
 * Enters the room that `link` leads to; resolves when all of its state is here. From then on it comes back by itself
 * whenever the connection is lost, until close().
 * @throws ConnectionError when the server refuses (`auth.required`, `auth.invalid`, `room.not_found` …), when nothing was
 * reached in time (`session.timeout`), or when the signal aborted (`session.aborted`)
 */
export async function connect(link: string | URL, options: ConnectOptions = {}): Promise<Room> {
  const room = new Room(link, options);
  room.open();
  try {
    await room.ready({ timeout_ms: options.connect_timeout_ms ?? kConnectTimeoutMs, signal: options.signal });
    return room;
  } catch (error) {
    room.close();
    if (!(error instanceof WaitError)) throw error;
    throw new ConnectionError(error.code === "wait.aborted" ? "session.aborted" : "session.timeout", error.message);
  }
}
