// Waiting until a picture shows a state, through lost connections, and whether anybody watches or not.
//
//   const mark = await waits.wait({ server_seq: 12 }, { until: "complete", timeout_ms: 5_000 });
//
// A wait is a series of nd.wait_until commands. A server draws only while somebody watches, so a first short one finds out
// whether the picture comes by itself; if not, the pixel channel is held open while the wait lasts.

import type { CallOptions } from "./commands.js";
import { CommandError, WaitError } from "./errors.js";
import type { PictureWait, WaitOptions, Watermark } from "./room_types.js";
import type { Json } from "./types.js";

/** Unless told otherwise. */
export const kWaitMs = 30_000;
/** One command lasts at most this long; the server's own limit is 30 s. Longer waits ask again. */
const kSliceMs = 25_000;
/** A picture that is watched is mostly complete by then; if not, perhaps nobody watches. */
const kUnwatchedMs = 150;
/** The server's answer to a wait in vain comes a little later than the wait. */
const kAnswerMs = 2_000;

export interface PictureWaitsOptions {
  ready: (options: WaitOptions) => Promise<void>;
  historyId: () => string | null;
  call: (command: string, kwargs: { [key: string]: Json }, options: CallOptions) => Promise<Json>;
  /** Opens the pixel channel; returns what ends that, or null when it cannot be had just now. */
  watchPixels: () => Promise<(() => void) | null>;
}

export class PictureWaits {
  private readonly options_: PictureWaitsOptions;

  constructor(options: PictureWaitsOptions) {
    this.options_ = options;
  }

  /** @throws WaitError, CommandError, ConnectionError */
  async wait(mark: { server_seq?: number; camera_seq?: number }, options: PictureWait): Promise<Watermark> {
    const { until = "complete", draw = true, timeout_ms = kWaitMs, signal } = options;
    const deadline = performance.now() + timeout_ms;
    const history = this.options_.historyId();
    const watches = draw && until === "complete";
    let stopWatching: (() => void) | null = null;
    try {
      for (;;) {
        await this.options_.ready({ timeout_ms: deadline - performance.now(), signal });
        if (history !== null && history !== this.options_.historyId()) {
          throw new WaitError("wait.history_changed", "the server came back with another history, in which that state is unknown");
        }
        const longest = watches && stopWatching === null ? kUnwatchedMs : kSliceMs;
        const slice_ms = Math.max(1, Math.floor(Math.min(longest, deadline - performance.now())));
        const found = await this.once(request(mark, until, slice_ms), slice_ms, signal);
        if (typeof found === "object") return found;
        if (performance.now() >= deadline - 1) {
          throw new WaitError("wait.timeout", `no ${until} picture of ${JSON.stringify(mark)} within ${timeout_ms} ms`);
        }
        // The pixel channel is bound to its session.
        stopWatching?.();
        stopWatching = watches && found === "not_yet" ? await this.options_.watchPixels() : null;
      }
    } finally {
      stopWatching?.();
    }
  }

  private async once(kwargs: { [key: string]: Json }, slice_ms: number, signal?: AbortSignal): Promise<Watermark | "not_yet" | "lost"> {
    try {
      const answer = await this.options_.call("nd.wait_until", kwargs, { timeout_ms: slice_ms + kAnswerMs, signal });
      return answer as unknown as Watermark;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.code === "command.aborted") throw new WaitError("wait.aborted", "aborted by the caller");
      if (error.code === "command.timeout") return "not_yet";
      if (error.code === "command.session_closed") return "lost";
      throw error;
    }
  }
}

/** Of the mark only what nd.wait_until knows: callers pass all that an update gave them. */
function request({ server_seq, camera_seq }: { server_seq?: number; camera_seq?: number }, until: string, timeout_ms: number) {
  const kwargs: { [key: string]: Json } = { until, timeout_ms };
  if (server_seq !== undefined) kwargs.server_seq = server_seq;
  if (camera_seq !== undefined) kwargs.camera_seq = camera_seq;
  return kwargs;
}
