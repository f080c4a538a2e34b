// What the frames of the last seconds say about the stream: their rate, their bytes, and where their time went.
//
//   const stats = new StreamStats();      stats.note(shown);      stats.summary(performance.now())

export interface NotedFrame {
  drawn_ms: number;
  bytes: number;
  decode_ms: number;
  extension: { stages: { intent_to_render_ms: number; render_ms: number; convert_ms: number; encode_ms: number; queue_ms: number; total_ms: number } } | null;
}

/** Milliseconds of one picture at each stage. */
export interface StageTimes {
  wait: number;
  render: number;
  encode: number;
  send: number;
  decode: number;
}
export const kStages = ["wait", "render", "encode", "send", "decode"] as const;

export interface Summary {
  frames_per_s: number;
  bits_per_s: number;
  /** Medians; null without a frame. */
  stages: StageTimes | null;
  /** All stages together, oldest first, newest last. */
  totals: number[];
}

const kWindowMs = 5_000;
const kMostFrames = 240;

export class StreamStats {
  private frames_: { at: number; bytes: number; stages: StageTimes | null }[] = [];

  note(frame: NotedFrame): void {
    const stages = frame.extension?.stages;
    this.frames_.push({
      at: frame.drawn_ms,
      bytes: frame.bytes,
      stages:
        stages === undefined
          ? null
          : { wait: stages.intent_to_render_ms, render: stages.render_ms, encode: stages.convert_ms + stages.encode_ms, send: stages.queue_ms, decode: frame.decode_ms },
    });
    if (this.frames_.length > kMostFrames) this.frames_.shift();
  }

  summary(now: number): Summary {
    const recent = this.frames_.filter(({ at }) => at > now - kWindowMs);
    const timed = recent.flatMap(({ stages }) => stages ?? []);
    const seconds = kWindowMs / 1000;
    const stages = timed.length === 0 ? null : (Object.fromEntries(kStages.map((stage) => [stage, median(timed.map((of) => of[stage]))])) as unknown as StageTimes);
    return {
      frames_per_s: recent.length / seconds,
      bits_per_s: (8 * recent.reduce((sum, { bytes }) => sum + bytes, 0)) / seconds,
      stages,
      totals: this.frames_.flatMap(({ stages: of }) => (of === null ? [] : kStages.reduce((sum, stage) => sum + of[stage], 0))),
    };
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
