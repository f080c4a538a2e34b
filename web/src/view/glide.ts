// Places that are told twenty times a second, shown as if they moved all the time.
//
//   const glide = new Glide((id, at) => …, { schedule: requestAnimationFrame });
//   glide.to("session-1", [0, 12.5, 40]);     glide.drop("session-1");

export interface GlideOptions {
  /** Calls back before the next picture of the display, with its time in ms. */
  schedule: (step: (now_ms: number) => void) => void;
  /** Nothing moves by itself: each place is taken at once. */
  still?: () => boolean;
}

/** A little more than what passes between two news (WP14), so that a steady hand does not stop between them. */
const kGlideMs = 60;

interface Way {
  from: readonly number[];
  to: readonly number[];
  /** Of the first picture of the way; until then it has not begun. */
  began_ms: number | null;
}

export class Glide {
  private readonly onMoved_: (id: string, at: readonly number[]) => void;
  private readonly options_: GlideOptions;
  private readonly at_ = new Map<string, readonly number[]>();
  private readonly ways_ = new Map<string, Way>();

  constructor(onMoved: (id: string, at: readonly number[]) => void, options: GlideOptions) {
    this.onMoved_ = onMoved;
    this.options_ = options;
  }

  to(id: string, target: readonly number[]): void {
    const from = this.at_.get(id);
    const goal = this.ways_.get(id)?.to ?? from;
    if (goal !== undefined && goal.length === target.length && goal.every((each, i) => each === target[i])) return;
    if (from === undefined || from.length !== target.length || this.options_.still?.() === true) {
      this.ways_.delete(id);
      this.put(id, target);
      return;
    }
    const is_idle = this.ways_.size === 0;
    this.ways_.set(id, { from, to: target, began_ms: null });
    if (is_idle) this.options_.schedule((now) => this.step(now));
  }

  drop(id: string): void {
    this.ways_.delete(id);
    this.at_.delete(id);
  }

  private step(now_ms: number): void {
    for (const [id, way] of this.ways_) {
      way.began_ms ??= now_ms;
      const share = Math.min(1, (now_ms - way.began_ms) / kGlideMs);
      if (share === 1) this.ways_.delete(id);
      this.put(id, share === 1 ? way.to : way.from.map((each, i) => each + share * ((way.to[i] ?? each) - each)));
    }
    if (this.ways_.size > 0) this.options_.schedule((now) => this.step(now));
  }

  private put(id: string, at: readonly number[]): void {
    this.at_.set(id, at);
    this.onMoved_(id, at);
  }
}
