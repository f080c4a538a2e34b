import { expect, test } from "vitest";
import { groupLayers } from "./layer_groups";

test("layers of an image stand together, images in the order of their first layers", () => {
  const groups = groupLayers([
    { id: "a", uri: "/data/cells.ome.zarr" },
    { id: "b", uri: "https://example.org/other%20one.zarr/?x=1" },
    { id: "c", uri: "/data/cells.ome.zarr" },
    { id: "d", uri: "/data/cells.ome.zarr/labels/nuclei" },
    { id: "e", uri: "" },
    { id: "g", uri: "/data/cells.ome.zarr#labels/nuclei" },
    { id: "f", uri: "/data/100%.zarr/" },
  ]);
  expect(groups.map(({ name, layers }) => [name, layers])).toEqual([
    ["cells", ["a", "c"]],
    ["other one", ["b"]],
    ["nuclei", ["d"]],
    ["layers", ["e"]],
    ["nuclei", ["g"]],
    ["100%", ["f"]],
  ]);
});
