import { expect, test } from "vitest";
import { parsePlace, printPlace, type Place } from "./view_link";

const kPlane: Place = { index: { z: 118, t: 0 }, order: ["t", "z", "y", "x"], rect: [-1.25, 0, 68.123456789, 48] };
const kVolume: Place = { index: { t: 3 }, order: ["t", "z", "y", "x"], volume: { center: [1, 2, 3], angles: [45, -10.5, 0], distance: 250, fov: 0 } };

test("a place is short, readable and comes back", () => {
  expect(printPlace(kPlane)).toBe("#z=118&t=0&axes=t,z,y,x&rect=-1.25,0,68.12346,48");
  expect(parsePlace(printPlace(kPlane))).toEqual({ ...kPlane, rect: [-1.25, 0, 68.12346, 48] });
  expect(parsePlace(printPlace(kVolume))).toEqual(kVolume);
});

test("axes of any name", () => {
  const odd: Place = { index: { axes: 4, "µm & more": 2 }, order: ["axes", "µm & more", "x"] };
  expect(parsePlace(printPlace(odd))).toEqual(odd);
});

test("what is no place is none, and what is not understood is left out", () => {
  for (const none of ["", "#", "#token=abc", "#axes="]) expect(parsePlace(none)).toBe(null);
  expect(parsePlace("#axes=z,y,x&z=-1&y=1.5&x=&rect=1,2,3&center=1,2,3&angles=0,0,nan&distance=1&fov=60")).toEqual({ index: {}, order: ["z", "y", "x"] });
});
