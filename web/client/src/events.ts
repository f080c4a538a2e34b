// Listeners by event name. A listener that throws harms neither the client nor the other listeners: its error is reported
// as an uncaught one.
//
//   const events = new Emitter<{ status: Status }>();
//   const stop = events.on("status", (status) => …);   stop();

export class Emitter<Events extends object> {
  private readonly listeners_: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};

  /** Returns what ends the subscription. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = (this.listeners_[name] ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.listeners_[name] ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
