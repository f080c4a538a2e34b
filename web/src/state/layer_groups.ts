// Layers by the image that they are of, in the order in which they are drawn first.

export interface LayerOfImage {
  id: string;
  /** Of the image; "" when it is not known. */
  uri: string;
}

export interface LayerGroup {
  uri: string;
  /** What the image's address ends with. */
  name: string;
  layers: string[];
}

export function groupLayers(layers: LayerOfImage[]): LayerGroup[] {
  const groups = new Map<string, LayerGroup>();
  for (const { id, uri } of layers) {
    const group = groups.get(uri) ?? { uri, name: lastPart(uri), layers: [] };
    group.layers.push(id);
    groups.set(uri, group);
  }
  return [...groups.values()];
}

function lastPart(uri: string): string {
  // What is inside a file or folder may stand behind a #.
  const path = uri.replace(/\?[^#]*/, "").replace(/[/#]+$/, "");
  return decoded(path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("#")) + 1)).replace(/\.(ome\.)?zarr(\.zip)?$/, "") || "layers";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
