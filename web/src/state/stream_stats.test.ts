import { expect, test } from "vitest";
import { StreamStats, type NotedFrame } from "./stream_stats";

const frame = (drawn_ms: number, render_ms: number): NotedFrame => ({
  drawn_ms,
  bytes: 1000,
  decode_ms: 2,
  extension: { stages: { intent_to_render_ms: 1, render_ms, convert_ms: 0.5, encode_ms: 3, queue_ms: 0.25, total_ms: 0 } },
});

test("rates of the last five seconds, medians of stages, and every picture's total", () => {
  const stats = new StreamStats();
  expect(stats.summary(0)).toEqual({ frames_per_s: 0, bits_per_s: 0, stages: null, totals: [] });
  stats.note(frame(0, 100));
  for (let i = 1; i <= 10; ++i) stats.note(frame(10_000 + i, i));
  const { frames_per_s, bits_per_s, stages, totals } = stats.summary(10_020);
  expect(frames_per_s).toBe(2);
  expect(bits_per_s).toBe(16_000);
  expect(stages).toEqual({ wait: 1, render: 6, encode: 3.5, send: 0.25, decode: 2 });
  expect(totals).toHaveLength(11);
  expect(totals[0]).toBe(106.75);
  for (let i = 0; i < 1_000; ++i) stats.note(frame(20_000 + i, 1));
  expect(stats.summary(21_000).totals).toHaveLength(240);
});
