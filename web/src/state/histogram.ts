// A layer's histogram as the server counts it (WP36), and its outline over a range of values.

import type { Json } from "@ndcast/client";

export interface Histogram {
  min: number;
  max: number;
  /** Left edge of the first bin, and the width of each, data units. */
  first: number;
  width: number;
  counts: number[];
  /** Every voxel was looked at. */
  exact: boolean;
  level: number;
}

export function readHistogram(answer: Json): Histogram | null {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return null;
  const { min, max, first, width, counts, exact, level } = answer;
  if (typeof min !== "number" || typeof max !== "number" || typeof first !== "number" || typeof width !== "number") return null;
  if (!Array.isArray(counts) || !(width > 0)) return null;
  return { min, max, first, width, counts: counts.map((count) => (typeof count === "number" ? count : 0)), exact: exact === true, level: typeof level === "number" ? level : 0 };
}

/**
 * An SVG path in a box of `columns` × 1 units, from the lower left on; heights are logarithms, since a microscope's picture
 * is mostly background.
 */
export function outline(histogram: Histogram, low: number, high: number, columns: number): string {
  const heights = new Array<number>(columns).fill(0);
  histogram.counts.forEach((count, i) => {
    if (count === 0) return;
    const at = (value: number) => ((value - low) / (high - low)) * columns;
    const begin = Math.floor(at(histogram.first + i * histogram.width));
    const end = Math.max(begin + 1, Math.ceil(at(histogram.first + (i + 1) * histogram.width)));
    for (let column = Math.max(0, begin); column < Math.min(columns, end); ++column) heights[column] = Math.max(heights[column] ?? 0, count);
  });
  const most = Math.log1p(Math.max(...heights, 1));
  const steps = heights.map((count, column) => `L${column} ${top(count, most)}L${column + 1} ${top(count, most)}`);
  return `M0 1${steps.join("")}L${columns} 1Z`;
}

function top(count: number, most: number): string {
  return (1 - Math.log1p(count) / most).toFixed(3);
}
