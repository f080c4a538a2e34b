// Who is in the room, where they look and what they point at (docs/protocol.md WP14).
//
//   room.on("people", () => draw([...room.people.values()]));
//   room.pointAt([0, 12.5, 40, 41]);      // world position, one number an axis; null: at nothing
//
// The own pointing is told at most every 50 ms, the newest; after a lost connection it is told again.

import type { PresenceNotice, Present } from "./types.js";

const kInterval_ms = 50;

export class People {
  /** By session, the own one too. */
  readonly here = new Map<string, Present>();
  /** In the room, those who are not told of included. */
  sessions = 0;

  apply(notice: PresenceNotice): void {
    if (notice.whole) this.here.clear();
    for (const session of notice.gone) this.here.delete(session);
    for (const present of notice.here) this.here.set(present.session, present);
    this.sessions = notice.sessions;
  }

  clear(): void {
    this.here.clear();
    this.sessions = 0;
  }
}

export class Pointer {
  private cursor_: number[] | null = null;
  private told_: number[] | null = null;
  private timer_: ReturnType<typeof setTimeout> | undefined;
  private last_ms_ = Number.NEGATIVE_INFINITY;

  private readonly send: (cursor: number[] | null) => boolean;

  /** `send` tells whether the frame could leave. */
  constructor(send: (cursor: number[] | null) => boolean) {
    this.send = send;
  }

  pointAt(cursor: readonly number[] | null): void {
    this.cursor_ = cursor === null ? null : [...cursor];
    if (this.timer_ !== undefined) return;
    const wait_ms = Math.max(0, this.last_ms_ + kInterval_ms - Date.now());
    this.timer_ = setTimeout(() => this.tell(), wait_ms);
  }

  /** A new session knows of no cursor. */
  again(): void {
    this.told_ = null;
    if (this.cursor_ !== null) this.pointAt(this.cursor_);
  }

  stop(): void {
    clearTimeout(this.timer_);
    this.timer_ = undefined;
  }

  private tell(): void {
    this.timer_ = undefined;
    if (this.cursor_ === this.told_) return;
    if (!this.send(this.cursor_)) return;
    this.told_ = this.cursor_;
    this.last_ms_ = Date.now();
  }
}
