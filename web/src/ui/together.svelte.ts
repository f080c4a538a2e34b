// The others in the room as the components see them: who is here, whom this page follows, and who changed what just now.
//
//   nd.presence ─► people, me            nd.commit ─► hands (one a register, for some seconds)
//   follow(person) … leave()             {@attach touched(room, "layer", id, "gamma")}  (touched.ts)

import { SvelteMap } from "svelte/reactivity";
import { registerId, type Change, type Present, type Room as Client } from "@ndcast/client";
import { keepName, storeOf } from "../state/names";
import { Glide } from "../view/glide";

/** Somebody else's hand on a control. */
export interface Hand {
  actor: string;
  is_agent: boolean;
  color: string;
  at_ms: number;
}

/** Long enough to look there, short enough that marks mean "just now". */
const kHandMs = 8_000;
/** A drag changes a register sixty times a second; its mark need not be made anew each time. */
const kSameHandMs = 1_000;
/** Of somebody who has left by now. */
const kNobodysColor = "#98a3b5";

export class Together {
  private readonly client_: Client;
  private readonly toast_: (title: string, text: string, tone?: "bad" | "info") => void;
  private readonly hands_ = new SvelteMap<string, Hand>();
  private readonly fading_ = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly cursors_ = new SvelteMap<string, readonly number[]>();
  private readonly glide_ = new Glide((session, at) => this.cursors_.set(session, at), {
    schedule: (step) => void requestAnimationFrame(step),
    still: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  /** The others, those that the server names; and how many there are in all. */
  people = $state.raw<Present[]>([]);
  others = $state(0);
  me = $state.raw<Present | null>(null);
  private followed_ = $state.raw<{ session: string; actor: string; color: string; kind: string } | null>(null);
  /** Where one's own moves land, as of the last time that nobody was followed. */
  private home_ = "main";
  readonly following = $derived(this.me?.follows === true);
  /** As they are now, or were when they left. */
  readonly followed = $derived(
    this.following ? (this.people.find(({ session }) => session === this.followed_?.session) ?? this.followed_) : null,
  );

  constructor(client: Client, toast: (title: string, text: string, tone?: "bad" | "info") => void) {
    this.client_ = client;
    this.toast_ = toast;
    client.on("people", (people) => this.told([...people.values()]));
    client.on("change", (change) => this.noteChange(change));
  }

  /** Who changed one of the keys last, for some seconds after they did. */
  handOn(scope: string, target: string, keys: readonly string[]): Hand | null {
    let newest: Hand | null = null;
    for (const key of keys) {
      const hand = this.hands_.get(registerId({ scope, target, key }));
      if (hand !== undefined && (newest === null || hand.at_ms > newest.at_ms)) newest = hand;
    }
    return newest;
  }

  /** Where somebody points, on its way between what was told last and before; one number an axis. */
  cursorOf({ session }: Present): readonly number[] | undefined {
    return this.cursors_.get(session);
  }

  async follow({ session, actor, color, kind }: Present): Promise<void> {
    const before = this.followed_;
    this.followed_ = { session, actor, color, kind };
    this.home_ = this.client_.home;
    try {
      await this.client_.call("nd.view.follow", { session });
    } catch (error) {
      this.followed_ = before;
      this.toast_(`${actor}: not followed`, error instanceof Error ? error.message : String(error));
    }
  }

  /** Back to where one was before. */
  async leave(): Promise<void> {
    try {
      await this.client_.call("nd.view.follow", { view: this.nameOf(this.home_) });
    } catch (error) {
      this.toast_("Still following", error instanceof Error ? error.message : String(error));
    }
  }

  rename(name: string): void {
    keepName(storeOf(() => globalThis.localStorage), name);
    this.client_.rename(name);
  }

  /** What this session calls a view (WP32). */
  nameOf(view: string): string {
    if (view === this.client_.view) return "main";
    return view === "main" ? "room" : view;
  }

  private told(people: Present[]): void {
    const own = this.client_.welcome?.session;
    // In a new session nobody is followed yet, and nothing was ended.
    const was_following = this.following && this.me?.session === own;
    this.me = people.find(({ session }) => session === own) ?? null;
    this.people = people.filter(({ session }) => session !== own);
    this.others = this.client_.sessions - 1;
    this.glideCursors();
    // A move of one's own has ended it, in a view of one's own: whoever did not know learns it here.
    if (was_following && !this.following && this.me !== null && this.me.view !== "main" && this.me.view !== this.home_) {
      this.toast_(`You no longer follow ${this.followed_?.actor ?? "anybody"}`, "You look around in a view of your own now. “Room's view” brings you back to the others.", "info");
    }
  }

  private glideCursors(): void {
    const pointing = new Map(this.people.flatMap(({ session, cursor }) => (cursor === undefined ? [] : [[session, cursor] as const])));
    for (const [session, cursor] of pointing) this.glide_.to(session, cursor);
    for (const session of [...this.cursors_.keys()]) {
      if (pointing.has(session)) continue;
      this.glide_.drop(session);
      this.cursors_.delete(session);
    }
  }

  private noteChange({ scope, target, key, actor, origin, own, news }: Change): void {
    if (!news || (origin !== "client" && origin !== "agent")) return;
    const id = registerId({ scope, target, key });
    if (own) return this.forget(id);
    const person = this.people.find((each) => each.actor === actor);
    // What a command of one's own changed does not say so; one's name does, unless somebody else has it too.
    if (person === undefined && actor === this.me?.actor) return;
    const at_ms = Date.now();
    const before = this.hands_.get(id);
    clearTimeout(this.fading_.get(id));
    this.fading_.set(id, setTimeout(() => this.forget(id), kHandMs));
    if (before?.actor === actor && at_ms - before.at_ms < kSameHandMs) return;
    this.hands_.set(id, { actor, is_agent: origin === "agent", color: person?.color ?? kNobodysColor, at_ms });
  }

  /** What was touched is another thing now, under the same name. */
  forgetHands(): void {
    for (const id of [...this.fading_.keys()]) this.forget(id);
  }

  private forget(id: string): void {
    clearTimeout(this.fading_.get(id));
    this.hands_.delete(id);
    this.fading_.delete(id);
  }
}
