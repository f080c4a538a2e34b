// Where one looks, as the fragment of an address: "#z=118&axes=zyx&rect=0,0,68,48" or "#t=3&axes=tzyx&center=…&angles=…".
//
//   location.hash = printPlace(place);     const place = parsePlace(location.hash);
//
// It names the view alone: slider positions, axes and camera. How layers look is the room's and is not in it.

export interface Place {
  /** By axis label, steps. */
  index: { [axis: string]: number };
  /** Axis labels, slowest first; the last ones are displayed. */
  order: string[];
  /** 2D: left, top, width, height in world units. */
  rect?: number[];
  /** 3D. */
  volume?: { center: number[]; angles: number[]; distance: number; fov: number };
}

/** Seven digits tell pixels of the largest picture apart. */
const kDigits = 7;
const kReserved = ["axes", "rect", "center", "angles", "distance", "fov"];

export function printPlace(place: Place): string {
  const out = new URLSearchParams();
  const list = (numbers: number[]) => numbers.map((each) => String(Number(each.toPrecision(kDigits)))).join(",");
  for (const [axis, at] of Object.entries(place.index)) out.set(kReserved.includes(axis) ? `_${axis}` : axis, String(at));
  out.set("axes", place.order.join(","));
  if (place.rect !== undefined) out.set("rect", list(place.rect));
  if (place.volume !== undefined) {
    out.set("center", list(place.volume.center));
    out.set("angles", list(place.volume.angles));
    out.set("distance", list([place.volume.distance]));
    out.set("fov", list([place.volume.fov]));
  }
  return `#${out.toString().replaceAll("%2C", ",")}`;
}

/** null for a fragment that names no place; what is not understood of one that does is left out. */
export function parsePlace(fragment: string): Place | null {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const axes = parts.get("axes");
  if (axes === null || axes === "") return null;
  const place: Place = { index: {}, order: axes.split(",") };
  for (const axis of place.order) {
    const text = parts.get(kReserved.includes(axis) ? `_${axis}` : axis);
    const at = Number(text);
    if (text !== null && text !== "" && Number.isInteger(at) && at >= 0) place.index[axis] = at;
  }
  const numbers = (name: string, count: number): number[] | null => {
    const list = (parts.get(name) ?? "").split(",").map((each) => (each === "" ? NaN : Number(each)));
    return list.length === count && list.every(Number.isFinite) ? list : null;
  };
  const rect = numbers("rect", 4);
  if (rect !== null) place.rect = rect;
  const [center, angles, distance, fov] = [numbers("center", 3), numbers("angles", 3), numbers("distance", 1), numbers("fov", 1)];
  if (center !== null && angles !== null && distance !== null && fov !== null) place.volume = { center, angles, distance: distance[0] ?? 0, fov: fov[0] ?? 0 };
  return place;
}
