// Numbers that repeat: a seed names a whole run.

export class Random {
  private state_: number;

  constructor(seed: number) {
    this.state_ = (seed * 0x9e3779b9 + 0x6d2b79f5) >>> 0;
  }

  /** In [0, 1); mulberry32. */
  readonly next = (): number => {
    this.state_ = (this.state_ + 0x6d2b79f5) >>> 0;
    let t = this.state_;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** 0 … n − 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}
