// Commands that wait for their answers, by frame_id.
//
//   const commands = new Commands((name, kwargs) => frame_id or null);
//   const result = await commands.call("fs.listdir", { path: "." }, { timeout_ms: 5_000 });

import { CommandError } from "./errors.js";
import type { Json, Reply } from "./types.js";

/** The server ends a command after 30 s itself; this only catches an answer that was lost. */
export const kCommandTimeoutMs = 35_000;

export interface CallOptions {
  /** When to stop waiting for the answer, 35 s unless told; the server ends most commands after 30 s itself. */
  timeout_ms?: number;
  /** Stops waiting; the server is not told. */
  signal?: AbortSignal;
}

interface Waiting {
  name: string;
  resolve: (result: Json) => void;
  reject: (error: CommandError) => void;
}

export class Commands {
  private readonly send_: (name: string, kwargs: { [key: string]: Json }) => string | null;
  private readonly waiting_ = new Map<string, Waiting>();

  /** `send` returns the frame's id, or null when there is no session. */
  constructor(send: (name: string, kwargs: { [key: string]: Json }) => string | null) {
    this.send_ = send;
  }

  call(name: string, kwargs: { [key: string]: Json }, { timeout_ms = kCommandTimeoutMs, signal }: CallOptions): Promise<Json> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(new CommandError("command.aborted", `${name}: aborted by the caller`));
        return;
      }
      const frame_id = this.send_(name, kwargs);
      if (frame_id === null) {
        reject(new CommandError("command.session_closed", `${name}: not connected`));
        return;
      }
      const fail = (code: string, message: string) => this.take(frame_id)?.reject(new CommandError(code, `${name}: ${message}`));
      const timer = setTimeout(() => fail("command.timeout", `no answer within ${timeout_ms} ms`), timeout_ms);
      const aborted = () => fail("command.aborted", "aborted by the caller");
      signal?.addEventListener("abort", aborted, { once: true });
      const done = <Value>(settle: (value: Value) => void) => (value: Value) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
        settle(value);
      };
      this.waiting_.set(frame_id, { name, resolve: done(resolve), reject: done(reject) });
    });
  }

  /** An answer to nobody (given up, or another's) is ignored. */
  answer(reply: Reply): void {
    const waiting = this.take(reply.in_reply_to);
    if (waiting === undefined) return;
    if (reply.status === "ok") waiting.resolve(reply.result ?? null);
    else waiting.reject(new CommandError(reply.code, reply.message, reply.details ?? null));
  }

  /** The session went: nothing will be answered. */
  failAll(message: string): void {
    for (const [frame_id, { name }] of [...this.waiting_]) {
      this.take(frame_id)?.reject(new CommandError("command.session_closed", `${name}: ${message}`));
    }
  }

  private take(frame_id: string): Waiting | undefined {
    const waiting = this.waiting_.get(frame_id);
    this.waiting_.delete(frame_id);
    return waiting;
  }
}
