// Where a place of the world is seen on the stage, and what place lies under a point of it: by the pose that the picture on
// the canvas carries, and by what the camera's movements have made of it since (prediction.ts).
//
//   const sight = { pose, picture, place, moved };
//   cssFromWorld([x, y, z], sight)      // CSS pixels of the stage; null: behind the eye
//   worldFromCss([left, top], sight)    // in a volume: at the depth of the centre of rotation
//
// World coordinates are those of the displayed axes, columns first: (x, y) of a slice, (x, y, z) of a volume. The camera is
// that of src/render/camera_math.h.

import type { Pose } from "../video/pixel_frame";
import { heightAtCenter, worldFromPx, type Placement, type Size } from "./coordinates";
import type { Moved } from "./prediction";

export type Vec3 = [number, number, number];

export interface Sight {
  pose: Pose;
  /** Of the frame, canvas pixels. */
  picture: Size;
  place: Placement;
  moved: Moved;
}

export interface CameraAxes {
  right: Vec3;
  up: Vec3;
  /** From the eye to the centre. */
  forward: Vec3;
}

const kRadians = Math.PI / 180;
/** As far as the server lets the eye rise. */
const kMostElevation = 89.9;

export function cameraAxes(azimuth_deg: number, elevation_deg: number, roll_deg: number): CameraAxes {
  const [az, el, roll] = [azimuth_deg * kRadians, elevation_deg * kRadians, roll_deg * kRadians];
  const forward: Vec3 = [-Math.sin(az) * Math.cos(el), Math.cos(az) * Math.cos(el), -Math.sin(el)];
  const level_right: Vec3 = [Math.cos(az), Math.sin(az), 0];
  const level_up = cross(level_right, forward);
  const mixed = (a: Vec3, b: Vec3, sign: number): Vec3 =>
    [0, 1, 2].map((i) => (a[i] as number) * Math.cos(roll) + sign * (b[i] as number) * Math.sin(roll)) as Vec3;
  return { right: mixed(level_right, level_up, -1), up: mixed(level_up, level_right, 1), forward };
}

/** Of the pose as the hand has turned it. */
export function turnedAxes(pose: Pose & { mode: 3 }, moved: Moved): CameraAxes {
  const elevation = Math.max(-kMostElevation, Math.min(kMostElevation, pose.elevation + moved.d_el_deg));
  return cameraAxes(pose.azimuth + moved.d_az_deg, elevation, pose.roll);
}

export function cssFromWorld(world: readonly number[], { pose, picture, place, moved }: Sight): [number, number] | null {
  const seen = pose.mode === 2 ? flatPx(world, pose, picture) : deepPx(world, pose, picture, moved);
  if (seen === null) return null;
  const x = (moved.x + moved.scale * seen[0]) * place.css_per_px;
  const y = (moved.y + moved.scale * seen[1]) * place.css_per_px;
  return [place.left + x, place.top + y];
}

export function worldFromCss([left, top]: readonly [number, number], { pose, picture, place, moved }: Sight): number[] {
  const x = ((left - place.left) / place.css_per_px - moved.x) / moved.scale;
  const y = ((top - place.top) / place.css_per_px - moved.y) / moved.scale;
  if (pose.mode === 2) return worldFromPx(x, picture.height - y, [pose.left, pose.bottom, pose.width, pose.height], picture);
  const { right, up } = turnedAxes(pose, moved);
  const world_per_px = heightAtCenter(pose) / picture.height;
  const along = (i: number) => (x - picture.width / 2) * (right[i] as number) + (picture.height / 2 - y) * (up[i] as number);
  return pose.center.map((at, i) => at + world_per_px * along(i));
}

/** Pixels of the frame from its top left. */
function flatPx(world: readonly number[], pose: Pose & { mode: 2 }, picture: Size): [number, number] {
  const along = (at: number, start: number, length: number, px: number) => ((at - start) / length) * px;
  return [along(world[0] ?? 0, pose.left, pose.width, picture.width), along(world[1] ?? 0, pose.bottom, pose.height, picture.height)];
}

function deepPx(world: readonly number[], pose: Pose & { mode: 3 }, picture: Size, moved: Moved): [number, number] | null {
  const { right, up, forward } = turnedAxes(pose, moved);
  const offset = pose.center.map((at, i) => (world[i] ?? 0) - at) as Vec3;
  const depth = dot(offset, forward) + pose.distance;
  if (pose.fov !== 0 && depth <= 0) return null;
  const nearer = pose.fov === 0 ? 1 : pose.distance / depth;
  const px_per_world = (picture.height / heightAtCenter(pose)) * nearer;
  return [picture.width / 2 + dot(offset, right) * px_per_world, picture.height / 2 - dot(offset, up) * px_per_world];
}

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
