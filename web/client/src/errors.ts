// What may go wrong, as errors that a program can tell apart by class and by `code`.
//
//   try { await room.set("layer", "a", "gamma", -1); }
//   catch (error) { if (error instanceof UpdateError && error.code === "state.invalid") … }
//
// Codes that begin with `state.`, `command.`, `fs.`, `zarr.`, `auth.`, `room.` or `rate.` are the server's (docs/protocol.md
// §3, §4, §8). Those of this library are listed at each class.

import type { Json, WireError } from "./types.js";

/** The base of every error that this library throws or rejects with. */
export class NdcastError extends Error {
  /** Stable, for programs; `message` is for people. */
  readonly code: string;
  /** What the server added, or null. */
  readonly details: Json;

  constructor(code: string, message: string, details: Json = null) {
    super(message || code);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/**
 * A value was not taken. Besides the server's codes:
 * `update.gone` – the register was removed while the value was on its way;
 * `update.overtaken` – the connection was lost, and meanwhile somebody else changed the register: theirs stands;
 * `update.lost` – the connection was lost while a movement (pan, step …) was on its way; it may or may not have been applied,
 * and is not sent again;
 * `update.not_sent` – as before, but it had not left;
 * `update.history_changed` – the server came back with another history.
 */
export class UpdateError extends NdcastError {}

/**
 * A command failed. Besides the server's codes:
 * `command.timeout` – no answer came in time;
 * `command.aborted` – the caller's signal;
 * `command.session_closed` – the connection went first; the command may or may not have run.
 */
export class CommandError extends NdcastError {}

/**
 * There is no session, and there will be none without doing something about it. Besides the codes of a refusal:
 * `session.closed` – close() was called; `session.timeout` – it did not come in time; `session.no_websocket` – this runtime has none.
 */
export class ConnectionError extends NdcastError {}

/** A wait ended without its condition: `wait.timeout`, `wait.aborted`. */
export class WaitError extends NdcastError {}

/** The same words as another kind of error. */
export function connectionError(error: WireError): ConnectionError {
  return new ConnectionError(error.code, error.message, error.details ?? null);
}
