// Whose view a session sees, and where it is at home, over lost connections (docs/protocol.md WP32).
//
//   call("nd.view.follow") answered ─► began(target)        presence of oneself ─► told(): following has ended, home is there
//   hello ◄─ viewOfHello()                                  welcome ─► again(): what to follow anew
//
// Whoever comes back with the view that they followed would make it their home, and move those in it.

import { kMainView } from "./frames.js";
import type { Json, Present } from "./types.js";

/** Ids, whatever the session calls them. */
export type Followed = { session: string } | { view: string };

export class Following {
  private home_ = kMainView;
  private followed_: Followed | null = null;
  /** Until the answer the news of oneself are older than the question. */
  private asking_ = 0;

  /** Where own moves land, of a session that sees `seen`. */
  homeOf(seen: string): string {
    return this.followed_ === null ? seen : this.home_;
  }

  /** Arguments of nd.view.follow as ids; null: nothing that can be followed. */
  static read({ session, view }: { [key: string]: Json }, seen: string): Followed | null {
    if (typeof session === "string") return { session };
    if (typeof view !== "string") return null;
    return { view: view === "main" ? seen : view === "room" ? kMainView : view };
  }

  /** And back, for a session that sees `seen`. */
  static print(followed: Followed, seen: string): { [key: string]: Json } {
    if ("session" in followed) return { session: followed.session };
    return { view: followed.view === seen ? "main" : followed.view === kMainView ? "room" : followed.view };
  }

  /** Notes what comes of a call of nd.view.follow by a session that sees `seen`; returns its answer. */
  async note(followed: Followed | null, seen: string, answer: Promise<Json>): Promise<Json> {
    const home = this.homeOf(seen);
    ++this.asking_;
    try {
      const result = await answer;
      this.home_ = home;
      this.followed_ = followed !== null && "view" in followed && followed.view === home ? null : followed;
      return result;
    } finally {
      --this.asking_;
    }
  }

  /** News of oneself. */
  told(me: Present | undefined): void {
    if (me !== undefined && !me.follows && this.asking_ === 0) this.followed_ = null;
  }

  /** A new session, at home in `home`. Returns what the one before followed, which is not followed until it is asked for. */
  again(home: string): Followed | null {
    const followed = this.followed_;
    this.home_ = home;
    return followed;
  }

  /** It is not there any more. */
  ended(): void {
    this.followed_ = null;
  }
}
