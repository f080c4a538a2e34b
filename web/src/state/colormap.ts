// The colours of a layer's colour map: a name of the server's catalogue, or "#rrggbb", which means black to that colour.

import type { Colormap } from "@ndcast/client";

const kGrey = ["#000000", "#ffffff"];

/** Evenly spaced stops from the low to the high end; grey for a name that this client does not know. */
export function colormapStops(name: string, catalogue: Colormap[]): string[] {
  const known = catalogue.find((map) => map.name === name);
  if (known !== undefined && known.stops.length > 1) return known.stops;
  return isColour(name) ? ["#000000", name] : kGrey;
}

export function isColour(name: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(name);
}
