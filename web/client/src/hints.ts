// What a browser knows of the network and of the page, as hints for when to try again: nothing rests on them.
//
//   const stop = watchHints(globalThis, { online: () => retryNow(), awake: () => checkAlive() });
//
// `online`: the network is back. `awake`: the page is seen again, or was restored; its timers may have slept, so a socket
// may be long dead without anyone having noticed. Node has none of these events, and then nothing is watched.

interface Target {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

export interface HintListeners {
  online: () => void;
  awake: () => void;
}

/** Returns what ends the watch. */
export function watchHints(scope: Target & { document?: Target & { visibilityState?: string } }, listeners: HintListeners): () => void {
  const seen = () => {
    if (scope.document?.visibilityState !== "hidden") listeners.awake();
  };
  const watched: [Target | undefined, string, () => void][] = [
    [scope, "online", listeners.online],
    [scope, "pageshow", listeners.awake],
    [scope.document, "visibilitychange", seen],
  ];
  for (const [target, type, listener] of watched) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of watched) target?.removeEventListener?.(type, listener);
  };
}
