// How long to wait before the next attempt to connect: up to 0.25 s, twice as much each time, up to 10 s, with jitter, so
// that a hundred viewers of a restarted server do not knock at once.
//
//   delay_ms = backoff.next();   …connected for a while…   backoff.reset();

export const kFirstDelayMs = 250;
export const kMaxDelayMs = 10_000;
const kGrowth = 2;

/** Delays between attempts. The n-th lies between a half and the whole of min(10 s, 0.25 s · 2ⁿ). */
export class Backoff {
  private attempts_ = 0;
  private readonly random_: () => number;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number = Math.random) {
    this.random_ = random;
  }

  /** Attempts since the last reset. */
  get attempts(): number {
    return this.attempts_;
  }

  /** Milliseconds to wait now. */
  next(): number {
    const longest = Math.min(kMaxDelayMs, kFirstDelayMs * kGrowth ** Math.min(this.attempts_++, 16));
    return Math.round(longest * (0.5 + 0.5 * this.random_()));
  }

  /** The next delay is a first one again. */
  reset(): void {
    this.attempts_ = 0;
  }
}
