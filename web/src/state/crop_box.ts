// The crop box of a layer: those of its clip planes that lie across a displayed axis, read as two ends an axis.
//
//   const crop = readCrop(room.get("layer", id, "clip_planes"), room.displayed);
//   room.set("layer", id, "clip_planes", printCrop({ ...crop, box: movedEnd(…) }, room.displayed));
//
// Planes in other directions, which scripts set, stay as they are. Displayed axes are slowest first, positions and normals
// of planes (x, y, z): axis i of the three is component 2 − i.

import type { Json } from "@ndcast/client";
import { worldOf, type Axis } from "./scene_model";

export interface ClipPlane {
  position: number[];
  normal: number[];
  enabled: boolean;
}

export interface Crop {
  /** World units, low end first, one an axis of `displayed`. */
  box: [number, number][];
  /** It cuts; a whole box cuts nothing. */
  enabled: boolean;
  /** Some end is not where the image ends. */
  cut: boolean;
  others: ClipPlane[];
}

/** Where the image ends along an axis: the outer faces of its first and last voxel, the lower first. */
export function facesOf(axis: Axis): [number, number] {
  const ends: [number, number] = [worldOf(axis, -0.5), worldOf(axis, axis.size - 0.5)];
  return ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
}

/** Normals have length 1 when they come from the server; this much of it is one axis' own. */
const kAlong = 0.999999;

/** Of a voxel: an end that is so near a face cuts nothing. */
const kAtFace = 1e-3;

export function readCrop(value: Json | undefined, displayed: Axis[]): Crop {
  const box = displayed.map(facesOf);
  const crop: Crop = { box, enabled: false, cut: false, others: [] };
  for (const plane of readPlanes(value)) {
    const part = plane.normal.findIndex((length) => Math.abs(length) > kAlong);
    const ends = box[displayed.length - 1 - part];
    if (part < 0 || ends === undefined) {
      crop.others.push(plane);
      continue;
    }
    const at = plane.position[part] ?? 0;
    if ((plane.normal[part] ?? 0) > 0) ends[0] = Math.min(ends[1], Math.max(ends[0], at));
    else ends[1] = Math.max(ends[0], Math.min(ends[1], at));
    crop.cut = true;
    crop.enabled ||= plane.enabled;
  }
  return crop;
}

/** The register's value: a plane for each end that cuts, then the others. */
export function printCrop(crop: Crop, displayed: Axis[]): Json {
  const faces = displayed.map(facesOf);
  const middle = [...crop.box].reverse().map(([low, high]) => (low + high) / 2);
  const planes = crop.box.flatMap((ends, axis) => {
    const part = displayed.length - 1 - axis;
    return ends.flatMap((at, end): ClipPlane[] => {
      if (Math.abs(at - (faces[axis]?.[end] ?? at)) < kAtFace * Math.abs(displayed[axis]?.step ?? 0)) return [];
      const one = (length: number) => [0, 1, 2].map((i) => (i === part ? length : 0));
      return [{ position: middle.map((centre, i) => (i === part ? at : centre)), normal: one(end === 0 ? 1 : -1), enabled: crop.enabled }];
    });
  });
  return [...planes, ...crop.others].map((plane) => ({ ...plane }));
}

function readPlanes(value: Json | undefined): ClipPlane[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
    const [position, normal] = [entry.position, entry.normal].map((list) => (Array.isArray(list) && list.length === 3 ? list.map(Number) : null));
    return position == null || normal == null ? [] : [{ position, normal, enabled: entry.enabled !== false }];
  });
}
