// What the camera's movements will make of the picture that is on the canvas, until one comes that shows them.
//
//   const prediction = new Prediction({ sink: () => room.camera, place, picture, pose, onMoved: (moved) => … });
//   prediction.zoom(0.5, [640, 360]);            // a CameraSink: on to the server, and shown at once
//   prediction.drawn(shown.extension);           // in the same tick as the picture: what it shows is predicted no more
//   style:transform={cssTransform(moved, place, pose)}
//
// In 2D the prediction is exact. In 3D a pan and a dolly are right for what lies at the centre of rotation, and an orbit
// turns the picture as a plane in front of it, through a few degrees.

import type { PixelExtension, Pose } from "../video/pixel_frame";
import { kOrthographicFovDeg, type Placement, type Size } from "./coordinates";
import type { CameraSink } from "./gestures";

/** Of the picture on the canvas: where a pixel at (px, py) from the top left is shown, then turned about the middle. */
export interface Moved {
  /** x + scale·px, y + scale·py, canvas pixels. */
  x: number;
  y: number;
  scale: number;
  d_az_deg: number;
  d_el_deg: number;
}

export const kUnmoved: Moved = { x: 0, y: 0, scale: 1, d_az_deg: 0, d_el_deg: 0 };

export interface PredictionOptions {
  /** Where movements go; what it returns settles once the server took them, with the camera_seq that shows them. */
  sink: () => CameraSink;
  picture: () => Size;
  mode: () => 2 | 3;
  onMoved: (moved: Moved) => void;
}

interface Movement {
  apply: (moved: Moved) => Moved;
  camera_seq: number | null;
}

/** A movement that no picture confirms for so long after its ack had no effect: the camera is at the end of its range. */
const kForgetAfterMs = 1_500;
/** Nothing is shown of movements that make more of the picture than this, or less than one part of it. */
const kMostScale = 32;
/** Beyond, a plane looks nothing like a turned volume. */
const kMostTurnDeg = 12;
/** The plane that is turned lies so far in front of the centre, in heights of the picture. */
const kPlaneBeforeCenter = 0.25;

export class Prediction implements CameraSink {
  private readonly options_: PredictionOptions;
  private movements_: Movement[] = [];
  /** What the movements are relative to. */
  private binding_ = -1;
  private mode_: 2 | 3 = 2;
  private shown_seq_ = 0;

  constructor(options: PredictionOptions) {
    this.options_ = options;
  }

  pan(dx_px: number, dy_px: number): unknown {
    return this.move(this.options_.sink().pan(dx_px, dy_px), (moved) => ({ ...moved, x: moved.x + dx_px, y: moved.y - dy_px }));
  }

  zoom(factor: number, anchor_px: [number, number]): unknown {
    const { width, height } = this.options_.picture();
    const in_2d = this.options_.mode() === 2;
    // In 3D the camera comes nearer to its centre, wherever the cursor is.
    const [x, y] = in_2d ? [anchor_px[0], height - anchor_px[1]] : [width / 2, height / 2];
    return this.move(this.options_.sink().zoom(factor, anchor_px), (moved) => ({
      ...moved,
      x: x + (moved.x - x) / factor,
      y: y + (moved.y - y) / factor,
      scale: moved.scale / factor,
    }));
  }

  orbit(d_az_deg: number, d_el_deg: number): unknown {
    return this.move(this.options_.sink().orbit(d_az_deg, d_el_deg), (moved) => ({
      ...moved,
      d_az_deg: moved.d_az_deg + d_az_deg,
      d_el_deg: moved.d_el_deg + d_el_deg,
    }));
  }

  /** A picture is on the canvas; null: one that does not say what it shows. */
  drawn(extension: PixelExtension | null): void {
    if (this.movements_.length === 0 && extension !== null) {
      this.takeOver(extension);
      return;
    }
    const same = extension !== null && extension.binding === this.binding_ && extension.pose.mode === this.mode_;
    if (extension !== null) this.takeOver(extension);
    this.movements_ = same ? this.movements_.filter(({ camera_seq }) => camera_seq === null || camera_seq > this.shown_seq_) : [];
    this.tell();
  }

  private takeOver(extension: PixelExtension): void {
    this.binding_ = extension.binding;
    this.mode_ = extension.pose.mode;
    this.shown_seq_ = extension.camera_seq;
  }

  private move(sent: unknown, apply: (moved: Moved) => Moved): unknown {
    // A sink that takes nothing (a role that only looks) promises nothing.
    if (!(sent instanceof Promise) || this.options_.mode() !== this.mode_) return sent;
    const movement: Movement = { apply, camera_seq: null };
    this.movements_.push(movement);
    this.tell();
    sent.then(
      (applied: { camera_seq?: number }) => this.took(movement, applied.camera_seq ?? 0),
      () => this.forget(movement),
    );
    return sent;
  }

  private took(movement: Movement, camera_seq: number): void {
    movement.camera_seq = camera_seq;
    if (camera_seq <= this.shown_seq_) this.forget(movement);
    else setTimeout(() => this.forget(movement), kForgetAfterMs);
  }

  private forget(movement: Movement): void {
    const before = this.movements_.length;
    this.movements_ = this.movements_.filter((other) => other !== movement);
    if (this.movements_.length < before) this.tell();
  }

  private tell(): void {
    const moved = this.movements_.reduce((so_far, { apply }) => apply(so_far), kUnmoved);
    const shows = moved.scale <= kMostScale && moved.scale >= 1 / kMostScale;
    this.options_.onMoved(shows ? moved : kUnmoved);
  }
}

/** For an element of the picture's place whose transform-origin is its top left; "none" for what has not moved. */
export function cssTransform(moved: Moved, place: Placement, pose: Pose | null): string {
  if (moved === kUnmoved) return "none";
  const x = moved.x * place.css_per_px;
  const y = moved.y * place.css_per_px;
  const flat = `matrix(${moved.scale}, 0, 0, ${moved.scale}, ${x}, ${y})`;
  if (moved.d_az_deg === 0 && moved.d_el_deg === 0) return flat;
  const held = (degrees: number) => Math.max(-kMostTurnDeg, Math.min(kMostTurnDeg, degrees));
  const fov = pose?.mode === 3 && pose.fov > 0 ? pose.fov : kOrthographicFovDeg;
  const eye = place.height / 2 / Math.tan((fov * Math.PI) / 360);
  const before = place.height * kPlaneBeforeCenter;
  // The camera goes round: the content turns the other way.
  const turned = `perspective(${eye}px) translateZ(${-before}px) rotateX(${-held(moved.d_el_deg)}deg) rotateY(${-held(moved.d_az_deg)}deg) translateZ(${before}px)`;
  const [cx, cy] = [place.width / 2, place.height / 2];
  return `${flat} translate(${cx}px, ${cy}px) ${turned} translate(${-cx}px, ${-cy}px)`;
}
