// The movements of the own view's camera, in canvas pixels and degrees.
//
//   room.camera.pan(30, 0); room.camera.zoom(0.5, [640, 360]);
//   const applied = await room.camera.reset();   await room.waitUntil(applied);
//
// Movements that come faster than they leave fold into one (they add, or multiply), so none is lost; each promise settles
// with the one that its movement became part of. Nothing is predicted: poses are made by the server's render thread alone.

import type { Applied } from "./pending.js";
import type { Json } from "./types.js";

export class Camera {
  private readonly put_: (key: string, value: Json) => Promise<Applied>;

  constructor(put: (key: string, value: Json) => Promise<Applied>) {
    this.put_ = put;
  }

  /** Moves the content by canvas pixels, dy upwards. */
  pan(dx_px: number, dy_px: number): Promise<Applied> {
    return this.put_("pan", { dx_px, dy_px });
  }

  /** Turns the volume, in degrees; refused in 2D. */
  orbit(d_az_deg: number, d_el_deg: number): Promise<Applied> {
    return this.put_("orbit", { d_az_deg, d_el_deg });
  }

  /** `factor` > 1 shows more; the anchor, in canvas pixels from the bottom left, stays where it is. */
  zoom(factor: number, anchor_px: [number, number]): Promise<Applied> {
    return this.put_("zoom", { factor, anchor_px });
  }

  /** Shows everything again. */
  reset(): Promise<Applied> {
    return this.put_("reset", true);
  }

  /** Some of center, zoom, rect (2D), angles, distance, fov (3D), as in the registers `camera main plane` and `volume`. */
  set(pose: { [key: string]: Json }): Promise<Applied> {
    return this.put_("set", pose);
  }
}
