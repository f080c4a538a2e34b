// The axes of a volume as its camera sees them, for a small drawing of them; and where the camera stands to look along one.
//
//   axisEnds(cameraAxes(az, el, roll))      // six ends, the farthest first
//   anglesFrom(0, 1)                        // the eye at +x: [90, 0, 0]

import type { CameraAxes } from "./projection";

export interface AxisEnd {
  /** 0, 1, 2: x, y, z of the world. */
  axis: 0 | 1 | 2;
  sign: 1 | -1;
  /** From the middle, to the right and down; of a length up to 1. */
  x: number;
  y: number;
  /** Above 0: nearer to the eye than the middle. */
  near: number;
}

/** Higher the server lets no eye rise. */
const kAbove = 89.9;

export function axisEnds({ right, up, forward }: CameraAxes): AxisEnd[] {
  const ends: AxisEnd[] = [];
  for (const axis of [0, 1, 2] as const) {
    for (const sign of [1, -1] as const) ends.push({ axis, sign, x: sign * right[axis], y: -sign * up[axis], near: -sign * forward[axis] });
  }
  return ends.sort((a, b) => a.near - b.near);
}

/** Azimuth, elevation and roll of an eye that looks at the centre from that end, upright; from above and below x is to the right. */
export function anglesFrom(axis: 0 | 1 | 2, sign: 1 | -1): [number, number, number] {
  if (axis === 0) return [90 * sign, 0, 0];
  if (axis === 1) return [sign > 0 ? 180 : 0, 0, 0];
  return [0, kAbove * sign, 0];
}
