// How long to wait before the next attempt to connect: 0.5 s, then half as much again each time, up to 10 s.
//
//   delay = backoff.next();   …connected…   backoff.reset();

export const kFirstDelayMs = 500;
export const kMaxDelayMs = 10_000;
const kGrowth = 1.5;

export class Backoff {
  private attempts_ = 0;

  get attempts(): number {
    return this.attempts_;
  }

  /** Milliseconds to wait now. The rounding keeps a shown countdown steady. */
  next(): number {
    return Math.min(kMaxDelayMs, Math.round(kFirstDelayMs * kGrowth ** this.attempts_++));
  }

  reset(): void {
    this.attempts_ = 0;
  }
}
