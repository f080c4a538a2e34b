import { expect, test } from "vitest";
import { colormapStops } from "./colormap";

const catalogue = [{ name: "fire", stops: ["#000000", "#ff0000", "#ffff00"] }];

test.each([
  ["fire", ["#000000", "#ff0000", "#ffff00"]],
  ["#0000ff", ["#000000", "#0000ff"]],
  ["no such map", ["#000000", "#ffffff"]],
])("stops of %s", (name, stops) => expect(colormapStops(name, catalogue)).toEqual(stops));
