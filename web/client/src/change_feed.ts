// A room's changes as `for await` reads them. A reader that falls behind gets the last change of each register, oldest
// first, so the feed never holds more than one change a register.
//
//   const feed = new ChangeFeed<Change>((change) => registerId(change));
//   feed.push(change);   …   for await (const change of feed) …

interface Waiting<Item> {
  resolve: (result: IteratorResult<Item, undefined>) => void;
  reject: (error: Error) => void;
}

export class ChangeFeed<Item> implements AsyncIterableIterator<Item, undefined> {
  private readonly keyOf_: (item: Item) => string;
  private readonly onEnd_: () => void;
  private readonly unread_ = new Map<string, Item>();
  private readonly readers_: Waiting<Item>[] = [];
  private ended_: { error: Error | null } | null = null;

  constructor(keyOf: (item: Item) => string, onEnd: () => void = () => undefined) {
    this.keyOf_ = keyOf;
    this.onEnd_ = onEnd;
  }

  push(item: Item): void {
    if (this.ended_ !== null) return;
    const reader = this.readers_.shift();
    if (reader !== undefined) {
      reader.resolve({ value: item, done: false });
      return;
    }
    const key = this.keyOf_(item);
    this.unread_.delete(key);
    this.unread_.set(key, item);
  }

  /** What is unread is still read; then the loop ends, with `error` if there is one. */
  end(error: Error | null = null): void {
    if (this.ended_ !== null) return;
    this.ended_ = { error };
    this.onEnd_();
    for (const reader of this.readers_.splice(0)) {
      if (error === null) reader.resolve({ value: undefined, done: true });
      else reader.reject(error);
    }
  }

  async next(): Promise<IteratorResult<Item, undefined>> {
    for (const [key, item] of this.unread_) {
      this.unread_.delete(key);
      return { value: item, done: false };
    }
    if (this.ended_ === null) return new Promise((resolve, reject) => this.readers_.push({ resolve, reject }));
    if (this.ended_.error !== null) throw this.ended_.error;
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.unread_.clear();
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
